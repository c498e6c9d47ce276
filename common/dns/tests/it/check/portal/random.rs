//! Whatever stands at a hostname: what must always hold.

use proptest::{collection::vec, prelude::*, sample::select};
use tenantry_dns::{CODES, Caa, Pointing, RecordType, Said, Trouble, Value};

use super::world::{CA, HOST, OWNER, TARGET, TEXT, V4, V6, World};

fn name() -> impl Strategy<Value = String> {
    let near = select(vec![TARGET, HOST, "zzzzzzz.portal.example.com", "www.acme.com", "acme.com", "", "."]);
    prop_oneof![3 => near.prop_map(str::to_owned), 1 => "\\PC{0,20}", 1 => "[a-z.]{0,30}"]
}

fn value() -> impl Strategy<Value = Value> {
    let address = select(vec![V4, V6, "203.0.113.7", "2001:db8::bad", "104.16.1.1"]);
    let tag = prop_oneof![select(vec!["issue", "issuewild", "iodef"]).prop_map(str::to_owned), "\\PC{0,8}"];
    let text = prop_oneof![select(vec![CA, ";", TEXT]).prop_map(str::to_owned), "\\PC{0,30}"];
    prop_oneof![
        5 => address.prop_map(|address| Value::Address(address.parse().unwrap())),
        2 => name().prop_map(Value::Cname),
        2 => (any::<u8>(), tag, text.clone()).prop_map(|(flags, tag, value)| Value::Caa { flags, tag, value }),
        1 => text.prop_map(|text| Value::Txt(vec![text])),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    select(vec![Trouble::ServFail, Trouble::Refused, Trouble::TimeOut, Trouble::Unreachable, Trouble::Malformed])
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => (vec(value(), 0..4), any::<u32>()).prop_map(|(values, ttl)| Said::Records { values, ttl }),
        1 => Just(Said::NoData { negative_ttl: None }),
        1 => Just(Said::NxDomain { negative_ttl: Some(u32::MAX) }),
        2 => trouble().prop_map(Said::Failed),
    ]
}

proptest! {
    #[test]
    fn nothing_is_claimed_that_nobody_said(
        changes in vec((
            select(vec![HOST, HOST, HOST, TARGET, OWNER, "acme.com", "www.acme.com"]),
            select(vec![RecordType::A, RecordType::Aaaa, RecordType::Cname, RecordType::Txt, RecordType::Caa]),
            said(),
            0..2_usize,
            vec(name(), 0..9),
        ), 0..10),
        top in any::<bool>(),
        fresh in any::<bool>(),
    ) {
        let mut world = World::new();
        if top {
            world.at_the_top();
        }
        if fresh {
            world.gone(Said::NoData { negative_ttl: None });
        }
        for (name, kind, said, server, aliases) in changes {
            if !world.seen.seen.answers.contains_key(&(name.to_owned(), kind)) {
                world.say(name, kind, Said::NoData { negative_ttl: None });
            }
            let answer = &mut world.answers(name, kind).authoritative[server];
            (answer.said, answer.aliases) = (said, aliases);
        }
        let report = world.check();
        let answers = |kind| &world.seen.seen.answers[&(HOST.to_owned(), kind)].authoritative;
        let both = || answers(RecordType::A).iter().chain(answers(RecordType::Aaaa));
        // Nobody has to have said anything else: one said "no", and nobody anything that counts.
        if report.pointing == Pointing::Missing {
            let nobody = both().all(|answer| matches!(answer.said, Said::Failed(_)));
            prop_assert!(!nobody);
            prop_assert!(report.addresses.is_empty());
        }
        if both().all(|answer| matches!(answer.said, Said::Failed(_)) && answer.aliases.is_empty()) {
            prop_assert!(matches!(report.pointing, Pointing::Unclear | Pointing::Elsewhere), "{:?}", report.pointing);
        }
        if report.proven == Some(true) {
            let named = both().any(|answer| answer.aliases.iter().any(|alias| alias == TARGET));
            let owner = &world.seen.seen.answers[&(OWNER.to_owned(), RecordType::Txt)].authoritative;
            let text = Value::Txt(vec![TEXT.to_owned()]);
            let texts = owner.iter().any(|answer| match &answer.said {
                Said::Records { values, .. } => values.contains(&text),
                _ => false,
            });
            prop_assert!(named || texts);
        }
        if report.matches() == Some(true) {
            prop_assert_eq!(report.proven, Some(true));
            let here = matches!(report.pointing, Pointing::Cname | Pointing::Flattened);
            prop_assert!(here);
        }
        let said = report.findings.iter().any(|finding| finding.code.starts_with("caa_"));
        prop_assert_eq!(report.caa != Caa::Allows, said);
        for finding in &report.findings {
            prop_assert!(CODES.iter().any(|(code, _)| *code == finding.code));
            prop_assert!(!finding.saw.chars().chain(finding.advice.chars()).any(char::is_control), "{:?}", finding);
            prop_assert!(finding.saw.chars().count() < 2000, "{:?}", finding);
        }
        prop_assert!(report.findings.windows(2).all(|pair| pair[0].severity >= pair[1].severity));
        prop_assert!(!report.observed.chars().any(char::is_control) && report.observed.chars().count() < 3000);
    }
}
