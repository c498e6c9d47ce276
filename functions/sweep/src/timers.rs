//! Due timers, told to their lives one by one.

use std::time::Instant;

use tenantry_kernel::{EntryKind, Input, workflow::Heard};
use tenantry_model::TimerId;
use tenantry_runtime::Hints;
use tenantry_store::{
    Db, Result, StoreError,
    runs::{self, DueTimer, Of, Source},
};

/// Fires what is due. A timer whose run changes this very moment, or that this version cannot read, is left for later.
pub(crate) async fn fire(db: &Db, hints: &dyn Hints, until: Instant) -> Result<usize> {
    let (mut fired, mut left) = (0, Vec::<TimerId>::new());
    while Instant::now() < until {
        let mut tx = db.begin().await?;
        let Some(due) = runs::due_timer(&mut tx, db.clock().now(), &left).await? else { break };
        match tell(&mut tx, db, &due).await {
            Ok(follows) => {
                tx.commit().await?;
                hints.send(follows).await;
                fired += 1;
            }
            Err(StoreError::Changed | StoreError::Undone(_)) => left.push(due.id),
            Err(error @ (StoreError::Deaf(_) | StoreError::NotFound(_))) => {
                tracing::error!(run = %due.run, timer = %due.id, error = &error as &dyn std::error::Error, "a timer cannot be told to its run");
                left.push(due.id);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(fired)
}

async fn tell(tx: &mut tenantry_store::Tx, db: &Db, due: &DueTimer) -> Result<Vec<runs::Hint>> {
    let kind = tenantry_workflows::kind(&due.kind).ok_or(StoreError::NotFound("kind of run in this version"))?;
    let input = Input { kind: EntryKind::Timer, epoch: Some(due.epoch), heard: Heard::Fired(due.timer.clone()) };
    let change = kind.advance(&due.life, input)?;
    let of = Of { run: due.run, seq: due.seq, kind: kind.kind(), tenant: due.tenant, trace: due.trace.as_deref() };
    let committed = runs::advance(tx, &of, &Source::Timer(due.id), &change, None, db.timing()).await?;
    Ok(committed.hints)
}
