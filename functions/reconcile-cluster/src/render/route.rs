//! `VirtualService.spec` of networking.istio.io/v1.

use std::collections::BTreeMap;

use serde::Serialize;
use tenantry_cluster::Kind;

use super::{Hostname, Rendering, Service};

/// Where an authority fetches its challenges (RFC 8555, 8.3).
pub const CHALLENGE_PATH: &str = "/.well-known/acme-challenge/";

/// Where `/` leads.
const START: &str = "/client-portal/dashboard";

#[derive(Serialize)]
pub(super) struct Spec {
    gateways: Vec<String>,
    hosts: Vec<String>,
    http: Vec<Route>,
}

#[derive(Default, Serialize)]
struct Route {
    #[serde(rename = "match", skip_serializing_if = "Vec::is_empty")]
    matches: Vec<Match>,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<Redirect>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    route: Vec<Weighted>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Match {
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<Text>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    without_headers: BTreeMap<&'static str, Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Text {
    Exact(&'static str),
    Prefix(&'static str),
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Redirect {
    redirect_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'static str>,
}

#[derive(Serialize)]
struct Weighted {
    destination: Destination,
}

#[derive(Serialize)]
struct Destination {
    host: String,
    port: Number,
}

#[derive(Serialize)]
struct Number {
    number: u16,
}

/// What becomes of a request to the hostname; the first route that matches counts.
pub(super) fn spec(rendering: &Rendering, hostname: &Hostname) -> Spec {
    let gateway = rendering.key(Kind::Gateway, hostname.id);
    let challenge = rendering.challenge.as_ref().map(challenge);
    Spec {
        gateways: vec![format!("{}/{}", gateway.namespace, gateway.name)],
        hosts: vec![hostname.host.clone()],
        http: challenge.into_iter().chain([to_https(), start(), portal(&rendering.service)]).collect(),
    }
}

/// The challenge to whoever answers it; over HTTPS as well, for the authority follows a proxy in front that redirects.
fn challenge(service: &Service) -> Route {
    Route {
        matches: vec![Match { uri: Some(Text::Prefix(CHALLENGE_PATH)), ..Match::default() }],
        name: "challenge",
        route: vec![to(service)],
        ..Route::default()
    }
}

/// HTTP to HTTPS, but for the challenge.
///
/// The exception must be part of this rule. Where cert-manager brings its own route, that is a second VirtualService
/// for the same host, and Istio merges both: rules of different VirtualServices have no promised order among each
/// other, only a rule that matches everything goes last. A redirect that matched the challenge's path would win or
/// lose by chance. Istio's regular expressions are RE2, which has no lookahead; what it has is `withoutHeaders`, which
/// takes the pseudo-header `:path` and is never missing.
fn to_https() -> Route {
    Route {
        matches: vec![Match {
            port: Some(80),
            without_headers: BTreeMap::from([(":path", Text::Prefix(CHALLENGE_PATH))]),
            ..Match::default()
        }],
        name: "to-https",
        redirect: Some(Redirect { redirect_code: 301, scheme: Some("https"), uri: None }),
        ..Route::default()
    }
}

/// `/` to the portal's first page. Not for ever (302): a browser would keep to an old first page.
fn start() -> Route {
    Route {
        matches: vec![Match { uri: Some(Text::Exact("/")), ..Match::default() }],
        name: "start",
        redirect: Some(Redirect { redirect_code: 302, scheme: None, uri: Some(START) }),
        ..Route::default()
    }
}

fn portal(service: &Service) -> Route {
    Route { name: "portal", route: vec![to(service)], ..Route::default() }
}

fn to(service: &Service) -> Weighted {
    Weighted { destination: Destination { host: service.host.clone(), port: Number { number: service.port } } }
}
