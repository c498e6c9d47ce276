//! The client against an API server that follows a script.

mod access;
mod certificate;
mod check;
mod list;
mod one;
mod refusals;
mod server;

use serde_json::{Value, json};
use tenantry_cluster::{Key, Kind};

const CERTIFICATES: &str = "/apis/cert-manager.io/v1/namespaces/istio-system/certificates";

fn certificate(name: &str) -> Key {
    Key { kind: Kind::Certificate, namespace: "istio-system".to_owned(), name: name.to_owned() }
}

/// The metadata of an object as a server answers it.
fn metadata(name: &str, version: &str) -> Value {
    json!({
        "name": name, "namespace": "istio-system", "uid": format!("uid-of-{name}"), "resourceVersion": version,
        "generation": 3, "creationTimestamp": "2026-11-21T12:00:00Z",
        "labels": {"portal.tenantry.dev/domain-id": "d1"},
        "annotations": {"portal.tenantry.dev/hash": "abc"},
        "managedFields": [{"manager": "tenantry", "operation": "Apply"}],
    })
}
