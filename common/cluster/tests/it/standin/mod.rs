//! The client against the cluster's stand-in, which keeps objects and owners as an API server does.

mod misbehaving;

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tenantry_cluster::{Access, Chain, Cluster, ClusterError, Deleted, FAMILY, FieldConflict, Key, Kind, Object};
use tenantry_standins::cluster::{self as standin, Cluster as Standin, Options};

const MANAGED: &str = "portal.tenantry.dev/managed=true";
/// For what the stand-in's controllers do of themselves.
const PATIENCE: Duration = Duration::from_secs(30);

async fn start() -> (Standin, Cluster) {
    let standin = Standin::start(Options::default()).await.unwrap();
    let file = NamedTempFile::new().unwrap();
    standin.write_kubeconfig(file.path()).unwrap();
    let access = Access::Kubeconfig { file: Some(file.path().to_owned()), context: None };
    let cluster = Cluster::connect(access, "tenantry").await.unwrap();
    (standin, cluster)
}

fn key(kind: Kind, name: &str) -> Key {
    Key { kind, namespace: "istio-system".to_owned(), name: name.to_owned() }
}

fn theirs(key: &Key) -> standin::Key {
    let kind = match key.kind {
        Kind::Certificate => standin::Kind::Certificate,
        Kind::Gateway => standin::Kind::Gateway,
        Kind::VirtualService => standin::Kind::VirtualService,
    };
    standin::Key::new(kind, &key.namespace, &key.name)
}

fn object(key: Key, spec: Value) -> Object {
    let labels = [("portal.tenantry.dev/managed", "true"), (FAMILY, key.name.as_str())];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let annotations = BTreeMap::from([("portal.tenantry.dev/hash".to_owned(), "abc".to_owned())]);
    Object { key, labels, annotations, spec }
}

fn certificate(name: &str) -> Object {
    let issuer = json!({"name": "letsencrypt-http01", "kind": "ClusterIssuer"});
    let spec = json!({"secretName": name, "dnsNames": ["portal.acme.test"], "issuerRef": issuer});
    object(key(Kind::Certificate, name), spec)
}

fn route(host: &str) -> Object {
    let http = json!([{"route": [{"destination": {"host": host, "port": {"number": 3000}}}]}]);
    let spec = json!({"hosts": ["portal.acme.test"], "gateways": ["istio-system/d1"], "http": http});
    object(key(Kind::VirtualService, "d1"), spec)
}

#[tokio::test]
async fn an_object_is_applied_found_and_deleted() {
    let (standin, cluster) = start().await;
    let wanted = route("portal.msp.svc");

    let applied = cluster.apply(&wanted, None, false).await.unwrap();
    let again = cluster.apply(&wanted, None, false).await.unwrap();
    assert_eq!(applied.resource_version, again.resource_version, "what is so already is not touched");

    let listed = cluster.list(Kind::VirtualService, "istio-system", MANAGED).await.unwrap();
    let (read, body) = cluster.get(&wanted.key).await.unwrap().unwrap();
    assert_eq!(listed.iter().map(|found| &found.key).collect::<Vec<_>>(), [&wanted.key]);
    assert_eq!((&listed[0].uid, &listed[0].labels), (&read.uid, &wanted.labels));
    assert_eq!(read.annotations["portal.tenantry.dev/hash"], "abc");
    assert_eq!(body["spec"]["hosts"], json!(["portal.acme.test"]));
    assert!(cluster.list(Kind::VirtualService, "msp", MANAGED).await.unwrap().is_empty());
    assert!(
        cluster.list(Kind::VirtualService, "istio-system", "portal.tenantry.dev/tenant=x").await.unwrap().is_empty()
    );

    let uid = read.uid;
    assert_eq!(cluster.delete(&wanted.key, "the-uid-of-another").await.unwrap(), Deleted::AnotherOne);
    assert!(standin.get(&theirs(&wanted.key)).is_some());
    assert_eq!(cluster.delete(&wanted.key, &uid).await.unwrap(), Deleted::Deleted);
    assert_eq!(cluster.delete(&wanted.key, &uid).await.unwrap(), Deleted::NotThere);
    assert_eq!(cluster.get(&wanted.key).await.unwrap(), None);
}

