//! What routes about email domains work with.

use tenantry_mail::{NameRules, platform_base};
use tenantry_model::Domain;
use tenantry_outbox::DomainLinks;
use tenantry_runtime::config::{self, Edition, Reader};
use tenantry_secrets::Sealer;

use crate::MailState;

/// How email domains are added and shown here. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct DomainState {
    /// Whether there are any: tenants' domains are part of the edition for enterprises.
    pub edition: Edition,
    /// How they are set up.
    pub settings: config::Domains,
    /// The platform's own domains, which no tenant may claim, nor what is below or above one.
    pub platform: Vec<Domain>,
    /// Makes and reads links to the page of a domain. Reads them without a public address, too: one may have been taken away.
    pub links: DomainLinks,
}

impl DomainState {
    /// As the sections `edition` and `domains` of [`config`] say; and `PORTAL_ZONE`, where it is set, is the platform's.
    pub fn configured(read: &mut Reader, mail: &MailState, sealer: &Sealer) -> Self {
        let mut platform: Vec<Domain> =
            mail.accounts.0.iter().filter_map(|account| account.default_domain.clone()).collect();
        platform.extend(platform_base(&mail.patterns.subdomain));
        platform.extend(mail.from.0.domain().parse::<Domain>());
        platform.extend(read.text("PORTAL_ZONE").and_then(|zone| zone.parse::<Domain>().ok()));
        Self {
            edition: config::edition(read),
            settings: config::domains(read),
            platform,
            links: DomainLinks::new(sealer.clone(), mail.public_url.as_deref().unwrap_or_default()),
        }
    }

    /// Which names may be a tenant's.
    #[must_use]
    pub fn rules(&self) -> NameRules<'_> {
        NameRules { platform: &self.platform, test_names: self.settings.test_names }
    }
}
