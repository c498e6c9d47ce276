//! API keys: make and list.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_model::{ApiKeyId, Permission, Role, TenantId};
use tenantry_store::{
    platform::{ApiKeyRow, NewApiKey, api_keys, create_api_key},
    tenancy::tenant,
};
use time::{Duration, OffsetDateTime};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, fresh_secret, hash_of, needs},
    error::Result,
    extract::{Body, Fields},
    idempotency::Once,
    list::{ForwardParams, List, Listing},
    problem::{Code, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// More keys than anybody has.
const MOST: i64 = 10_000;
const LONGEST_NAME: usize = 100;
const MOST_DAYS: i64 = 3650;

/// An API key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKey {
    /// Its id.
    #[schema(value_type = String, example = "key_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    pub(crate) id: ApiKeyId,
    /// Whose; none for the platform's.
    #[schema(value_type = Option<String>)]
    pub(crate) tenant_id: Option<TenantId>,
    /// What it is for.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) permissions: Vec<String>,
    /// Until when.
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    /// Since when it does not work any more.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) revoked_at: Option<OffsetDateTime>,
    /// When it was last used (to the minute).
    #[serde(with = "time::serde::rfc3339::option")]
    last_used_at: Option<OffsetDateTime>,
    /// Who made it.
    created_by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: row.id,
            tenant_id: row.tenant,
            name: row.name,
            permissions: row.permissions,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeKey {
    #[serde(flatten)]
    key: ApiKey,
    /// The secret, `tk_...`. It is not stored and will not be shown again, not even to a repeated request.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedKey {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do; nothing that its maker may not do.
    #[schema(min_items = 1, example = json!(["tenants.read"]))]
    permissions: Vec<String>,
    /// For how many days; without, until it is revoked.
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: Option<i64>,
    /// For which tenant, where an operator makes it.
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

impl WantedKey {
    fn parse(&self) -> Result<(String, BTreeSet<Permission>), Problem> {
        let mut fields = Fields::default();
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            fields.wrong("/name", "the name must have 1 to 100 characters, and no line break");
        }
        if self.permissions.is_empty() {
            fields.wrong("/permissions", "a key without a permission can do nothing");
        }
        let mut permissions = BTreeSet::new();
        for (at, text) in self.permissions.iter().enumerate() {
            match text.parse::<Permission>() {
                Ok(permission) => {
                    permissions.insert(permission);
                }
                Err(()) => fields.wrong(&format!("/permissions/{at}"), &format!("known are {}", all_permissions())),
            }
        }
        if self.expires_in_days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            fields.wrong("/expiresInDays", "the days must be between 1 and 3650");
        }
        fields.finish(Some((name.to_owned(), permissions)))
    }
}

fn all_permissions() -> String {
    Permission::ALL.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ")
}

/// Make an API key
///
/// The secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/api-keys", tag = "API keys", operation_id = "createApiKey", request_body = WantedKey,
    responses((status = 201, description = "The key, with its secret.", body = MadeKey)))]
pub(crate) async fn create_key(
    May(caller, _): May<needs::KeysManage>,
    State(state): State<ApiState>,
    body: Body<WantedKey>,
) -> Result<Answer> {
    let (name, permissions) = body.value.parse()?;
    let tenant = caller.tenant_or_own(body.value.tenant)?;
    for permission in &permissions {
        caller.require(*permission)?;
        if tenant.is_some() && !Role::TenantAdmin.permissions().contains(permission) {
            let detail = format!("The permission {permission} is the platform's; a tenant's key cannot have it.");
            return Err(Problem::new(Code::PlatformOnly, detail).into());
        }
    }
    let wanted =
        Wanted { tenant, name, permissions: permissions.into_iter().collect(), days: body.value.expires_in_days };
    retrying(|| make(&state, &caller, &wanted, &body.once)).await
}

struct Wanted {
    tenant: Option<TenantId>,
    name: String,
    permissions: Vec<Permission>,
    days: Option<i64>,
}

async fn make(state: &ApiState, caller: &Caller, wanted: &Wanted, once: &Once) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    if let Some(id) = wanted.tenant {
        tenant(&mut tx, id).await?;
    }
    let (id, secret) = (ApiKeyId::new(), fresh_secret("tk_")?);
    let expires_at = wanted.days.map(|days| now + Duration::days(days));
    let new = NewApiKey {
        id,
        tenant: wanted.tenant,
        name: &wanted.name,
        secret_hash: &hash_of(&secret),
        permissions: &wanted.permissions,
        expires_at,
        created_by: &actor,
    };
    create_api_key(&mut tx, &new, now).await?;
    let key = ApiKey {
        id,
        tenant_id: wanted.tenant,
        name: wanted.name.clone(),
        permissions: wanted.permissions.iter().map(ToString::to_string).collect(),
        expires_at,
        revoked_at: None,
        last_used_at: None,
        created_by: actor.clone(),
        created_at: now,
    };
    let mut made = MadeKey { key, secret: None };
    // What is kept for a repeated request is without the secret.
    once.keep(&mut tx, scope, &reply(StatusCode::CREATED, None, &made), now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "api_key.create", &subject);
    line.tenant = wanted.tenant;
    line.after = Some(json!({ "name": wanted.name, "permissions": wanted.permissions, "expiresInDays": wanted.days }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    made.secret = Some(secret);
    Ok(Answer::first(reply(StatusCode::CREATED, None, &made)))
}

/// Which keys to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct KeysFilter {
    /// A tenant's keys, for operators; the platform's own where none is named.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// List API keys, newest first
#[utoipa::path(get, path = "/v1/api-keys", tag = "API keys", operation_id = "listApiKeys",
    params(ForwardParams, KeysFilter),
    responses((status = 200, description = "The keys, without their secrets.", body = List<ApiKey>)))]
pub(crate) async fn list_keys(
    May(caller, _): May<needs::KeysManage>,
    State(state): State<ApiState>,
    listing: Listing<KeysFilter>,
) -> Result<Json<List<ApiKey>>> {
    let (filter, page) = listing.forward::<ApiKeyId>()?;
    let tenant = caller.tenant_or_own(filter.tenant)?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let mut rows = api_keys(&mut tx, tenant, MOST).await?;
    commit(tx).await?;
    if let Some(after) = page.after {
        rows.retain(|row| row.id < after);
    }
    Ok(Json(page.list(rows, |row| row.id, ApiKey::from)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_wanted_key_names_everything_that_is_wrong() {
        let wanted: WantedKey =
            serde_json::from_value(json!({"name": "", "permissions": ["tenants.read", "x"], "expiresInDays": 0}))
                .unwrap();
        let body = wanted.parse().unwrap_err().body(None, None);
        let pointers: Vec<&str> =
            body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/name", "/permissions/1", "/expiresInDays"]);
    }
}
