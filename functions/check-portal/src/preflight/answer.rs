//! Something answers: is it our gateway?

use std::net::IpAddr;

use tenantry_dns::Severity;
use tenantry_fetch::HttpSaw;
use url::Url;

use super::{Asked, Preflight};

/// What kind of answer it is, to whoever asks for a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// Found, not found, or a request that is not understood: what a gateway says that does not hold the challenge yet.
    Plain,
    /// A redirect to the same host, which the authority follows.
    Home,
    /// A redirect to somewhere else.
    Away(String),
    /// Who are you?
    Login,
    /// An error of the server's.
    ServerError,
}

pub(super) fn judge(asked: &Asked<'_>, at: IpAddr, saw: &HttpSaw, preflight: &mut Preflight) {
    let shape = shape(asked.host, saw);
    let harmless = matches!(shape, Shape::Plain | Shape::Home);
    let ours = asked.is_ours(at);
    let mut gateway = asked.gateway().peekable();
    // Without an answer of our gateway there is no measure; what lets the authority through by itself is let pass.
    let fits = if gateway.peek().is_none() {
        harmless
    } else {
        (ours && harmless) || gateway.any(|gateway| alike(asked, saw, &shape, gateway))
    };
    if fits {
        return;
    }
    if ours {
        let saw = format!(
            "Our gateway answers {} at {at} with {}, and otherwise for the canonical host.",
            asked.url,
            words(saw)
        );
        let advice = "See what holds this hostname at the gateway; the order is not held up.".to_owned();
        preflight.operators.push(asked.finding("gateway_odd", Severity::Warning, Some(at), saw, advice));
        return;
    }
    let Asked { host, url, .. } = asked;
    let seen = words(saw);
    let (code, told, advice) = match shape {
        Shape::Away(to) => (
            "http_redirected",
            format!(
                "{url} is answered at {at} with a redirect to {to}, so the certificate authority would not come to us."
            ),
            format!("Switch the forwarding of {host} off, and: {}", asked.point_at_us(at)),
        ),
        Shape::Login => (
            "http_login",
            format!("{url} is answered at {at} with {seen}: something in front of our gateway wants to know who asks."),
            format!(
                "Let requests below http://{host}/.well-known/acme-challenge/ pass without a login. {}",
                asked.point_at_us(at)
            ),
        ),
        Shape::ServerError => (
            "http_server_error",
            format!("{url} is answered at {at} with {seen}, which does not come from our gateway."),
            asked.point_at_us(at),
        ),
        Shape::Plain | Shape::Home => (
            "http_other_server",
            format!("{url} is answered at {at} with {seen}; our gateway answers otherwise, so this is another server."),
            asked.point_at_us(at),
        ),
    };
    preflight.block(asked.finding(code, Severity::Error, Some(at), told, advice));
}

fn shape(host: &str, saw: &HttpSaw) -> Shape {
    match (saw.status, &saw.location) {
        (300..=399, Some(location)) => leads(host, location),
        (401 | 403 | 407, _) => Shape::Login,
        (500.., _) => Shape::ServerError,
        _ => Shape::Plain,
    }
}

/// Where a redirect leads. The authority follows only to http and https, at their usual ports.
fn leads(host: &str, location: &str) -> Shape {
    let to = Url::parse(&format!("http://{host}/")).and_then(|base| base.join(location));
    let Ok(to) = to else { return Shape::Away("what is not a URL".to_owned()) };
    let usual = matches!((to.scheme(), to.port()), ("http" | "https", None));
    match to.host_str() {
        Some(name) if name == host && usual => Shape::Home,
        Some(name) => Shape::Away(match to.port() {
            Some(port) => format!("{}://{name}:{port}", to.scheme()),
            None => format!("{}://{name}", to.scheme()),
        }),
        None => Shape::Away("what is not a website".to_owned()),
    }
}

/// Whether an answer looks as if our gateway had given it, which gave the other for the canonical host.
fn alike(asked: &Asked<'_>, saw: &HttpSaw, shape: &Shape, gateway: &HttpSaw) -> bool {
    if !same(saw.server.as_deref(), gateway.server.as_deref()) {
        return false;
    }
    let its_shape = self::shape(asked.target, gateway);
    // Who does not say what it is, is known by its answer alone.
    let named = saw.server.is_some();
    *shape == its_shape || (named && matches!(shape, Shape::Plain | Shape::Home))
}

fn same(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.trim().eq_ignore_ascii_case(other.trim()),
        (None, None) => true,
        _ => false,
    }
}

/// What the server said, within a sentence.
fn words(saw: &HttpSaw) -> String {
    match &saw.server {
        Some(server) if !server.trim().is_empty() => format!("status {} by `{}`", saw.status, server.trim()),
        _ => format!("status {}", saw.status),
    }
}
