//! Server-side apply: who owns what, what changes a version, what is refused.

use crate::cluster::{GATEWAYS, SERVICES, Stage, certificate, gateway, key, read, service};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_standins::cluster::{Kind, Verb};

fn with(mut object: Value, pointer: &str, value: Value) -> Value {
    *object.pointer_mut(pointer).unwrap() = value;
    object
}

#[tokio::test]
async fn an_apply_creates_once_and_an_unchanged_one_keeps_the_version() {
    let stage = Stage::open().await;
    let (status, first) = stage.apply(GATEWAYS, &gateway("a", "a.test"), "tenantry").await;
    assert_eq!((status, &first["metadata"]["generation"]), (201, &json!(1)));
    assert!(first["metadata"]["uid"].is_string() && first["metadata"]["creationTimestamp"].is_string());
    let (status, second) = stage.apply(GATEWAYS, &gateway("a", "a.test"), "tenantry&fieldValidation=Strict").await;
    assert_eq!((status, &second), (200, &first));
    assert_eq!(stage.cluster.count(Verb::Apply, Kind::Gateway), 2);
    let writes: Vec<_> = stage.cluster.journal().into_iter().filter(|write| write.key.kind == Kind::Gateway).collect();
    assert_eq!((writes.len(), writes[0].manager.as_str()), (1, "tenantry"));
}

