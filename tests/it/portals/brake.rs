//! Many objects would go, or some that nobody knows: nothing does until a person says so, and everything else goes on.

use local::Run;
use serde_json::json;
use tenantry_model::RunId;
use tenantry_standins::cluster::{Kind, Verb};
use tenantry_tests::{
    TestStack,
    portals::{
        PORTALS,
        by_hand::{BY_HAND, NOBODY, WHOLE},
    },
    wait::until,
};
use tenantry_workflows::portal_sync::{Event, Held};

fn deletes(stack: &TestStack) -> usize {
    [Kind::Certificate, Kind::Gateway, Kind::VirtualService]
        .map(|kind| stack.cluster().count(Verb::Delete, kind))
        .iter()
        .sum()
}

/// A whole turn whose plan is held.
async fn held(stack: &TestStack, released: Option<&str>) -> Held {
    let parts = stack.reconciler(&[]).await;
    match stack.reconcile(&parts, WHOLE, released).await {
        Event::Reconciled { held: Some(held), .. } => held,
        other => panic!("it is not held: {other:?}"),
    }
}

async fn not_held(stack: &TestStack, released: Option<&str>) {
    let parts = stack.reconciler(&[]).await;
    let event = stack.reconcile(&parts, WHOLE, released).await;
    assert!(matches!(event, Event::Reconciled { held: None, more: false, .. }), "{event:?}");
}

#[tokio::test]
async fn a_database_that_answers_with_less_deletes_nothing_and_a_release_lets_go_exactly_what_was_shown() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let runs = stack.wanted_portals(20).await;
    not_held(&stack, None).await;
    assert_eq!(stack.objects(), 60);

    // Half of the rows are gone; then all of them.
    stack.lose_portals(&runs[10..]).await;
    let half = held(&stack, None).await;
    assert!(half.words.contains("belong to no hostname we know"), "{half:?}");
    stack.lose_portals(&runs[1..10]).await;
    let most = held(&stack, None).await;
    assert_ne!(half.digest, most.digest);
    stack.lose_portals(&runs[..1]).await;
    let all = held(&stack, None).await;
    assert_eq!((deletes(&stack), stack.objects()), (0, 60));
    assert_eq!(stack.git(&["ls-tree", "-r", "--name-only", "main"]).lines().count(), 20, "nor from the repository");

    // What was shown yesterday lets nothing go today.
    let asked_again = held(&stack, Some(&half.digest)).await;
    assert_eq!((&asked_again.digest, deletes(&stack), stack.objects()), (&all.digest, 0, 60));

    // What is shown now goes, and what came since does not.
    stack.cluster().create(json!({
        "apiVersion": "networking.istio.io/v1", "kind": "Gateway",
        "metadata": { "name": "portal-00000000000070009000000000099999", "namespace": "istio-system",
                      "labels": { "portal.tenantry.dev/managed": "true", "portal.tenantry.dev/domain-id": "00000000-0000-7000-9000-000000099999" } },
        "spec": { "selector": { "istio": "ingressgateway" },
                  "servers": [{ "port": { "number": 80, "name": "http", "protocol": "HTTP" }, "hosts": ["later.test"] }] },
    })).unwrap();
    let more = held(&stack, Some(&all.digest)).await;
    assert_eq!((deletes(&stack), stack.objects()), (0, 61), "it is another list now");
    not_held(&stack, Some(&more.digest)).await;
    assert_eq!((deletes(&stack), stack.objects()), (61, 0));
    assert_eq!(stack.git(&["ls-tree", "-r", "--name-only", "main"]), "");
}

#[tokio::test]
async fn retired_hostnames_wait_where_they_are_many_and_a_small_installation_may_remove_its_only_one() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let runs = stack.wanted_portals(30).await;
    not_held(&stack, None).await;
    // More than thirty objects, and more than a fifth.
    for (many, holds) in [(6, false), (11, true)] {
        let before = (deletes(&stack), stack.objects());
        let some: &[RunId] = if many == 6 { &runs[..6] } else { &runs[6..17] };
        stack.retire_portals(some).await;
        if holds {
            let held = held(&stack, None).await;
            // Thirty-three objects, and the eleven files of their tenants.
            assert_eq!((held.objects, deletes(&stack), stack.objects()), (44, before.0, before.1), "{held:?}");
            assert_eq!(stack.git(&["ls-tree", "-r", "--name-only", "main"]).lines().count(), 24, "the repository, too");
            not_held(&stack, Some(&held.digest)).await;
        } else {
            not_held(&stack, None).await;
        }
        assert_eq!(stack.objects(), before.1 - 3 * many);
    }
    // Some at a time, down to the only one; and that.
    for some in [&runs[17..19], &runs[19..21], &runs[21..23], &runs[23..25], &runs[25..28], &runs[28..29], &runs[29..]]
    {
        stack.retire_portals(some).await;
        not_held(&stack, None).await;
    }
    assert_eq!((stack.objects(), stack.git(&["ls-tree", "-r", "--name-only", "main"])), (0, String::new()));
    assert_eq!(stack.count("portal_domains where holds or retired").await, 0);
}

#[tokio::test]
async fn while_the_brake_holds_a_person_is_asked_and_other_hostnames_go_live() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(13).await;
    let runs = stack.set_and_point(&tenants[..12], 1).await;
    stack.portals_in(&runs, "active").await;
    let standing = stack.standing().await;

    // Two rows are lost.
    stack.lose_portals(&runs[..2]).await;
    assert_eq!(stack.turn().await, "held");
    let task = stack.task(standing).await;
    assert!(task.title.contains("objects of portals would be deleted"), "{task:?}");
    assert_eq!((deletes(&stack), stack.objects()), (0, 36));

    // A new one goes live meanwhile.
    let newcomer = stack.set_and_point(&tenants[12..], 13).await;
    stack.portals_in(&newcomer, "active").await;
    assert_eq!(stack.run(standing).await.state, "held");

    // Keep leaves them, and the same ones are not asked about again.
    stack.answer(standing, json!({ "action": "keep" })).await;
    assert_eq!(stack.turn().await, "resting");
    assert_eq!((deletes(&stack), stack.objects()), (0, 39));

    // Eleven of eleven are removed at once: each says that it waits, and is gone when a person has let it go.
    let lock = stack.nobody_reconciles().await;
    let removed: Vec<RunId> = runs[2..].iter().chain(&newcomer).copied().collect();
    for run in &removed {
        stack.signal(*run, "remove", json!({ "by": "ada" })).await.unwrap();
    }
    stack.portals_in(&removed, "pruning").await;
    drop(lock);
    until("an operator to be asked", || async { (stack.run(standing).await.state == "held").then_some(()) }).await;
    stack.quiet(standing).await;
    assert_eq!((deletes(&stack), stack.objects()), (0, 39));
    assert_eq!(stack.portal_status(removed[0]).await, "disabled", "it is not served to its tenant any more");
    stack.answer(standing, json!({ "action": "release" })).await;
    stack.portals_in(&removed, "disabled").await;
    assert_eq!(stack.count("portal_domains where holds or retired").await, 0);
    assert_eq!(stack.objects(), 0, "the two that nobody knows were on the same list");
    stack.nothing_unexpected().await;
}
