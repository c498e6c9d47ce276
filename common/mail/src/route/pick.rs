//! Which provider carries a message: the first that may send for its domain and can carry it now.

use super::{
    DomainTier, Reason, Sender,
    decide::{Asked, Stop},
    from::{self, From},
};
use tenantry_model::Domain;

/// Seconds after which a decision is made again where nobody knows better.
pub(super) const AGAIN: u64 = 60;

/// A provider as the decision sees it.
#[derive(Clone)]
pub struct ProviderView<'a> {
    /// Its name in our configuration.
    pub name: &'a str,
    /// It may stand in for the one that is asked first.
    pub fallback: bool,
    /// Whether it may send for a domain.
    pub may_send_for: &'a (dyn Fn(&Domain) -> bool + Send + Sync),
    /// A domain of the platform that it may send for, in place of tenants' platform domains that it may not send for.
    pub default_domain: Option<Domain>,
    /// Whether it can be asked now.
    pub available: Available,
    /// What it can carry.
    pub capabilities: Capabilities,
}

/// Whether a provider can be asked now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Available {
    /// Yes.
    Yes,
    /// It is well, but wants to be left alone (a rate limit).
    Blocked {
        /// For this long.
        seconds: u64,
        /// For the operator.
        why: String,
    },
    /// It fails, or refuses our account.
    Down {
        /// It is asked again after this long; 0: nobody knows.
        seconds: u64,
        /// For the operator.
        why: String,
    },
}

/// What a provider can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Recipients of one message, copies included.
    pub recipients: usize,
    /// Bytes of one message, encoded.
    pub bytes: usize,
}

/// Who carries it, from which address, and for whom it stands in.
#[derive(Debug)]
pub(super) struct Picked {
    pub(super) from: From,
    pub(super) provider: String,
    pub(super) fallback_for: Option<String>,
}

/// A provider that could carry the message, if it can be asked.
struct Offer<'v> {
    view: &'v ProviderView<'v>,
    from: From,
    shared: bool,
}

/// The providers in the order in which they are asked.
fn in_order<'v>(from: &From, sender: &Sender, views: &'v [ProviderView<'v>]) -> Vec<&'v ProviderView<'v>> {
    let named = |name: Option<&String>| views.iter().find(|view| name.is_some_and(|name| view.name == name));
    let bound = sender.verified_domain().filter(|_| from.tier == DomainTier::Custom);
    let first = [named(bound.and_then(|custom| custom.provider.as_ref())), named(sender.provider.as_ref())];
    let primary = views.iter().find(|view| !view.fallback);
    let mut order: Vec<&ProviderView<'_>> = Vec::new();
    for view in first.into_iter().flatten().chain(primary).chain(views.iter().filter(|view| view.fallback)) {
        if !order.iter().any(|known| known.name == view.name) {
            order.push(view);
        }
    }
    order
}

/// The address that a provider may send from, if any, instead of (or as) the one chosen.
fn offer<'v>(asked: &Asked<'_>, sender: &Sender, from: &From, view: &'v ProviderView<'v>) -> Option<Offer<'v>> {
    let bound_to = sender
        .verified_domain()
        .filter(|_| from.tier == DomainTier::Custom)
        .and_then(|custom| custom.provider.as_deref());
    let may = match bound_to {
        // The domain's DNS names this provider's keys; what others send for it would fail DMARC.
        Some(provider) => provider == view.name,
        None => (view.may_send_for)(&from.domain),
    };
    if may {
        return Some(Offer { view, from: from.clone(), shared: false });
    }
    let insisted = asked.insist && asked.from.is_some();
    if insisted || from.tier != DomainTier::Platform {
        return None;
    }
    from::shared(sender, view).map(|from| Offer { view, from, shared: true })
}

