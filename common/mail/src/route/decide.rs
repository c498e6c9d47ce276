//! The decision, step by step.

use super::{
    Decision, DomainTier, ProviderView, Reason, Route, Sender, TenantStatus,
    from::{self, From},
    pick::{AGAIN, Picked, pick},
};
use crate::{Category, Draft, Mailbox};

/// Seconds after which a paused tenant's message is looked at again.
const PAUSED: u64 = 900;

/// What one message asks for.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// `EMAIL_ENABLE`: off, nothing leaves.
    pub enabled: bool,
    /// The From address it wants.
    pub from: Option<&'a Mailbox>,
    /// Rather refuse it than send it from another address.
    pub insist: bool,
    /// Where it wants answers to go.
    pub reply_to: Option<&'a Mailbox>,
    /// What it is about.
    pub category: &'a Category,
    /// How many get it, copies included.
    pub recipients: usize,
    /// How large it is, encoded ([`Draft::encoded_bytes`]).
    pub bytes: usize,
    /// How many seconds it rather waits for a busy provider than takes the fallback.
    pub patience: u64,
    /// Providers that refused it before, by name: asked last, after every other.
    pub avoid: &'a [String],
    /// An attempt whose outcome is unknown, to be made again under the same idempotency key: same provider, same
    /// address, or not at all.
    pub again: Option<Again<'a>>,
}

/// The attempt that is made again.
#[derive(Debug, Clone, Copy)]
pub struct Again<'a> {
    /// The provider of that attempt.
    pub provider: &'a str,
    /// The From address of that attempt: another one would be another message under the same key.
    pub from: &'a Mailbox,
}

/// Why no route was found.
#[derive(Debug)]
pub(super) enum Stop {
    Suppress(Reason),
    Hold(u64, Reason),
    Refuse(Reason),
}

impl<'a> Asked<'a> {
    /// What a draft asks for, at a first attempt with mail switched on.
    #[must_use]
    pub fn of(draft: &'a Draft, patience: u64) -> Self {
        Self {
            enabled: true,
            from: draft.from.as_ref(),
            insist: draft.insist_from,
            reply_to: draft.reply_to.as_ref(),
            category: &draft.category,
            recipients: draft.recipients().count(),
            bytes: draft.encoded_bytes(),
            patience,
            avoid: &[],
            again: None,
        }
    }
}

/// Decides how a message goes, if it goes.
///
/// Whatever it is given, the address it sends from is at the tenant's platform domain, at the domain that this tenant
/// has verified, or (nobody asked for it, the tenant's name beside it) at the chosen provider's default domain.
#[must_use]
pub fn route(asked: &Asked<'_>, sender: &Sender, providers: &[ProviderView<'_>]) -> Decision {
    let mut why = Vec::new();
    match find(asked, sender, providers, &mut why) {
        Ok(Picked { from: From { mailbox: from, domain, tier }, provider, fallback_for }) => {
            let reply_to = reply_to(asked, sender);
            Decision::Send(Route { from, reply_to, domain, tier, provider, fallback_for, why })
        }
        Err(Stop::Suppress(last)) => Decision::Suppress { why: with(why, last) },
        Err(Stop::Hold(seconds, last)) => Decision::Hold { seconds, why: with(why, last) },
        Err(Stop::Refuse(last)) => Decision::Refuse { why: with(why, last) },
    }
}

fn with(mut why: Vec<Reason>, last: Reason) -> Vec<Reason> {
    why.push(last);
    why
}