#[tokio::test]
async fn what_another_manager_changed_is_a_conflict_until_it_is_forced() {
    let (standin, cluster) = start().await;
    let ours = route("portal.msp.svc");
    cluster.apply(&ours, None, false).await.unwrap();
    let edit = |live: &mut Value| live["spec"]["http"][0]["route"][0]["destination"]["host"] = "elsewhere.svc".into();
    standin.edit(&theirs(&ours.key), "kubectl-edit", edit).unwrap();

    let error = cluster.apply(&ours, None, false).await.unwrap_err();
    let conflict = FieldConflict { manager: "kubectl-edit".to_owned(), field: ".spec.http".to_owned() };
    assert_eq!(error, ClusterError::Conflict { conflicts: vec![conflict] });

    cluster.apply(&ours, None, true).await.unwrap();
    let live = standin.get(&theirs(&ours.key)).unwrap();
    assert_eq!(live["spec"]["http"], ours.spec["http"]);
}

#[tokio::test]
async fn an_apply_on_another_version_than_expected_changes_nothing() {
    let (standin, cluster) = start().await;
    let first = cluster.apply(&route("one.svc"), None, false).await.unwrap();
    let second = cluster.apply(&route("two.svc"), Some(&first.resource_version), false).await.unwrap();
    assert!(second.generation > first.generation);

    let error = cluster.apply(&route("three.svc"), Some(&first.resource_version), false).await.unwrap_err();

    assert_eq!(error, ClusterError::Changed);
    let live = standin.get(&theirs(&first.key)).unwrap();
    assert_eq!(live["metadata"]["resourceVersion"], second.resource_version.as_str());

    cluster.delete(&first.key, &first.uid).await.unwrap();
    let error = cluster.apply(&route("three.svc"), Some(&second.resource_version), false).await.unwrap_err();
    assert_eq!(error, ClusterError::Changed, "it is not created anew");
}

#[tokio::test]
async fn what_does_not_fit_the_schema_is_refused_for_good() {
    let (_standin, cluster) = start().await;
    let mut wrong = route("one.svc");
    wrong.spec["hostz"] = json!(["portal.acme.test"]);

    let error = cluster.apply(&wrong, None, false).await.unwrap_err();

    assert!(matches!(&error, ClusterError::Refused { reason } if reason.contains("hostz")), "{error}");
}

#[tokio::test]
async fn a_list_of_many_pages_is_whole() {
    let (_standin, cluster) = start().await;
    for number in 0..1_001 {
        let gateway = object(key(Kind::Gateway, &format!("d{number}")), json!({"selector": {"istio": "gateway"}}));
        cluster.apply(&gateway, None, false).await.unwrap();
    }

    let found = cluster.list(Kind::Gateway, "istio-system", MANAGED).await.unwrap();

    let names: std::collections::BTreeSet<&str> = found.iter().map(|found| found.key.name.as_str()).collect();
    assert_eq!((found.len(), names.len()), (1_001, 1_001));
}

#[tokio::test]
async fn a_chain_is_found_and_a_certificate_issued_anew() {
    let (standin, cluster) = start().await;
    let wanted = certificate("d1");
    cluster.apply(&certificate("d2"), None, false).await.unwrap();
    cluster.apply(&wanted, None, false).await.unwrap();
    let issued = |revision: u64| {
        move |live: &Value| {
            let conditions = live["status"]["conditions"].as_array();
            let ready =
                conditions.is_some_and(|all| all.iter().any(|one| one["type"] == "Ready" && one["status"] == "True"));
            ready && live["status"]["revision"] == revision
        }
    };
    standin.wait_for(&theirs(&wanted.key), issued(1), PATIENCE).await.unwrap();

    let chain = cluster.chain(&wanted.key).await.unwrap();
    assert_eq!(chain.certificate.unwrap()["metadata"]["name"], "d1");
    assert_eq!((chain.requests.len(), chain.orders.len()), (1, 1), "and nothing of d2");
    assert_eq!(chain.orders[0]["status"]["state"], "valid");
    assert_eq!(cluster.chain(&key(Kind::Certificate, "d3")).await.unwrap(), Chain::default());

    cluster.reissue(&wanted.key).await.unwrap();
    standin.wait_for(&theirs(&wanted.key), issued(2), PATIENCE).await.unwrap();
}
