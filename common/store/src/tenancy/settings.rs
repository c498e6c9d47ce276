//! The third step: settings and defaults; the tenant becomes active.

use tenantry_model::{CompanyId, TenantId};
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

/// What a new tenant starts with.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// The zone of the portal hosts (`portal.example.com` gives `a1b2c3d.portal.example.com`).
    pub portal_zone: String,
    /// The address its mail comes from, with `{tenant}` for its slug.
    pub from_pattern: String,
    /// Categories of mail: name, switched on, locked.
    pub categories: Vec<(String, bool, bool)>,
}

/// Writes the settings and makes the tenant active, by one statement. The portal host is the shortest free label of at
/// least 7 digits of the tenant's id.
///
/// # Errors
/// [`StoreError::NotFound`]: the tenant is gone. Refused by `tenants_portal_host_key`: another tenant took the label
/// this very moment; try again.
pub async fn set_up(
    tx: &mut Tx,
    tenant: TenantId,
    company: Option<CompanyId>,
    defaults: &Defaults,
    now: OffsetDateTime,
) -> Result<()> {
    let names: Vec<String> = defaults.categories.iter().map(|(name, ..)| name.clone()).collect();
    let enabled: Vec<bool> = defaults.categories.iter().map(|(_, enabled, _)| *enabled).collect();
    let locked: Vec<bool> = defaults.categories.iter().map(|(.., locked)| *locked).collect();
    let active = sqlx::query!(
        r#"with active as (
               update tenants set status = 'active', updated_at = $2, activated_at = coalesce(activated_at, $2),
                   portal_host = coalesce(portal_host, (
                       select host from (
                           select n, left(replace($1::text, '-', ''), n) || '.' || $3::text as host from generate_series(7, 32) n) labels
                       -- A question for each label, so that the index answers it; joined, it would read every tenant.
                       where coalesce((select t.id from tenants t where t.portal_host = labels.host), $1) = $1
                       order by n limit 1))
               where id = $1 and status in ('provisioning', 'active')
               returning id, slug, email),
           e as (
               insert into tenant_email_settings (tenant_id, default_from_address, reply_to, created_at, updated_at)
               select id, replace($4, '{tenant}', slug), email, $2, $2 from active on conflict do nothing),
           n as (
               insert into notification_defaults (tenant_id, category, enabled, locked, created_at, updated_at)
               select active.id, c.category, c.enabled, c.locked, $2, $2
               from active, unnest($5::text[], $6::bool[], $7::bool[]) as c(category, enabled, locked) on conflict do nothing),
           c as (
               update tenant_companies set is_default = true, updated_at = $2 where tenant_id = $1 and company_id = $8)
           select count(*) as "active!" from active"#,
        tenant.0,
        now,
        defaults.portal_zone,
        defaults.from_pattern,
        &names,
        &enabled,
        &locked,
        company.map(|company| company.0),
    )
    .fetch_one(&mut **tx)
    .await?
    .active;
    if active == 0 { Err(StoreError::NotFound("tenant")) } else { Ok(()) }
}
