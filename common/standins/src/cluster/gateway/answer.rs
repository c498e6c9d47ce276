//! What a request is answered: a redirect, a challenge, the page of the portal's service, or nothing that is known.

use super::doors::Arrived;
use super::routing::{Asked, Goes, route};
use super::{Gateway, Mood, below};
use crate::cluster::kind::Kind;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{CONTENT_TYPE, HOST, HeaderValue, LOCATION, SERVER};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Where the certificate authority looks.
const CHALLENGES: &str = "/.well-known/acme-challenge/";

pub(super) async fn answer(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(arrived): ConnectInfo<Arrived>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mood = *gateway.mood.borrow();
    let mut response = match mood {
        Mood::Serving => served(&gateway, &arrived, &method, &uri, &headers),
        Mood::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "no healthy upstream").into_response(),
        Mood::Refusing => {
            arrived.cut.cut();
            ().into_response()
        }
    };
    response.headers_mut().insert(SERVER, HeaderValue::from_static("istio-envoy"));
    response
}

fn served(gateway: &Gateway, arrived: &Arrived, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let authority = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or("");
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let host = host.to_ascii_lowercase();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let seen: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap_or("").to_owned()))
        .collect();
    let asked = Asked { tls: arrived.tls, method: method.as_str(), host: &host, path, headers: &seen };
    let goes = match &gateway.zone {
        Some(zone) if below(&host, zone) => canonical(&asked),
        _ => route(&gateway.views.now(), &asked),
    };
    match goes {
        Goes::Redirect { code, scheme, authority, path: to } => {
            let scheme = scheme.unwrap_or_else(|| if arrived.tls { "https" } else { "http" }.to_owned());
            let authority = authority.unwrap_or_else(|| gateway.authority(&host, port, &scheme));
            let location = format!("{scheme}://{authority}{}", to.as_deref().unwrap_or(path));
            redirect(code, &location)
        }
        Goes::Direct(code, body) => {
            (StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body).into_response()
        }
        Goes::To(_) if path.starts_with(CHALLENGES) => gateway.challenge(&host, path),
        // cert-manager brings a route of its own for as long as a challenge is there.
        Goes::Nowhere if !arrived.tls && path.starts_with(CHALLENGES) => gateway.challenge(&host, path),
        Goes::Nowhere => StatusCode::NOT_FOUND.into_response(),
        Goes::To(_) => page(&host),
    }
}

/// What holds for the hosts below the canonical zone, without any object.
fn canonical(asked: &Asked<'_>) -> Goes {
    let redirect = |code, scheme: Option<&str>, path: Option<&str>| Goes::Redirect {
        code,
        scheme: scheme.map(str::to_owned),
        authority: None,
        path: path.map(str::to_owned),
    };
    match asked {
        Asked { path, .. } if path.starts_with(CHALLENGES) => Goes::To("solver".to_owned()),
        Asked { tls: false, .. } => redirect(301, Some("https"), None),
        Asked { path: "/", .. } => redirect(302, None, Some("/client-portal/dashboard")),
        _ => Goes::To("portal".to_owned()),
    }
}

impl Gateway {
    /// The authority of a redirect: one that came to a port that is not the usual one is led to ours of that scheme.
    fn authority(&self, host: &str, port: Option<&str>, scheme: &str) -> String {
        let [plain, secure] = *self.ports.borrow();
        match port {
            None | Some("80" | "443") => host.to_owned(),
            Some(_) => format!("{host}:{}", if scheme == "https" { secure } else { plain }),
        }
    }

    /// What the solver of a challenge answers.
    fn challenge(&self, host: &str, path: &str) -> Response {
        let token = path.strip_prefix(CHALLENGES).unwrap_or("");
        let (_, challenges) = self.world.list(Kind::Challenge, None);
        let of = challenges.iter().map(|challenge| &challenge["spec"]);
        let key =
            of.into_iter().find(|spec| spec["dnsName"] == host && spec["token"] == token).map(|spec| &spec["key"]);
        match key.and_then(|key| key.as_str()) {
            Some(key) => key.to_owned().into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

fn redirect(code: u16, location: &str) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::MOVED_PERMANENTLY);
    // A path that no header can hold cannot have come in one.
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    (code, [(LOCATION, location)]).into_response()
}

/// The page of the service behind the gateway.
fn page(host: &str) -> Response {
    let shown: String =
        host.chars().filter(|letter| letter.is_ascii_alphanumeric() || ".-".contains(*letter)).collect();
    let body = format!(
        "<!doctype html><html lang=\"en\"><title>{shown}</title><h1>Customer portal of {shown}</h1>\
         <p>This page stands for the service behind the gateway.</p></html>\n"
    );
    let took = (HeaderName::from_static("x-envoy-upstream-service-time"), HeaderValue::from_static("1"));
    let kind = (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    ([took, kind], body).into_response()
}
