//! Tenants as people read them, and what a welcome mail needs to know.

use serde::Serialize;
use sqlx::PgConnection;
use tenantry_model::{TenantId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx};

/// A tenant.
#[derive(Debug, Clone, Serialize)]
pub struct TenantRow {
    /// Its id.
    pub id: Uuid,
    /// The run that made it.
    pub run_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its name as a label.
    pub slug: String,
    /// Its contact address; none once it has gone.
    pub email: Option<String>,
    /// Its plan.
    pub contract_line: String,
    /// `provisioning`, `active`, `suspended`, `offboarding`, `offboarded`.
    pub status: String,
    /// The caller's key.
    pub external_key: Option<String>,
    /// Its portal.
    pub portal_host: Option<String>,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// When it became active.
    #[serde(with = "time::serde::rfc3339::option")]
    pub activated_at: Option<OffsetDateTime>,
    /// Since when it is suspended; also while it leaves, where it was suspended before.
    #[serde(with = "time::serde::rfc3339::option")]
    pub suspended_at: Option<OffsetDateTime>,
    /// Why, for the operators.
    pub suspended_reason: Option<String>,
    /// The run that takes it down.
    pub offboarding_run: Option<Uuid>,
    /// Its rows are being removed, or have been: nothing leads back.
    pub removing: bool,
    /// Counts its changes, from 1.
    pub version: i32,
}

/// Which tenants to list, in the order of their creation, newest first.
#[derive(Debug, Clone, Default)]
pub struct TenantFilter {
    /// With this status.
    pub status: Option<String>,
    /// With this external key.
    pub external_key: Option<String>,
    /// Whose name or slug contains this, in any case.
    pub search: Option<String>,
    /// After this place in the list (creation time and id).
    pub after: Option<(OffsetDateTime, TenantId)>,
    /// At most this many.
    pub limit: i64,
}

/// One tenant.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none that this transaction may see.
pub async fn tenant(tx: &mut Tx, id: TenantId) -> Result<TenantRow> {
    sqlx::query_as!(
        TenantRow,
        r#"select id, run_id, name, slug, email, contract_line, status, external_key, portal_host, created_at, updated_at, activated_at,
                  suspended_at, suspended_reason, offboarding_run, removing_at is not null as "removing!", version
           from tenants where id = $1"#,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("tenant"))
}

/// Tenants, newest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn tenants(tx: &mut Tx, filter: &TenantFilter) -> Result<Vec<TenantRow>> {
    let (after_at, after_id) = filter.after.unzip();
    Ok(sqlx::query_as!(
        TenantRow,
        r#"select id, run_id, name, slug, email, contract_line, status, external_key, portal_host, created_at, updated_at, activated_at,
                  suspended_at, suspended_reason, offboarding_run, removing_at is not null as "removing!", version
           from tenants
           where ($1::text is null or status = $1) and ($2::text is null or external_key = $2)
             and ($3::text is null or position(lower($3) in lower(name)) > 0 or position(lower($3) in slug) > 0)
             and ($4::timestamptz is null or (created_at, id) < ($4, $5))
           order by created_at desc, id desc limit $6"#,
        filter.status,
        filter.external_key,
        filter.search,
        after_at,
        after_id.map(|id| id.0),
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// What a welcome mail needs to know.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The tenant's name.
    pub tenant_name: String,
    /// The tenant's portal.
    pub portal_host: String,
    /// Given name.
    pub first_name: String,
    /// Address.
    pub email: String,
    /// Whether the user has ever logged in or chosen a password.
    pub has_logged_in: bool,
    /// Whether a password was made for the user (and not an invitation).
    pub has_password: bool,
    /// The sealed temporary password, unless it was destroyed.
    pub sealed: Option<Vec<u8>>,
    /// When the temporary password expires.
    pub expires_at: Option<OffsetDateTime>,
}

/// Reads what a welcome mail needs to know.
///
/// # Errors
/// [`StoreError::NotFound`]: there is no such user.
pub async fn recipient(connection: &mut PgConnection, tenant: TenantId, user: UserId) -> Result<Recipient> {
    sqlx::query_as!(
        Recipient,
        r#"select t.name as tenant_name, coalesce(t.portal_host, '') as "portal_host!", u.first_name, u.email,
                  (u.last_login_at is not null or (u.password_hash is not null and not u.must_change_password)) as "has_logged_in!",
                  (u.password_hash is not null) as "has_password!", c.sealed as "sealed?", c.expires_at as "expires_at?"
           from users u join tenants t on t.id = u.tenant_id left join credentials c on c.user_id = u.id
           where u.tenant_id = $1 and u.id = $2"#,
        tenant.0,
        user.0,
    )
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotFound("user"))
}
