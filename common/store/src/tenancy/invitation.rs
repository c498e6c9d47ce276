//! Single-use links. Only the SHA-256 of a token is ever here.

use tenantry_model::{TenantId, UserId};
use time::OffsetDateTime;

use crate::{Result, Tx};

/// Makes a link usable.
///
/// # Errors
/// The database cannot be reached.
pub async fn invite(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    token_hash: &[u8],
    expires_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        "insert into invitations (token_hash, tenant_id, user_id, expires_at, created_at) values ($1, $2, $3, $4, $5)",
        token_hash,
        tenant.0,
        user.0,
        expires_at,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What became of [`accept_invitation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The user has a password now, and no other link works any more.
    Now {
        /// Of which tenant.
        tenant: TenantId,
        /// Who.
        user: UserId,
    },
    /// There is no such link, it was used, or it expired: the three look alike from outside.
    Never,
}

/// Uses a link: sets the user's first password, and makes every other link of that user useless.
///
/// # Errors
/// The database cannot be reached.
pub async fn accept_invitation(
    tx: &mut Tx,
    token_hash: &[u8],
    password_hash: &str,
    now: OffsetDateTime,
) -> Result<Accepted> {
    let used = sqlx::query!(
        r#"update invitations set used_at = $2
           where token_hash = $1 and used_at is null and expires_at > $2
           returning tenant_id, user_id"#,
        token_hash,
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(used) = used else { return Ok(Accepted::Never) };
    sqlx::query!(
        r#"with others as (
               update invitations set used_at = $3 where user_id = $2 and used_at is null and token_hash <> $5)
           update users set password_hash = $4, must_change_password = false, password_expires_at = null, updated_at = $3
           where tenant_id = $1 and id = $2"#,
        used.tenant_id,
        used.user_id,
        now,
        password_hash,
        token_hash,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Accepted::Now { tenant: used.tenant_id.into(), user: used.user_id.into() })
}
