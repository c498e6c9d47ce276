//! A person holds a run, and lets it go on.
//!
//! Pausing parks the rows of the run: its open commands and its timers are held, also those that come while it is paused, and
//! whoever looks for what is due does not see them. What is under way may end, and its answer is written. The run is locked
//! first, as everybody who writes does, so that nothing comes in between; and whoever claims or fires asks the row that it has
//! locked once more, so that nothing begins that was held a moment before.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_model::{CommandId, RunId, TenantId};
use tenantry_workflows::kind;
use time::OffsetDateTime;

use super::Hint;
use crate::{Result, StoreError, Timing, Tx};

/// Pauses a run, in the caller's transaction, with a line in its history. Notices are told all the same: what they tell has
/// happened.
///
/// # Errors
/// [`StoreError::Changed`]: it has ended, or is paused already.
pub async fn pause(tx: &mut Tx, run: RunId, by: &str, why: Option<&str>, now: OffsetDateTime) -> Result<()> {
    let paused = sqlx::query_scalar!(
        r#"with paused as (
               update runs set seq = seq + 1, paused_at = $2, paused_by = $3, paused_why = $4, updated_at = $2
               where id = $1 and ended_at is null and paused_at is null
               returning id, seq, tenant_id, state, epoch),
           h as (
               insert into history (run_id, seq, tenant_id, at, kind, name, from_state, to_state, epoch, outcome, detail)
               select id, seq, tenant_id, $2, 'signal', 'Paused', state, state, epoch, 'stayed', $5 from paused)
           select count(*) as "paused!" from paused"#,
        run.0,
        now,
        by,
        why,
        json!({ "by": by, "reason": why }),
    )
    .fetch_one(&mut **tx)
    .await?;
    if paused == 0 {
        return Err(StoreError::Changed);
    }
    // Statements of their own, that see what was committed while we waited for the run.
    sqlx::query!("update commands set held = true where run_id = $1 and status = 'open' and role = 'command'", run.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("update timers set held = true where run_id = $1", run.0).execute(&mut **tx).await?;
    Ok(())
}

/// Lets a paused run go on, in the caller's transaction: what came due meanwhile is due now. Says which hints to send.
///
/// # Errors
/// [`StoreError::Changed`]: it is not paused.
pub async fn resume(tx: &mut Tx, run: RunId, by: &str, timing: Timing) -> Result<Vec<Hint>> {
    let now = timing.now;
    let resumed = sqlx::query!(
        r#"with resumed as (
               update runs set seq = seq + 1, paused_at = null, paused_by = null, paused_why = null, updated_at = $2
               where id = $1 and paused_at is not null
               returning id, seq, tenant_id, state, epoch, kind),
           h as (
               insert into history (run_id, seq, tenant_id, at, kind, name, from_state, to_state, epoch, outcome, detail)
               select id, seq, tenant_id, $2, 'signal', 'Resumed', state, state, epoch, 'stayed', $3 from resumed)
           select kind, tenant_id from resumed"#,
        run.0,
        now,
        json!({ "by": by }),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::Changed)?;
    let mut hints = let_go(tx, run, timing).await?;
    let timers =
        sqlx::query!(r#"update timers set held = false where run_id = $1 and held returning timer, in_lane"#, run.0)
            .fetch_all(&mut **tx)
            .await?;
    let in_lane = timers.into_iter().find(|timer| timer.in_lane).map(|timer| timer.timer);
    if let (Some(timer), Some(tenant)) = (in_lane, resumed.tenant_id) {
        hints.extend(back_to_lane(tx, &resumed.kind, &timer, TenantId(tenant), now).await?);
    }
    Ok(hints)
}

/// The commands may be claimed again. One that somebody still works on, or has died with, is for its lease.
async fn let_go(tx: &mut Tx, run: RunId, timing: Timing) -> Result<Vec<Hint>> {
    let rows = sqlx::query!(
        r#"update commands
           set held = false,
               wake_at = case when lease_token is null then greatest(due_at, $2) + make_interval(secs => $3) else wake_at end
           where run_id = $1 and held and status = 'open'
           returning id, performer, trace, due_at, coalesce(lease_until > $2, false) as "busy!""#,
        run.0,
        timing.now,
        timing.hint_patience.as_secs_f64(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let idle = rows.into_iter().filter(|row| !row.busy);
    let hint = |(id, performer, trace, due_at): (CommandId, String, Option<String>, OffsetDateTime)| {
        let delay = Duration::try_from(due_at - timing.now).unwrap_or_default();
        Hint { command: id, performer, delay, trace }
    };
    Ok(idle.map(|row| hint((row.id.into(), row.performer, row.trace, row.due_at))).collect())
}

/// It waits for its turn again. The lane may have found nothing that is due before a later day.
async fn back_to_lane(
    tx: &mut Tx,
    of_kind: &str,
    timer: &Value,
    tenant: TenantId,
    now: OffsetDateTime,
) -> Result<Option<Hint>> {
    sqlx::query!(
        "insert into lanes as l (tenant_id, ready_at) values ($1, $2)
         on conflict (tenant_id) do update set ready_at = excluded.ready_at where l.ready_at is null or l.ready_at > excluded.ready_at",
        tenant.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    let performer = kind(of_kind).and_then(|kind| kind.lane(timer));
    Ok(performer.map(|performer| Hint::to_look(performer, Duration::ZERO)))
}
