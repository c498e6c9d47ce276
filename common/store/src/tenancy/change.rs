//! What a tenant is known by is another, and whatever small thing has happened to it is told.

use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::{ContractLine, EmailAddress, RunId, TenantId, TenantName};
use tenantry_workflows::tenant_change::{Data, TenantChange};
use time::OffsetDateTime;

use crate::{
    Result, Timing, Tx,
    runs::{Hint, NewRun, Started, start},
};

/// Something of a tenant that is to be another; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// Its name. Its slug, and so its hosts and addresses, stay.
    pub name: Option<TenantName>,
    /// Its contact address. Answers to its mail follow, where they went to the one before.
    pub email: Option<EmailAddress>,
    /// Its plan.
    pub contract_line: Option<ContractLine>,
}

/// Another tenant that has an address: at most one lives.
///
/// # Errors
/// The database cannot be reached.
pub async fn who_has_address(tx: &mut Tx, but: TenantId, email: &EmailAddress) -> Result<Option<(TenantId, String)>> {
    let row = sqlx::query!(
        "select id, name from tenants where lower(email) = lower($1) and status <> 'offboarded' and id <> $2",
        email.as_str(),
        but.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (TenantId(row.id), row.name)))
}

/// Rewrites a tenant.
///
/// # Errors
/// Refused by `tenants_email`: another tenant took the address this very moment.
pub async fn rewrite(tx: &mut Tx, tenant: TenantId, to: &Rewrite, by: &str, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"with old as (select email from tenants where id = $1),
           s as (
               update tenant_email_settings set reply_to = $3, version = version + 1, updated_at = $5, updated_by = $6 from old
               where tenant_id = $1 and $3::text is not null and lower(reply_to) = lower(old.email))
           update tenants set name = coalesce($2, name), email = coalesce($3, email), contract_line = coalesce($4, contract_line),
                              updated_at = $5
           where id = $1"#,
        tenant.0,
        to.name.as_ref().map(TenantName::as_str),
        to.email.as_ref().map(EmailAddress::as_str),
        to.contract_line.as_ref().map(ContractLine::as_str),
        now,
        by,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes what has happened to a tenant, in the transaction of what it tells: a run that ends as it begins. With its hints.
///
/// # Errors
/// The database cannot be reached.
pub async fn note_change(
    tx: &mut Tx,
    data: Data,
    by: &str,
    trace: Option<String>,
    timing: Timing,
) -> Result<(RunId, Vec<Hint>)> {
    let new = NewRun {
        id: RunId::new(),
        kind: TenantChange::KIND,
        tenant: Some(data.tenant),
        external_key: None,
        started_by: by.to_owned(),
        trace,
        change: advance::start::<TenantChange>(data),
    };
    match start(tx, &new, timing).await? {
        Started::New(hints) => Ok((new.id, hints)),
        // It has no key by which another could be there.
        Started::Existing(id) => Ok((id, Vec::new())),
    }
}
