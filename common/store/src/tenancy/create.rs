//! The first step: tenant, company and their association.

use tenantry_model::{
    CompanyId, CompanyName, ContractLine, EmailAddress, ExternalKey, RunId, Slug, TenantId, TenantName,
};
use time::OffsetDateTime;

use crate::{Result, Tx};

/// A tenant to create.
#[derive(Debug)]
pub struct NewTenant<'a> {
    /// The run that creates it.
    pub run: RunId,
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub name: &'a TenantName,
    /// Its contact address.
    pub email: &'a EmailAddress,
    /// Its plan.
    pub contract_line: &'a ContractLine,
    /// The caller's key.
    pub external_key: Option<&'a ExternalKey>,
    /// Its company.
    pub company: Option<(CompanyId, &'a CompanyName)>,
}

/// Creates the rows; those that are there already under these ids stay as they are.
///
/// The slug is made of the name; when another tenant has it, of the name and the first digits of the id.
///
/// # Errors
/// Refused by `tenants_email` or `tenants_external_key`: such a tenant exists. By `tenants_slug`: another tenant took
/// the slug this very moment; try again.
pub async fn create_tenant(tx: &mut Tx, new: &NewTenant<'_>, now: OffsetDateTime) -> Result<()> {
    let slug = Slug::of(new.name);
    sqlx::query!(
        r#"with t as (
               insert into tenants (id, run_id, name, slug, email, contract_line, status, external_key, created_at, updated_at)
               values ($1, $2, $3,
                       case when exists (select from tenants where slug = $4 and status <> 'offboarded' and id <> $1)
                            then $4 || '-' || left(replace($1::text, '-', ''), 7) else $4 end,
                       $5, $6, 'provisioning', $7, $8, $8)
               on conflict (id) do nothing),
           c as (
               insert into companies (id, tenant_id, name, created_at, updated_at)
               select $9, $1, $10, $8, $8 where $9::uuid is not null
               on conflict (id) do nothing)
           insert into tenant_companies (tenant_id, company_id, created_at, updated_at)
           select $1, $9, $8, $8 where $9::uuid is not null
           on conflict do nothing"#,
        new.id.0,
        new.run.0,
        new.name.as_str(),
        slug.as_str(),
        new.email.as_str(),
        new.contract_line.as_str(),
        new.external_key.map(ExternalKey::as_str),
        now,
        new.company.map(|(id, _)| id.0),
        new.company.map(|(_, name)| name.as_str()),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
