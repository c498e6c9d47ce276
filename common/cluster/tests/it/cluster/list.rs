//! Lists are whole, or an error.

use serde_json::{Value, json};
use tenantry_cluster::{ClusterError, Kind};

use crate::cluster::{
    CERTIFICATES, metadata,
    server::{Act, Api, TOKEN, ok, refused},
};

const SELECTOR: &str = "portal.tenantry.dev/managed=true";
const FIRST: &str = "?&limit=500&labelSelector=portal.tenantry.dev%2Fmanaged%3Dtrue";

fn page(names: &[&str], next: &str) -> Act {
    let items: Vec<Value> = names.iter().map(|name| json!({"metadata": metadata(name, "7")})).collect();
    ok(json!({
        "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": "100", "continue": next}, "items": items,
    }))
}

/// Query parameters in any order.
fn query(line: &str) -> Vec<String> {
    let mut pairs: Vec<String> =
        line.split_once('?').unwrap().1.split('&').filter(|pair| !pair.is_empty()).map(ToOwned::to_owned).collect();
    pairs.sort();
    pairs
}

#[tokio::test]
async fn every_page_is_read_and_only_metadata_is_asked_for() {
    let (api, cluster) = Api::with([page(&["a", "b"], "next one+/"), page(&["c"], "")]).await;

    let found = cluster.list(Kind::Certificate, "istio-system", SELECTOR).await.unwrap();

    let names: Vec<&str> = found.iter().map(|found| found.key.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!((found[0].uid.as_str(), found[0].resource_version.as_str(), found[0].generation), ("uid-of-a", "7", 3));
    assert_eq!(found[0].labels["portal.tenantry.dev/domain-id"], "d1");
    assert_eq!(found[0].annotations["portal.tenantry.dev/hash"], "abc");
    assert!(!found[0].deleting);
    let seen = api.seen();
    for seen in &seen {
        assert!(seen.line.starts_with(&format!("GET {CERTIFICATES}?")), "{}", seen.line);
        assert_eq!(seen.accept, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        assert_eq!(seen.authorization, format!("Bearer {TOKEN}"));
    }
    assert_eq!(query(&seen[0].line), query(FIRST));
    assert_eq!(query(&seen[1].line), query(&format!("{FIRST}&continue=next+one%2B%2F")));
}

#[tokio::test]
async fn a_list_that_expires_in_the_middle_is_begun_anew() {
    let expired = || refused(410, "Expired", "The provided continue parameter is too old", json!({}));
    let acts = [page(&["a", "b"], "n"), expired(), page(&["b"], "m"), page(&["c"], "")];
    let (api, cluster) = Api::with(acts).await;

    let found = cluster.list(Kind::Certificate, "istio-system", SELECTOR).await.unwrap();

    let names: Vec<&str> = found.iter().map(|found| found.key.name.as_str()).collect();
    assert_eq!(names, ["b", "c"], "nothing of the first beginning is kept");
    assert_eq!(query(&api.lines()[2]), query(FIRST));
}

#[tokio::test]
async fn a_list_that_always_expires_is_an_error_after_three_beginnings() {
    let expired = || refused(410, "Expired", "too old", json!({}));
    let acts = [page(&["a"], "n"), expired(), page(&["a"], "n"), expired(), page(&["a"], "n"), expired()];
    let (_api, cluster) = Api::with(acts).await;

    let error = cluster.list(Kind::Certificate, "istio-system", "").await.unwrap_err();

    assert!(matches!(error, ClusterError::Server { .. }), "{error}");
    assert!(error.may_pass() && !error.is_about_the_object());
}

#[tokio::test]
async fn a_failure_on_the_second_page_leaves_nothing_of_the_first() {
    let (_api, cluster) =
        Api::with([page(&["a"], "n"), refused(500, "InternalError", "etcd is slow", json!({}))]).await;

    let error = cluster.list(Kind::Certificate, "istio-system", SELECTOR).await.unwrap_err();

    let message = "etcd is slow".to_owned();
    assert_eq!(error, ClusterError::Server { status: 500, message, retry_after: None });
}

#[tokio::test]
async fn what_is_no_list_is_not_an_empty_one() {
    let answers = [
        Act::Text(200, "<html>Welcome</html>"),
        ok(json!({})),
        ok(json!({"kind": "Status", "items": []})),
        ok(json!({"kind": "CertificateList", "items": {}})),
        ok(json!({"kind": "CertificateList", "metadata": {}})),
        ok(json!({"kind": "CertificateList", "items": [{"metadata": {"name": "a", "namespace": "istio-system"}}]})),
    ];
    for answer in answers {
        let (api, cluster) = Api::with([answer]).await;

        let error = cluster.list(Kind::Certificate, "istio-system", SELECTOR).await.unwrap_err();

        assert!(matches!(error, ClusterError::Unreadable { .. }), "{error}");
        drop(api);
    }
}

#[tokio::test]
async fn an_empty_list_is_empty_in_both_ways_a_server_writes_it() {
    for items in [json!([]), Value::Null] {
        let list = json!({"kind": "PartialObjectMetadataList", "metadata": {"resourceVersion": "1"}, "items": items});
        let (_api, cluster) = Api::with([ok(list)]).await;

        assert_eq!(cluster.list(Kind::Gateway, "istio-system", SELECTOR).await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_object_that_is_being_deleted_is_said_to_be() {
    let mut leaving = metadata("a", "7");
    leaving["deletionTimestamp"] = "2026-11-21T12:00:00Z".into();
    leaving.as_object_mut().unwrap().remove("generation");
    let list = json!({"kind": "GatewayList", "metadata": {}, "items": [{"metadata": leaving, "spec": {}}]});
    let (_api, cluster) = Api::with([ok(list)]).await;

    let found = cluster.list(Kind::Gateway, "istio-system", SELECTOR).await.unwrap();

    assert!(found[0].deleting && found[0].generation == 0);
}

#[tokio::test]
async fn a_namespace_that_is_none_is_never_part_of_a_path() {
    let (_api, cluster) = Api::with([]).await;

    for namespace in ["", "..", "a/../b", "a?b", "A", "a..b"] {
        let error = cluster.list(Kind::Gateway, namespace, SELECTOR).await.unwrap_err();

        assert!(matches!(error, ClusterError::Refused { .. }), "{namespace:?}: {error}");
    }
}
