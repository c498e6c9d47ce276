//! A new administrator follows the link of an invitation and chooses a password.

use axum::{Json, extract::State};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tenantry_model::{TenantId, UserId};
use tenantry_store::{
    Scope,
    platform::{AuditEntry, append_audit},
    tenancy::{self, Accepted, accept_invitation},
};
use utoipa::ToSchema;

use crate::{
    auth::{hash_of, open_to},
    call::Call,
    error::Result,
    extract::{Body, Fields},
    http::take_as_stranger,
    problem::{Code, Problem},
    state::ApiState,
    write::{commit, retrying},
};

/// bcrypt reads 72 bytes, and no more.
const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 12..=72;

/// The token of an invitation, and the password that is chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acceptance {
    /// The token in the link.
    #[schema(value_type = String)]
    token: SecretString,
    /// 12 to 72 bytes.
    #[schema(value_type = String, min_length = 12, max_length = 72)]
    password: SecretString,
}

/// Who can log in now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Welcome {
    /// Of which tenant.
    #[schema(value_type = String)]
    tenant_id: TenantId,
    /// Who.
    #[schema(value_type = String)]
    user_id: UserId,
}

/// Accept an invitation
///
/// Needs no credentials: the token is the credential. A token that does not exist, was used or has expired looks the
/// same from outside.
#[utoipa::path(post, path = "/v1/invitations/accept", tag = "Invitations", operation_id = "acceptInvitation",
    request_body = Acceptance,
    responses(
        (status = 200, description = "The password is set; the link does not work any more.", body = Welcome),
        (status = 403, description = "`tenant_suspended`, `tenant_offboarding`: nobody of the tenant is let in; the link stays as it is."),
        (status = 410, description = "`invitation_unusable`."),
        (status = 429, description = "`rate_limited`."),
    ))]
pub(crate) async fn accept(State(state): State<ApiState>, call: Call, body: Body<Acceptance>) -> Result<Json<Welcome>> {
    let Acceptance { token, password } = body.value;
    let mut fields = Fields::default();
    let text = password.expose_secret();
    if !PASSWORD_BYTES.contains(&text.len()) || text.contains('\0') {
        fields.wrong("/password", "the password must have 12 to 72 bytes");
    }
    fields.finish(Some(()))?;
    // Hashing is dear, so guessing is slowed down before it, and what cannot be a token is not hashed for.
    take_as_stranger(&state, &call, "accept").await?;
    if URL_SAFE_NO_PAD.decode(token.expose_secret()).map_or(true, |bits| bits.len() != 32) {
        return Err(unusable().into());
    }
    let token_hash = hash_of(token.expose_secret());
    let password_hash = hashed(password, state.onboarding.bcrypt_cost).await?;
    Ok(Json(retrying(|| use_up(&state, &call, &token_hash, &password_hash)).await?))
}

async fn hashed(password: SecretString, cost: u32) -> Result<String, Problem> {
    let hash = tokio::task::spawn_blocking(move || bcrypt::hash(password.expose_secret(), cost)).await;
    hash.ok().and_then(Result::ok).ok_or_else(|| {
        tracing::error!(cost, "bcrypt failed");
        Problem::new(Code::InternalError, "The password could not be hashed; nothing was changed.")
    })
}

async fn use_up(state: &ApiState, call: &Call, token_hash: &[u8], password_hash: &str) -> Result<Welcome> {
    let now = state.db.clock().now();
    // Whose the token is shows only when it is found, so this speaks for the platform.
    let mut tx = state.db.begin_as(Scope::Platform).await?;
    let Accepted::Now { tenant, user } = accept_invitation(&mut tx, token_hash, password_hash, now).await? else {
        return Err(unusable().into());
    };
    // Not used up: it works when the tenant is at work again.
    open_to(Some(&tenancy::tenant(&mut tx, tenant).await?.status))?;
    let (who, address) = (user.to_string(), call.source_ip.map(|ip| ip.to_string()));
    let line = AuditEntry {
        tenant: Some(tenant),
        actor: &who,
        action: "invitation.accept",
        subject: &who,
        request_id: Some(&call.request_id),
        source_ip: address.as_deref(),
        ..AuditEntry::default()
    };
    append_audit(&mut tx, &line, now).await?;
    commit(tx).await?;
    Ok(Welcome { tenant_id: tenant, user_id: user })
}

fn unusable() -> Problem {
    Problem::new(Code::InvitationUnusable, "There is no such invitation, it was used, or it has expired.")
}
