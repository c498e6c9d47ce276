//! Whose the hostname is.

use tenantry_dns::{Pointing, RecordType, Said, Trouble, Value};

use super::world::{HOST, NOBODY, OWNER, TARGET, TEXT, V4, World, addresses, codes};
use crate::check::world::{no_data, records};

/// Where it leads, whether it is proven, whether it matches.
fn proof(change: impl FnOnce(&mut World)) -> (Pointing, Option<bool>, Option<bool>) {
    let mut world = World::new();
    change(&mut world);
    let report = world.check();
    (report.pointing, report.proven, report.matches())
}

fn text(said: Said) -> impl Fn(&mut World) {
    move |world| world.say(OWNER, RecordType::Txt, said.clone())
}

#[test]
fn addresses_show_nothing_and_the_text_does() {
    let flat = |w: &mut World| w.addresses(&[V4], &[]);
    assert_eq!(proof(flat), (Pointing::Flattened, Some(false), Some(false)));
    let proven = |w: &mut World| {
        flat(w);
        w.proof();
    };
    assert_eq!(proof(proven), (Pointing::Flattened, Some(true), Some(true)));
    let other = text(records(vec![Value::Txt(vec!["tenantry-verify=somebodyelse".to_owned()])]));
    let other = |w: &mut World| {
        flat(w);
        other(w);
    };
    assert_eq!(proof(other), (Pointing::Flattened, Some(false), Some(false)));
    let failed = text(Said::Failed(Trouble::ServFail));
    let failed = |w: &mut World| {
        flat(w);
        failed(w);
    };
    assert_eq!(proof(failed), (Pointing::Flattened, None, None));
}

#[test]
fn the_text_of_one_server_of_two_that_speak_is_not_enough() {
    let half = |w: &mut World| {
        w.addresses(&[V4], &[]);
        w.proof();
        w.answers(OWNER, RecordType::Txt).authoritative[1].said = NOBODY;
    };
    assert_eq!(proof(half), (Pointing::Flattened, Some(false), Some(false)));
    let dead = |w: &mut World| {
        w.addresses(&[V4], &[]);
        w.proof();
        w.answers(OWNER, RecordType::Txt).authoritative[1].said = Said::Failed(Trouble::TimeOut);
    };
    assert_eq!(proof(dead), (Pointing::Flattened, Some(true), Some(true)));
}

#[test]
fn the_name_of_another_tenant_s_host_shows_nothing_though_its_addresses_are_ours() {
    let other = |w: &mut World| {
        w.cname(&["zzzzzzz.portal.example.com"]);
        w.end(addresses(&[V4]), no_data());
    };
    assert_eq!(proof(other), (Pointing::Elsewhere, Some(false), Some(false)));
}

#[test]
fn the_text_shows_whose_a_name_is_that_leads_elsewhere_and_it_does_not_match_for_that() {
    for change in [|w: &mut World| w.gone(NOBODY), |w: &mut World| w.addresses(&["203.0.113.7"], &[])] {
        let (_, proven, matches) = proof(|w| {
            change(w);
            w.proof();
        });
        assert_eq!((proven, matches), (Some(true), Some(false)));
    }
}

#[test]
fn what_could_not_be_asked_is_no_no() {
    let (pointing, proven, matches) = proof(|w| w.fail(Trouble::ServFail));
    assert_eq!((pointing, proven, matches), (Pointing::Unclear, None, None));
    // Servers that differ have shown nothing yet, and not that it is not so.
    assert_eq!(proof(|w| w.at(1, NOBODY, &[])), (Pointing::Unclear, None, None));
    let text = |w: &mut World| {
        w.fail(Trouble::ServFail);
        w.proof();
    };
    assert_eq!(proof(text), (Pointing::Unclear, Some(true), None));
}

#[test]
fn nothing_is_said_of_the_text_where_the_cname_is_enough_or_nothing_leads_here_yet() {
    let mut world = World::new();
    assert_eq!(codes(&world.check()), [""; 0]);
    world.say(OWNER, RecordType::Txt, Said::Failed(Trouble::ServFail));
    assert_eq!(codes(&world.check()), [""; 0]);
    world.gone(NOBODY);
    assert_eq!(codes(&world.check()), ["missing"]);
    assert_eq!(world.check().findings[0].record.as_deref(), Some(format!("CNAME {HOST}").as_str()));
}

#[test]
fn the_text_s_value_is_in_the_report_for_those_who_need_it() {
    let report = World::new().check();
    assert_eq!((report.ownership.wanted.name.as_str(), report.ownership.wanted.value.as_str()), (OWNER, TEXT));
    assert_eq!(report.target, TARGET);
}
