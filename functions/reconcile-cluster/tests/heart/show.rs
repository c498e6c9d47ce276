use std::collections::BTreeMap;

use reconcile_cluster::{
    brake::Released,
    labels,
    plan::{Known, Plan, plan},
    show,
};
use serde_json::json;
use tenantry_cluster::{Found, Key, Object};

use crate::given::{hostname, objects, recorded, rendering, row, there};

/// One of each: 1 is new, 2 is changed, 3 is retired, 4 is an orphan, 5 is in the way, 6 is kept, 7 leaves, 8 is as wanted.
fn world() -> (Vec<Object>, Vec<Found>, Known) {
    let mut desired = objects([1, 5, 8]);
    desired.retain(|object| {
        object.labels[labels::DOMAIN_ID] != row(5).to_string() || object.key.kind.plural() == "gateways"
    });
    let mut rendering = rendering();
    rendering.service.port = 3001;
    desired.push(rendering.objects(&hostname(2)).unwrap()[2].clone());
    let only = |number: u128| there(&objects([number])).remove(1);
    let mut found = there(&objects([3, 8]));
    found.push(there(&objects([2])).remove(2));
    found.push(only(4));
    found.push(Found { labels: BTreeMap::new(), ..only(5) });
    found.push(only(6));
    found.push(Found { deleting: true, ..only(7) });
    (desired, found, Known { retired: [row(3)].into(), serving: [row(6)].into() })
}

fn planned<'a>(desired: &'a [Object], found: &'a [Found], known: &Known) -> Plan<'a> {
    let mut recorded = recorded(found);
    recorded.retain(|key, _| key.name != labels::name(row(5)));
    plan(desired, found, known, &recorded, &Released::default())
}

#[test]
fn a_plan_is_read_as_a_diff() {
    let (desired, found, known) = world();
    let plan = planned(&desired, &found, &known);
    let before = rendering().objects(&hostname(2)).unwrap()[2].clone();
    let mut labels = before.labels.clone();
    labels.insert("argocd.argoproj.io/instance".to_owned(), "portal".to_owned());
    let body = json!({
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": { "labels": labels, "annotations": before.annotations, "managedFields": [{}], "uid": "u" },
        "spec": before.spec,
        "status": {},
    });
    let present: BTreeMap<Key, serde_json::Value> = [(before.key, body)].into();

    insta::assert_snapshot!("a_plan_as_a_diff", show::text(&plan, &present).unwrap());
}

#[test]
fn a_plan_is_read_as_commands() {
    let (desired, found, known) = world();
    let plan = planned(&desired, &found, &known);

    insta::assert_snapshot!("a_plan_as_commands", show::commands(&plan, "tenantry").unwrap());
}

#[test]
fn nothing_to_do_is_one_line_and_no_command() {
    let desired = objects([1]);
    let found = there(&desired);
    let plan = planned(&desired, &found, &Known::default());

    assert_eq!(show::text(&plan, &BTreeMap::new()).unwrap(), "0 to create, 0 to change, 0 to delete, 3 unchanged\n");
    assert_eq!(show::commands(&plan, "tenantry").unwrap(), "");
}

#[test]
fn a_change_whose_object_is_not_at_hand_is_named() {
    let (desired, found, known) = world();
    let plan = planned(&desired, &found, &known);
    let text = show::text(&plan, &BTreeMap::new()).unwrap();

    assert!(text.contains("~ VirtualService msp/"));
    assert!(!text.contains("@@"));
}
