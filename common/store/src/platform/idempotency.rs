//! Idempotency keys: the reply is kept in the same transaction as what the request did.

use serde_json::Value;
use time::OffsetDateTime;

use crate::{Result, Tx};

/// A reply that was given, or is to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The JSON body.
    pub body: Value,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Replay {
    /// Nothing: go ahead; the key is held until this transaction ends.
    First,
    /// The same request was answered before.
    Again(Reply),
    /// The key was used for another body.
    OtherBody,
    /// The first request with this key is under way right now.
    InFlight,
}

/// Takes hold of a key for this transaction, or says why not.
///
/// # Errors
/// The database cannot be reached.
pub async fn begin_idempotent(tx: &mut Tx, scope: &str, route: &str, key: &str, body_hash: &[u8]) -> Result<Replay> {
    // The lock ends with the transaction, also when its process dies: no key is ever stuck.
    let held = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2 || ' ' || $3, 1)) as "held!""#,
        scope,
        route,
        key
    )
    .fetch_one(&mut **tx)
    .await?;
    if !held {
        return Ok(Replay::InFlight);
    }
    let row = sqlx::query!(
        "select body_hash, status, location, body from idempotency_keys where scope = $1 and route = $2 and key = $3",
        scope,
        route,
        key
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(match row {
        None => Replay::First,
        Some(row) if row.body_hash != body_hash => Replay::OtherBody,
        Some(row) => Replay::Again(Reply { status: row.status.unsigned_abs(), location: row.location, body: row.body }),
    })
}

/// Keeps the reply, for 24 h.
///
/// # Errors
/// The database cannot be reached.
pub async fn keep_reply(
    tx: &mut Tx,
    scope: &str,
    route: &str,
    key: &str,
    body_hash: &[u8],
    reply: &Reply,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        "insert into idempotency_keys (scope, route, key, body_hash, status, location, body, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        scope,
        route,
        key,
        body_hash,
        i16::try_from(reply.status).unwrap_or(500),
        reply.location,
        reply.body,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
