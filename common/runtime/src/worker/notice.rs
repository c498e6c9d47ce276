//! Notices: somebody is told; nothing waits for the answer.

use std::time::Duration;

use tenantry_kernel::{Retry, Verdict};
use tenantry_model::{ErrorClass, Fault};
use tenantry_store::{
    Result,
    runs::{Claimed, finish_notice, retry_later},
};

use super::Worker;
use crate::Job;

/// How patiently somebody is told.
const PATIENCE: Retry = Retry::new(8, Duration::from_secs(2), Duration::from_secs(600));

impl Worker {
    pub(super) async fn work_notice(&self, claimed: &Claimed) -> Result<()> {
        let job = Job {
            run: claimed.run,
            tenant: claimed.tenant,
            command: claimed.lease.command,
            attempt: claimed.attempt,
            now: self.db.clock().now(),
        };
        let told = match &self.function.tell {
            Some(tell) => tell.tell(&job, &claimed.kind, &claimed.command).await,
            None => Err(Fault::new(ErrorClass::InternalError, "this function tells nobody anything")),
        };
        let Err(fault) = told else { return finish_notice(&self.db, claimed, None).await };
        match PATIENCE.after(claimed.attempt, &fault) {
            Verdict::Again(wait) => {
                tracing::warn!(class = %fault.class, error = %fault, ?wait, "a notice could not be told; again later");
                let hint = retry_later(&self.db, claimed, &fault, wait).await?;
                self.hints.send(vec![hint]).await;
                Ok(())
            }
            Verdict::GaveUp | Verdict::Unknown => {
                tracing::error!(class = %fault.class, error = %fault, "a notice was given up");
                finish_notice(&self.db, claimed, Some(&fault)).await
            }
        }
    }
}
