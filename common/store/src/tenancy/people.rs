//! Who belongs to which tenant, for a laptop where one chooses who to be.

use tenantry_model::TenantId;

use crate::{Result, Tx};

/// Somebody who belongs to a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belongs {
    /// Given and family name.
    pub name: String,
    /// Address.
    pub email: String,
    /// The tenant.
    pub tenant: TenantId,
    /// Its name.
    pub tenant_name: String,
    /// Its short name.
    pub slug: String,
}

/// Administrators of tenants whose name, address or tenant holds the text (any case; all for an empty one), those of the newest tenant
/// first, `most` at most.
///
/// # Errors
/// The database cannot be reached.
pub async fn administrators(tx: &mut Tx, text: &str, most: i64) -> Result<Vec<Belongs>> {
    let rows = sqlx::query!(
        r#"select u.first_name || ' ' || u.last_name as "name!", u.email as "email!", t.id as "tenant!", t.name as "tenant_name!", t.slug as "slug!"
           from tenants t
           join user_roles r on r.tenant_id = t.id and r.role = 'tenant_admin'
           join users u on u.tenant_id = t.id and u.id = r.user_id
           where t.status <> 'offboarded'
             and ($1 = '' or strpos(lower(u.first_name || ' ' || u.last_name || ' ' || u.email || ' ' || t.name), lower($1)) > 0)
           order by t.created_at desc, u.email
           limit $2"#,
        text,
        most,
    )
    .fetch_all(&mut **tx)
    .await?;
    let people = rows.into_iter().map(|row| Belongs {
        name: row.name,
        email: row.email,
        tenant: TenantId(row.tenant),
        tenant_name: row.tenant_name,
        slug: row.slug,
    });
    Ok(people.collect())
}
