//! `Gateway.spec` of networking.istio.io/v1.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Hostname, Rendering};

#[derive(Serialize)]
pub(super) struct Spec {
    selector: BTreeMap<String, String>,
    servers: [Server; 2],
}

#[derive(Serialize)]
struct Server {
    hosts: Vec<String>,
    port: Port,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
}

#[derive(Serialize)]
struct Port {
    name: &'static str,
    number: u16,
    protocol: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tls {
    credential_name: String,
    min_protocol_version: &'static str,
    mode: &'static str,
}

/// The hostname on 443 with its own certificate, chosen by SNI, and on 80 for the authority's challenge.
///
/// `namespace/host`: only a VirtualService of that namespace may say where this hostname leads. Without it any
/// namespace could bind a route to the gateway and take the tenant's visitors.
///
/// No `httpsRedirect` on 80: it answers before any route is looked at, the challenge's too. The redirect is a route.
pub(super) fn spec(rendering: &Rendering, hostname: &Hostname) -> Spec {
    let hosts = vec![format!("{}/{}", rendering.service_namespace, hostname.host)];
    let tls = Tls { credential_name: hostname.secret.clone(), min_protocol_version: "TLSV1_2", mode: "SIMPLE" };
    Spec {
        selector: rendering.gateway_selector.clone(),
        servers: [
            Server {
                hosts: hosts.clone(),
                port: Port { name: "https", number: 443, protocol: "HTTPS" },
                tls: Some(tls),
            },
            Server { hosts, port: Port { name: "http", number: 80, protocol: "HTTP" }, tls: None },
        ],
    }
}
