//! Where a request came from: what the API notes of it, in its log lines and in the audit log.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, Request, request::Parts},
};

/// Headers that are handed on as they are; the API keeps what is sane of them.
const HANDED_ON: [&str; 2] = ["x-request-id", "traceparent"];

/// Where a request of a browser came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Came {
    /// The address at the other end, as the gateway or our own socket saw it.
    from: Option<IpAddr>,
    headers: HeaderMap,
    /// The key of the form that was sent, where it has one: sent twice, it is one wish.
    pub(crate) once: Option<String>,
}

impl Came {
    /// Reads it.
    pub(crate) fn read(parts: &Parts) -> Self {
        let headers = HANDED_ON
            .iter()
            .filter_map(|name| Some((HeaderName::from_static(name), parts.headers.get(*name)?.clone())));
        Self { from: api::source_ip(&parts.extensions), headers: headers.collect(), once: None }
    }

    /// Notes it on what is asked of the API.
    pub(crate) fn note<B>(&self, request: &mut Request<B>) {
        request.headers_mut().extend(self.headers.clone());
        if let Some(from) = self.from {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from, 0)));
        }
    }
}
