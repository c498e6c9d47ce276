//! Whatever stands in a zone: the checks hold, and equal keys are equal.

use proptest::{collection::vec, prelude::*, sample::select};
use tenantry_dns::{
    CODES, RecordStatus, RecordType, Said, Severity, Trouble, Value, Verdict, absolute, relative, zone_file,
};

use crate::check::world::{DOMAIN, HOST, KEY, OWNER, PATH, POLICY, SIGNER, SPF, TOKEN, World};

/// Texts near what is wanted, and far from it.
fn text() -> impl Strategy<Value = String> {
    let near = select(vec![
        SPF,
        KEY,
        TOKEN,
        HOST,
        "v=DMARC1; p=none",
        "v=DKIM1; k=rsa; p=",
        "v=spf1 include:",
        "\"",
        "\\",
        "é",
        " all",
    ]);
    prop_oneof![
        "\\PC{0,40}",
        ".{0,20}",
        vec(near, 0..5).prop_map(|parts| parts.concat()),
        (select(vec![SPF, KEY, TOKEN]), 0..400_usize, "\\PC{0,3}").prop_map(|(text, at, new)| {
            let at = at.min(text.len());
            format!("{}{new}{}", &text[..at], &text[at..])
        }),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => vec(text(), 1..4).prop_map(Value::Txt),
        1 => (any::<u16>(), text()).prop_map(|(preference, host)| Value::Mx(preference, host)),
        1 => Just(Value::Mx(10, HOST.to_owned())),
        1 => text().prop_map(Value::Cname),
        1 => any::<std::net::IpAddr>().prop_map(Value::Address),
        1 => text().prop_map(Value::Other),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        5 => (vec(value(), 0..4), any::<u32>()).prop_map(|(values, ttl)| Said::Records { values, ttl }),
        1 => Just(Said::NoData { negative_ttl: None }),
        1 => Just(Said::NxDomain { negative_ttl: Some(u32::MAX) }),
        1 => select(vec![Trouble::ServFail, Trouble::Malformed]).prop_map(Said::Failed),
    ]
}

fn place() -> impl Strategy<Value = (String, RecordType)> {
    let names = select(vec![
        PATH,
        SIGNER,
        POLICY,
        OWNER,
        DOMAIN,
        "acme.com",
        "_dmarc.acme.com",
        "send.mail.acme.com.acme.com",
        "amazonses.com",
        "x.acme.com",
    ]);
    (names.prop_map(str::to_owned), select(vec![RecordType::Txt, RecordType::Mx, RecordType::Cname, RecordType::A]))
}

proptest! {
    #[test]
    fn no_zone_breaks_the_checks(
        changes in vec((place(), said(), 0..2_usize, vec("[a-z.]{0,9}", 0..3), proptest::option::of(said())), 0..8),
        any_key in any::<bool>(),
        bogus in any::<bool>(),
    ) {
        let mut world = World::new();
        if any_key {
            world.wanted[3].value.clear();
        }
        world.seen.dnssec_bogus = bogus;
        for ((name, kind), said, server, aliases, public) in changes {
            if !world.seen.answers.contains_key(&(name.clone(), kind)) {
                world.say(&name, kind, Said::NoData { negative_ttl: None });
            }
            world.say_at(server, &name, kind, said);
            if let Some(said) = public {
                world.public(&name, kind, said);
            }
            world.seen.answers.get_mut(&(name, kind)).unwrap().authoritative[server].aliases = aliases;
        }
        let report = world.check();
        let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        match report.verdict {
            Verdict::Ready => prop_assert_eq!(errors, 0),
            Verdict::NotReady => prop_assert!(errors > 0),
            Verdict::Unclear => prop_assert!(report.records.iter().any(|record| record.status == RecordStatus::LookupFailed)),
        }
        for finding in &report.findings {
            prop_assert!(CODES.iter().any(|(code, _)| *code == finding.code));
            prop_assert!(!finding.saw.chars().chain(finding.advice.chars()).any(char::is_control), "{:?}", finding);
            prop_assert!(finding.saw.chars().count() < 1200, "{:?}", finding);
        }
        prop_assert!(report.findings.windows(2).all(|pair| pair[0].severity >= pair[1].severity));
    }

    #[test]
    fn equal_keys_match_in_any_order_and_with_any_white_space(
        order in Just(vec!["k=rsa", "t=s", "n=a note", "s=email"]).prop_shuffle(),
        count in 0..4_usize,
        gaps in vec((0..KEY.len(), select(vec![" ", "\t", "  "])), 0..6),
        spaced in any::<bool>(),
        first in any::<bool>(),
        cut in 0..200_usize,
    ) {
        let mut key = KEY.to_owned();
        for (at, gap) in gaps {
            key.insert_str(at, gap);
        }
        let mut tags: Vec<String> = order[..count].iter().map(|tag| (*tag).to_owned()).collect();
        tags.insert(count / 2, format!("p={key}"));
        if first {
            tags.insert(0, "v=DKIM1".to_owned());
        }
        let tags: Vec<String> = if spaced { tags.iter().map(|tag| tag.replacen('=', " = ", 1)).collect() } else { tags };
        let text = tags.join(if spaced { " ; " } else { ";" });
        let mut world = World::new();
        world.strings(SIGNER, &[&text[..cut], &text[cut..]]);
        prop_assert_eq!(world.check().findings, vec![]);
    }

    #[test]
    fn a_key_that_differs_never_matches(at in 0..KEY.len(), letter in "[A-Za-z0-9]") {
        let mut key = KEY.to_owned();
        key.replace_range(at..=at, &letter);
        prop_assume!(key != KEY);
        let mut world = World::new();
        world.txt(SIGNER, &[&format!("p={key}")]);
        prop_assert_eq!(world.check().verdict, Verdict::NotReady);
    }

    #[test]
    fn names_go_there_and_back(labels in vec("[a-z0-9_]{1,8}", 1..4)) {
        let name = format!("{}.{DOMAIN}", labels.join("."));
        for zone in ["acme.com", DOMAIN, "com"] {
            let short = relative(&name, zone);
            prop_assert_eq!(&absolute(&format!("{short}.{zone}."), DOMAIN, Some(zone)), &name);
        }
        prop_assert_eq!(absolute(&name, DOMAIN, None), name);
    }

    #[test]
    fn nothing_leaves_its_line_of_a_zone_file(name in ".{0,20}", text in ".{0,600}") {
        let mut world = World::new();
        world.wanted[2].name = name;
        world.wanted[2].value = format!("{text}\n$INCLUDE /etc/passwd");
        let file = zone_file(Some("acme.com"), &world.wanted[2..3]);
        prop_assert_eq!(file.lines().count(), 3);
        prop_assert!(file.is_ascii());
    }
}
