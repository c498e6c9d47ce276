//! The clear text of a temporary password: sealed, read once, mailed once, destroyed.

use tenantry_model::{RunId, TenantId, UserId};
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

/// What became of [`reveal`].
#[derive(Debug)]
pub enum Revealed {
    /// The sealed clear text; nobody will get it from here again.
    Now {
        /// To be opened with the sealing key; bound to this user.
        sealed: Vec<u8>,
        /// Whose.
        user: UserId,
        /// When the password expires.
        expires_at: OffsetDateTime,
    },
    /// It was read before.
    Before(OffsetDateTime),
    /// It was destroyed unread, because it expired.
    Expired(OffsetDateTime),
}

/// Gives out the credential that a run made, once.
///
/// # Errors
/// [`StoreError::NotFound`]: the run made none (an invitation, or not yet).
pub async fn reveal(tx: &mut Tx, run: RunId, now: OffsetDateTime) -> Result<Revealed> {
    let row = sqlx::query!(
        "select user_id, sealed, expires_at, mailed_at, read_at, destroyed_at from credentials where run_id = $1 for update",
        run.0
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("credential"))?;
    if let Some(read_at) = row.read_at {
        return Ok(Revealed::Before(read_at));
    }
    let Some(sealed) = row.sealed.filter(|_| row.expires_at > now) else {
        return Ok(Revealed::Expired(row.expires_at));
    };
    // Read and mailed: nobody needs it any more.
    sqlx::query!(
        r#"update credentials set read_at = $2::timestamptz,
               sealed = case when mailed_at is null then sealed end,
               destroyed_at = case when mailed_at is null then null else $2::timestamptz end
           where user_id = $1"#,
        row.user_id,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Revealed::Now { sealed, user: row.user_id.into(), expires_at: row.expires_at })
}

/// The welcome mail was accepted: the clear text is destroyed if the caller has read it.
///
/// # Errors
/// The database cannot be reached.
pub async fn mailed(tx: &mut Tx, user: UserId, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"update credentials set mailed_at = coalesce(mailed_at, $2::timestamptz),
               sealed = case when read_at is null then sealed end,
               destroyed_at = case when read_at is null then destroyed_at else coalesce(destroyed_at, $2) end
           where user_id = $1"#,
        user.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives a user who has never logged in another temporary password, in place of one that expired.
///
/// # Errors
/// [`StoreError::Changed`]: the user has logged in meanwhile, and nobody changes that password.
pub async fn renew_password(
    tx: &mut Tx,
    run: RunId,
    tenant: TenantId,
    user: UserId,
    password: (&str, &[u8]),
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<()> {
    let renewed = sqlx::query!(
        r#"with u as (
               update users set password_hash = $3, must_change_password = true, password_expires_at = $4, updated_at = $5
               where tenant_id = $1 and id = $2 and last_login_at is null and must_change_password
               returning id)
           insert into credentials (user_id, tenant_id, run_id, sealed, expires_at, created_at)
           select u.id, $1, $6, $7, $4, $5 from u
           on conflict (user_id) do update
               set sealed = excluded.sealed, expires_at = excluded.expires_at, mailed_at = null, read_at = null, destroyed_at = null"#,
        tenant.0,
        user.0,
        password.0,
        expires_at,
        now,
        run.0,
        password.1,
    )
    .execute(&mut **tx)
    .await?;
    if renewed.rows_affected() == 0 { Err(StoreError::Changed) } else { Ok(()) }
}
