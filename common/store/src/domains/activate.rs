//! Mail leaves from a domain, or by the platform's again.

use tenantry_model::RunId;
use time::OffsetDateTime;

use super::claim::{PROOF_LASTS, lock, lock_settings};
use crate::{Result, Tx};

/// What became of [`activate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Mail leaves from it.
    Done,
    /// Another tenant has the name.
    Taken,
    /// It was removed, or lost at the provider, or its owner's text is not there any more.
    NotReady,
}

/// Makes a domain its tenant's own, and the one that its mail comes from; what the settings said before is kept. One that is
/// activated again comes back only where the tenant has not chosen another meanwhile.
///
/// # Errors
/// The database cannot be reached.
pub async fn activate(tx: &mut Tx, domain: RunId, now: OffsetDateTime) -> Result<Activation> {
    let (tenant, name) = lock(tx, domain).await?;
    lock_settings(tx, tenant).await?;
    let taken = sqlx::query_scalar!(
        r#"select exists (select from email_domains where name = $1 and holds and id <> $2)
                  or exists (select from tenant_email_settings where custom_domain = $1 and domain_verified and tenant_id <> $3) as "taken!""#,
        name,
        domain.0,
        tenant.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    if taken {
        return Ok(Activation::Taken);
    }
    let active = sqlx::query!(
        r#"with before as (
               select previous is null as first,
                      (select jsonb_build_object('tier', s.tier, 'customDomain', s.custom_domain, 'customFrom', s.custom_from)
                       from tenant_email_settings s where s.tenant_id = d.tenant_id) as settings
               from email_domains d where d.id = $1)
           update email_domains d
           set holds = true, sends = true, verified_at = coalesce(verified_at, $2), previous = coalesce(previous, before.settings)
           from before
           where d.id = $1 and d.released_at is null and d.proven_at > $3
             and exists (select from provider_domains p where p.domain_id = d.id and p.clear and p.provider_domain_id is not null)
           returning before.first as "first!", d.mailbox, d.provider"#,
        domain.0,
        now,
        now - PROOF_LASTS,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(active) = active else { return Ok(Activation::NotReady) };
    sqlx::query!(
        r#"update tenant_email_settings
           set custom_domain = $2, custom_from = case when $4 then $3 else custom_from end, domain_verified = true, dkim_enabled = true,
               domain_provider = $5, tier = case when tier = 'platform' and $4 then 'custom' else tier end,
               version = version + 1, updated_at = $6, updated_by = 'email_domain'
           where tenant_id = $1 and ($4 or custom_domain = $2)"#,
        tenant.0,
        name,
        format!("{}@{name}", active.mailbox),
        active.first,
        active.provider,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Activation::Done)
}

/// Mail leaves by the platform's domain until the domain is activated again. The name stays the tenant's.
///
/// # Errors
/// The database cannot be reached.
pub async fn fall_back(tx: &mut Tx, domain: RunId, now: OffsetDateTime) -> Result<()> {
    let (tenant, name) = lock(tx, domain).await?;
    lock_settings(tx, tenant).await?;
    sqlx::query!("update email_domains set sends = false where id = $1", domain.0).execute(&mut **tx).await?;
    sqlx::query!(
        r#"update tenant_email_settings set domain_verified = false, version = version + 1, updated_at = $3, updated_by = 'email_domain'
           where tenant_id = $1 and custom_domain = $2 and domain_verified"#,
        tenant.0,
        name,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
