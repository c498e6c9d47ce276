//! The cluster's stand-in, spoken to over HTTP as clients of a real one do.

mod applying;
mod certificates;
mod deleting;
mod faults;
mod gateway;
mod kubectl;
mod looking;
mod reading;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;
use tenantry_standins::cluster::{Cluster, Key, Kind, Options};

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The collection of a kind in the namespace that it is used in here.
pub(crate) const GATEWAYS: &str = "/apis/networking.istio.io/v1/namespaces/istio-system/gateways";
pub(crate) const SERVICES: &str = "/apis/networking.istio.io/v1/namespaces/msp/virtualservices";
pub(crate) const CERTIFICATES: &str = "/apis/cert-manager.io/v1/namespaces/istio-system/certificates";

/// The cluster and a client of it.
pub(crate) struct Stage {
    pub(crate) cluster: Cluster,
    pub(crate) client: Client,
}

impl Stage {
    pub(crate) async fn new(options: Options) -> Stage {
        let cluster = Cluster::start(options).await.unwrap();
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Stage { cluster, client }
    }

    pub(crate) async fn open() -> Stage {
        Stage::new(Options::default()).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.cluster.url())).bearer_auth(self.cluster.token())
    }

    /// Status and body.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.request(method, path);
        let request = if body.is_null() { request } else { request.json(body) };
        read(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Applies an object to the collection at this path as `manager`.
    pub(crate) async fn apply(&self, collection: &str, object: &Value, query: &str) -> (u16, Value) {
        read(self.applying(collection, object, query)).await
    }

    pub(crate) fn applying(&self, collection: &str, object: &Value, query: &str) -> RequestBuilder {
        let name = object["metadata"]["name"].as_str().unwrap();
        self.request(Method::PATCH, &format!("{collection}/{name}?fieldManager={query}"))
            .header("content-type", "application/apply-patch+yaml")
            .body(object.to_string())
    }

    /// Applies it as `tenantry`, which has to succeed.
    pub(crate) async fn applied(&self, collection: &str, object: &Value) -> Value {
        let (status, answer) = self.apply(collection, object, "tenantry").await;
        assert!([200, 201].contains(&status), "{status} {answer}");
        answer
    }

    pub(crate) async fn patch(&self, path: &str, patch: &Value) -> (u16, Value) {
        let kind = "application/merge-patch+json";
        read(self.request(Method::PATCH, path).header("content-type", kind).body(patch.to_string())).await
    }
}

pub(crate) async fn read(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
}

pub(crate) fn key(kind: Kind, namespace: &str, name: &str) -> Key {
    Key::new(kind, namespace, name)
}

/// A gateway for a host, with the certificate of the same name.
pub(crate) fn gateway(name: &str, host: &str) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1", "kind": "Gateway",
        "metadata": { "name": name, "labels": { "portal.tenantry.dev/managed": "true" } },
        "spec": {
            "selector": { "istio": "ingressgateway" },
            "servers": [
                {
                    "port": { "number": 443, "name": "https", "protocol": "HTTPS" }, "hosts": [format!("msp/{host}")],
                    "tls": { "mode": "SIMPLE", "credentialName": name, "minProtocolVersion": "TLSV1_2" },
                },
                { "port": { "number": 80, "name": "http", "protocol": "HTTP" }, "hosts": [format!("msp/{host}")] },
            ],
        },
    })
}

pub(crate) fn certificate(name: &str, host: &str) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": { "name": name },
        "spec": {
            "secretName": name, "dnsNames": [host],
            "issuerRef": { "name": "letsencrypt-http01", "kind": "ClusterIssuer", "group": "cert-manager.io" },
            "privateKey": { "algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always" },
        },
    })
}

pub(crate) fn service(name: &str, host: &str) -> Value {
    let to = |host: &str, port: u32| json!([{ "destination": { "host": host, "port": { "number": port } } }]);
    json!({
        "apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": { "name": name },
        "spec": {
            "hosts": [host], "gateways": [format!("istio-system/{name}")],
            "http": [
                {
                    "match": [{ "uri": { "prefix": "/.well-known/acme-challenge/" } }],
                    "route": to("acme-solver.istio-system.svc.cluster.local", 8089),
                },
                { "match": [{ "port": 80 }], "redirect": { "scheme": "https", "redirectCode": 301 } },
                { "match": [{ "uri": { "exact": "/" } }], "redirect": { "uri": "/client-portal/dashboard", "redirectCode": 302 } },
                { "route": to("portal.msp.svc.cluster.local", 3000) },
            ],
        },
    })
}
