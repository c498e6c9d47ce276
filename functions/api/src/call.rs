//! What is known of a request before anybody looks at who asks.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};
use tenantry_runtime::trace::TraceParent;
use uuid::Uuid;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Ours or, where it is sane, the caller's `x-request-id`.
    pub(crate) request_id: Arc<str>,
    /// The trace that what follows is part of.
    pub(crate) trace: TraceParent,
    /// Who is at the other end of the connection.
    pub(crate) source_ip: Option<IpAddr>,
}

impl Call {
    /// Reads a request's headers.
    pub(crate) fn read(headers: &HeaderMap, extensions: &Extensions) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = header("x-request-id")
            .filter(|id| is_sane(id))
            .map_or_else(|| format!("req_{}", Uuid::now_v7().simple()), str::to_owned);
        // Their trace with a span of our own, or a new trace.
        let trace = header("traceparent").and_then(TraceParent::parse).unwrap_or_default().child();
        Self { request_id: request_id.into(), trace, source_ip: source_ip(extensions) }
    }
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self::read(&parts.headers, &parts.extensions)))
    }
}

/// 1 to 128 letters, digits, `.`, `_`, `-`: it stands in logs and headers.
fn is_sane(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// The address that API Gateway or our own socket saw. Headers are not believed: anybody can write them.
#[must_use]
pub fn source_ip(extensions: &Extensions) -> Option<IpAddr> {
    if let Some(lambda_http::request::RequestContext::ApiGatewayV2(context)) = extensions.get() {
        return context.http.source_ip.as_ref()?.parse().ok();
    }
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn call(headers: &[(&'static str, &str)]) -> Call {
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Call::read(&map, &Extensions::new())
    }

    #[test]
    fn a_sane_request_id_is_kept_and_any_other_is_replaced() {
        assert_eq!(&*call(&[("x-request-id", "order-7.retry_2")]).request_id, "order-7.retry_2");
        for odd in ["", "a b", "a\"b", "ü", &"x".repeat(129)] {
            let id = call(&[("x-request-id", odd)]).request_id;
            assert!(id.starts_with("req_") && id.len() == 36, "{odd:?} became {id}");
        }
        assert_ne!(call(&[]).request_id, call(&[]).request_id);
    }

    #[test]
    fn a_trace_goes_on_with_a_span_of_our_own_and_a_malformed_one_does_not() {
        let theirs = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let ours = call(&[("traceparent", theirs)]).trace;
        assert_eq!(ours.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(ours.to_string(), theirs);
        assert_ne!(call(&[("traceparent", &theirs[1..])]).trace.trace_id(), ours.trace_id());
    }
}
