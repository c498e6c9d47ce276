//! Whose is a name?

use std::time::Duration;

use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

/// So long it counts that somebody's text was seen in a zone: for the one who claims, and against another.
pub(super) const PROOF_LASTS: time::Duration = time::Duration::DAY;

/// Who claims, and what is known of the name.
#[derive(Debug, Clone)]
pub struct Claimant<'a> {
    /// The domain.
    pub domain: RunId,
    /// The account at which it is to be made.
    pub provider: &'a str,
    /// The account has a domain of this name already.
    pub there: bool,
    /// The zone was shown to be this tenant's.
    pub proven: bool,
    /// An operator has said that it may be claimed at once.
    pub allowed: bool,
    /// So long a name is kept from others after its last tenant has let go of it.
    pub cool_down: Duration,
    /// The record that shows whose the zone is, for the tenant to publish.
    pub ownership: &'a Value,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It may be made at the provider; or it is this tenant's there already, and may be used as it is.
    Clear,
    /// The account has it, and not for this tenant: nothing of it is this tenant's until the zone is shown to be.
    Known,
    /// Another tenant has it.
    Taken,
    /// Another tenant had it, and its time is over after so many seconds.
    CoolsDown(u64),
}

/// Claims a name. Claims of several tenants may stand side by side until one of them is activated; in the provider's account one of
/// them has the name, and loses it to another that has shown the zone to be its own as long as it has not itself.
///
/// # Errors
/// The database cannot be reached.
pub async fn claim(tx: &mut Tx, claim: &Claimant<'_>, now: OffsetDateTime) -> Result<Claim> {
    let id = claim.domain.0;
    let (tenant, name) = lock(tx, claim.domain).await?;
    let tenant = tenant.0;
    let now_so = sqlx::query!(
        r#"select exists (select from email_domains where name = $1 and holds and tenant_id <> $2)
                  or exists (select from tenant_email_settings where custom_domain = $1 and domain_verified and tenant_id <> $2) as "taken!",
                  released_at is not null as "over!", coalesce(proven_at > $4, false) as "proven!"
           from email_domains where id = $3"#,
        name,
        tenant,
        id,
        now - PROOF_LASTS,
    )
    .fetch_one(&mut **tx)
    .await?;
    // Whoever asked so long ago that the domain is gone by now leaves nothing behind.
    if now_so.over {
        return Ok(Claim::Known);
    }
    if now_so.taken {
        return Ok(Claim::Taken);
    }
    // The account of domains has changed since; what is there belongs to the report of what is nobody's.
    sqlx::query!("delete from provider_domains where domain_id = $1 and provider <> $2", id, claim.provider)
        .execute(&mut **tx)
        .await?;
    let there = sqlx::query!(
        r#"select p.domain_id, coalesce(d.proven_at > $3, false) as "proven!", r.state = 'deleting' as "leaving!"
           from provider_domains p join email_domains d on d.id = p.domain_id join runs r on r.id = d.id
           where p.provider = $1 and p.name = $2"#,
        claim.provider,
        name,
        now - PROOF_LASTS,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let free_at = sqlx::query_scalar!(
        "select max(released_at) from (
             select released_at from email_domains where name = $1 and tenant_id <> $2 and verified_at is not null
             union all
             select released_at from former_names where name = $1 and tenant_id <> $2) released",
        name,
        tenant
    )
    .fetch_one(&mut **tx)
    .await?
    .map(|released| released + claim.cool_down);
    // Whoever has it there already was let in, and only claims it anew.
    let ours = there.as_ref().is_some_and(|row| row.domain_id == id);
    if let Some(free_at) = free_at.filter(|free_at| *free_at > now && !claim.allowed && !ours) {
        return Ok(Claim::CoolsDown((free_at - now).whole_seconds().unsigned_abs() + 1));
    }
    sqlx::query!(
        r#"update email_domains set provider = $2,
                  wanted = case when wanted = '[]' then jsonb_build_array($3::jsonb) else wanted end
           where id = $1"#,
        id,
        claim.provider,
        claim.ownership,
    )
    .execute(&mut **tx)
    .await?;
    let proven = claim.proven && now_so.proven;
    match there {
        None if claim.there && !proven => Ok(Claim::Known),
        None => {
            sqlx::query!(
                "insert into provider_domains (provider, name, domain_id, clear, created_at) values ($1, $2, $3, true, $4)",
                claim.provider,
                name,
                id,
                now
            )
            .execute(&mut **tx)
            .await?;
            Ok(Claim::Clear)
        }
        Some(row) if row.domain_id == id => Ok(Claim::Clear),
        // One that is being deleted there is not to be taken over in that very moment.
        Some(row) if !proven || row.leaving => Ok(Claim::Known),
        // Both have shown it: people decide.
        Some(row) if row.proven => Ok(Claim::Taken),
        Some(row) => {
            // What it was told to publish is not its own any more.
            sqlx::query!(
                r#"with losing as (update email_domains set wanted = jsonb_build_array(wanted -> 0), report = null where id = $3)
                   update provider_domains set domain_id = $4, clear = true where provider = $1 and name = $2"#,
                claim.provider,
                name,
                row.domain_id,
                id
            )
            .execute(&mut **tx)
            .await?;
            Ok(Claim::Clear)
        }
    }
}

/// The domain's tenant and name; nobody else decides about this name until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, domain: RunId) -> Result<(TenantId, String)> {
    let row = sqlx::query!("select tenant_id, name from email_domains where id = $1", domain.0)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(StoreError::NotFound("email domain"))?;
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('email_domains:' || $1, 0)) as locked", row.name)
        .fetch_one(&mut **tx)
        .await?;
    Ok((TenantId(row.tenant_id), row.name))
}

/// Nobody else changes this tenant's settings of mail until the transaction ends: a tenant that chooses a domain in the very moment in
/// which it stops to send would keep what it has chosen.
pub(super) async fn lock_settings(tx: &mut Tx, tenant: TenantId) -> Result<()> {
    sqlx::query!("select tenant_id from tenant_email_settings where tenant_id = $1 for update", tenant.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(())
}

/// The provider has made the domain, or found it there: its id, and the records to publish beside the one that shows whose the zone
/// is. Nothing is written, and `false` comes back, when another tenant has the name there by now.
///
/// # Errors
/// The database cannot be reached.
pub async fn created(tx: &mut Tx, domain: RunId, provider_domain_id: &str, records: &Value) -> Result<bool> {
    lock(tx, domain).await?;
    let ours = sqlx::query!(
        "update provider_domains set provider_domain_id = $2 where domain_id = $1 and clear",
        domain.0,
        provider_domain_id
    )
    .execute(&mut **tx)
    .await?;
    if ours.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "update email_domains set wanted = jsonb_build_array(wanted -> 0) || $2::jsonb, report = null where id = $1",
        domain.0,
        records
    )
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

/// The provider knows the domain no more: the next one of this name is another.
///
/// # Errors
/// The database cannot be reached.
pub async fn lost(tx: &mut Tx, domain: RunId) -> Result<()> {
    sqlx::query!("update provider_domains set provider_domain_id = null where domain_id = $1", domain.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
