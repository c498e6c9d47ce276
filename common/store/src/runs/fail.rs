//! A try that failed and is to be repeated.

use std::time::Duration;

use serde_json::json;
use tenantry_model::Fault;
use uuid::Uuid;

use super::{Claimed, Hint, Lease};
use crate::{Db, Result, StoreError, Timing};

/// Gives a command back to be tried again after `wait`, with a line in the history, and says which hint to send.
///
/// # Errors
/// [`StoreError::LeaseLost`], or the database cannot be reached.
pub async fn retry_later(db: &Db, claimed: &Claimed, fault: &Fault, wait: Duration) -> Result<Hint> {
    let Timing { now, hint_patience } = db.timing();
    let detail = json!({ "attempt": claimed.attempt, "fault": fault, "again_in": wait.as_secs_f64() });
    let given_back = sqlx::query_scalar!(
        // The run is locked first, as everybody who writes does, so that no two wait for each other.
        r#"with run as (
               select id from runs where id = $11 for update),
           given_back as (
               update commands c set lease_token = null, lease_until = null, due_at = $3, wake_at = $4, last_error = $5
               from run
               where c.id = $1 and c.run_id = run.id and c.status = 'open' and c.lease_token = $2
               returning c.run_id),
           counted as (
               update runs r set seq = seq + 1, updated_at = $6 from given_back
               where r.id = given_back.run_id and $7
               returning r.id, r.seq, r.tenant_id, r.state, r.epoch),
           h as (
               insert into history (run_id, seq, tenant_id, at, key, kind, name, from_state, to_state, epoch, outcome, detail)
               select id, seq, tenant_id, $6, $8, 'attempt', $9, state, state, epoch, 'stayed', $10 from counted)
           select count(*) as "given_back!" from given_back"#,
        claimed.lease.command.0,
        claimed.lease.token,
        now + wait,
        now + wait + hint_patience,
        json!(fault),
        now,
        claimed.role == tenantry_kernel::Role::Command,
        format!("{}:{}", claimed.lease.command, claimed.attempt),
        claimed.name,
        detail,
        claimed.run.0,
    )
    .fetch_one(db.pool())
    .await?;
    if given_back == 0 {
        return Err(StoreError::LeaseLost);
    }
    let trace = claimed.trace.clone();
    Ok(Hint { command: claimed.lease.command, performer: claimed.performer.clone(), delay: wait, trace })
}

/// Gives a command back untouched: this code cannot work it, and its try does not count. What an earlier try has begun stays
/// begun.
///
/// # Errors
/// The database cannot be reached.
pub async fn release(db: &Db, claimed: &Claimed, wait: Duration) -> Result<()> {
    let at = db.clock().now() + wait;
    sqlx::query!(
        r#"update commands set lease_token = case when $4 then lease_token end, lease_until = case when $4 then $3::timestamptz end,
               due_at = $3, wake_at = $3, attempt = attempt - 1
           where id = $1 and status = 'open' and lease_token = $2"#,
        claimed.lease.command.0,
        claimed.lease.token,
        at,
        claimed.interrupted,
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Ends notices that were told, or given up. Nothing waits for them.
///
/// # Errors
/// The database cannot be reached.
pub async fn end_notices(db: &Db, leases: &[Lease], fault: Option<&Fault>) -> Result<()> {
    if leases.is_empty() {
        return Ok(());
    }
    let (ids, tokens): (Vec<Uuid>, Vec<Uuid>) = leases.iter().map(|lease| (lease.command.0, lease.token)).unzip();
    let status = if fault.is_some() { "gave_up" } else { "done" };
    sqlx::query!(
        r#"update commands c set status = $3, lease_token = null, lease_until = null, ended_at = $4,
               last_error = coalesce($5, last_error)
           from unnest($1::uuid[], $2::uuid[]) as told(id, token)
           where c.id = told.id and c.status = 'open' and c.lease_token = told.token"#,
        &ids,
        &tokens,
        status,
        db.clock().now(),
        fault.map(|fault| json!(fault)),
    )
    .execute(db.pool())
    .await?;
    Ok(())
}
