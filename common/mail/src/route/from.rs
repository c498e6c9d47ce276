//! Which From address a message may have. The rule that no tenant can send as another lives here and nowhere else.

use tenantry_model::{Domain, EmailAddress};

use super::{
    DomainTier, ProviderView, Reason, Sender,
    decide::{Asked, Stop},
};
use crate::{Category, Mailbox};

/// Whether a tenant may send from an address, and whose domain it is: the tenant's own platform subdomain, or the
/// domain that this tenant has verified. Compared as whole parsed domains: no suffix, no subdomain, no similar letter.
#[must_use]
pub fn may_send_as(sender: &Sender, address: &EmailAddress) -> Option<DomainTier> {
    if sender.platform_domain.is_of(address) {
        Some(DomainTier::Platform)
    } else if sender.verified_domain().is_some_and(|custom| custom.domain.is_of(address)) {
        Some(DomainTier::Custom)
    } else {
        None
    }
}

/// A From address that is allowed, and whose domain it is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct From {
    pub(super) mailbox: Mailbox,
    /// The domain of `mailbox`.
    pub(super) domain: Domain,
    pub(super) tier: DomainTier,
}

/// The From address of a message, before any provider is asked.
pub(super) fn choose(asked: &Asked<'_>, sender: &Sender, why: &mut Vec<Reason>) -> Result<From, Stop> {
    let Some(wish) = asked.from else {
        return Ok(by_settings(asked.category, sender, None, why));
    };
    if let Some(tier) = may_send_as(sender, &wish.address) {
        why.push(Reason::new("from_allowed", "The From address is at a domain of this tenant."));
        let name = wish.name.clone().or_else(|| Some(sender.shown_name().to_owned()));
        let mailbox = Mailbox { name, address: wish.address.clone() };
        return Ok(From { mailbox, domain: domain_of(sender, tier), tier });
    }
    let domain = wish.address.domain();
    let unverified = sender.custom.as_ref().is_some_and(|custom| custom.domain.is_of(&wish.address));
    let (seen, todo) = if unverified {
        (format!("{domain} is not verified yet"), "publish its DNS records and wait until it is verified")
    } else {
        (format!("{domain} is not a domain of this tenant"), "use the tenant's platform domain or its verified domain")
    };
    if asked.insist {
        let text = format!("The From address cannot be used: {seen}; {todo}.");
        return Err(Stop::Refuse(Reason::new("from_not_allowed", text)));
    }
    let text = format!("The default address is used instead of the one asked for: {seen}; {todo}.");
    why.push(Reason::new("from_replaced", text));
    Ok(by_settings(asked.category, sender, wish.name.clone(), why))
}

/// The default address of the domain that the tenant's settings want.
fn by_settings(category: &Category, sender: &Sender, name: Option<String>, why: &mut Vec<Reason>) -> From {
    match sender.wants(category) {
        DomainTier::Platform => {
            why.push(Reason::new("tier_platform", "The settings send this category from the platform domain."));
            platform(sender, name)
        }
        DomainTier::Custom => {
            why.push(Reason::new("tier_custom", "The settings send this category from the tenant's own domain."));
            match sender.verified_domain() {
                Some(custom) => {
                    let own = custom.from.clone().filter(|from| custom.domain.is_of(from));
                    let address = own.unwrap_or_else(|| custom.domain.noreply());
                    From {
                        mailbox: named(sender, name, address),
                        domain: custom.domain.clone(),
                        tier: DomainTier::Custom,
                    }
                }
                None => {
                    let text = match &sender.custom {
                        Some(custom) => format!(
                            "{} is not verified yet, so the platform domain is used; publish its DNS records and wait \
                             until it is verified.",
                            custom.domain
                        ),
                        None => "There is no own domain yet, so the platform domain is used; add one and verify it."
                            .to_owned(),
                    };
                    why.push(Reason::new("custom_domain_not_verified", text));
                    platform(sender, name)
                }
            }
        }
    }
}

/// The tenant's default address at its platform domain.
pub(super) fn platform(sender: &Sender, name: Option<String>) -> From {
    let own = sender.default_from.clone().filter(|from| sender.platform_domain.is_of(from));
    let address = own.unwrap_or_else(|| sender.platform_domain.noreply());
    let domain = sender.platform_domain.clone();
    From { mailbox: named(sender, name, address), domain, tier: DomainTier::Platform }
}

/// The address at a domain that tenants share, where a provider cannot send for their platform domains. The name is
/// the tenant's own, always: at a shared domain it is all that tells tenants apart.
pub(super) fn shared(sender: &Sender, view: &ProviderView<'_>) -> Option<From> {
    let domain = view.default_domain.as_ref()?;
    let mailbox = Mailbox::named(sender.tenant_name.as_str(), domain.noreply());
    Some(From { mailbox, domain: domain.clone(), tier: DomainTier::Platform })
}

/// The domain of an address that [`may_send_as`] allowed.
pub(super) fn domain_of(sender: &Sender, tier: DomainTier) -> Domain {
    let custom = sender.verified_domain().filter(|_| tier == DomainTier::Custom);
    custom.map_or(&sender.platform_domain, |custom| &custom.domain).clone()
}

fn named(sender: &Sender, name: Option<String>, address: EmailAddress) -> Mailbox {
    Mailbox::named(name.unwrap_or_else(|| sender.shown_name().to_owned()), address)
}
