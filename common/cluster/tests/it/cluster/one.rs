//! Reading, applying and deleting one object.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry_cluster::{ClusterError, Deleted, Object};

use crate::cluster::{
    CERTIFICATES, certificate, metadata,
    server::{Act, Api, TOKEN, not_there, ok, refused},
};

fn body(name: &str, version: &str) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata(name, version),
        "spec": {"secretName": "portal-domain-a1b2c3d", "dnsNames": ["portal.acme.test"]},
    })
}

fn wanted() -> Object {
    Object {
        key: certificate("portal-d1"),
        labels: BTreeMap::from([("portal.tenantry.dev/managed".to_owned(), "true".to_owned())]),
        annotations: BTreeMap::from([("portal.tenantry.dev/hash".to_owned(), "abc".to_owned())]),
        spec: json!({"secretName": "portal-domain-a1b2c3d", "dnsNames": ["portal.acme.test"]}),
    }
}

#[tokio::test]
async fn an_object_is_read_whole() {
    let (api, cluster) = Api::with([ok(body("portal-d1", "7"))]).await;

    let (found, whole) = cluster.get(&certificate("portal-d1")).await.unwrap().unwrap();

    assert_eq!(found.key, certificate("portal-d1"));
    assert_eq!((found.uid.as_str(), found.resource_version.as_str()), ("uid-of-portal-d1", "7"));
    assert_eq!(whole["spec"]["dnsNames"][0], "portal.acme.test");
    let seen = api.seen();
    assert_eq!(seen[0].line, format!("GET {CERTIFICATES}/portal-d1"));
    assert_eq!((seen[0].accept.as_str(), &seen[0].body), ("application/json", &Value::Null));
    assert_eq!(seen[0].authorization, format!("Bearer {TOKEN}"));
}

#[tokio::test]
async fn only_a_404_of_the_object_says_that_it_is_not_there() {
    let (_api, cluster) = Api::with([not_there("cert-manager.io", "certificates", "portal-d1")]).await;
    assert_eq!(cluster.get(&certificate("portal-d1")).await.unwrap(), None);

    let words = "the server could not find the requested resource";
    let others = [
        Act::Text(404, "404 page not found\n"),
        Act::Text(404, "<html>no such backend</html>"),
        refused(404, "NotFound", words, json!({})),
    ];
    for answer in others {
        let (_api, cluster) = Api::with([answer]).await;

        let error = cluster.get(&certificate("portal-d1")).await.unwrap_err();

        assert_eq!(error, ClusterError::KindUnknown { kind: "certificates.cert-manager.io/v1".to_owned() });
        assert!(!error.is_about_the_object());
    }
}

#[tokio::test]
async fn an_apply_sends_exactly_what_shall_be_ours() {
    let (api, cluster) = Api::with([Act::Json(201, body("portal-d1", "1"))]).await;

    let found = cluster.apply(&wanted(), None, false).await.unwrap();

    assert_eq!((found.resource_version.as_str(), found.generation), ("1", 3));
    let seen = api.seen().remove(0);
    let (path, query) = seen.line.split_once('?').unwrap();
    assert_eq!(path, format!("PATCH {CERTIFICATES}/portal-d1"));
    let mut query: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    query.sort_unstable();
    assert_eq!(query, ["fieldManager=tenantry", "fieldValidation=Strict"]);
    assert_eq!(seen.content_type, "application/apply-patch+yaml");
    assert_eq!(
        seen.body,
        json!({
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": {
                "name": "portal-d1",
                "namespace": "istio-system",
                "labels": {"portal.tenantry.dev/managed": "true"},
                "annotations": {"portal.tenantry.dev/hash": "abc"},
            },
            "spec": {"secretName": "portal-domain-a1b2c3d", "dnsNames": ["portal.acme.test"]},
        })
    );
}

#[tokio::test]
async fn an_apply_may_expect_a_version_and_may_be_forced() {
    let (api, cluster) = Api::with([ok(body("portal-d1", "8"))]).await;

    cluster.apply(&wanted(), Some("7"), true).await.unwrap();

    let seen = api.seen().remove(0);
    assert!(seen.line.contains("force=true"), "{}", seen.line);
    assert_eq!(seen.body["metadata"]["resourceVersion"], "7");
}

#[tokio::test]
async fn a_delete_names_the_uid_and_leaves_what_is_owned_to_the_background() {
    let answers =
        [ok(json!({"kind": "Status", "status": "Success"})), ok(body("portal-d1", "9")), Act::Json(202, json!({}))];
    for answer in answers {
        let (api, cluster) = Api::with([answer]).await;

        let deleted = cluster.delete(&certificate("portal-d1"), "uid-1").await.unwrap();

        assert_eq!(deleted, Deleted::Deleted);
        let seen = api.seen().remove(0);
        assert_eq!(seen.line.trim_end_matches('?'), format!("DELETE {CERTIFICATES}/portal-d1"));
        assert_eq!(seen.content_type, "application/json");
        assert_eq!(seen.body["preconditions"], json!({"uid": "uid-1"}));
        assert_eq!(seen.body["propagationPolicy"], "Background");
    }
}

#[tokio::test]
async fn a_delete_says_when_it_was_not_there_or_is_another_by_now() {
    let (_api, cluster) = Api::with([not_there("cert-manager.io", "certificates", "portal-d1")]).await;
    assert_eq!(cluster.delete(&certificate("portal-d1"), "uid-1").await.unwrap(), Deleted::NotThere);

    let messages = [
        "Operation cannot be fulfilled on certificates.cert-manager.io \"portal-d1\": the UID in the precondition \
         (uid-1) does not match the UID in record (uid-2). The object might have been deleted and then recreated",
        "Operation cannot be fulfilled on certificates.cert-manager.io \"portal-d1\": StorageError: invalid object, \
         Code: 4, Key: /registry/x, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: \
         uid-1, UID in object meta: uid-2",
    ];
    for message in messages {
        let details = json!({"name": "portal-d1", "group": "cert-manager.io", "kind": "certificates"});
        let (_api, cluster) = Api::with([refused(409, "Conflict", message, details)]).await;
        assert_eq!(cluster.delete(&certificate("portal-d1"), "uid-1").await.unwrap(), Deleted::AnotherOne);
    }
}

#[tokio::test]
async fn a_delete_that_meets_a_cluster_without_the_kind_is_an_error() {
    let (_api, cluster) = Api::with([Act::Text(404, "404 page not found\n")]).await;

    let error = cluster.delete(&certificate("portal-d1"), "uid-1").await.unwrap_err();

    assert!(matches!(error, ClusterError::KindUnknown { .. }), "{error}");
}

#[tokio::test]
async fn nothing_is_deleted_without_a_uid_or_a_name() {
    let (_api, cluster) = Api::with([]).await;

    for (name, uid) in [("portal-d1", ""), ("", "uid-1"), ("..", "uid-1"), ("a/b", "uid-1"), ("a?x=1", "uid-1")] {
        let error = cluster.delete(&certificate(name), uid).await.unwrap_err();

        assert!(matches!(error, ClusterError::Refused { .. }), "{name:?} {uid:?}: {error}");
    }
}
