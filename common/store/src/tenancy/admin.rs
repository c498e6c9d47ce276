//! The second step: the administrator.

use tenantry_model::{EmailAddress, PersonName, RunId, TenantId, UserId};
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

/// An administrator to create.
#[derive(Debug)]
pub struct NewAdmin<'a> {
    /// The run that creates it.
    pub run: RunId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: UserId,
    /// Given name.
    pub first_name: &'a PersonName,
    /// Family name.
    pub last_name: &'a PersonName,
    /// Address, unique in the tenant.
    pub email: &'a EmailAddress,
    /// bcrypt hash and sealed clear text of the temporary password; none for an invitation.
    pub password: Option<(&'a str, &'a [u8])>,
    /// When the password or the first invitation expires.
    pub expires_at: OffsetDateTime,
}

/// Creates the user with the administrator's role; what is there already under these ids stays as it is.
///
/// # Errors
/// Refused by `users_email`: the tenant has a user with this address.
pub async fn create_admin(tx: &mut Tx, new: &NewAdmin<'_>, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"with r as (
               insert into roles (tenant_id, name, created_at, updated_at)
               values ($1, 'tenant_admin', $8, $8), ($1, 'tenant_member', $8, $8) on conflict do nothing),
           u as (
               insert into users (id, tenant_id, first_name, last_name, email, password_hash, must_change_password,
                                  password_expires_at, created_at, updated_at)
               values ($2, $1, $3, $4, $5, $6, true, $7, $8, $8) on conflict (id) do nothing),
           c as (
               insert into credentials (user_id, tenant_id, run_id, sealed, expires_at, created_at)
               select $2, $1, $9, $10, $7, $8 where $10::bytea is not null on conflict (user_id) do nothing)
           insert into user_roles (tenant_id, user_id, role, created_at, updated_at)
           values ($1, $2, 'tenant_admin', $8, $8) on conflict do nothing"#,
        new.tenant.0,
        new.id.0,
        new.first_name.as_str(),
        new.last_name.as_str(),
        new.email.as_str(),
        new.password.map(|(hash, _)| hash),
        new.expires_at,
        now,
        new.run.0,
        new.password.map(|(_, sealed)| sealed),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives a user, and the tenant whose contact it is, another address.
///
/// # Errors
/// [`StoreError::NotFound`]: there is no such user.
/// Refused by `users_email` or `tenants_email`: the address is taken.
pub async fn correct_address(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    email: &EmailAddress,
    now: OffsetDateTime,
) -> Result<()> {
    let corrected = sqlx::query!(
        r#"with old as (select email from users where tenant_id = $1 and id = $2),
           t as (
               update tenants set email = $3, updated_at = $4 from old
               where id = $1 and lower(tenants.email) = lower(old.email)),
           s as (
               update tenant_email_settings set reply_to = $3, updated_at = $4 from old
               where tenant_id = $1 and lower(reply_to) = lower(old.email))
           update users set email = $3, updated_at = $4 where tenant_id = $1 and id = $2"#,
        tenant.0,
        user.0,
        email.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    if corrected.rows_affected() == 0 { Err(StoreError::NotFound("user")) } else { Ok(()) }
}
