//! Whom the development issuer lets one be: the administrators that tenants really have, and a member of each.

use async_trait::async_trait;
use tenantry_standins::issuer::{People, Person};
use tenantry_store::{
    Db,
    tenancy::{Belongs, administrators},
};

/// Everybody of every tenant in the database.
#[derive(Clone)]
pub(crate) struct Everybody(pub(crate) Db);

impl std::fmt::Debug for Everybody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Everybody")
    }
}

#[async_trait]
impl People for Everybody {
    async fn find(&self, text: &str, most: usize) -> Result<Vec<Person>, String> {
        let away = |_| "the database did not answer".to_owned();
        let mut tx = self.0.begin().await.map_err(away)?;
        let found = administrators(&mut tx, text.trim(), i64::try_from(most).unwrap_or(50)).await.map_err(away)?;
        Ok(found.iter().flat_map(|of| [administrator(of), member(of)]).take(most).collect())
    }
}

fn administrator(of: &Belongs) -> Person {
    Person {
        sub: of.email.clone(),
        name: of.name.clone(),
        email: of.email.clone(),
        tenant: Some(of.tenant.to_string()),
        tenant_name: Some(of.tenant_name.clone()),
        roles: vec!["tenant_admin".to_owned()],
    }
}

/// Nobody onboards members: their names are the identity provider's affair, and this one knows one for each tenant.
fn member(of: &Belongs) -> Person {
    let address = format!("member@{}.test", of.slug);
    Person {
        sub: address.clone(),
        name: format!("A member of {}", of.tenant_name),
        email: address,
        roles: vec!["tenant_member".to_owned()],
        ..administrator(of)
    }
}
