//! A change: one transaction, decided again when somebody else was faster.

use std::time::Duration;

use tenantry_store::{
    StoreError, Tx,
    platform::{AuditEntry, append_audit},
};
use time::OffsetDateTime;

use crate::{auth::Caller, error::Result};

/// How long to wait before each further attempt.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(2), Duration::from_millis(10), Duration::from_millis(50), Duration::from_millis(200)];

/// Runs an attempt (its own transaction, from reading to committing) until it is not overtaken, five times at most.
pub(crate) async fn retrying<T, F: Future<Output = Result<T>>>(mut attempt: impl FnMut() -> F) -> Result<T> {
    for pause in PAUSES {
        match attempt().await {
            Err(error) if error.is_a_race() => tokio::time::sleep(pause).await,
            done => return done,
        }
    }
    attempt().await
}

/// Appends a line to the audit log, in the transaction of what it tells. The last statement before the commit: lines of
/// one chain wait for each other.
pub(crate) async fn audit(tx: &mut Tx, caller: &Caller, mut entry: AuditEntry<'_>, now: OffsetDateTime) -> Result<()> {
    let address = caller.call.source_ip.map(|ip| ip.to_string());
    entry.source_ip = address.as_deref();
    Ok(append_audit(tx, &entry, now).await?)
}

/// Makes it so.
pub(crate) async fn commit(tx: Tx) -> Result<()> {
    Ok(tx.commit().await.map_err(StoreError::from)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::Cell;

    use super::*;
    use crate::{error::Error, problem::Code};

    #[tokio::test(start_paused = true)]
    async fn a_race_is_run_again_and_anything_else_is_not() {
        let tries = Cell::new(0);
        let lucky = retrying(|| async {
            tries.set(tries.get() + 1);
            if tries.get() < 3 { Err(StoreError::Changed.into()) } else { Ok(tries.get()) }
        });
        assert_eq!(lucky.await.unwrap(), 3);

        tries.set(0);
        let refused = retrying(|| async {
            tries.set(tries.get() + 1);
            Err::<(), Error>(StoreError::NotFound("run").into())
        });
        assert_eq!(refused.await.unwrap_err().into_problem().code(), Code::NotFound);
        assert_eq!(tries.get(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_endless_race_ends_as_busy() {
        let tries = Cell::new(0);
        let never = retrying(|| async {
            tries.set(tries.get() + 1);
            Err::<(), Error>(StoreError::Changed.into())
        });
        assert_eq!(never.await.unwrap_err().into_problem().code(), Code::Busy);
        assert_eq!(tries.get(), 5);
    }
}
