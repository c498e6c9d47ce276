//! Addresses that a tenant must not write to.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_model::{EmailAddress, MessageId, TenantId};
use tenantry_store::mail::{
    NewSuppression, SuppressionEntry, SuppressionFilter, has_tenant, suppress, suppressions, unsuppress,
};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::{Result, not_found},
    extract::{Body, Fields, Id, Under},
    idempotency::Once,
    list::{ForwardParams, List, Listing},
    state::ApiState,
    write::{audit, commit, retrying},
};

const LONGEST_NOTE: usize = 500;
/// More reasons and categories than an address has.
const MOST: i64 = 1000;

/// Why an address is on the list.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SuppressionWhy {
    /// The mailbox does not exist.
    HardBounce,
    /// Mail came back again and again.
    SoftBounces,
    /// The recipient called it spam.
    Complaint,
    /// The recipient unsubscribed.
    Unsubscribe,
    /// Somebody put it there.
    Manual,
}

impl SuppressionWhy {
    fn as_str(self) -> &'static str {
        match self {
            Self::HardBounce => "hard_bounce",
            Self::SoftBounces => "soft_bounces",
            Self::Complaint => "complaint",
            Self::Unsubscribe => "unsubscribe",
            Self::Manual => "manual",
        }
    }
}

/// An entry of a suppression list. An address has one for each reason.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Suppressed {
    /// The address, in lower case.
    #[schema(format = Email)]
    address: String,
    /// Why.
    #[schema(value_type = SuppressionWhy)]
    reason: String,
    /// The category that was unsubscribed; none: all mail.
    category: Option<String>,
    /// Words of whoever made it.
    note: Option<String>,
    /// The message it follows from.
    #[schema(value_type = Option<String>)]
    message_id: Option<MessageId>,
    /// Who made it.
    created_by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Until when it counts; none: until it is taken off.
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

impl From<SuppressionEntry> for Suppressed {
    fn from(entry: SuppressionEntry) -> Self {
        Self {
            address: entry.address,
            reason: entry.reason,
            category: Some(entry.category).filter(|category| !category.is_empty()),
            note: entry.note,
            message_id: entry.message,
            created_by: entry.created_by,
            created_at: entry.created_at,
            expires_at: entry.expires_at,
        }
    }
}

/// Which entries to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SuppressionsFilter {
    /// Of this address.
    address: Option<String>,
    /// For this reason.
    #[param(inline)]
    reason: Option<SuppressionWhy>,
}

type Place = (OffsetDateTime, String, String, String);

/// List a tenant's suppressed addresses, newest first
#[utoipa::path(get, path = "/v1/tenants/{id}/suppressions", tag = "Mail", operation_id = "listSuppressions",
    params(("id" = String, Path, description = "The tenant."), ForwardParams, SuppressionsFilter),
    responses((status = 200, description = "The entries, expired ones included.", body = List<Suppressed>)))]
pub(crate) async fn list_suppressions(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    listing: Listing<SuppressionsFilter>,
) -> Result<Json<List<Suppressed>>> {
    caller.tenant_or_own(Some(id))?;
    let (filter, page) = listing.forward::<Place>()?;
    let filter = SuppressionFilter {
        tenant: id,
        address: filter.address.map(|address| address.to_lowercase()),
        reason: filter.reason.map(|reason| reason.as_str().to_owned()),
        after: page.after.clone(),
        limit: page.rows(),
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, id).await?;
    let rows = suppressions(&mut tx, &filter).await?;
    commit(tx).await?;
    let at = |row: &SuppressionEntry| (row.created_at, row.address.clone(), row.reason.clone(), row.category.clone());
    Ok(Json(page.list(rows, at, Suppressed::from)))
}

/// What stands against an address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddressSuppressions {
    /// The entries, newest first.
    data: Vec<Suppressed>,
}

/// Show what stands against writing to an address
#[utoipa::path(get, path = "/v1/tenants/{id}/suppressions/{address}", tag = "Mail", operation_id = "getSuppression",
    params(("id" = String, Path, description = "The tenant."), ("address" = String, Path, description = "The address.")),
    responses((status = 200, description = "Its entries.", body = AddressSuppressions)))]
