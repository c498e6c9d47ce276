//! Who wants this mail, and who must not get it.

use std::collections::BTreeMap;

use tenantry_mail::{
    Category, Draft, Mailbox, Preference, Preferences, RecipientFacts, Suppression, SuppressionReason, Verdict, decide,
    sift,
};
use tenantry_model::TenantId;
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn category(word: &str) -> Category {
    word.parse().unwrap()
}

/// `("invoices", true)` or `("invoices/reminder", false)`.
fn choices(choices: &[(&str, bool)]) -> Preferences {
    let read = |(what, enabled): &(&str, bool)| {
        let (word, subtype) =
            what.split_once('/').map_or((*what, None), |(word, subtype)| (word, Some(subtype.to_owned())));
        Preference { category: category(word), subtype, enabled: *enabled }
    };
    Preferences(choices.iter().map(read).collect())
}

fn listed(reason: SuppressionReason) -> RecipientFacts {
    RecipientFacts { suppressions: vec![Suppression { reason, until: None }], ..RecipientFacts::default() }
}

fn code(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::Suppressed { code, why } => {
            assert!(why.ends_with('.'), "{why}");
            code
        }
    }
}

#[test]
fn the_own_word_comes_before_the_default_and_the_finer_before_the_coarser() {
    // what, tenant's defaults, the user's choices, outcome
    type Choices = &'static [(&'static str, bool)];
    let rows: &[(&str, Choices, Choices, &str)] = &[
        ("tickets", &[], &[], "allowed"),
        ("tickets", &[("tickets", false)], &[], "preference"),
        ("tickets", &[("tickets", false)], &[("tickets", true)], "allowed"),
        ("tickets", &[("tickets", true)], &[("tickets", false)], "preference"),
        ("tickets", &[("invoices", false)], &[("invoices", false)], "allowed"),
        ("tickets/comment", &[], &[("tickets", false)], "preference"),
        ("tickets/comment", &[], &[("tickets", false), ("tickets/comment", true)], "allowed"),
        ("tickets/comment", &[], &[("tickets", true), ("tickets/comment", false)], "preference"),
        ("tickets/closed", &[], &[("tickets/comment", false)], "allowed"),
        ("tickets/comment", &[("tickets/comment", false)], &[("tickets", true)], "allowed"),
        ("tickets", &[], &[("tickets/comment", false)], "allowed"),
        ("tickets", &[], &[("tickets", false), ("tickets", true)], "allowed"),
        // Locked: nobody can switch it off.
        ("authentication", &[("authentication", false)], &[("authentication", false)], "allowed"),
        ("security/login", &[("security/login", false)], &[("security", false)], "allowed"),
    ];
    for (what, defaults, own, expected) in rows {
        let (word, subtype) = what.split_once('/').map_or((*what, None), |(word, subtype)| (word, Some(subtype)));
        let facts = RecipientFacts { choices: choices(own), ..RecipientFacts::default() };
        let verdict = decide(&category(word), subtype, &choices(defaults), &facts, NOW);
        assert_eq!(code(&verdict), *expected, "{what}: defaults {defaults:?}, own {own:?}");
    }
}

#[test]
fn the_table_of_suppressions() {
    use SuppressionReason::{Complaint, HardBounce, Manual, SoftBounces, Unsubscribe};
    let from = |word: &str| Unsubscribe { category: Some(category(word)) };
    let everything = || Unsubscribe { category: None };
    let rows = [
        (HardBounce, ["hard_bounce"; 4]),
        (SoftBounces, ["soft_bounces"; 4]),
        (Complaint, ["complaint"; 4]),
        (Manual, ["manual"; 4]),
        (everything(), ["unsubscribed", "allowed", "allowed", "allowed"]),
        (from("newsletter"), ["unsubscribed", "allowed", "allowed", "allowed"]),
        (from("invoices"), ["allowed", "unsubscribed", "allowed", "allowed"]),
        // An entry that should not exist changes nothing.
        (from("authentication"), ["allowed"; 4]),
    ];
    for (reason, expected) in rows {
        let found = ["newsletter", "invoices", "authentication", "security"]
            .map(|word| decide(&category(word), None, &Preferences::default(), &listed(reason.clone()), NOW));
        assert_eq!(found.each_ref().map(code), expected, "{reason:?}");
    }
}

