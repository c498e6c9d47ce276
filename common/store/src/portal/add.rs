//! A tenant sets a hostname.

use tenantry_kernel::{Workflow, advance};
use tenantry_model::{RunId, TenantId};
use tenantry_workflows::portal_domain::{Data, PortalDomain};

use crate::{
    Result, StoreError, Timing, Tx,
    runs::{Hint, NewRun, Started, start},
};

/// A hostname to set.
#[derive(Debug, Clone)]
pub struct NewPortal {
    /// What its life knows: whose, which.
    pub data: Data,
    /// What the tenant publishes where no CNAME can stand: random, 26 characters and more.
    pub token: String,
    /// Who sets it.
    pub by: String,
    /// The W3C `traceparent`.
    pub trace: Option<String>,
}

/// What became of [`add_portal`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// A life has begun; hints to send after the commit.
    New(RunId, Vec<Hint>),
    /// The tenant has set it already, and it is not over.
    Existing(RunId),
}

/// Begins a hostname's life, or finds the one that this tenant has begun for the same name.
///
/// # Errors
/// [`StoreError::Changed`]: the same tenant set a hostname at this very moment; again. [`StoreError::NotFound`]: the tenant has no
/// canonical host, since it is not active yet.
pub async fn add_portal(tx: &mut Tx, new: &NewPortal, timing: Timing) -> Result<Added> {
    let (tenant, domain): (TenantId, &str) = (new.data.tenant, new.data.domain.as_str());
    let existing = sqlx::query_scalar!(
        "select id from portal_domains where tenant_id = $1 and domain = $2 and closed_at is null",
        tenant.0,
        domain
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(id) = existing {
        return Ok(Added::Existing(RunId(id)));
    }
    let canonical = sqlx::query_scalar!("select portal_host from tenants where id = $1", tenant.0)
        .fetch_optional(&mut **tx)
        .await?
        .flatten()
        .ok_or(StoreError::NotFound("canonical host of the tenant"))?;
    let run = NewRun {
        id: RunId::new(),
        kind: PortalDomain::KIND,
        tenant: Some(tenant),
        external_key: None,
        started_by: new.by.clone(),
        trace: new.trace.clone(),
        change: advance::start::<PortalDomain>(new.data.clone()),
    };
    let hints = match start(tx, &run, timing).await? {
        Started::New(hints) => hints,
        Started::Existing(id) => return Ok(Added::Existing(id)),
    };
    let label = canonical.split('.').next().unwrap_or_default();
    // Two hostnames of a tenant, while one takes the other's place, have two certificates.
    sqlx::query!(
        r#"insert into portal_domains (id, tenant_id, domain, canonical_host, token, secret_name, created_by, created_at)
           select $1::uuid, $2, $3, $4, $5,
                  'portal-domain-' || $6::text || case when exists (select from portal_domains
                      where secret_name = 'portal-domain-' || $6::text and closed_at is null) then '-' || right(replace($1::uuid::text, '-', ''), 8) else '' end,
                  $7, $8"#,
        run.id.0,
        tenant.0,
        domain,
        canonical,
        new.token,
        label,
        new.by,
        timing.now,
    )
    .execute(&mut **tx)
    .await
    .map_err(|error| match StoreError::from(error) {
        refused
            if matches!(
                refused.constraint(),
                Some("one_portal_wish_of_a_tenant" | "one_portal_of_a_secret")
            ) =>
        {
            StoreError::Changed
        }
        other => other,
    })?;
    Ok(Added::New(run.id, hints))
}
