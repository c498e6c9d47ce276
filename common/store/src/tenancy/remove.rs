//! Rolling back: children first, only what this run made, and never an active tenant.
//!
//! Each is right also when there is nothing to remove. A tenant that is active, or another run's, is not touched.

use tenantry_model::{RunId, TenantId, UserId};

use crate::{Result, Tx};

/// Removes what setting up wrote.
///
/// # Errors
/// The database cannot be reached.
pub async fn remove_settings(tx: &mut Tx, run: RunId, tenant: TenantId) -> Result<()> {
    sqlx::query!(
        r#"with ours as (select id from tenants where id = $1 and run_id = $2 and status = 'provisioning'),
           n as (delete from notification_defaults using ours where tenant_id = ours.id)
           delete from tenant_email_settings using ours where tenant_id = ours.id"#,
        tenant.0,
        run.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes the administrator, with role and credential.
///
/// # Errors
/// The database cannot be reached.
pub async fn remove_admin(tx: &mut Tx, run: RunId, tenant: TenantId, user: UserId) -> Result<()> {
    sqlx::query!(
        r#"with ours as (select id from tenants where id = $1 and run_id = $2 and status = 'provisioning'),
           ur as (delete from user_roles using ours where tenant_id = ours.id and user_id = $3),
           c as (delete from credentials using ours where tenant_id = ours.id and user_id = $3),
           i as (delete from invitations using ours where tenant_id = ours.id and user_id = $3),
           u as (delete from users using ours where tenant_id = ours.id and users.id = $3)
           delete from roles using ours where tenant_id = ours.id"#,
        tenant.0,
        run.0,
        user.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes the tenant with its company and their association.
///
/// # Errors
/// The database cannot be reached, or refuses because something else refers to the tenant by now.
pub async fn remove_tenant(tx: &mut Tx, run: RunId, tenant: TenantId) -> Result<()> {
    sqlx::query!(
        r#"with ours as (select id from tenants where id = $1 and run_id = $2 and status = 'provisioning'),
           tc as (delete from tenant_companies using ours where tenant_id = ours.id),
           c as (delete from companies using ours where tenant_id = ours.id)
           delete from tenants using ours where tenants.id = ours.id"#,
        tenant.0,
        run.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