#[tokio::test]
async fn the_generation_counts_the_spec_and_the_version_everything() {
    let stage = Stage::open().await;
    let first = stage.applied(GATEWAYS, &gateway("a", "a.test")).await;
    let labelled = with(gateway("a", "a.test"), "/metadata/labels", json!({ "x": "y" }));
    let second = stage.applied(GATEWAYS, &labelled).await;
    let third = stage.applied(GATEWAYS, &with(labelled, "/spec/servers/0/hosts", json!(["b.test"]))).await;
    let number = |object: &Value| object["metadata"]["resourceVersion"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(number(&first) < number(&second) && number(&second) < number(&third));
    assert_eq!([&first, &second, &third].map(|object| object["metadata"]["generation"].clone()), [1, 1, 2]);
    assert_eq!(second["metadata"]["labels"], json!({ "x": "y" }), "a label that is no longer named goes");
    assert_eq!(first["metadata"]["uid"], third["metadata"]["uid"]);
}

#[tokio::test]
async fn managed_fields_name_the_lists_as_a_whole() {
    let stage = Stage::open().await;
    let object = stage.applied(SERVICES, &service("a", "a.test")).await;
    let managed = &object["metadata"]["managedFields"][0];
    assert_eq!(
        (&managed["manager"], &managed["operation"], &managed["fieldsType"]),
        (&json!("tenantry"), &json!("Apply"), &json!("FieldsV1"))
    );
    assert_eq!(managed["fieldsV1"], json!({ "f:spec": { "f:gateways": {}, "f:hosts": {}, "f:http": {} } }));
}

#[tokio::test]
async fn a_second_manager_conflicts_on_the_whole_list_and_takes_it_by_force() {
    let stage = Stage::open().await;
    stage.applied(SERVICES, &service("a", "a.test")).await;
    let other = with(service("a", "a.test"), "/spec/http/3/route/0/destination/port/number", json!(8080));
    let (status, refusal) = stage.apply(SERVICES, &other, "somebody").await;
    assert_eq!((status, &refusal["reason"]), (409, &json!("Conflict")));
    assert_eq!(refusal["message"], "Apply failed with 1 conflict: conflict with \"tenantry\": .spec.http");
    let cause =
        json!({ "reason": "FieldManagerConflict", "message": "conflict with \"tenantry\"", "field": ".spec.http" });
    assert_eq!(refusal["details"]["causes"], json!([cause]));
    let (status, taken) = stage.apply(SERVICES, &other, "somebody&force=true").await;
    assert_eq!((status, &taken["spec"]["http"][3]), (200, &other["spec"]["http"][3]));
    let (status, refusal) = stage.apply(SERVICES, &service("a", "a.test"), "tenantry").await;
    assert_eq!(
        (status, refusal["details"]["causes"][0]["message"].as_str()),
        (409, Some("conflict with \"somebody\""))
    );
}

#[tokio::test]
async fn somebodys_edit_conflicts_with_the_api_version_it_was_made_in() {
    let stage = Stage::open().await;
    stage.applied(GATEWAYS, &gateway("a", "a.test")).await;
    let at = key(Kind::Gateway, "istio-system", "a");
    stage.cluster.edit(&at, "kubectl-edit", |object| object["spec"]["servers"] = json!([])).unwrap();
    let (status, refusal) = stage.apply(GATEWAYS, &gateway("a", "a.test"), "tenantry").await;
    assert_eq!(status, 409);
    assert_eq!(
        refusal["message"],
        "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using networking.istio.io/v1: .spec.servers"
    );
}

#[tokio::test]
async fn two_managers_may_own_a_field_together_and_it_goes_with_the_last() {
    let stage = Stage::open().await;
    let mut first = service("a", "a.test");
    first["spec"]["exportTo"] = json!(["*"]);
    stage.applied(SERVICES, &first).await;
    let second = json!({
        "apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": { "name": "a" },
        "spec": { "exportTo": ["*"] },
    });
    assert_eq!(stage.apply(SERVICES, &second, "somebody").await.0, 200);
    let kept = stage.applied(SERVICES, &service("a", "a.test")).await;
    assert_eq!(kept["spec"]["exportTo"], json!(["*"]), "somebody still wants it");
    let empty =
        json!({ "apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": { "name": "a" } });
    let (_, gone) = stage.apply(SERVICES, &empty, "somebody").await;
    assert_eq!(gone["spec"].get("exportTo"), None);
}

#[tokio::test]
async fn an_unknown_field_is_a_500_with_an_empty_reason() {
    let stage = Stage::open().await;
    let mut object = gateway("a", "a.test");
    object["spec"]["serverz"] = json!([]);
    let (status, refusal) = stage.apply(GATEWAYS, &object, "tenantry").await;
    assert_eq!((status, refusal.get("reason"), &refusal["code"]), (500, None, &json!(500)));
    assert_eq!(
        refusal["message"],
        "failed to create typed patch object (istio-system/a; networking.istio.io/v1, Kind=Gateway): .spec.serverz: \
         field not declared in schema"
    );
    // Lists are typed to their ends.
    let (status, refusal) =
        stage.apply(GATEWAYS, &with(gateway("a", "a.test"), "/spec/servers/0/hosts", json!("a")), "t").await;
    assert_eq!(status, 500);
    assert!(refusal["message"].as_str().unwrap().ends_with(".spec.servers[0].hosts: expected list, got string"));
    assert_eq!(stage.cluster.list(Kind::Gateway).len(), 0);
}

#[tokio::test]
async fn what_the_schema_forbids_is_422_with_its_causes() {
    let stage = Stage::open().await;
    let object = with(gateway("a", "a.test"), "/spec/servers/0/tls/mode", json!("NONE"));
    let (status, refusal) = stage.apply(GATEWAYS, &object, "tenantry").await;
    assert_eq!((status, &refusal["reason"]), (422, &json!("Invalid")));
    let cause = &refusal["details"]["causes"][0];
    assert_eq!(
        (&cause["reason"], &cause["field"]),
        (&json!("FieldValueNotSupported"), &json!("spec.servers[0].tls.mode"))
    );
    let mut lacking = certificate("a", "a.test");
    lacking["spec"].as_object_mut().unwrap().remove("secretName");
    let (status, refusal) = stage.apply(crate::cluster::CERTIFICATES, &lacking, "tenantry").await;
    assert_eq!(status, 422);
    assert_eq!(refusal["message"], "Certificate.cert-manager.io \"a\" is invalid: spec.secretName: Required value");
    let labelled =
        with(gateway("a", "a.test"), "/metadata/labels", json!({ "host": format!("{}.test", "a".repeat(60)) }));
    let (status, refusal) = stage.apply(GATEWAYS, &labelled, "tenantry").await;
    assert_eq!((status, &refusal["details"]["causes"][0]["field"]), (422, &json!("metadata.labels")));
}

#[tokio::test]
async fn a_resource_version_in_the_body_has_to_be_the_present_one() {
    let stage = Stage::open().await;
    let first = stage.applied(GATEWAYS, &gateway("a", "a.test")).await;
    let mut conditional = gateway("a", "b.test");
    conditional["metadata"]["resourceVersion"] = first["metadata"]["resourceVersion"].clone();
    assert_eq!(stage.apply(GATEWAYS, &conditional, "tenantry").await.0, 200);
    let (status, refusal) = stage.apply(GATEWAYS, &conditional, "tenantry").await;
    assert_eq!((status, &refusal["reason"]), (409, &json!("Conflict")));
    assert!(refusal["message"].as_str().unwrap().contains("the object has been modified"), "{refusal}");
    assert_eq!(refusal["details"].get("causes"), None, "this is how it differs from a conflict about fields");
    conditional["metadata"]["name"] = json!("new");
    assert_eq!(stage.apply(GATEWAYS, &conditional, "tenantry").await.0, 409);
}

#[tokio::test]
async fn an_apply_says_who_it_is_what_it_is_and_where() {
    let stage = Stage::open().await;
    let nameless =
        stage.request(Method::PATCH, &format!("{GATEWAYS}/a")).header("content-type", "application/apply-patch+yaml");
    assert_eq!(read(nameless.body(gateway("a", "a.test").to_string())).await.0, 422);
    let (status, _) = stage.apply(SERVICES, &gateway("a", "a.test"), "tenantry").await;
    assert_eq!(status, 400);
    let elsewhere = with(gateway("a", "a.test"), "/metadata", json!({ "name": "a", "namespace": "msp" }));
    assert_eq!(stage.apply(GATEWAYS, &elsewhere, "tenantry").await.0, 400);
    let nowhere = GATEWAYS.replace("istio-system", "nowhere");
    let (status, refusal) = stage.apply(&nowhere, &gateway("a", "a.test"), "tenantry").await;
    assert_eq!((status, &refusal["message"]), (404, &json!("namespaces \"nowhere\" not found")));
    let yaml = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: yaml\nspec:\n  selector: {istio: \"no\"}\n";
    let applying = stage.applying(GATEWAYS, &gateway("yaml", "a.test"), "tenantry").body(yaml);
    let (status, object) = read(applying).await;
    assert_eq!((status, &object["spec"]["selector"]["istio"]), (201, &json!("no")));
}

#[tokio::test]
async fn create_put_and_merge_patch_are_checked_and_tracked_too() {
    let stage = Stage::open().await;
    let mut object = gateway("a", "a.test");
    object["spec"]["x"] = json!(1);
    let (status, refusal) = stage.call(Method::POST, &format!("{GATEWAYS}?fieldValidation=Strict"), &object).await;
    assert_eq!((status, &refusal["message"]), (400, &json!("strict decoding error: unknown field \"spec.x\"")));
    let made = stage.request(Method::POST, GATEWAYS).json(&object).send().await.unwrap();
    assert_eq!(
        (made.status().as_u16(), &made.headers()["warning"]),
        (201, &"299 - \"unknown field \\\"spec.x\\\"\"".parse().unwrap())
    );
    assert_eq!(stage.call(Method::POST, GATEWAYS, &object).await.1["reason"], "AlreadyExists");
    let path = format!("{GATEWAYS}/a");
    let mut read = stage.get(&path).await;
    assert_eq!(read["spec"].get("x"), None);
    read["spec"]["selector"] = json!({ "istio": "other" });
    let (status, second) = stage.call(Method::PUT, &path, &read).await;
    assert_eq!((status, &second["metadata"]["generation"]), (200, &json!(2)));
    assert_eq!(stage.call(Method::PUT, &path, &read).await.0, 409, "the version in the body is the old one");
    let (status, third) =
        stage.patch(&path, &json!({ "metadata": { "labels": { "portal.tenantry.dev/managed": null } } })).await;
    assert_eq!((status, third["metadata"]["labels"].as_object().map(serde_json::Map::len)), (200, Some(0)));
    assert_eq!(stage.patch(&path, &json!({ "spec": { "servers": 1 } })).await.0, 422);
}

#[tokio::test]
async fn the_status_is_written_by_its_own_path_only() {
    let stage = Stage::open().await;
    let mut object = gateway("a", "a.test");
    object["status"] = json!({ "seen": true });
    let first = stage.applied(GATEWAYS, &object).await;
    assert_eq!(first.get("status"), None);
    let patch = json!({ "status": { "seen": true }, "spec": { "servers": [] } });
    let (status, second) = stage.patch(&format!("{GATEWAYS}/a/status"), &patch).await;
    assert_eq!((status, &second["status"], &second["spec"]), (200, &json!({ "seen": true }), &first["spec"]));
    assert_eq!(second["metadata"]["generation"], 1);
    assert_eq!(second["metadata"]["managedFields"][1]["subresource"], "status");
    let again = stage.applied(GATEWAYS, &gateway("a", "b.test")).await;
    assert_eq!(again["status"], json!({ "seen": true }));
}
