//! Which domain is meant, and whose it is.

use serde::Deserialize;

use super::super::whose;
use crate::{
    args::{Paging, WhichDomain},
    client::{Client, List},
    failure::Failure,
};

/// A domain by its tenant and its name or id.
#[derive(Debug)]
pub(in super::super) struct Place {
    pub(in super::super) tenant: String,
    pub(in super::super) domain: String,
}

impl Place {
    /// The path to it, and further.
    pub(super) fn path<'a>(&'a self, further: &[&'a str]) -> Vec<&'a str> {
        [&["v1", "tenants", &self.tenant, "email-domains", &self.domain][..], further].concat()
    }
}

/// The domain that was named: of the tenant that was named, else of the caller's own; for operators, of the one tenant
/// that has this name.
pub(in super::super) async fn find(which: WhichDomain, client: &Client) -> Result<Place, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Found {
        id: String,
        tenant_id: String,
    }
    // As it is typed or copied.
    let domain = which.domain.trim().trim_end_matches('.').to_owned();
    if let Some(tenant) = whose::tenant_if_any(which.tenant, client).await? {
        return Ok(Place { tenant, domain });
    }
    if domain.starts_with("dom_") {
        return Err(Failure::Usage {
            what: "It is not said which tenant the domain belongs to".to_owned(),
            next: "Name it with --tenant, or name the domain by its name.".to_owned(),
        });
    }
    let filters = [("name", Some(domain.clone()))];
    let paging = Paging { limit: None, after: None, all: false };
    let found: List<Found> = client.list(&["v1", "email-domains"], &filters, &paging).await?;
    match found.data.as_slice() {
        [] => Err(Failure::Input {
            what: format!("No tenant has a domain of the name {domain}"),
            next: "Look at all of them with: tenantry domain list; add it with: tenantry domain add".to_owned(),
        }),
        [one] => Ok(Place { tenant: one.tenant_id.clone(), domain: one.id.clone() }),
        several => {
            let tenants: Vec<_> = several.iter().map(|one| one.tenant_id.as_str()).collect();
            Err(Failure::Usage {
                what: format!("Several tenants have a domain of the name {domain}: {}", tenants.join(", ")),
                next: "Say which one is meant with --tenant.".to_owned(),
            })
        }
    }
}
