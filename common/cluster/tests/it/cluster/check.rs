//! What is asked of a cluster before it is used, and what is said of it.

use serde_json::{Value, json};
use tenantry_cluster::{Checked, ClusterError, Kind};

use crate::cluster::server::{Act, Api, ok};

const NAMESPACES: [(Kind, &str); 3] =
    [(Kind::Certificate, "istio-system"), (Kind::Gateway, "istio-system"), (Kind::VirtualService, "msp")];

fn version() -> Act {
    ok(json!({
        "major": "1", "minor": "36", "gitVersion": "v1.36.1", "gitCommit": "c", "gitTreeState": "clean",
        "buildDate": "2026-08-01T00:00:00Z", "goVersion": "go1.26", "compiler": "gc", "platform": "linux/amd64",
    }))
}

fn group(version: &str, names: &[&str]) -> Act {
    let resources: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "singularName": "", "namespaced": true, "kind": "K", "verbs": ["get"]}))
        .collect();
    ok(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}))
}

fn may(allowed: bool) -> Act {
    let status = json!({"allowed": allowed});
    let body = json!({"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": {}, "status": status});
    Act::Json(201, body)
}

/// In the order in which they are first needed.
fn all_groups() -> [Act; 3] {
    [
        group("cert-manager.io/v1", &["certificates", "certificates/status", "certificaterequests"]),
        group("acme.cert-manager.io/v1", &["orders", "challenges"]),
        group("networking.istio.io/v1", &["gateways", "virtualservices"]),
    ]
}

#[tokio::test]
async fn a_cluster_in_which_we_may_do_everything_is_ready() {
    let acts = [version()].into_iter().chain(all_groups()).chain((0..19).map(|_| may(true)));
    let (api, cluster) = Api::with(acts).await;

    let checked = cluster.check(&NAMESPACES).await.unwrap();

    assert_eq!(checked, Checked { version: "v1.36.1".to_owned(), unknown: vec![], missing: vec![] });
    assert!(checked.is_ready());
    let seen = api.seen();
    assert_eq!(seen[0].line, "GET /version");
    assert_eq!(seen[1].line, "GET /apis/cert-manager.io/v1");
    assert_eq!(seen[4].line, "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
    assert_eq!(seen[4].content_type, "application/json");
    assert_eq!(
        seen[4].body["spec"]["resourceAttributes"],
        json!({"group": "cert-manager.io", "namespace": "istio-system", "resource": "certificates", "verb": "get"})
    );
    let asked: Vec<String> = seen[4..]
        .iter()
        .map(|seen| &seen.body["spec"]["resourceAttributes"])
        .map(|of| [&of["verb"], &of["resource"], &of["subresource"], &of["namespace"]])
        .map(|of| of.iter().map(|part| part.as_str().unwrap_or("-")).collect::<Vec<_>>().join(" "))
        .collect();
    for needed in [
        "patch certificates - istio-system",
        "patch certificates status istio-system",
        "list certificaterequests - istio-system",
        "list orders - istio-system",
        "list challenges - istio-system",
        "delete gateways - istio-system",
        "create virtualservices - msp",
    ] {
        assert!(asked.iter().any(|asked| asked == needed), "{needed} is not in {asked:?}");
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let [_, acme, _] = all_groups();
    let without = group("networking.istio.io/v1", &["gateways"]);
    let acts = [version(), Act::Text(404, "404 page not found\n"), acme, without];
    let answers = (0..19).map(|index| may(index != 3 && index != 5));
    let (_api, cluster) = Api::with(acts.into_iter().chain(answers)).await;

    let checked = cluster.check(&NAMESPACES).await.unwrap();

    let unknown = [
        "certificates.cert-manager.io/v1",
        "certificaterequests.cert-manager.io/v1",
        "virtualservices.networking.istio.io/v1",
    ];
    assert_eq!(checked.unknown, unknown);
    let missing = [
        "patch certificates of cert-manager.io in istio-system",
        "patch certificates/status of cert-manager.io in istio-system",
    ];
    assert_eq!(checked.missing, missing);
    assert!(!checked.is_ready());
}

#[tokio::test]
async fn a_server_that_is_none_is_not_called_ready() {
    for answer in [Act::Text(200, "hello"), ok(json!([])), Act::Text(404, "nothing here")] {
        let (_api, cluster) = Api::with([answer]).await;

        let error = cluster.check(&NAMESPACES).await.unwrap_err();

        assert!(matches!(error, ClusterError::Unreadable { .. }), "{error}");
    }
}
