#![allow(clippy::unwrap_used)]
use tenantry_store::portal::PortalRow;
use time::OffsetDateTime;

use super::*;

/// The number is its id, too.
fn row(number: u128, domain: &str, state: &str, active: bool) -> PortalRow {
    PortalRow {
        id: Uuid::from_u128(number),
        tenant_id: Uuid::nil(),
        domain: domain.to_owned(),
        canonical_host: "a.portal.test".to_owned(),
        token: String::new(),
        secret_name: String::new(),
        resource_version: None,
        result: json!({}),
        state: state.to_owned(),
        error: None,
        report: None,
        preflight: None,
        certificate: None,
        visit: None,
        looked_at: None,
        next_look_at: None,
        proven_at: None,
        active,
        activated_at: None,
        created_by: String::new(),
        created_at: OffsetDateTime::UNIX_EPOCH,
        closed_at: None,
    }
}

fn planned(rows: &[(&str, &str, bool)], domain: &str) -> Result<Plan, u16> {
    let number = |at: usize| (rows.len() - at) as u128;
    let rows = rows.iter().enumerate().map(|(at, (name, state, active))| row(number(at), name, state, *active));
    plan(&Hostnames(rows.collect()), &domain.parse().unwrap()).map_err(|problem| problem.code().status())
}

fn life(number: u128) -> RunId {
    RunId(Uuid::from_u128(number))
}

fn is(way: Way, over: &[u128]) -> Result<Plan, u16> {
    Ok(Plan { way, over: over.iter().copied().map(life).collect() })
}

// The newest first, as the store has them.

#[test]
fn what_is_so_already_changes_nothing() {
    assert_eq!(planned(&[("a.test", "awaiting_dns", false)], "a.test"), is(Way::Stays, &[]));
    assert_eq!(planned(&[("a.test", "reopening", false)], "a.test"), is(Way::Stays, &[]));
    assert_eq!(planned(&[("b.test", "issuing", false), ("a.test", "active", true)], "b.test"), is(Way::Stays, &[]));
    assert_eq!(planned(&[("b.test", "disabled", false), ("a.test", "active", true)], "a.test"), is(Way::Stays, &[]));
}

#[test]
fn one_that_serves_goes_on_and_one_that_does_not_is_over() {
    assert_eq!(planned(&[], "a.test"), is(Way::New, &[]));
    assert_eq!(planned(&[("a.test", "active", true)], "b.test"), is(Way::New, &[]));
    assert_eq!(planned(&[("a.test", "moved", true)], "b.test"), is(Way::New, &[]));
    assert_eq!(planned(&[("a.test", "awaiting_dns", false)], "b.test"), is(Way::New, &[1]));
    assert_eq!(planned(&[("b.test", "deploying", false), ("a.test", "active", true)], "c.test"), is(Way::New, &[2]));
    // Removed a moment ago, it does not serve for long.
    assert_eq!(planned(&[("a.test", "withdrawing", true)], "b.test"), is(Way::New, &[1]));
}

#[test]
fn going_back_ends_the_one_on_its_way() {
    assert_eq!(planned(&[("b.test", "issuing", false), ("a.test", "active", true)], "a.test"), is(Way::Stays, &[2]));
}

#[test]
fn one_that_is_down_comes_back_and_others_that_are_down_are_let_go_of() {
    let rows = [("c.test", "closing", false), ("b.test", "disabled", false), ("a.test", "disabled", false)];
    assert_eq!(planned(&rows, "a.test"), is(Way::Back(life(1)), &[2]));
    assert_eq!(planned(&rows, "d.test"), is(Way::New, &[2, 1]));
    let rows = [("b.test", "awaiting_dns", false), ("a.test", "disabled", false)];
    assert_eq!(planned(&rows, "a.test"), is(Way::Back(life(1)), &[2]));
}

#[test]
fn what_is_on_an_uncertain_way_is_waited_for() {
    for state in ["withdrawing", "pruning", "closing"] {
        assert_eq!(planned(&[("a.test", state, false)], "a.test"), Err(409), "{state}");
    }
    assert_eq!(planned(&[("a.test", "reopening", false)], "b.test"), Err(409));
}
