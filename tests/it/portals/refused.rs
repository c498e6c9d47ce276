//! The cluster does not take the objects of some of a hundred hostnames: theirs is said so, and all others go live.

use local::Run;
use serde_json::{Value, json};
use tenantry_model::RunId;
use tenantry_standins::cluster::{Fault, Kind, Rule, Verb};
use tenantry_tests::{TestStack, portals::PORTALS};

const WORDS: &str = "Our gateway does not take the settings of this hostname. The operators have been told; nothing else of yours is touched \
                     by it.";

/// An object under our name that somebody else has made; `labels`: it claims to be ours.
fn made_by_others(stack: &TestStack, run: RunId, kind: Kind, labels: Value) {
    let key = stack.object(run, kind);
    let spec = match kind {
        Kind::Gateway => json!({
            "selector": { "istio": "ingressgateway" },
            "servers": [{ "port": { "number": 80, "name": "http", "protocol": "HTTP" }, "hosts": ["shop.other.test"] }],
        }),
        _ => json!({ "hosts": ["shop.other.test"], "http": [{ "route": [{ "destination": { "host": "shop" } }] }] }),
    };
    let object = json!({
        "apiVersion": "networking.istio.io/v1", "kind": kind.as_str(), "spec": spec,
        "metadata": { "name": key.name, "namespace": key.namespace, "labels": labels },
    });
    stack.cluster().create(object).unwrap();
}

#[tokio::test]
async fn what_the_cluster_refuses_of_four_hostnames_is_said_of_these_and_ninety_six_go_live() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(101).await;
    // The standing reconcile has begun and rests.
    let before = stack.set_and_point(&tenants[100..], 101).await[0];
    stack.portals_in(&[before], "active").await;
    stack.quiet(stack.standing().await).await;

    // All hundred want to be applied before anybody may.
    let lock = stack.nobody_reconciles().await;
    let runs = stack.set_and_point(&tenants[..100], 1).await;
    stack.portals_in(&runs, "applying").await;
    let (bad, good) = runs.split_at(4);
    let name = |run: RunId| format!("portal-{}", run.0.simple());
    let untyped = Fault::Untyped(".spec.nonsense: field not declared in schema".to_owned());
    stack.cluster().misbehave(
        1,
        [
            Rule::refuse(&name(bad[0]), "the hostname is on a list of somebody's admission"),
            Rule::on(Verb::Apply, untyped).of(Kind::VirtualService).named(&name(bad[1])),
        ],
    );
    let ours = json!({ "portal.tenantry.dev/managed": "true", "portal.tenantry.dev/domain-id": bad[2].0.to_string() });
    made_by_others(&stack, bad[2], Kind::Gateway, ours);
    made_by_others(&stack, bad[3], Kind::VirtualService, json!({ "app": "shop" }));
    stack.cluster().forget();
    drop(lock);

    stack.portals_in(good, "active").await;
    stack.portals_in(bad, "refused").await;
    assert!(
        stack.lists() <= 1 + bad.len(),
        "one reconcile for all who asked, and one for each that is not there at its turn"
    );
    assert_eq!(
        stack.subjects("main"),
        ["chore(portal-domains): sync acme-1 and 99 more", "chore(portal-domains): sync acme-101"],
        "one commit for all who asked"
    );
    let why = [
        "the hostname is on a list of somebody's admission",
        ".spec.nonsense: field not declared in schema",
        ".spec.servers",
        "something that is not ours has this name in the cluster",
    ];
    for (run, why) in bad.iter().zip(why) {
        let portal = stack.portal(*run).await;
        assert_eq!(
            (portal.result["status"].as_str(), portal.result["message"].as_str()),
            (Some("certificate_failed"), Some(WORDS))
        );
        assert!(stack.task(*run).await.title.starts_with("The cluster refuses what we write: portal.acme-"));
        let told = stack.operators_heard(*run).await;
        assert!(told.len() == 1 && told[0].contains(why), "{told:?}");
    }
    assert!(stack.operators_heard(bad[2]).await[0].contains("kubectl-create"), "whose it is, is named");
    let shop = stack.cluster().get(&stack.object(bad[3], Kind::VirtualService)).unwrap();
    assert_eq!(shop["spec"]["hosts"], json!(["shop.other.test"]), "what is not ours is left");
    for run in &good[..2] {
        assert!(stack.operators_heard(*run).await.is_empty());
    }

    // Mended: two by an operator who says so, two by themselves within the hour.
    stack.cluster().behave();
    assert!(stack.cluster().delete(&stack.object(bad[2], Kind::Gateway)));
    assert!(stack.cluster().delete(&stack.object(bad[3], Kind::VirtualService)));
    stack.answer(bad[0], json!({ "action": "retry" })).await;
    stack.portals_in(bad, "active").await;
    let recorded: Vec<i64> = sqlx::query_scalar("select count(*) from portal_objects where refused is not null")
        .fetch_all(&stack.sql)
        .await
        .unwrap();
    assert_eq!((recorded, stack.objects()), (vec![0], 303));
    assert_eq!(stack.count("tasks where status = 'open'").await, 0);
    stack.nothing_unexpected().await;
}
