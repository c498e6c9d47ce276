//! A domain is removed.

use tenantry_model::RunId;
use time::OffsetDateTime;

use super::claim::{lock, lock_settings};
use crate::{Result, Tx};

/// New mail leaves by the platform's domain from now on, or by the one that was the tenant's before, where that still sends. The name
/// stays the tenant's until [`release`].
///
/// # Errors
/// The database cannot be reached.
pub async fn stop_sending(tx: &mut Tx, domain: RunId, now: OffsetDateTime) -> Result<()> {
    let (tenant, name) = lock(tx, domain).await?;
    lock_settings(tx, tenant).await?;
    sqlx::query!("update email_domains set sends = false where id = $1", domain.0).execute(&mut **tx).await?;
    sqlx::query!(
        r#"with back as (
               select b.name, d.previous ->> 'customFrom' as custom_from, d.previous ->> 'tier' as tier
               from email_domains d join email_domains b on b.tenant_id = d.tenant_id and b.name = d.previous ->> 'customDomain' and b.sends
               where d.id = $1)
           update tenant_email_settings
           set custom_domain = (select name from back), custom_from = (select custom_from from back),
               domain_verified = exists (select from back), tier = coalesce((select tier from back), 'platform'),
               version = version + 1, updated_at = $4, updated_by = 'email_domain'
           where tenant_id = $2 and custom_domain = $3"#,
        domain.0,
        tenant.0,
        name,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many messages may still leave from a domain: those that a provider is being told, and those of which nobody knows whether it
/// was told.
///
/// # Errors
/// The database cannot be reached.
pub async fn leaving(tx: &mut Tx, domain: RunId) -> Result<u32> {
    let (tenant, name) = lock(tx, domain).await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from runs
           where kind = 'email_delivery' and state in ('sending', 'deferred', 'queued') and tenant_id = $1
             and lower(split_part(life -> 'data' -> 'plan' ->> 'from', '@', 2)) = $2
             and (state = 'sending' or coalesce((life -> 'data' ->> 'bound')::bool, false))"#,
        tenant.0,
        name,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The domain is over, and the provider has it no more: another tenant may have the name after a while.
///
/// # Errors
/// The database cannot be reached.
pub async fn release(tx: &mut Tx, domain: RunId, now: OffsetDateTime) -> Result<()> {
    lock(tx, domain).await?;
    sqlx::query!(
        r#"with gone as (delete from provider_domains where domain_id = $1)
           update email_domains set holds = false, sends = false, released_at = coalesce(released_at, $2) where id = $1"#,
        domain.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
