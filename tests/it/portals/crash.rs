//! A process dies at the worst moment of a reconcile: the next one finds out how far it came, and nothing is done twice to another end.

use std::{sync::Arc, time::Duration};

use reconcile_cluster::Parts;
use serde_json::json;
use tenantry_standins::cluster::{Fault, Kind, Rule, Verb, Write};
use tenantry_tests::{
    TestStack,
    domains::by_hand::How,
    portals::by_hand::{BY_HAND, NOBODY, WHOLE},
    wait::until,
};
use tenantry_workflows::portal_sync::{Event, Summary};

const KINDS: [Kind; 3] = [Kind::Certificate, Kind::Gateway, Kind::VirtualService];

/// A reconcile in a process that dies while a request like this is held. `heard`: the cluster has done it all the same.
async fn dies_at(stack: &TestStack, verb: Verb, kind: Kind, heard: bool) {
    let parts = stack.reconciler(&[]).await;
    let rule = Rule::on(verb, Fault::Silence).of(kind).times(1);
    stack.cluster().misbehave(1, [if heard { rule.after() } else { rule }]);
    stack.cluster().forget();
    let asked = |cluster: &tenantry_standins::cluster::Cluster| {
        let done = cluster.journal().iter().any(|write| ours(write) && write.verb == verb && write.key.kind == kind);
        cluster.count(verb, kind) > 0 && (done || !heard)
    };
    tokio::select! {
        _ = stack.perform(&parts, WHOLE, None) => panic!("it ended before {verb:?} {kind:?}"),
        () = until("the moment to die", || async { asked(stack.cluster()).then_some(()) }) => {}
    }
    stack.cluster().behave();
    drop(stack.nobody_reconciles().await);
}

fn ours(write: &Write) -> bool {
    write.manager == "tenantry" || write.verb == Verb::Delete
}

/// How often each object was really written by us: a write that changes nothing is none.
fn written(stack: &TestStack) -> usize {
    let ours: Vec<Write> = stack.cluster().journal().into_iter().filter(|write| write.manager == "tenantry").collect();
    ours.iter().filter(|write| write.verb == Verb::Apply && KINDS.contains(&write.key.kind)).count()
}

async fn next(stack: &TestStack) -> Summary {
    let parts = stack.reconciler(&[]).await;
    match stack.reconcile(&parts, WHOLE, None).await {
        Event::Reconciled { summary, held: None, more: false, .. } => summary,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn death_between_repository_and_cluster_and_before_anything_is_written_down_is_followed_by_the_rest() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let runs = stack.wanted_portals(6).await;

    // It has pushed, and nothing is in the cluster.
    dies_at(&stack, Verb::Apply, Kind::Certificate, false).await;
    let head = stack.git(&["rev-parse", "main"]);
    assert_eq!(stack.subjects("main").len(), 1);
    // It has written a part, and was not told.
    dies_at(&stack, Verb::Apply, Kind::Gateway, true).await;
    let before = stack.cluster().list(Kind::Gateway).len();
    assert!(before > 0 && stack.objects() < 18, "a part is there: {}", stack.objects());
    assert_eq!(stack.count("portal_objects").await, 0, "nobody wrote it down");
    // It has done everything, and died before it could write that down.
    let parts: Arc<Parts> = stack.reconciler(&[]).await;
    stack.cluster().forget();
    let (done, lock) = stack.perform(&parts, WHOLE, None).await.unwrap().unwrap();
    assert_eq!((done.summary.commit.clone(), stack.objects()), (None, 18));
    drop((done, lock));
    let versions = |stack: &TestStack| -> Vec<_> {
        KINDS
            .iter()
            .flat_map(|kind| stack.cluster().list(*kind))
            .map(|one| one["metadata"]["generation"].clone())
            .collect()
    };
    let there = versions(&stack);
    stack.cluster().forget();
    let summary = next(&stack).await;
    assert_eq!(
        (summary.created, summary.changed, summary.unchanged),
        (0, 18, 0),
        "what nobody wrote down is looked at again"
    );
    assert_eq!((written(&stack), versions(&stack)), (0, there), "and is as it should be");
    assert_eq!((stack.git(&["rev-parse", "main"]), stack.count("portal_objects").await), (head, 18));
    let synced = stack.count("portal_domains where synced = revision").await;
    assert_eq!(synced, 6);
    let summary = next(&stack).await;
    assert_eq!((summary.unchanged, summary.files), (18, 0));

    // Between apply and prune, and between two deletions: what is wanted is there, what is not goes.
    stack.retire_portals(&runs[..2]).await;
    dies_at(&stack, Verb::Delete, Kind::VirtualService, false).await;
    assert_eq!((stack.objects(), stack.subjects("main").len()), (18, 2), "the repository is ahead");
    dies_at(&stack, Verb::Delete, Kind::Gateway, true).await;
    assert!((13..18).contains(&stack.objects()), "{}", stack.objects());
    assert_eq!(stack.count("portal_domains where holds").await, 6, "a name is free when nothing is left of it");
    stack.cluster().forget();
    next(&stack).await;
    assert_eq!((stack.objects(), written(&stack), stack.subjects("main").len()), (12, 0, 2));
    assert_eq!(stack.count("portal_domains where holds").await, 4);
}

#[tokio::test]
async fn a_hostname_whose_processes_all_die_with_its_commands_in_their_hands_lives_and_ends_as_any_other() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let tenant = stack.tenants(1).await[0];
    for (how, name) in [(How::AfterADeath, "one.acme.test"), (How::Twice, "two.acme.test")] {
        stack.cluster().forget();
        let commits = stack.subjects("main").len();
        let run = stack.set_portal(tenant, name).await;
        stack.point(run).await;
        stack.play(run, "active", how).await;
        assert_eq!((written(&stack), stack.objects(), stack.subjects("main").len() - commits), (3, 3, 1), "{how:?}");
        stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
        stack.play(run, "disabled", how).await;
        assert_eq!((stack.objects(), stack.subjects("main").len() - commits), (0, 2), "{how:?}");
        let told = stack.told(run).await;
        let ways = ["PortalRequested", "PortalDnsVerified", "PortalCertificateReady", "PortalActive", "PortalRemoved"];
        assert_eq!(
            told.iter().filter(|name| *name != "OperatorAsked").collect::<Vec<_>>(),
            ways.iter().collect::<Vec<_>>()
        );
        assert_eq!(stack.count("portal_domains where holds").await, 0);
        stack.pass(Duration::from_secs(8 * 24 * 3600));
    }
    stack.nothing_unexpected().await;
}
