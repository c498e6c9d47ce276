//! A tenant adds a domain.

use tenantry_kernel::{Workflow, advance};
use tenantry_model::{RunId, TenantId};
use tenantry_workflows::email_domain::{Data, EmailDomain};

use crate::{
    Result, StoreError, Timing, Tx,
    runs::{Hint, NewRun, Started, start},
};

/// A domain to add.
#[derive(Debug, Clone)]
pub struct NewDomain {
    /// What its life knows: whose, which, how patient.
    pub data: Data,
    /// What stands before the @.
    pub mailbox: String,
    /// The provider's region; none: its usual one.
    pub region: Option<String>,
    /// What the tenant publishes to show that the zone is its own: random, 26 characters and more.
    pub token: String,
    /// Who adds it.
    pub by: String,
    /// The W3C `traceparent`.
    pub trace: Option<String>,
}

/// What became of [`add_domain`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// A life has begun; hints to send after the commit.
    New(RunId, Vec<Hint>),
    /// The tenant has added it already, and it is not gone.
    Existing(RunId),
}

/// Begins a domain's life, or finds the one that this tenant has begun for the same name.
///
/// # Errors
/// [`StoreError::Changed`]: the same tenant added the same name at this very moment; again.
pub async fn add_domain(tx: &mut Tx, new: &NewDomain, timing: Timing) -> Result<Added> {
    let (tenant, name): (TenantId, &str) = (new.data.tenant, new.data.domain.as_str());
    let existing = sqlx::query_scalar!(
        "select id from email_domains where tenant_id = $1 and name = $2 and released_at is null",
        tenant.0,
        name
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(id) = existing {
        return Ok(Added::Existing(RunId(id)));
    }
    let run = NewRun {
        id: RunId::new(),
        kind: EmailDomain::KIND,
        tenant: Some(tenant),
        external_key: None,
        started_by: new.by.clone(),
        trace: new.trace.clone(),
        change: advance::start::<EmailDomain>(new.data.clone()),
    };
    let hints = match start(tx, &run, timing).await? {
        Started::New(hints) => hints,
        Started::Existing(id) => return Ok(Added::Existing(id)),
    };
    sqlx::query!(
        r#"insert into email_domains (id, tenant_id, name, mailbox, region, token, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)"#,
        run.id.0,
        tenant.0,
        name,
        new.mailbox,
        new.region,
        new.token,
        new.by,
        timing.now,
    )
    .execute(&mut **tx)
    .await
    .map_err(|error| match StoreError::from(error) {
        refused if refused.constraint() == Some("one_claim_of_a_tenant") => StoreError::Changed,
        other => other,
    })?;
    Ok(Added::New(run.id, hints))
}