/// Picks the provider for a From address.
///
/// `Ok(None)`: no provider may send for its domain.
pub(super) fn pick(
    asked: &Asked<'_>,
    sender: &Sender,
    from: &From,
    views: &[ProviderView<'_>],
    why: &mut Vec<Reason>,
) -> Result<Option<Picked>, Stop> {
    let mut offers = Vec::new();
    let mut not_for_the_domain = Vec::new();
    let mut too_large = 0;
    for view in in_order(from, sender, views) {
        match offer(asked, sender, from, view) {
            None => not_for_the_domain.push(view.name),
            Some(_) if asked.recipients > view.capabilities.recipients || asked.bytes > view.capabilities.bytes => {
                too_large += 1;
                let limits = view.capabilities;
                why.push(
                    Reason::new("cannot_carry", "One way was passed over: the message is too large for it.").operator(
                        format!("{} carries {} recipients and {} bytes", view.name, limits.recipients, limits.bytes),
                    ),
                );
            }
            Some(offer) => offers.push(offer),
        }
    }
    if offers.is_empty() && too_large > 0 {
        let text = "No way can carry this message: it has too many recipients or is too large. Send it in parts, or \
                    share its files by link.";
        return Err(Stop::Refuse(Reason::new("too_large", text)));
    }
    let Some(first) = offers.first().map(|offer| offer.view.name) else { return Ok(None) };
    if !not_for_the_domain.is_empty() {
        let domain = &from.domain;
        let text = format!("Not every way may send for {domain}, so not every way can stand in.");
        let words = format!("not allowed to send for {domain}, so no fallback: {}", not_for_the_domain.join(", "));
        why.push(Reason::new("no_fallback_for_domain", text).operator(words));
    }
    available(asked, offers, first, why).map(Some)
}

/// One provider and no other.
pub(super) fn only(
    asked: &Asked<'_>,
    view: &ProviderView<'_>,
    from: From,
    why: &mut Vec<Reason>,
) -> Result<Picked, Stop> {
    // There is no fallback to take, so every wait is within the patience; that it failed before is the very reason.
    let asked = Asked { patience: u64::MAX, avoid: &[], ..asked.clone() };
    available(&asked, vec![Offer { view, from, shared: false }], view.name, why)
}

/// The first offer that can be taken now, or when to ask again.
fn available(
    asked: &Asked<'_>,
    mut offers: Vec<Offer<'_>>,
    first: &str,
    why: &mut Vec<Reason>,
) -> Result<Picked, Stop> {
    // Whoever refused this message is asked last, not never: an account is put right some day.
    offers.sort_by_key(|offer| asked.avoid.iter().any(|name| name == offer.view.name));
    let mut soonest = None;
    for Offer { view, from, shared } in offers {
        let (seconds, words) = match &view.available {
            Available::Blocked { seconds, why: words } if *seconds <= asked.patience => {
                let seconds = (*seconds).max(1);
                let text = format!("Mail goes out more slowly right now; this message goes on in {seconds} seconds.");
                let reason = Reason::new("provider_busy", text).operator(format!("{}: {words}", view.name));
                return Err(Stop::Hold(seconds, reason));
            }
            Available::Blocked { seconds, why: words } => (*seconds, words.clone()),
            Available::Down { seconds, why: words } => (if *seconds == 0 { AGAIN } else { *seconds }, words.clone()),
            Available::Yes => {
                if shared {
                    let text = "The platform's shared address is used, with the tenant's name beside it.";
                    let words = format!("{} may not send for the platform domain", view.name);
                    why.push(Reason::new("shared_domain", text).operator(words));
                }
                let fallback_for = Some(first).filter(|first| *first != view.name).map(str::to_owned);
                why.push(match &fallback_for {
                    Some(first) => Reason::new("fallback", "The usual way is out of order; another one is used.")
                        .operator(format!("{} stands in for {first}", view.name)),
                    None => Reason::new("provider", "The usual way is used.").operator(view.name),
                });
                return Ok(Picked { from, provider: view.name.to_owned(), fallback_for });
            }
        };
        let seconds = seconds.max(1);
        soonest = Some(soonest.map_or(seconds, |soonest: u64| soonest.min(seconds)));
        why.push(
            Reason::new("provider_unavailable", "One way cannot be used right now.")
                .operator(format!("{}: {words}; again in {seconds} s", view.name)),
        );
    }
    let seconds = soonest.unwrap_or(AGAIN);
    let text = format!("No way is open right now; this message is tried again in {seconds} seconds.");
    Err(Stop::Hold(seconds, Reason::new("no_provider_available", text)))
}
