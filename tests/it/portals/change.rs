//! Another hostname: the old one serves until the new one does.

use local::Run;
use serde_json::json;
use tenantry_model::{RunId, TenantId};
use tenantry_standins::cluster::{Issuance, Kind, Problem};
use tenantry_tests::{TestStack, portals::PORTALS};

const OLD: &str = "portal.acme.test";
const NEW: &str = "www.acme.test";

async fn live() -> (TestStack, TenantId, RunId) {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let old = stack.live_portal(tenant, OLD).await;
    stack.calm().await;
    (stack, tenant, old)
}

#[tokio::test]
async fn a_visitor_finds_the_portal_at_every_moment_of_a_change() {
    let (stack, tenant, old) = live().await;
    // Slow enough to be looked at on its way.
    stack.cluster().issue(NEW, Issuance::Pending("Waiting for HTTP-01 challenge propagation".to_owned()));
    let new = stack.set_portal(tenant, NEW).await;
    let mut states = Vec::new();
    for step in 0..60 {
        stack.next(new).await;
        match step {
            2 => stack.point(new).await,
            12 => stack.cluster().issue(NEW, Issuance::AtOnce),
            _ => {}
        }
        let (state, _, _) = stack.stands(new).await;
        if states.last() != Some(&state) {
            states.push(state.clone());
        }
        let rows = (stack.portal(old).await, stack.portal(new).await);
        let visits = (stack.visit(OLD).await, stack.visit(NEW).await);
        assert!(visits.0 == Some(200) || visits.1 == Some(200), "{states:?}: {visits:?}");
        assert!(rows.0.active != rows.1.active, "one portal, always: {states:?}");
        if rows.1.active {
            assert_eq!(visits.1, Some(200), "it is the portal when it answers, and not before: {states:?}");
        } else {
            assert_eq!((visits.0, rows.0.result["status"].as_str()), (Some(200), Some("active")), "{states:?}");
        }
        if state == "active" && stack.run(old).await.state == "closed" {
            break;
        }
    }
    assert_eq!(states.last().map(String::as_str), Some("active"), "{states:?}");
    assert!(states.iter().any(|state| state == "issuing"), "{states:?}");
    assert_eq!((stack.visit(OLD).await, stack.visit(NEW).await), (None, Some(200)));
    assert_eq!(stack.left_of(&[old]), Vec::<String>::new());
    assert!(stack.portal(old).await.closed_at.is_some());
    assert_eq!((stack.notices(old, "PortalMoved").await, stack.notices(new, "PortalActive").await), (0, 1));
    // One file, which is the new one's.
    assert_eq!(stack.git(&["ls-tree", "-r", "--name-only", "main"]).lines().count(), 1);
}

#[tokio::test]
async fn a_change_that_is_given_up_or_fails_leaves_the_old_one_alone() {
    let (stack, tenant, old) = live().await;
    // Given up before anything was there, and when everything but the visit was.
    let early = stack.set_portal(tenant, NEW).await;
    stack.calm().await;
    stack.remove_portal(early).await;
    assert_eq!(stack.stands(early).await.0, "disabled");
    stack.cluster().issue("late.acme.test", Issuance::Pending("Waiting".to_owned()));
    let late = stack.set_portal(tenant, "late.acme.test").await;
    stack.point(late).await;
    stack.portal_in(late, "issuing").await;
    assert!(stack.cluster().get(&stack.object(late, Kind::VirtualService)).is_some());
    stack.remove_portal(late).await;
    stack.portal_in(late, "disabled").await;
    assert_eq!(stack.left_of(&[early, late]), Vec::<String>::new());

    // Refused by the authority.
    stack.cluster().issue("fails.acme.test", Issuance::Refused(Problem::caa("fails.acme.test")));
    let fails = stack.set_portal(tenant, "fails.acme.test").await;
    stack.point(fails).await;
    stack.portal_in(fails, "certificate_failed").await;
    stack.calm().await;
    for run in [early, late, fails] {
        assert!(!stack.portal(run).await.active);
    }
    assert_eq!(
        (stack.stands(old).await, stack.visit(OLD).await),
        (("active".into(), "active".into(), String::new()), Some(200))
    );
    assert_eq!(stack.left_of(&[old]).len(), 4, "three objects and a file");

    // The old one is removed while the new one fails: that is what was asked for, and the new one may still come.
    stack.remove_portal(old).await;
    stack.portal_in(old, "disabled").await;
    stack.cluster().issue("fails.acme.test", Issuance::AtOnce);
    stack.signal(fails, "retry", json!({ "by": "ada" })).await.unwrap();
    stack.portal_in(fails, "active").await;
    stack.calm().await;
    assert_eq!((stack.visit(OLD).await, stack.visit("fails.acme.test").await), (None, Some(200)));
    // One that is down does not come back beside one that is live.
    stack.signal(old, "refresh", json!({ "by": "ada" })).await.unwrap();
    stack.portal_in(old, "closed").await;
    assert_eq!(stack.stands(fails).await.1, "active");
}
