//! Rows of wishes and suppressions as the rules see them.

use std::collections::BTreeMap;

use tenantry_mail::{Draft, Mailbox, Preference, Preferences, RecipientFacts, Suppression, SuppressionReason};
use tenantry_store::mail::{ChoiceRow, SuppressionRow};

/// The tenant's defaults, and what is known about each of a draft's recipients, for [`tenantry_mail::sift`]. Rows of other
/// tenants and users do no harm.
#[must_use]
pub fn wishes(
    draft: &Draft,
    suppressions: &[SuppressionRow],
    choices: &[ChoiceRow],
) -> (Preferences, BTreeMap<String, RecipientFacts>) {
    let of_tenant = || choices.iter().filter(|row| row.tenant == draft.tenant);
    let defaults = Preferences(of_tenant().filter(|row| row.user.is_none()).filter_map(preference).collect());
    let own = |row: &&ChoiceRow| row.user.is_some() && row.user == draft.user;
    let own = Preferences(of_tenant().filter(own).filter_map(preference).collect());
    let facts = |mailbox: &Mailbox| {
        let key = mailbox.address.key();
        let rows = suppressions.iter().filter(|row| row.tenant == draft.tenant && row.address == key);
        let known = RecipientFacts { choices: own.clone(), suppressions: rows.filter_map(suppression).collect() };
        (key.clone(), known)
    };
    (defaults, draft.recipients().map(facts).collect())
}

/// What cannot be switched off is wanted, whatever somebody has written.
fn preference(row: &ChoiceRow) -> Option<Preference> {
    let subtype = (!row.subtype.is_empty()).then(|| row.subtype.clone());
    Some(Preference { category: row.category.parse().ok()?, subtype, enabled: row.enabled || row.locked })
}

/// The database has left out what is over.
fn suppression(row: &SuppressionRow) -> Option<Suppression> {
    let reason = match row.reason.as_str() {
        "hard_bounce" => SuppressionReason::HardBounce,
        "soft_bounces" => SuppressionReason::SoftBounces,
        "complaint" => SuppressionReason::Complaint,
        "manual" => SuppressionReason::Manual,
        "unsubscribe" => SuppressionReason::Unsubscribe { category: row.category.parse().ok() },
        _ => return None,
    };
    Some(Suppression { reason, until: None })
}
