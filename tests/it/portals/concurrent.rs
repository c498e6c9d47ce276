//! Two at once: one reconcile at a time, for all who ask; and who has lost the right to it writes nothing more.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reconcile_cluster::Parts;
use tenantry_model::Fault as Failed;
use tenantry_runtime::Message;
use tenantry_standins::cluster::{Fault, Kind, Rule, Verb};
use tenantry_tests::{
    TestStack,
    domains::by_hand::How,
    portals::by_hand::{BY_HAND, NOBODY, Performed, WHOLE},
    wait::PATIENCE,
};
use tenantry_workflows::portal_sync::Event;

#[tokio::test]
async fn two_processes_that_are_asked_for_ten_hostnames_reconcile_once() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let tenants = stack.tenants(10).await;
    let runs = stack.set_and_point(&tenants, 1).await;
    let mut asked = Vec::new();
    for run in &runs {
        stack.play(*run, "applying", How::Alone).await;
        asked.push(Message::new(stack.open(*run).await.unwrap().id.into(), None).body());
    }
    let told: Vec<&str> = asked.iter().map(String::as_str).collect();
    let (one, two) = (stack.fresh(reconcile_cluster::NAME).await, stack.fresh(reconcile_cluster::NAME).await);
    let soon = Instant::now() + Duration::from_secs(60);
    tokio::join!(one.handle(&told, soon), two.handle(&told, soon));
    for run in &runs {
        assert_ne!(stack.run(*run).await.state, "applying");
    }
    assert_eq!(
        (stack.lists(), stack.applies(), stack.objects()),
        (1, 30, 30),
        "whoever comes first reconciles for all"
    );
    assert_eq!(stack.subjects("main"), ["chore(portal-domains): sync acme-1 and 9 more"]);
    stack.nothing_unexpected().await;
}

/// A reconcile whose lock is ended by the database while a request like this is held; what it brings back.
async fn loses_its_lock(stack: &TestStack, parts: &Arc<Parts>, at: Rule) -> Result<Performed, Failed> {
    stack.cluster().misbehave(1, [at]);
    let meanwhile = async {
        assert!(stack.cluster().wait_for_held(1, PATIENCE).await);
        assert!(stack.break_the_lock().await, "it was held");
        stack.cluster().behave();
        stack.cluster().release();
    };
    let (performed, ()) = tokio::join!(stack.perform(parts, WHOLE, None), meanwhile);
    performed
}

#[tokio::test]
async fn a_reconcile_whose_lock_is_gone_goes_no_further() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let runs = stack.wanted_portals(40).await;
    let parts = stack.reconciler(&[]).await;

    // While it reads: nothing is pushed, and nothing is written.
    let failed = loses_its_lock(&stack, &parts, Rule::on(Verb::List, Fault::Hold).of(Kind::Gateway).times(1)).await;
    assert!(failed.err().unwrap().message.contains("lock was lost"));
    assert_eq!((stack.subjects("main").len(), stack.applies()), (0, 0));

    // While it applies: those sixteen that it has in hand, and no other.
    let done = loses_its_lock(&stack, &parts, Rule::on(Verb::Apply, Fault::Hold).of(Kind::Gateway).times(1)).await;
    let (done, lock) = done.unwrap().unwrap();
    assert_eq!((done.outcomes.len(), stack.applies(), stack.objects()), (48, 48, 48));
    assert_eq!((done.wishes.len(), stack.subjects("main").len()), (16, 1));
    drop(lock);
    // The next one does the rest, and commits nothing: that is done.
    let Event::Reconciled { summary, .. } = stack.reconcile(&parts, WHOLE, None).await else { panic!() };
    assert_eq!((summary.created, summary.commit, stack.objects()), (72, None, 120));

    // While it deletes: that one, and no other.
    stack.retire_portals(&runs[..3]).await;
    let done = loses_its_lock(&stack, &parts, Rule::on(Verb::Delete, Fault::Hold).times(1)).await;
    let (done, lock) = done.unwrap().unwrap();
    assert_eq!((done.gone.len(), stack.objects()), (0, 119));
    drop(lock);
    let Event::Reconciled { more: false, .. } = stack.reconcile(&parts, WHOLE, None).await else { panic!() };
    assert_eq!((stack.objects(), stack.count("portal_domains where holds").await), (111, 37));
}

#[tokio::test]
async fn while_one_reconciles_another_is_told_so() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    stack.wanted_portals(2).await;
    let (one, two) = (stack.reconciler(&[]).await, stack.reconciler(&[]).await);
    stack.cluster().misbehave(1, [Rule::on(Verb::Apply, Fault::Hold).times(1)]);
    let meanwhile = async {
        assert!(stack.cluster().wait_for_held(1, PATIENCE).await);
        let told = stack.reconcile(&two, WHOLE, None).await;
        stack.cluster().release();
        told
    };
    let (done, told) = tokio::join!(stack.reconcile(&one, WHOLE, None), meanwhile);
    assert_eq!(told, Event::Busy);
    assert!(matches!(done, Event::Reconciled { more: false, .. }), "{done:?}");
    assert_eq!((stack.lists(), stack.applies(), stack.subjects("main").len()), (1, 6, 1));
    // Both at once, when there is nothing to do: one is told so, or comes second; nothing is done twice.
    let both = tokio::join!(stack.reconcile(&one, WHOLE, None), stack.reconcile(&two, WHOLE, None));
    assert!(matches!(both.0, Event::Reconciled { .. } | Event::Busy) && (stack.applies(), stack.objects()) == (6, 6));
    // A process that is stopped in the middle lets go of the right.
    stack.cluster().misbehave(1, [Rule::on(Verb::List, Fault::Hold).times(1)]);
    let stopped = tokio::time::timeout(Duration::ZERO, async {
        tokio::select! {
            _ = stack.perform(&one, WHOLE, None) => panic!("it is held"),
            _ = stack.cluster().wait_for_held(1, PATIENCE) => {}
        }
    });
    let _ = stopped.await;
    drop(stack.nobody_reconciles().await);
}
