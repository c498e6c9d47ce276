//! Two tenants, one hostname: it is never served for both, and nobody loses it who still shows that it is his.

use std::time::Duration;

use local::Run;
use tenantry_model::{RunId, TenantId};
use tenantry_standins::cluster::Kind;
use tenantry_tests::{TestStack, portals::PORTALS};

const NAME: &str = "portal.acme.test";
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

async fn stack() -> (TestStack, [TenantId; 2]) {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(2).await;
    stack.dns().add_zone("acme.test").unwrap();
    (stack, [tenants[0], tenants[1]])
}

/// The text by which a tenant shows that the name is its own, beside those that are there.
async fn text(stack: &TestStack, run: RunId) {
    let row = stack.portal(run).await;
    let value = format!("tenantry-verify={}", row.token);
    stack.dns().add(&format!("_tenantry.{}", row.domain), "TXT", 300, &value).unwrap();
}

/// Whose portal answers.
fn served(stack: &TestStack, runs: [RunId; 2]) -> [bool; 2] {
    runs.map(|run| stack.cluster().get(&stack.object(run, Kind::VirtualService)).is_some())
}

#[tokio::test]
async fn who_asks_for_a_name_first_does_not_block_its_owner_and_gets_nothing_by_addresses() {
    let (stack, [squatter, owner]) = stack().await;
    let squat = stack.set_portal(squatter, NAME).await;
    let own = stack.set_portal(owner, NAME).await;
    stack.dns().set(NAME, "A", 300, ["127.0.0.1"]).unwrap();
    stack.refresh(squat).await;
    assert_eq!(stack.stands(squat).await.0, "awaiting_dns", "everybody's portal has these addresses");
    text(&stack, own).await;
    stack.portal_in(own, "active").await;
    stack.one_at_a_time(NAME).await;

    // While it is the owner's: by no button and in no time.
    for wait in [MINUTE, 5 * MINUTE, 15 * MINUTE, DAY, 3 * DAY] {
        let _ = stack.signal(squat, "retry", serde_json::json!({ "by": "eve" })).await;
        stack.later(wait).await;
        stack.one_at_a_time(NAME).await;
        assert_eq!(served(&stack, [squat, own]), [false, true]);
        assert!(stack.portal(squat).await.proven_at.is_none());
    }
    // Nor when the owner uses a CNAME, to its own canonical host.
    stack.dns().remove(NAME, "A").unwrap();
    stack.point(own).await;
    stack.refresh(squat).await;
    let (_, _, words) = stack.stands(squat).await;
    assert!(words.contains("another portal of this platform"), "{words}");
    stack.refresh(own).await;
    assert_eq!((stack.stands(own).await.1.as_str(), stack.notices(own, "PortalMoved").await), ("active", 0));
    // Its leaving takes nothing away.
    stack.remove_portal(squat).await;
    assert_eq!((stack.stands(squat).await.1.as_str(), stack.visit(NAME).await), ("disabled", Some(200)));
    assert_eq!(served(&stack, [squat, own]), [false, true]);
    stack.one_at_a_time(NAME).await;
}

#[tokio::test]
async fn a_name_whose_cname_moves_changes_hands_after_the_first_ones_own_looks_and_is_never_served_twice() {
    let (stack, [first, second]) = stack().await;
    let one = stack.live_portal(first, NAME).await;
    let two = stack.set_portal(second, NAME).await;
    stack.calm().await;
    stack.point(two).await;

    // The second shows it twice, and is told that somebody has it; the first looks for itself.
    stack.portal_in(two, "held").await;
    stack.calm().await;
    let (_, _, words) = stack.stands(two).await;
    assert!(words.contains("Another account of this platform"), "{words}");
    assert!(!words.contains(&first.to_string()) && !words.contains(&stack.portal(one).await.canonical_host), "{words}");
    let row = stack.portal(one).await;
    assert!(row.active && row.proven_at.is_none(), "its own look says that it points elsewhere: {row:#?}");
    assert_eq!((stack.run(one).await.state.as_str(), stack.visit(NAME).await), ("active", Some(200)));
    stack.one_at_a_time(NAME).await;

    // Step by step, whoever's timer runs out first.
    let mut states = Vec::new();
    for _ in 0..40 {
        let now = (stack.run(one).await.state, stack.run(two).await.state);
        if states.last() != Some(&now) {
            states.push(now.clone());
        }
        if now.1 == "active" {
            break;
        }
        stack.later(MINUTE).await;
        stack.one_at_a_time(NAME).await;
        let [one_served, two_served] = served(&stack, [one, two]);
        assert!(!(one_served && two_served), "{states:?}");
    }
    assert_eq!(states.last().unwrap(), &("disabled".to_owned(), "active".to_owned()), "{states:?}");
    assert!(states.iter().any(|(one, _)| one == "moved"), "it was warned: {states:?}");
    assert_eq!(stack.notices(one, "PortalMoved").await, 1);
    assert_eq!((served(&stack, [one, two]), stack.visit(NAME).await), ([false, true], Some(200)));
    let (_, _, words) = stack.stands(one).await;
    assert!(words.contains("pointed elsewhere"), "{words}");

    // Coming back without the record is no way back.
    stack.refresh(one).await;
    stack.later(5 * MINUTE).await;
    assert_eq!(served(&stack, [one, two]), [false, true]);
    stack.one_at_a_time(NAME).await;
}

