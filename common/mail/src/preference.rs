//! Who wants this mail, and who must not get it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenantry_model::EmailAddress;
use time::OffsetDateTime;

use crate::{Category, Draft, Mailbox};

/// One choice: this category (or this subtype of it) is wanted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// The category.
    pub category: Category,
    /// One subtype of it; none: the whole category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// Wanted.
    pub enabled: bool,
}

/// The choices of one user, or the defaults of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preferences(pub Vec<Preference>);

/// Why an address is on a tenant's suppression list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum SuppressionReason {
    /// The mailbox does not exist.
    HardBounce,
    /// The mailbox did not take our mail again and again.
    SoftBounces,
    /// The recipient reported our mail as spam.
    Complaint,
    /// Somebody of the tenant put it there.
    Manual,
    /// The recipient unsubscribed.
    Unsubscribe {
        /// From this category; none: from everything that can be unsubscribed from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<Category>,
    },
}

/// An entry of a tenant's suppression list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Why.
    #[serde(flatten)]
    pub reason: SuppressionReason,
    /// Until when (exclusive); none: until somebody takes it off.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<OffsetDateTime>,
}

/// Whether one recipient gets a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// No.
    Suppressed {
        /// A stable word: `hard_bounce`, `soft_bounces`, `complaint`, `manual`, `unsubscribed`, `preference`.
        code: String,
        /// In a sentence, for people.
        why: String,
    },
}

/// What is known about one recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientFacts {
    /// Their own choices, where the recipient is the message's user.
    pub choices: Preferences,
    /// Their entries on the tenant's suppression list, expired ones included.
    pub suppressions: Vec<Suppression>,
}

/// A message's recipients after those were left out who must not get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sifted {
    /// Who still gets it.
    pub to: Vec<Mailbox>,
    /// Who still gets a copy.
    pub cc: Vec<Mailbox>,
    /// Who still gets a hidden copy.
    pub bcc: Vec<Mailbox>,
    /// Who does not, and why.
    pub left_out: Vec<LeftOut>,
}

/// A recipient who does not get a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Who.
    pub address: EmailAddress,
    /// A stable word, as in [`Verdict::Suppressed`]; `original_suppressed` for a copy of a message that goes to nobody.
    pub code: String,
    /// In a sentence, for people.
    pub why: String,
}

impl Preferences {
    /// The choice that says most about a category and subtype: the subtype's, else the category's, else none. Of two
    /// choices about the same thing the later one counts.
    #[must_use]
    pub fn about(&self, category: &Category, subtype: Option<&str>) -> Option<bool> {
        let said = |subtype: Option<&str>| {
            let found = self.0.iter().rfind(|one| one.category == *category && one.subtype.as_deref() == subtype);
            found.map(|one| one.enabled)
        };
        subtype.and_then(|subtype| said(Some(subtype))).or_else(|| said(None))
    }
}

impl Suppression {
    /// Whether it counts at a moment.
    #[must_use]
    pub fn is_current(&self, now: OffsetDateTime) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Why this entry stops mail of a category; none: it does not.
    fn stops(&self, category: &Category) -> Option<(&'static str, &'static str)> {
        match &self.reason {
            SuppressionReason::HardBounce => {
                Some(("hard_bounce", "Mail to this address came back: the mailbox does not exist."))
            }
            SuppressionReason::SoftBounces => {
                Some(("soft_bounces", "Mail to this address came back again and again; it is tried again later."))
            }
            SuppressionReason::Complaint => Some(("complaint", "The recipient reported earlier mail as spam.")),
            SuppressionReason::Manual => {
                Some(("manual", "Somebody of the tenant put this address on the suppression list."))
            }
            SuppressionReason::Unsubscribe { category: from } => {
                let meant = match from {
                    Some(from) => from == category && !category.is_locked(),
                    None => category.offers_unsubscribe(),
                };
                meant.then_some(("unsubscribed", "The recipient unsubscribed from this mail."))
            }
        }
    }
}

/// Decides whether one recipient gets mail of a category.
///
/// The suppression list comes first. A mailbox that does not exist, a complaint and a manual entry stop **all** mail,
/// log-in links included, as every large provider does it: mail to them never helps the recipient and harms everybody
/// else's. Unsubscribing stops the category it names, unless that is locked; unsubscribing from everything stops what
/// offers unsubscribing, and neither invoices nor log-in links.
///
/// Then the choices, unless the category is locked: the recipient's own word comes before the tenant's default, and in
/// each a subtype's before its category's. What nobody spoke about is wanted.
#[must_use]
pub fn decide(
    category: &Category,
    subtype: Option<&str>,
    defaults: &Preferences,
    recipient: &RecipientFacts,
    now: OffsetDateTime,
) -> Verdict {
    let mut current = recipient.suppressions.iter().filter(|entry| entry.is_current(now));
    if let Some((code, why)) = current.find_map(|entry| entry.stops(category)) {
        return Verdict::Suppressed { code: code.to_owned(), why: why.to_owned() };
    }
    let own = recipient.choices.about(category, subtype);
    let wanted = own.or_else(|| defaults.about(category, subtype)).unwrap_or(true);
    if wanted || category.is_locked() {
        return Verdict::Allowed;
    }
    let why = match own {
        Some(_) => "The recipient has switched this mail off.",
        None => "This mail is switched off unless a recipient switches it on.",
    };
    Verdict::Suppressed { code: "preference".to_owned(), why: why.to_owned() }
}

/// Leaves those recipients out who must not get a message.
///
/// `facts` holds what is known about a recipient by [`EmailAddress::key`]; about others nothing is known. Copies go
/// with the original only: where nobody is left in `to`, nobody is left at all, since a copy of a message that was
/// never sent (in an archive, say) would tell a lie.
#[must_use]
pub fn sift(
    draft: &Draft,
    defaults: &Preferences,
    facts: &BTreeMap<String, RecipientFacts>,
    now: OffsetDateTime,
) -> Sifted {
    let nothing = RecipientFacts::default();
    let mut left_out = Vec::new();
    let mut keep = |people: &[Mailbox]| {
        let mut kept = Vec::new();
        for mailbox in people {
            let known = facts.get(&mailbox.address.key()).unwrap_or(&nothing);
            match decide(&draft.category, draft.subtype.as_deref(), defaults, known, now) {
                Verdict::Allowed => kept.push(mailbox.clone()),
                Verdict::Suppressed { code, why } => {
                    left_out.push(LeftOut { address: mailbox.address.clone(), code, why });
                }
            }
        }
        kept
    };
    let (to, mut cc, mut bcc) = (keep(&draft.to), keep(&draft.cc), keep(&draft.bcc));
    if to.is_empty() {
        left_out.extend(cc.drain(..).chain(bcc.drain(..)).map(|copy| LeftOut {
            address: copy.address,
            code: "original_suppressed".to_owned(),
            why: "This would be a copy of a message that goes to nobody.".to_owned(),
        }));
    }
    Sifted { to, cc, bcc, left_out }
}

impl Sifted {
    /// Whether nobody is left: the message is suppressed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to.is_empty()
    }
}
