//! Somebody changes our objects by hand: the next turn sets right what it may, says what it may not, and touches nothing else.

use reconcile_cluster::labels;
use serde_json::{Value, json};
use tenantry_standins::cluster::Kind;
use tenantry_tests::{
    TestStack,
    portals::by_hand::{BY_HAND, NOBODY, WHOLE},
};
use tenantry_workflows::portal_sync::{Event, Summary};

const KINDS: [Kind; 3] = [Kind::Certificate, Kind::Gateway, Kind::VirtualService];

async fn turn(stack: &TestStack, settings: &[(&'static str, &str)]) -> Summary {
    let parts = stack.reconciler(settings).await;
    match stack.reconcile(&parts, WHOLE, None).await {
        Event::Reconciled { summary, held: None, .. } => summary,
        other => panic!("{other:?}"),
    }
}

/// All objects, but what a server counts and who wrote them when.
fn objects(stack: &TestStack) -> Vec<Value> {
    let mut all: Vec<Value> = KINDS.iter().flat_map(|kind| stack.cluster().list(*kind)).collect();
    for object in &mut all {
        let metadata = object["metadata"].as_object_mut().unwrap();
        for counted in ["resourceVersion", "generation", "managedFields", "uid", "creationTimestamp"] {
            metadata.remove(counted);
        }
        object.as_object_mut().unwrap().remove("status");
    }
    all
}

#[tokio::test]
async fn what_somebody_has_changed_by_hand_is_set_right_and_nothing_else_is_touched() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let runs = stack.wanted_portals(5).await;
    assert_eq!(turn(&stack, &[]).await.created, 15);
    let wanted = objects(&stack);
    let untouched = |stack: &TestStack| KINDS.map(|kind| stack.cluster().get(&stack.object(runs[4], kind)).unwrap());
    let there = untouched(&stack);

    // A field is taken out, a label, our hash, a whole object; and one of another's is added, which stays.
    let edit = |run, kind, edit: fn(&mut Value)| {
        stack.cluster().edit(&stack.object(run, kind), "kubectl-edit", edit).unwrap();
    };
    edit(runs[0], Kind::Certificate, |object| drop(object["spec"].as_object_mut().unwrap().remove("privateKey")));
    edit(runs[0], Kind::VirtualService, |object| {
        object["metadata"]["labels"].as_object_mut().unwrap().remove(labels::MANAGED).unwrap();
    });
    edit(runs[1], Kind::Gateway, |object| {
        object["metadata"]["annotations"].as_object_mut().unwrap().remove(labels::HASH).unwrap();
    });
    assert!(stack.cluster().delete(&stack.object(runs[2], Kind::Certificate)));
    stack.cluster().forget();
    let summary = turn(&stack, &[]).await;
    assert_eq!((summary.created, summary.changed, summary.unchanged, summary.refused), (1, 3, 11, 0));
    assert_eq!(objects(&stack), wanted);
    assert_eq!((stack.applies(), untouched(&stack)), (4, there.clone()), "what is right is not even asked for");

    // A field that somebody has set otherwise is his: it is named, and taken over only where that is wanted.
    edit(runs[3], Kind::Gateway, |object| object["spec"]["servers"][0]["hosts"] = json!(["evil.test"]));
    let summary = turn(&stack, &[]).await;
    assert_eq!((summary.changed, summary.refused), (1, 1));
    let refused: Vec<String> = sqlx::query_scalar("select refused from portal_objects where refused is not null")
        .fetch_all(&stack.sql)
        .await
        .unwrap();
    assert!(
        refused.len() == 1 && refused[0].contains("kubectl-edit") && refused[0].contains(".spec.servers"),
        "{refused:?}"
    );
    assert_ne!(objects(&stack), wanted);
    let summary = turn(&stack, &[("PORTAL_DOMAIN_FORCE", "true")]).await;
    assert_eq!((summary.changed, summary.refused), (1, 0));
    assert_eq!(objects(&stack), wanted);
    assert_eq!(stack.count("portal_objects where refused is not null").await, 0);

    // In the end there is nothing to do, and nothing of the fifth was ever touched.
    stack.cluster().forget();
    assert_eq!(turn(&stack, &[]).await.unchanged, 15);
    assert_eq!((stack.applies(), untouched(&stack), stack.subjects("main").len()), (0, there, 1));
}
