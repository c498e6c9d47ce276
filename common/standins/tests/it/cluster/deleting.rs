//! DELETE: preconditions, finalizers, owners.

use crate::cluster::{CERTIFICATES, GATEWAYS, Stage, certificate, gateway, key};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_standins::cluster::Kind;

#[tokio::test]
async fn a_precondition_protects_what_has_come_since() {
    let stage = Stage::open().await;
    let path = format!("{GATEWAYS}/a");
    let first = stage.applied(GATEWAYS, &gateway("a", "a.test")).await;
    let only =
        |field: &str, value: &Value| json!({ "propagationPolicy": "Background", "preconditions": { field: value } });
    let (status, refusal) = stage.call(Method::DELETE, &path, &only("uid", &json!("another"))).await;
    assert_eq!((status, &refusal["reason"]), (409, &json!("Conflict")));
    assert!(
        refusal["message"].as_str().unwrap().contains("UID in precondition: another, UID in object meta: "),
        "{refusal}"
    );
    assert_eq!(stage.call(Method::DELETE, &path, &only("resourceVersion", &json!("1"))).await.0, 409);
    let uid = &first["metadata"]["uid"];
    let (status, done) = stage.call(Method::DELETE, &path, &only("uid", uid)).await;
    assert_eq!((status, &done["status"], &done["details"]["uid"]), (200, &json!("Success"), uid));
    assert_eq!(stage.call(Method::DELETE, &path, &only("uid", uid)).await.0, 404);
    let second = stage.applied(GATEWAYS, &gateway("a", "a.test")).await;
    assert_ne!(second["metadata"]["uid"], *uid);
    assert_eq!(stage.call(Method::DELETE, &path, &only("uid", uid)).await.0, 409);
    assert_eq!(stage.call(Method::DELETE, &path, &Value::Null).await.0, 200);
}

#[tokio::test]
async fn finalizers_hold_an_object_until_they_are_gone() {
    let stage = Stage::open().await;
    let path = format!("{GATEWAYS}/a");
    let mut object = gateway("a", "a.test");
    object["metadata"]["finalizers"] = json!(["example.test/wait"]);
    stage.applied(GATEWAYS, &object).await;
    let (status, waiting) = stage.call(Method::DELETE, &path, &Value::Null).await;
    assert_eq!((status, waiting["metadata"]["deletionTimestamp"].is_string()), (200, true));
    assert_eq!(stage.get(&path).await, waiting);
    stage.patch(&path, &json!({ "metadata": { "finalizers": null } })).await;
    assert_eq!(stage.cluster.get(&key(Kind::Gateway, "istio-system", "a")), None);
}

#[tokio::test]
async fn what_an_object_owns_goes_with_it_or_is_orphaned() {
    let stage = Stage::open().await;
    for orphaned in [false, true] {
        let owner = stage.applied(GATEWAYS, &gateway("owner", "a.test")).await;
        let mut owned = certificate("owned", "a.test");
        let reference = json!({
            "apiVersion": "networking.istio.io/v1", "kind": "Gateway", "name": "owner", "uid": owner["metadata"]["uid"],
        });
        owned["metadata"]["ownerReferences"] = json!([reference]);
        stage.applied(CERTIFICATES, &owned).await;
        let policy = json!({ "propagationPolicy": if orphaned { "Orphan" } else { "Background" } });
        assert_eq!(stage.call(Method::DELETE, &format!("{GATEWAYS}/owner"), &policy).await.0, 200);
        let left = stage.cluster.get(&key(Kind::Certificate, "istio-system", "owned"));
        assert_eq!(left.is_some(), orphaned);
        assert!(left.is_none_or(|left| left["metadata"]["ownerReferences"].as_array().is_none_or(Vec::is_empty)));
    }
}
