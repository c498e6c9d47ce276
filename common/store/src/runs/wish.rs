//! What people tell a run: signals, answers to tasks, "retry now".

use serde_json::Value;
use tenantry_kernel::{EntryKind, Input, workflow::Heard};
use tenantry_model::{CommandId, RunId};
use tenantry_workflows::kind;
use time::OffsetDateTime;

use super::{
    Hint, RunRow, TaskRow,
    commit::{Of, Source, advance},
};
use crate::{Result, StoreError, Timing, Tx};

/// Tells a run something, in the caller's transaction. The run decides at once: refused, or written with what follows.
///
/// `event` is what [`tenantry_kernel::Kind::signal`] made of the caller's words; `key` makes it one wish however often
/// it is told.
///
/// # Errors
/// [`StoreError::Deaf`] with the refusal, [`StoreError::Changed`]: read the run and tell it again.
pub async fn signal(tx: &mut Tx, run: &RunRow, event: Value, key: String, timing: Timing) -> Result<Vec<Hint>> {
    let input = Input { kind: EntryKind::Signal, epoch: None, heard: Heard::Event(event) };
    told(tx, run, input, Source::Wish(key), timing).await
}

/// Answers a task, in the caller's transaction.
///
/// # Errors
/// As [`signal`]; [`StoreError::Changed`] also when somebody else has answered in between.
pub async fn answer_task(
    tx: &mut Tx,
    run: &RunRow,
    task: &TaskRow,
    event: Value,
    answer: Value,
    by: &str,
    timing: Timing,
) -> Result<Vec<Hint>> {
    let input = Input { kind: EntryKind::TaskAnswer, epoch: Some(task.epoch), heard: Heard::Event(event) };
    let told = told(tx, run, input, Source::Task { id: task.id, answer, by: by.to_owned() }, timing).await;
    told.map_err(|error| match error.constraint() {
        // Answered after the task was read, and before the run was.
        Some("history_key") => StoreError::Changed,
        _ => error,
    })
}

async fn told(tx: &mut Tx, run: &RunRow, input: Input, source: Source, timing: Timing) -> Result<Vec<Hint>> {
    let kind = kind(&run.kind).ok_or(StoreError::NotFound("kind of run in this version"))?;
    let change = kind.advance(&run.life, input)?;
    let of = Of { run: run.id, seq: run.seq, kind: &run.kind, tenant: run.tenant, trace: run.trace.as_deref() };
    Ok(advance(tx, &of, &source, &change, None, timing).await?.hints)
}

/// Makes every waiting retry of a run due now. Says which hints to send; none when nothing waits.
///
/// # Errors
/// The database cannot be reached.
pub async fn retry_now(tx: &mut Tx, run: RunId, now: OffsetDateTime) -> Result<Vec<Hint>> {
    let rows = sqlx::query!(
        r#"update commands set due_at = $2, wake_at = $2
           where run_id = $1 and status = 'open' and lease_token is null
           returning id, performer, trace, held"#,
        run.0,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    let hint =
        |id: CommandId, performer, trace| Hint { command: id, performer, delay: std::time::Duration::ZERO, trace };
    // Those of a paused run are due as soon as it is resumed.
    let now = rows.into_iter().filter(|row| !row.held);
    Ok(now.map(|row| hint(row.id.into(), row.performer, row.trace)).collect())
}
