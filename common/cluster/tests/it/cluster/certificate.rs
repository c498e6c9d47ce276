//! A certificate, what was made to issue it, and having it issued anew.

use serde_json::{Value, json};
use tenantry_cluster::{Chain, ClusterError};

use crate::cluster::{
    CERTIFICATES, certificate, metadata,
    server::{Act, Api, not_there, ok, refused},
};

const REQUESTS: &str = "/apis/cert-manager.io/v1/namespaces/istio-system/certificaterequests";
const ORDERS: &str = "/apis/acme.cert-manager.io/v1/namespaces/istio-system/orders";
const CHALLENGES: &str = "/apis/acme.cert-manager.io/v1/namespaces/istio-system/challenges";
const FAMILY: &str = "labelSelector=portal.tenantry.dev%2Fdomain-id%3Dd1";

fn the_certificate(status: &Value) -> Value {
    json!({"kind": "Certificate", "metadata": metadata("portal-d1", "7"), "spec": {}, "status": status})
}

fn child(name: &str, owner: &str, status: &Value) -> Value {
    let mut metadata = metadata(name, "7");
    metadata["ownerReferences"] = json!([{"uid": format!("uid-of-{owner}"), "name": owner, "controller": true}]);
    json!({"metadata": metadata, "status": status})
}

fn list(items: &[Value]) -> Act {
    ok(json!({"kind": "SomethingList", "metadata": {"resourceVersion": "100"}, "items": items}))
}