pub(crate) async fn get_suppression(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    Under(id, address): Under<EmailAddress>,
) -> Result<Json<AddressSuppressions>> {
    caller.tenant_or_own(Some(id))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let filter = SuppressionFilter { tenant: id, address: Some(address.key()), reason: None, after: None, limit: MOST };
    let rows = suppressions(&mut tx, &filter).await?;
    commit(tx).await?;
    if rows.is_empty() {
        return Err(not_found("suppression").into());
    }
    Ok(Json(AddressSuppressions { data: rows.into_iter().map(Suppressed::from).collect() }))
}

/// An address to put on the list by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedSuppression {
    /// The address.
    #[schema(format = Email)]
    address: String,
    /// Why, for whoever reads the list.
    #[schema(max_length = 500)]
    note: Option<String>,
    /// Until when; without, until it is taken off.
    #[serde(default, with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

/// Put an address on a tenant's suppression list
///
/// Nothing is sent to it any more, log-in links included. Said again, what is said last counts.
#[utoipa::path(post, path = "/v1/tenants/{id}/suppressions", tag = "Mail", operation_id = "addSuppression",
    params(("id" = String, Path, description = "The tenant.")), request_body = WantedSuppression,
    responses((status = 201, description = "The entry.", body = Suppressed)))]
pub(crate) async fn add_suppression(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<WantedSuppression>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    let wanted = &body.value;
    let mut fields = Fields::default();
    let address: Option<EmailAddress> = fields.parse("/address", &wanted.address);
    if wanted.note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        fields.wrong("/note", "the note may have 500 characters at most");
    }
    if wanted.expires_at.is_some_and(|at| at <= state.db.clock().now()) {
        fields.wrong("/expiresAt", "this must lie in the future");
    }
    let address = fields.finish(address)?;
    retrying(|| add(&state, &caller, id, &address, &body.value, &body.once)).await
}

async fn add(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    address: &EmailAddress,
    wanted: &WantedSuppression,
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    has_tenant(&mut tx, id).await?;
    let new = NewSuppression {
        tenant: id,
        address: address.key(),
        reason: "manual",
        category: None,
        note: wanted.note.clone(),
        message: None,
        by: actor.clone(),
        until: wanted.expires_at,
    };
    suppress(&mut tx, &new, now).await?;
    let filter = SuppressionFilter {
        tenant: id,
        address: Some(new.address.clone()),
        reason: Some(new.reason.to_owned()),
        after: None,
        limit: 1,
    };
    let entry = suppressions(&mut tx, &filter).await?.pop().ok_or_else(|| not_found("suppression"))?;
    let reply = reply(StatusCode::CREATED, None, &Suppressed::from(entry));
    once.keep(&mut tx, scope, &reply, now).await?;
    let subject = fingerprint(id, &new.address);
    let mut line = caller.did(&actor, "suppression.add", &subject);
    line.tenant = Some(id);
    line.after = Some(json!({ "reason": new.reason }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    Ok(Answer::first(reply))
}

/// Take an address off a tenant's suppression list
///
/// Whatever it is on it for: also what the recipient has asked for. Be sure that the recipient wants it.
#[utoipa::path(delete, path = "/v1/tenants/{id}/suppressions/{address}", tag = "Mail", operation_id = "removeSuppression",
    params(("id" = String, Path, description = "The tenant."), ("address" = String, Path, description = "The address.")),
    responses((status = 204, description = "It may be written to again.")))]
pub(crate) async fn remove_suppression(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Under(id, address): Under<EmailAddress>,
) -> Result<StatusCode> {
    caller.tenant_or_own(Some(id))?;
    retrying(|| remove(&state, &caller, id, &address)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(state: &ApiState, caller: &Caller, id: TenantId, address: &EmailAddress) -> Result<()> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let filter = SuppressionFilter { tenant: id, address: Some(address.key()), reason: None, after: None, limit: MOST };
    let before = suppressions(&mut tx, &filter).await?;
    has_tenant(&mut tx, id).await?;
    if unsuppress(&mut tx, id, &address.key()).await? == 0 {
        return Ok(());
    }
    let subject = fingerprint(id, &address.key());
    let mut line = caller.did(&actor, "suppression.remove", &subject);
    line.tenant = Some(id);
    let reasons = before.iter().map(|entry| json!({ "reason": entry.reason, "category": entry.category }));
    line.before = Some(reasons.collect());
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await
}

/// An address as the audit log knows it: the log can never be changed, so it does not hold the address itself.
pub(crate) fn fingerprint(tenant: TenantId, address: &str) -> String {
    let hash = digest(&SHA256, format!("{tenant}:{address}").as_bytes());
    format!("address:{}", hex::encode(&hash.as_ref()[..12]))
}
