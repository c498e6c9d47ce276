//! The temporary password that an onboarding made, once.

use axum::{Json, extract::State};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use tenantry_model::{RunId, UserId};
use tenantry_store::{
    runs::run,
    tenancy::{Revealed, reveal},
};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::Id,
    problem::{Code, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// A temporary password. It will not be shown again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    /// To be changed at the first login.
    temporary_password: String,
    /// Whose.
    #[schema(value_type = String)]
    admin_user_id: UserId,
    /// When it expires.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// Read the temporary password, once
///
/// There is none for a run that sent an invitation, and none before the administrator was created. An
/// `Idempotency-Key` has no effect here: an answer that was lost is lost, and the welcome mail holds the password too.
#[utoipa::path(post, path = "/v1/runs/{id}/credential", tag = "Runs", operation_id = "readCredential",
    params(("id" = String, Path, description = "The run.")),
    responses(
        (status = 200, description = "The password.", body = Credential),
        (status = 410, description = "`credential_already_read`, `credential_expired`."),
    ))]
pub(crate) async fn read_credential(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
) -> Result<Json<Credential>> {
    caller.require_platform()?;
    let (password, admin_user_id, expires_at) = retrying(|| once(&state, &caller, id)).await?;
    let temporary_password = password.expose_secret().to_owned();
    Ok(Json(Credential { temporary_password, admin_user_id, expires_at }))
}

async fn once(state: &ApiState, caller: &Caller, id: RunId) -> Result<(SecretString, UserId, OffsetDateTime)> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let of = run(&mut tx, id).await?;
    let (sealed, user, expires_at) = match reveal(&mut tx, id, now).await? {
        Revealed::Now { sealed, user, expires_at } => (sealed, user, expires_at),
        Revealed::Before(_) => {
            let detail = "It is shown once, and it was shown before.";
            return Err(Problem::new(Code::CredentialAlreadyRead, detail).into());
        }
        Revealed::Expired(_) => {
            let detail = "Nobody read it before it expired, and it was destroyed.";
            return Err(Problem::new(Code::CredentialExpired, detail).into());
        }
    };
    // Opened before the commit: what cannot be opened counts as not read.
    let password = state.sealer.open(&sealed, user.0.as_bytes()).map_err(|error| {
        tracing::error!(run = %id, %error, "a temporary password cannot be opened");
        Problem::new(Code::InternalError, "The password cannot be opened here; it was not used up.")
    })?;
    let subject = user.to_string();
    let mut line = caller.did(&actor, "credential.read", &subject);
    (line.tenant, line.run) = (of.tenant, Some(id));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    Ok((password, user, expires_at))
}
