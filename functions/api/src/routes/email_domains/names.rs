//! The `{domain}` of a path.

use std::{fmt, str::FromStr};

use tenantry_model::{Domain, EmailDomainId, RunId, TenantId};
use tenantry_store::{
    StoreError, Tx,
    domains::{DomainRow, domain, domain_named},
};

use crate::error::Result;

/// A domain by its id, or by its name in A-labels or U-labels. A name has no underscore, so the two are never confused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// `dom_...`: also one that is gone.
    Id(EmailDomainId),
    /// The one of this name that is not gone.
    Named(Domain),
}

/// Why a text is neither.
#[derive(Debug)]
pub(crate) struct Neither;

impl fmt::Display for Neither {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is neither the id of an email domain (dom_ and 32 hexadecimal digits) nor a domain name")
    }
}

impl FromStr for Which {
    type Err = Neither;

    fn from_str(text: &str) -> Result<Self, Neither> {
        if text.starts_with("dom_") {
            return text.parse().map(Self::Id).map_err(|_| Neither);
        }
        text.parse().map(Self::Named).map_err(|_| Neither)
    }
}

impl Which {
    /// The tenant's domain, as far as the transaction sees it.
    pub(crate) async fn find(&self, tx: &mut Tx, tenant: TenantId) -> Result<DomainRow> {
        match self {
            Self::Id(id) => {
                let row = domain(tx, RunId(id.0)).await?;
                // An operator sees every tenant's, and has named this one.
                if row.tenant_id == tenant.0 { Ok(row) } else { Err(StoreError::NotFound("email domain").into()) }
            }
            Self::Named(name) => Ok(domain_named(tx, tenant, name.as_str()).await?),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_id_and_a_name_are_told_apart() {
        let id = EmailDomainId::new();
        assert_eq!(id.to_string().parse::<Which>().unwrap(), Which::Id(id));
        for name in ["mail.bücher.de", "Mail.xn--bcher-kva.de"] {
            assert_eq!(name.parse::<Which>().unwrap(), Which::Named("mail.xn--bcher-kva.de".parse().unwrap()));
        }
        for neither in ["", "dom_1", "acme", "run_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e"] {
            assert!(neither.parse::<Which>().is_err(), "{neither}");
        }
    }
}