fn find(
    asked: &Asked<'_>,
    sender: &Sender,
    providers: &[ProviderView<'_>],
    why: &mut Vec<Reason>,
) -> Result<Picked, Stop> {
    may_send_at_all(asked, sender)?;
    if let Some(again) = asked.again {
        return once_more(asked, sender, providers, again, why);
    }
    let from = from::choose(asked, sender, why)?;
    if let Some(picked) = pick(asked, sender, &from, providers, why)? {
        return Ok(picked);
    }
    let insisted = asked.insist && asked.from.is_some();
    let domain = &from.domain;
    if insisted {
        let text =
            format!("Nothing here may send for {domain}. Leave the From address out, or verify the domain anew.");
        return Err(Stop::Refuse(Reason::new("domain_not_sendable", text)));
    }
    if from.tier == DomainTier::Custom {
        let text =
            format!("Nothing here may send for {domain}, so the platform domain is used; verify the domain anew.");
        why.push(Reason::new("custom_domain_not_sendable", text).operator("no configured provider may send for it"));
        let from = from::platform(sender, asked.from.and_then(|from| from.name.clone()));
        if let Some(picked) = pick(asked, sender, &from, providers, why)? {
            return Ok(picked);
        }
    }
    // A gap in the configuration, which an operator closes: the message waits for that and is not lost.
    let domain = &sender.platform_domain;
    let text = "Nothing here may send for this tenant's platform domain; the message waits until that is put right.";
    let words = format!("no configured provider may send for {domain}: verify it, or set a default domain");
    Err(Stop::Hold(5 * AGAIN, Reason::new("no_provider_for_domain", text).operator(words)))
}

/// The same provider and the same address as before, or not at all.
fn once_more(
    asked: &Asked<'_>,
    sender: &Sender,
    providers: &[ProviderView<'_>],
    again: Again<'_>,
    why: &mut Vec<Reason>,
) -> Result<Picked, Stop> {
    let Some(view) = providers.iter().find(|view| view.name == again.provider) else {
        let text = "The way this message was tried on is not there any more; nobody knows whether it arrived.";
        let reason = Reason::new("provider_gone", text).operator(format!("{} is not configured", again.provider));
        return Err(Stop::Refuse(reason));
    };
    let shared = view.default_domain.as_ref().filter(|domain| domain.is_of(&again.from.address));
    let (domain, tier) = match (from::may_send_as(sender, &again.from.address), shared) {
        (Some(tier), _) => (from::domain_of(sender, tier), tier),
        (None, Some(shared)) => (shared.clone(), DomainTier::Platform),
        (None, None) => {
            let text = format!("{} is not a domain of this tenant any more.", again.from.address.domain());
            return Err(Stop::Refuse(Reason::new("from_not_allowed", text)));
        }
    };
    why.push(Reason::new("again", "The outcome of an attempt is unknown; the very same attempt is made again."));
    let from = From { mailbox: again.from.clone(), domain, tier };
    super::pick::only(asked, view, from, why)
}

fn may_send_at_all(asked: &Asked<'_>, sender: &Sender) -> Result<(), Stop> {
    let refuse = |code, text: &str| Err(Stop::Refuse(Reason::new(code, text)));
    match sender.status {
        TenantStatus::Suspended => return refuse("suspended", "This tenant is suspended and sends nothing."),
        TenantStatus::Leaving => return refuse("leaving", "This tenant is leaving and sends nothing."),
        TenantStatus::Offboarded => return refuse("offboarded", "This tenant has left and sends nothing."),
        TenantStatus::Provisioning | TenantStatus::Active => {}
    }
    if !asked.enabled {
        let text = "Mail is switched off in this installation; the message is recorded and does not leave.";
        return Err(Stop::Suppress(Reason::new("email_off", text).operator("EMAIL_ENABLE is off")));
    }
    match &sender.paused {
        Some(paused) => {
            let text = "This tenant's mail is paused until somebody has looked into it.";
            Err(Stop::Hold(PAUSED, Reason::new("paused", text).operator(paused.clone())))
        }
        None => Ok(()),
    }
}

fn reply_to(asked: &Asked<'_>, sender: &Sender) -> Option<Mailbox> {
    asked.reply_to.cloned().or_else(|| sender.reply_to.clone().map(Mailbox::from))
}
