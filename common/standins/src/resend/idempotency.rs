//! Idempotency keys: the first request of a key has its effect, later ones have its answer.

use super::answer::Answer;
use super::error::Refusal;
use aws_lc_rs::digest;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Letters in a key.
const MAX_KEY: usize = 256;
/// How long a key is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// The keys of one account.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<HashMap<String, Kept>>);

#[derive(Debug)]
struct Kept {
    print: [u8; 32],
    /// `None` while the first request is in flight.
    answer: Option<Answer>,
    since: Instant,
}

/// What a request under a key is to do.
pub(super) enum Claim<'a> {
    /// Have its effect, and then say so.
    First(Claimed<'a>),
    /// Give this answer again.
    Replay(Answer),
}

/// A key in flight. Dropped before [`Claimed::done`], it is free again: nothing happened under it.
pub(super) struct Claimed<'a> {
    keys: &'a Keys,
    key: Option<String>,
}

/// What tells one request from another: its route and the very bytes of its body.
pub(super) fn fingerprint(route: &str, body: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(route.as_bytes());
    context.update(&[0]);
    context.update(body);
    let mut print = [0; 32];
    print.copy_from_slice(context.finish().as_ref());
    print
}

impl Keys {
    /// Claims a key; without one every request is the first.
    pub(super) fn claim(&self, key: Option<&str>, print: [u8; 32]) -> Result<Claim<'_>, Refusal> {
        let Some(key) = key else { return Ok(Claim::First(Claimed { keys: self, key: None })) };
        if key.is_empty() || key.len() > MAX_KEY {
            let message = format!("The key must be between 1 and {MAX_KEY} chars.");
            return Err(Refusal::new(400, "invalid_idempotency_key", message));
        }
        let mut kept = self.lock();
        if let Some(known) = kept.get(key).filter(|known| known.since.elapsed() < KEPT) {
            if known.print != print {
                let message = "Same idempotency key used with a different request payload.";
                return Err(Refusal::new(409, "invalid_idempotent_request", message));
            }
            return known.answer.clone().map(Claim::Replay).ok_or_else(|| {
                let message = "Same idempotency key used while original request is still in progress.";
                Refusal::new(409, "concurrent_idempotent_requests", message)
            });
        }
        kept.insert(key.to_owned(), Kept { print, answer: None, since: Instant::now() });
        Ok(Claim::First(Claimed { keys: self, key: Some(key.to_owned()) }))
    }

    /// Forgets all keys, as if a day had passed.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claimed<'_> {
    /// The effect has happened; this is the answer from now on.
    pub(super) fn done(mut self, answer: &Answer) {
        if let Some(key) = self.key.take()
            && let Some(kept) = self.keys.lock().get_mut(&key)
        {
            kept.answer = Some(answer.clone());
        }
    }
}

impl Drop for Claimed<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.keys.lock().remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn first<'a>(keys: &'a Keys, key: &str, body: &[u8]) -> Claimed<'a> {
        match keys.claim(Some(key), fingerprint("r", body)) {
            Ok(Claim::First(claimed)) => claimed,
            Ok(Claim::Replay(answer)) => panic!("a replay: {answer:?}"),
            Err(refusal) => panic!("{refusal:?}"),
        }
    }

    fn refused(keys: &Keys, key: &str, body: &[u8]) -> String {
        keys.claim(Some(key), fingerprint("r", body)).err().map(|refusal| refusal.name).unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_is_in_flight_then_answered_then_after_a_day_forgotten() {
        let keys = Keys::default();
        let claimed = first(&keys, "k", b"a");
        assert_eq!(refused(&keys, "k", b"a"), "concurrent_idempotent_requests");
        assert_eq!(refused(&keys, "k", b"b"), "invalid_idempotent_request");
        claimed.done(&Answer::ok(&json!({ "id": "1" })));
        assert_eq!(refused(&keys, "k", b"b"), "invalid_idempotent_request");
        let again = keys.claim(Some("k"), fingerprint("r", b"a"));
        assert!(matches!(again, Ok(Claim::Replay(answer)) if &answer.body[..] == br#"{"id":"1"}"#));
        tokio::time::advance(KEPT).await;
        first(&keys, "k", b"b").done(&Answer::ok(&json!({})));
    }

    #[test]
    fn a_request_that_failed_frees_its_key() {
        let keys = Keys::default();
        drop(first(&keys, "k", b"a"));
        drop(first(&keys, "k", b"b"));
        assert_eq!(refused(&keys, "", b"a"), "invalid_idempotency_key");
        assert_eq!(refused(&keys, &"k".repeat(257), b"a"), "invalid_idempotency_key");
    }
}
