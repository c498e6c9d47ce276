//! A request done once, however often it is sent (`Idempotency-Key`).

use aws_lc_rs::digest::{Context, SHA256};
use axum::{
    extract::MatchedPath,
    http::{HeaderMap, request::Parts},
};
use tenantry_store::{
    Scope, Tx,
    platform::{Replay, Reply, begin_idempotent, keep_reply},
};
use time::OffsetDateTime;

use crate::{
    error::Result,
    problem::{Code, FieldError, Problem},
};

/// How a request is known again.
#[derive(Debug, Clone)]
pub(crate) struct Once {
    key: Option<String>,
    route: String,
    hash: [u8; 32],
}

impl Once {
    /// Reads the key. The same key on another path of the same route, or with another body, is another request.
    pub(crate) fn read(parts: &Parts, body: &[u8]) -> Result<Self, Problem> {
        let route = parts.extensions.get::<MatchedPath>().map_or_else(|| parts.uri.path(), MatchedPath::as_str);
        let mut hash = Context::new(&SHA256);
        for part in [parts.uri.path().as_bytes(), b"\n", body] {
            hash.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.finish().as_ref());
        Ok(Self { key: key(&parts.headers)?, route: format!("{} {route}", parts.method), hash: bytes })
    }

    /// No key: for the parts of a request that is known by its own.
    pub(crate) fn none() -> Self {
        Self { key: None, route: String::new(), hash: [0; 32] }
    }

    /// Whether the caller has given a key.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// Takes hold of the key for this transaction; with the reply, when the request was answered before.
    pub(crate) async fn begin(&self, tx: &mut Tx, scope: Scope) -> Result<Option<Reply>> {
        let Some(key) = &self.key else { return Ok(None) };
        match begin_idempotent(tx, &scope.key(), &self.route, key, &self.hash).await? {
            Replay::First => Ok(None),
            Replay::Again(reply) => Ok(Some(reply)),
            Replay::OtherBody => {
                let detail = "This Idempotency-Key came before with another path or body.";
                Err(Problem::new(Code::IdempotencyKeyReused, detail).into())
            }
            Replay::InFlight => {
                let detail = "The first request with this Idempotency-Key has not been answered yet.";
                Err(Problem::new(Code::IdempotencyInFlight, detail).after(1).into())
            }
        }
    }

    /// Keeps the reply together with what the request did. Only successes are kept: a refused request did nothing, and
    /// may be sent again with the same key.
    pub(crate) async fn keep(&self, tx: &mut Tx, scope: Scope, reply: &Reply, now: OffsetDateTime) -> Result<()> {
        if let Some(key) = &self.key {
            keep_reply(tx, &scope.key(), &self.route, key, &self.hash, reply, now).await?;
        }
        Ok(())
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(first) = given.next() else { return Ok(None) };
    let text = first.to_str().unwrap_or_default();
    if given.next().is_some() || text.is_empty() || text.len() > 255 {
        let words = "Idempotency-Key must be given once, as 1 to 255 visible ASCII characters.";
        let field = FieldError::parameter("Idempotency-Key", "invalid_value", words);
        return Err(Problem::new(Code::InvalidHeader, words).with(vec![field]));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::http::Request;

    use super::*;

    fn once(path: &str, key: &str, body: &[u8]) -> Result<Once, Problem> {
        let request = Request::post(path).header("idempotency-key", key).body(()).unwrap();
        Once::read(&request.into_parts().0, body)
    }

    #[test]
    fn the_same_request_is_known_again_and_another_is_not() {
        let first = once("/v1/tenants", "k", b"{}").unwrap();
        assert_eq!(first.hash, once("/v1/tenants", "k", b"{}").unwrap().hash);
        assert_ne!(first.hash, once("/v1/tenants", "k", b"{ }").unwrap().hash);
        assert_ne!(first.hash, once("/v1/drills", "k", b"{}").unwrap().hash);
    }

    #[test]
    fn a_key_is_short_visible_text() {
        assert!(once("/", &"x".repeat(255), b"").unwrap().has_key());
        assert_eq!(once("/", &"x".repeat(256), b"").unwrap_err().code(), Code::InvalidHeader);
        assert_eq!(once("/", "", b"").unwrap_err().code(), Code::InvalidHeader);
        assert_eq!(once("/", "ä", b"").unwrap_err().code(), Code::InvalidHeader);
    }
}