#[test]
fn an_entry_counts_until_it_expires() {
    let entry = Suppression { reason: SuppressionReason::SoftBounces, until: Some(NOW) };
    let facts = RecipientFacts { suppressions: vec![entry], ..RecipientFacts::default() };
    let at = |now| decide(&category("invoices"), None, &Preferences::default(), &facts, now);
    assert_eq!(code(&at(NOW - Duration::SECOND)), "soft_bounces");
    assert_eq!(at(NOW), Verdict::Allowed);
}

#[test]
fn an_expired_entry_hides_no_current_one() {
    let mut facts = listed(SuppressionReason::Complaint);
    facts.suppressions.insert(0, Suppression { reason: SuppressionReason::HardBounce, until: Some(NOW) });
    assert_eq!(code(&decide(&category("invoices"), None, &Preferences::default(), &facts, NOW)), "complaint");
}

#[test]
fn switching_mail_on_does_not_undo_a_suppression() {
    let facts = RecipientFacts {
        choices: choices(&[("newsletter", true)]),
        ..listed(SuppressionReason::Unsubscribe { category: None })
    };
    assert_eq!(code(&decide(&category("newsletter"), None, &Preferences::default(), &facts, NOW)), "unsubscribed");
}

fn draft(to: &[&str], cc: &[&str], bcc: &[&str]) -> Draft {
    let people = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Mailbox>>();
    let mut draft = Draft::new(TenantId::new(), "x@example.org".parse().unwrap(), category("invoices"), "Hi");
    (draft.to, draft.cc, draft.bcc) = (people(to), people(cc), people(bcc));
    draft
}

fn bounced(addresses: &[&str]) -> BTreeMap<String, RecipientFacts> {
    addresses.iter().map(|address| ((*address).to_owned(), listed(SuppressionReason::HardBounce))).collect()
}

fn addresses(people: &[Mailbox]) -> Vec<&str> {
    people.iter().map(|mailbox| mailbox.address.as_str()).collect()
}

#[test]
fn those_who_must_not_get_it_are_left_out_and_the_others_get_it() {
    let draft = draft(&["Ada@example.org", "bob@example.org"], &["cy@example.org"], &["dan@example.org"]);
    // The list knows a mailbox whatever its case.
    let sifted = sift(&draft, &Preferences::default(), &bounced(&["ada@example.org", "dan@example.org"]), NOW);
    assert_eq!(addresses(&sifted.to), ["bob@example.org"]);
    assert_eq!(addresses(&sifted.cc), ["cy@example.org"]);
    assert_eq!(addresses(&sifted.bcc), [""; 0]);
    let left_out: Vec<_> = sifted.left_out.iter().map(|one| (one.address.as_str(), one.code.as_str())).collect();
    assert_eq!(left_out, [("Ada@example.org", "hard_bounce"), ("dan@example.org", "hard_bounce")]);
    assert!(!sifted.is_empty());
}

#[test]
fn copies_go_with_the_original_only() {
    let draft = draft(&["ada@example.org"], &["cy@example.org"], &["archive@example.org"]);
    let sifted = sift(&draft, &Preferences::default(), &bounced(&["ada@example.org"]), NOW);
    assert!(sifted.is_empty() && sifted.cc.is_empty() && sifted.bcc.is_empty());
    let codes: Vec<_> = sifted.left_out.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["hard_bounce", "original_suppressed", "original_suppressed"]);
}

#[test]
fn a_choice_is_only_its_owners() {
    let draft = draft(&["ada@example.org", "bob@example.org"], &[], &[]);
    let own = RecipientFacts { choices: choices(&[("invoices", false)]), ..RecipientFacts::default() };
    let sifted = sift(&draft, &Preferences::default(), &[("ada@example.org".to_owned(), own)].into(), NOW);
    assert_eq!(addresses(&sifted.to), ["bob@example.org"]);
}

#[test]
fn an_entry_is_stored_in_plain_words() {
    let entry = Suppression {
        reason: SuppressionReason::Unsubscribe { category: Some(category("newsletter")) },
        until: Some(NOW),
    };
    let stored = serde_json::to_value(&entry).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({"reason": "unsubscribe", "category": "newsletter", "until": "1970-01-01T00:00:00Z"})
    );
    assert_eq!(serde_json::from_value::<Suppression>(stored).unwrap(), entry);
    let plain = serde_json::to_value(&listed(SuppressionReason::HardBounce).suppressions[0]).unwrap();
    assert_eq!(plain, serde_json::json!({"reason": "hard_bounce"}));
    assert_eq!(serde_json::from_value::<Suppression>(plain).unwrap().until, None);
}