#[tokio::test]
async fn a_cname_that_is_left_behind_is_nobody_elses_proof() {
    let (stack, [first, second]) = stack().await;
    let one = stack.live_portal(first, NAME).await;
    stack.remove_portal(one).await;
    stack.portal_in(one, "disabled").await;
    assert_eq!(stack.left_of(&[one]), Vec::<String>::new());

    // The record still leads to the first one's canonical host; nobody else can make use of it.
    let two = stack.set_portal(second, NAME).await;
    for wait in [MINUTE, 5 * MINUTE, 15 * MINUTE] {
        stack.later(wait).await;
        stack.refresh(two).await;
        assert_eq!(stack.stands(two).await.0, "awaiting_dns");
    }
    assert_eq!(stack.visit(NAME).await, None, "nothing answers under it");
    // And whose it is gets it back with one button.
    stack.signal(one, "refresh", serde_json::json!({ "by": "ada" })).await.unwrap();
    stack.portal_in(one, "active").await;
    stack.calm().await;
    assert_eq!(served(&stack, [one, two]), [true, false]);
    stack.one_at_a_time(NAME).await;
}

#[tokio::test]
async fn two_who_both_show_it_are_never_both_served_whatever_they_and_the_zone_do() {
    let (stack, [first, second]) = stack().await;
    stack.dns().set(NAME, "A", 300, ["127.0.0.1"]).unwrap();
    let one = stack.set_portal(first, NAME).await;
    let two = stack.set_portal(second, NAME).await;
    let runs = [one, two];
    text(&stack, one).await;
    text(&stack, two).await;
    // Both show it in the same minutes: one gets it.
    for _ in 0..60 {
        stack.later(MINUTE).await;
        settle(&stack, runs).await;
        let states = [stack.run(one).await.state, stack.run(two).await.state];
        if states.contains(&"active".to_owned()) && states.contains(&"held".to_owned()) {
            break;
        }
    }
    let winner = usize::from(!served(&stack, runs)[0]);
    let loser = 1 - winner;
    assert_eq!(stack.stands(runs[winner]).await.1, "active");
    assert_eq!(stack.stands(runs[loser]).await.0, "held");
    assert_eq!(stack.notices(runs[loser], "OperatorAsked").await, 1, "two show it: the operators are told, once");

    // It shows it still, so it keeps it, however long the other one waits.
    for wait in [5 * MINUTE, DAY, 3 * DAY] {
        stack.later(wait).await;
        settle(&stack, runs).await;
        assert!(served(&stack, runs)[winner], "after {wait:?}");
        assert_eq!(stack.notices(runs[winner], "PortalMoved").await, 0);
    }
    // Its text goes, and the other one's stays: the other one gets it, by and by.
    let token = stack.portal(runs[winner]).await.token;
    stack.dns().remove_value(&format!("_tenantry.{NAME}"), "TXT", &format!("tenantry-verify={token}")).unwrap();
    for _ in 0..40 {
        if stack.run(runs[loser]).await.state == "active" {
            break;
        }
        stack.later(5 * MINUTE).await;
        settle(&stack, runs).await;
    }
    assert_eq!(stack.stands(runs[loser]).await.1, "active", "{:?}", stack.stands(runs[winner]).await);
    assert!(served(&stack, runs)[loser]);

    // Removals, returns and refreshes, in any order.
    for step in 0..8 {
        let run = runs[step % 2];
        let signal = ["remove", "refresh", "refresh", "remove", "refresh", "retry", "refresh", "refresh"][step];
        let _ = stack.signal(run, signal, serde_json::json!({ "by": "somebody" })).await;
        stack.later(5 * MINUTE).await;
        settle(&stack, runs).await;
    }
}

/// After each step: one holder, and one of each object in the cluster, at every moment until now.
async fn settle(stack: &TestStack, runs: [RunId; 2]) {
    stack.calm().await;
    stack.one_at_a_time(NAME).await;
    assert!(served(stack, runs).iter().filter(|served| **served).count() <= 1);
}
