//! What routes about portals work with.

use std::time::Duration;

use tenantry_mail::NameRules;
use tenantry_model::Domain;
use tenantry_runtime::config::{self, Reader};

use crate::{DomainState, MailState};

/// Which hostnames tenants may set here. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct PortalState {
    /// Names that the platform itself answers at, or sends from; no tenant may set one, nor what is below or above one.
    pub platform: Vec<Domain>,
    /// Whether names below `.test` are taken too.
    pub test_names: bool,
    /// A hostname must be seen twice to point here, so far apart.
    pub confirm: Duration,
}

impl PortalState {
    /// As the section `portal_names` of [`config`] says; and the names of `domains` and the public address are the platform's, too.
    pub fn configured(read: &mut Reader, mail: &MailState, domains: &DomainState) -> Self {
        let names = config::portal_names(read);
        let mut platform = domains.platform.clone();
        platform.extend(names.zone.parse::<Domain>());
        for name in names.reserved {
            match name.parse() {
                Ok(name) => platform.push(name),
                Err(_) => read.problem("PORTAL_DOMAIN_RESERVED", format!("holds {name:?}, which is no domain name")),
            }
        }
        let public = mail.public_url.as_deref().and_then(|url| url.parse::<url::Url>().ok());
        platform.extend(public.and_then(|url| url.host_str().and_then(|host| host.parse::<Domain>().ok())));
        Self { platform, test_names: names.test_names, confirm: names.confirm }
    }

    /// Which names may lead to a tenant's portal.
    #[must_use]
    pub fn rules(&self) -> NameRules<'_> {
        NameRules { platform: &self.platform, test_names: self.test_names }
    }
}
