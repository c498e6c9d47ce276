//! API keys: only the SHA-256 of a secret is ever here.

use tenantry_model::{ApiKeyId, Permission, TenantId};
use time::OffsetDateTime;

use crate::{Db, Result, StoreError, Tx};

/// A key to make.
#[derive(Debug)]
pub struct NewApiKey<'a> {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose; none for the platform's.
    pub tenant: Option<TenantId>,
    /// What it is for.
    pub name: &'a str,
    /// SHA-256 of the secret.
    pub secret_hash: &'a [u8],
    /// What it may do.
    pub permissions: &'a [Permission],
    /// Until when.
    pub expires_at: Option<OffsetDateTime>,
    /// Who made it.
    pub created_by: &'a str,
}

/// A key, without its secret.
#[derive(Debug, Clone)]
pub struct ApiKeyRow {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose.
    pub tenant: Option<TenantId>,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<String>,
    /// Until when.
    pub expires_at: Option<OffsetDateTime>,
    /// Since when it does not work any more.
    pub revoked_at: Option<OffsetDateTime>,
    /// When it was last used (to the minute).
    pub last_used_at: Option<OffsetDateTime>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: OffsetDateTime,
}

/// Makes a key.
///
/// # Errors
/// The database cannot be reached, or the tenant is gone.
pub async fn create_api_key(tx: &mut Tx, new: &NewApiKey<'_>, now: OffsetDateTime) -> Result<()> {
    let permissions: Vec<String> = new.permissions.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "insert into api_keys (id, tenant_id, name, secret_hash, permissions, expires_at, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id.0,
        new.tenant.map(|tenant| tenant.0),
        new.name,
        new.secret_hash,
        &permissions,
        new.expires_at,
        new.created_by,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The keys of a tenant, or the platform's, newest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn api_keys(tx: &mut Tx, tenant: Option<TenantId>, limit: i64) -> Result<Vec<ApiKeyRow>> {
    let rows = sqlx::query!(
        r#"select id, tenant_id, name, permissions, expires_at, revoked_at, last_used_at, created_by, created_at
           from api_keys where tenant_id is not distinct from $1 order by id desc limit $2"#,
        tenant.map(|tenant| tenant.0),
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let row = rows.into_iter().map(|row| ApiKeyRow {
        id: row.id.into(),
        tenant: row.tenant_id.map(TenantId),
        name: row.name,
        permissions: row.permissions,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_used_at: row.last_used_at,
        created_by: row.created_by,
        created_at: row.created_at,
    });
    Ok(row.collect())
}

/// One key.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none that this transaction may see.
pub async fn api_key(tx: &mut Tx, id: ApiKeyId) -> Result<ApiKeyRow> {
    let row = sqlx::query!(
        "select id, tenant_id, name, permissions, expires_at, revoked_at, last_used_at, created_by, created_at
         from api_keys where id = $1",
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("API key"))?;
    Ok(ApiKeyRow {
        id: row.id.into(),
        tenant: row.tenant_id.map(TenantId),
        name: row.name,
        permissions: row.permissions,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_used_at: row.last_used_at,
        created_by: row.created_by,
        created_at: row.created_at,
    })
}

/// Revokes a key at once; one that is revoked already stays as it is.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none that this transaction may see.
pub async fn revoke_api_key(tx: &mut Tx, id: ApiKeyId, now: OffsetDateTime) -> Result<()> {
    let revoked = sqlx::query!("update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1", id.0, now)
        .execute(&mut **tx)
        .await?;
    if revoked.rows_affected() == 0 { Err(StoreError::NotFound("API key")) } else { Ok(()) }
}

/// What a presented secret stands for.
#[derive(Debug, Clone)]
pub struct KeyUse {
    /// The key.
    pub id: ApiKeyId,
    /// Whose; none for the platform's.
    pub tenant: Option<TenantId>,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<String>,
    /// Until when.
    pub expires_at: Option<OffsetDateTime>,
    /// Since when it does not work any more.
    pub revoked_at: Option<OffsetDateTime>,
}

/// Looks up a presented secret by its SHA-256 and notes the use. The caller checks expiry and revocation.
///
/// # Errors
/// The database cannot be reached.
pub async fn use_api_key(db: &Db, secret_hash: &[u8]) -> Result<Option<KeyUse>> {
    let row = sqlx::query!(
        r#"select id as "id!", tenant_id, name as "name!", permissions as "permissions!", expires_at, revoked_at
           from api_key_used($1, $2)"#,
        secret_hash,
        db.clock().now(),
    )
    .fetch_optional(db.pool())
    .await?;
    Ok(row.map(|row| KeyUse {
        id: row.id.into(),
        tenant: row.tenant_id.map(TenantId),
        name: row.name,
        permissions: row.permissions,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    }))
}
