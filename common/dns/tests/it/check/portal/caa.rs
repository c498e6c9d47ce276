//! Whether the CA may issue.

use tenantry_dns::{Caa, RecordType, Said, Trouble};

use super::world::{HOST, NOBODY, TARGET, World, caa, codes};
use crate::check::world::no_data;

fn seen(change: impl FnOnce(&mut World)) -> Caa {
    let mut world = World::new();
    change(&mut world);
    world.check().caa
}

/// Where the records stand that forbid it.
fn at(caa: &Caa) -> &str {
    match caa {
        Caa::Forbids { at, .. } | Caa::Unclear { at } => at,
        Caa::Allows => "",
    }
}

/// The CAA records at a name: flags, tag, value.
type Records<'a> = &'a [(u8, &'a str, &'a str)];

#[test]
fn what_a_set_of_records_allows() {
    let account = "letsencrypt.org; accounturi=https://ca.example/acct/7";
    let both = "letsencrypt.org; accounturi=https://ca.example/acct/7; validationmethods=dns-01,http-01";
    let allowed: [&[(u8, &str, &str)]; 14] = [
        &[(0, "issue", "letsencrypt.org")],
        &[(0, "ISSUE", " LetsEncrypt.ORG ")],
        &[(128, "issue", "letsencrypt.org")],
        &[(0, "issue", ";"), (0, "issue", "letsencrypt.org")],
        &[(0, "issue", "ca.example"), (0, "issue", "letsencrypt.org")],
        &[(0, "issuewild", ";")],
        &[(0, "iodef", "mailto:security@acme.com")],
        &[(128, "iodef", "mailto:security@acme.com"), (128, "issuemail", ";")],
        &[(0, "tbs", "unknown")],
        &[(1, "tbs", "unknown")],
        &[(0, "issue", account)],
        &[(0, "issue", both)],
        &[(0, "issue", "letsencrypt.org; unknown=1")],
        &[(0, "issue", "letsencrypt.org; accounturi=https://ca.example/acct/8"), (0, "issue", account)],
    ];
    for set in allowed {
        assert_eq!(seen(|w| w.caa("acme.com", set)), Caa::Allows, "{set:?}");
    }
    let forbidden: [(Records<'_>, &str); 14] = [
        (&[(0, "issue", ";")], "caa_forbids"),
        (&[(0, "issue", "")], "caa_forbids"),
        (&[(0, "issue", "ca.example")], "caa_forbids"),
        (&[(0, "issue", "notletsencrypt.org")], "caa_forbids"),
        (&[(0, "issue", "letsencrypt.org x")], "caa_forbids"),
        (&[(0, "issue", "letsencrypt.org; x")], "caa_forbids"),
        (&[(0, "issue", "letsencrypt.org; accounturi=https://ca.example/acct/77")], "caa_account"),
        (
            &[(
                0,
                "issue",
                "letsencrypt.org; accounturi=https://ca.example/acct/7; accounturi=https://ca.example/acct/7",
            )],
            "caa_account",
        ),
        (&[(0, "issue", "letsencrypt.org; validationmethods=dns-01")], "caa_method"),
        (&[(0, "issue", "letsencrypt.org; validationmethods=")], "caa_method"),
        (&[(0, "issue", "letsencrypt.org; validationmethods=http-01; validationmethods=dns-01")], "caa_method"),
        (&[(0, "issue", "ca.example"), (0, "issue", "letsencrypt.org; validationmethods=dns-01")], "caa_method"),
        (&[(0, "issue", "letsencrypt.org"), (128, "tbs", "x")], "caa_critical"),
        (&[(200, "contactemail", "a@acme.com")], "caa_critical"),
    ];
    for (set, code) in forbidden {
        let mut world = World::new();
        world.caa("acme.com", set);
        let report = world.check();
        assert_eq!((codes(&report), at(&report.caa)), (vec![code], "acme.com"), "{set:?}");
        assert!(matches!(&report.caa, Caa::Forbids { records, .. } if records.len() == set.len()));
    }
}

#[test]
fn an_account_that_we_do_not_know_is_not_ours() {
    let mut world = World::new();
    world.wanted.ca_account = None;
    world.caa("acme.com", &[(0, "issue", "letsencrypt.org; accounturi=https://ca.example/acct/7")]);
    let report = world.check();
    assert_eq!(codes(&report), ["caa_account"]);
    assert!(report.findings[0].advice.contains("without `accounturi`"));
}

#[test]
fn the_first_name_that_has_records_counts() {
    let none = [(0, "issue", ";")];
    let ours = [(0, "issue", "letsencrypt.org")];
    assert_eq!(at(&seen(|w| w.caa("com", &none))), "com");
    let nearer = |w: &mut World| {
        w.caa("com", &none);
        w.caa("acme.com", &ours);
    };
    assert_eq!(seen(nearer), Caa::Allows);
    let nearest = |w: &mut World| {
        w.caa("acme.com", &ours);
        w.caa(HOST, &none);
    };
    assert_eq!(at(&seen(nearest)), HOST);
}

#[test]
fn an_alias_has_the_records_of_what_it_leads_to_and_then_those_above_itself() {
    // They are the alias's own, and nobody asks above the target (RFC 8659 section 3).
    let target = |w: &mut World| w.say_through(HOST, RecordType::Caa, caa(&[(0, "issue", ";")]), &[TARGET]);
    assert_eq!(at(&seen(target)), TARGET);
    let both = |w: &mut World| {
        w.say_through(HOST, RecordType::Caa, caa(&[(0, "issue", "letsencrypt.org")]), &[TARGET]);
        w.caa("acme.com", &[(0, "issue", ";")]);
        w.caa("portal.example.com", &[(0, "issue", ";")]);
    };
    assert_eq!(seen(both), Caa::Allows);
    let above = |w: &mut World| w.caa("portal.example.com", &[(0, "issue", ";")]);
    assert_eq!(seen(above), Caa::Allows);
}

#[test]
fn a_name_that_nobody_could_be_asked_for_blocks_the_order() {
    for trouble in [Trouble::ServFail, Trouble::TimeOut, Trouble::Refused, Trouble::Malformed] {
        for name in [HOST, "acme.com", "com"] {
            let caa = seen(|w| w.say(name, RecordType::Caa, Said::Failed(trouble)));
            assert_eq!(caa, Caa::Unclear { at: name.to_owned() }, "{trouble:?}");
        }
    }
    // Above the first set nobody asks.
    let above = |w: &mut World| {
        w.caa("acme.com", &[(0, "issue", "letsencrypt.org")]);
        w.say("com", RecordType::Caa, Said::Failed(Trouble::ServFail));
    };
    assert_eq!(seen(above), Caa::Allows);
    // One server of two that answers is enough.
    let half =
        |w: &mut World| w.answers("acme.com", RecordType::Caa).authoritative[0].said = Said::Failed(Trouble::TimeOut);
    assert_eq!(seen(half), Caa::Allows);
    // A name that was not asked for is not one without records.
    assert_eq!(
        seen(|w| drop(w.seen.seen.answers.remove(&("com".to_owned(), RecordType::Caa)))),
        Caa::Unclear { at: "com".into() }
    );
}

#[test]
fn the_worst_that_a_server_says_counts() {
    for at in [0, 1] {
        let caa = seen(|w| {
            w.caa("acme.com", &[(0, "issue", "letsencrypt.org")]);
            w.answers("acme.com", RecordType::Caa).authoritative[at].said = caa(&[(0, "issue", ";")]);
        });
        assert!(matches!(caa, Caa::Forbids { .. }), "{caa:?}");
    }
}

#[test]
fn names_that_do_not_exist_have_no_records() {
    let gone = |w: &mut World| {
        w.gone(NOBODY);
        w.say("com", RecordType::Caa, no_data());
    };
    assert_eq!(seen(gone), Caa::Allows);
}