fn names(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|object| object["metadata"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_chain_is_followed_by_its_owners() {
    let pending = json!({"state": "pending"});
    let (api, cluster) = Api::with([
        ok(the_certificate(&json!({"revision": 1}))),
        list(&[
            child("portal-d1-1", "portal-d1", &json!({})),
            child("portal-d1-2", "portal-d1", &json!({})),
            child("of-its-predecessor", "another-of-this-name", &json!({})),
        ]),
        list(&[
            child("order-1", "portal-d1-1", &json!({"state": "valid"})),
            child("order-2", "portal-d1-2", &pending),
            child("order-x", "of-its-predecessor", &pending),
        ]),
        list(&[child("challenge-2", "order-2", &pending), child("challenge-x", "order-x", &pending)]),
    ])
    .await;

    let chain = cluster.chain(&certificate("portal-d1")).await.unwrap();

    assert_eq!(chain.certificate.unwrap()["status"]["revision"], 1);
    assert_eq!(names(&chain.requests), ["portal-d1-1", "portal-d1-2"]);
    assert_eq!(names(&chain.orders), ["order-1", "order-2"]);
    assert_eq!(names(&chain.challenges), ["challenge-2"]);
    let lines = api.lines();
    assert_eq!(lines[0], format!("GET {CERTIFICATES}/portal-d1"));
    assert!(lines[1].starts_with(&format!("GET {REQUESTS}?")) && lines[1].contains(FAMILY), "{}", lines[1]);
    assert!(lines[2].starts_with(&format!("GET {ORDERS}?")) && lines[2].contains(FAMILY), "{}", lines[2]);
    // cert-manager puts no labels on challenges.
    assert!(lines[3].starts_with(&format!("GET {CHALLENGES}?")) && !lines[3].contains("labelSelector"), "{}", lines[3]);
    for seen in api.seen() {
        assert_eq!(seen.accept, "application/json", "conditions are no metadata");
    }
}

#[tokio::test]
async fn no_more_is_asked_than_there_can_be() {
    let (_api, cluster) = Api::with([not_there("cert-manager.io", "certificates", "portal-d1")]).await;
    assert_eq!(cluster.chain(&certificate("portal-d1")).await.unwrap(), Chain::default());

    let (_api, cluster) = Api::with([ok(the_certificate(&json!({}))), list(&[])]).await;
    let chain = cluster.chain(&certificate("portal-d1")).await.unwrap();
    assert!(chain.certificate.is_some() && chain.requests.is_empty());

    let valid = [child("order-1", "portal-d1-1", &json!({"state": "valid"}))];
    let requests = [child("portal-d1-1", "portal-d1", &json!({}))];
    let (_api, cluster) = Api::with([ok(the_certificate(&json!({}))), list(&requests), list(&valid)]).await;
    let chain = cluster.chain(&certificate("portal-d1")).await.unwrap();
    assert_eq!((names(&chain.orders), chain.challenges), (vec!["order-1"], vec![]));
}

#[tokio::test]
async fn a_certificate_without_our_label_and_a_request_without_owner_are_found_by_name() {
    let mut certificate_of_a_backup = the_certificate(&json!({}));
    certificate_of_a_backup["metadata"]["labels"] = json!({});
    let mut ours = child("portal-d1-1", "nobody", &json!({}));
    ours["metadata"]["ownerReferences"] = json!([]);
    ours["metadata"]["annotations"] = json!({"cert-manager.io/certificate-name": "portal-d1"});
    let mut others = ours.clone();
    others["metadata"]["name"] = "portal-d2-1".into();
    others["metadata"]["annotations"] = json!({"cert-manager.io/certificate-name": "portal-d2"});
    let acts = [ok(certificate_of_a_backup), list(&[ours, others]), list(&[])];
    let (api, cluster) = Api::with(acts).await;

    let chain = cluster.chain(&certificate("portal-d1")).await.unwrap();

    assert_eq!(names(&chain.requests), ["portal-d1-1"]);
    assert!(!api.lines()[1].contains("labelSelector"), "{}", api.lines()[1]);
}

#[tokio::test]
async fn half_a_chain_is_an_error() {
    let requests = [child("portal-d1-1", "portal-d1", &json!({}))];
    let broken = refused(403, "Forbidden", "cannot list resource \"orders\"", json!({}));
    let (_api, cluster) = Api::with([ok(the_certificate(&json!({}))), list(&requests), broken]).await;

    let error = cluster.chain(&certificate("portal-d1")).await.unwrap_err();

    assert!(matches!(error, ClusterError::Forbidden { .. }), "{error}");
}

fn failed() -> Value {
    json!({"revision": 1, "conditions": [
        {"type": "Ready", "status": "True", "reason": "Ready"},
        {"type": "Issuing", "status": "False", "reason": "Failed", "message": "The order failed"},
    ]})
}

#[tokio::test]
async fn a_certificate_is_issued_anew_by_its_condition() {
    let (api, cluster) = Api::with([ok(the_certificate(&failed())), ok(the_certificate(&json!({})))]).await;

    cluster.reissue(&certificate("portal-d1")).await.unwrap();

    let seen = api.seen().remove(1);
    assert!(seen.line.starts_with(&format!("PATCH {CERTIFICATES}/portal-d1/status?")), "{}", seen.line);
    assert!(!seen.line.contains("force"), "{}", seen.line);
    assert_eq!(seen.content_type, "application/merge-patch+json");
    assert_eq!(seen.body["metadata"], json!({"resourceVersion": "7"}), "only if nobody wrote to it meanwhile");
    let mut conditions = seen.body["status"]["conditions"].clone();
    let since = conditions[1]["lastTransitionTime"].take();
    assert!(since.as_str().unwrap().ends_with('Z') && since.as_str().unwrap().contains('T'), "{since}");
    assert_eq!(
        conditions,
        json!([
            {"type": "Ready", "status": "True", "reason": "Ready"},
            {
                "type": "Issuing", "status": "True", "reason": "ManuallyTriggered",
                "message": "Certificate re-issuance manually triggered",
                "lastTransitionTime": null, "observedGeneration": 3,
            },
        ])
    );
}

#[tokio::test]
async fn a_certificate_that_is_being_issued_is_left_alone() {
    let issuing = json!({"conditions": [{"type": "Issuing", "status": "True", "reason": "Renewing"}]});
    let (_api, cluster) = Api::with([ok(the_certificate(&issuing))]).await;

    cluster.reissue(&certificate("portal-d1")).await.unwrap();
}

#[tokio::test]
async fn a_status_that_changes_meanwhile_is_read_again_three_times_at_most() {
    let changed = || refused(409, "Conflict", "the object has been modified", json!({}));
    let read = || ok(the_certificate(&failed()));
    let (_api, cluster) = Api::with([read(), changed(), read(), ok(json!({}))]).await;
    cluster.reissue(&certificate("portal-d1")).await.unwrap();

    let (_api, cluster) = Api::with([read(), changed(), read(), changed(), read(), changed()]).await;
    assert_eq!(cluster.reissue(&certificate("portal-d1")).await, Err(ClusterError::Changed));
}

#[tokio::test]
async fn a_certificate_that_is_not_there_cannot_be_issued_anew() {
    let (_api, cluster) = Api::with([not_there("cert-manager.io", "certificates", "portal-d1")]).await;

    assert_eq!(cluster.reissue(&certificate("portal-d1")).await, Err(ClusterError::NotThere));
}
