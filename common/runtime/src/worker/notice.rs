//! Notices: somebody is told; nothing waits for the answer.

use std::time::Duration;

use futures::future::{join, join_all};
use tenantry_kernel::{Retry, Verdict};
use tenantry_model::{CommandId, ErrorClass, Fault};
use tenantry_store::{
    StoreError,
    runs::{Claimed, Lease, end_notices, retry_later},
};
use tracing::Instrument as _;

use super::Worker;
use crate::Job;

/// How patiently somebody is told.
const PATIENCE: Retry = Retry::new(8, Duration::from_secs(2), Duration::from_secs(600));

/// Longer than any provider takes, and shorter than the lease.
pub(super) const TIME_OUT: Duration = Duration::from_secs(45);

impl Worker {
    /// Tells notices, and says for each whether it is done with. Those that were told are ended by one statement.
    pub(super) async fn work_notices(&self, notices: Vec<Claimed>) -> Vec<(CommandId, bool)> {
        let told = join_all(notices.iter().map(|notice| self.tell(notice).instrument(self.span(notice)))).await;
        let (told, failed): (Vec<_>, Vec<_>) = notices.iter().zip(told).partition(|(_, told)| told.is_ok());
        let told: Vec<Lease> = told.into_iter().map(|(notice, _)| notice.lease).collect();
        let failed = failed.into_iter().filter_map(|(notice, told)| Some((notice, told.err()?)));
        let (ended, answered) = join(
            async { self.written(end_notices(&self.db, &told, None).await) },
            join_all(failed.map(|(notice, fault)| {
                let span = self.span(notice);
                async move { (notice.lease.command, self.written(self.not_told(notice, &fault).await)) }
                    .instrument(span)
            })),
        )
        .await;
        told.into_iter().map(|lease| (lease.command, ended)).chain(answered).collect()
    }

    async fn tell(&self, notice: &Claimed) -> Result<(), Fault> {
        let job = Job {
            run: notice.run,
            tenant: notice.tenant,
            command: notice.lease.command,
            attempt: notice.attempt,
            now: self.db.clock().now(),
        };
        match &self.function.tell {
            Some(tell) => match tokio::time::timeout(
                TIME_OUT.min(self.limits.operation),
                tell.tell(&job, &notice.kind, &notice.command, &*self.hints),
            )
            .await
            {
                Ok(told) => told,
                Err(_elapsed) => Err(Fault::new(ErrorClass::UnknownOutcome, "telling took longer than it may")),
            },
            None => Err(Fault::new(ErrorClass::InternalError, "this function tells nobody anything")),
        }
    }

    async fn not_told(&self, notice: &Claimed, fault: &Fault) -> Result<(), StoreError> {
        match PATIENCE.after(notice.attempt, fault) {
            Verdict::Again(wait) => {
                tracing::warn!(class = %fault.class, error = %fault, ?wait, "a notice could not be told; again later");
                let hint = retry_later(&self.db, notice, fault, wait).await?;
                self.hints.send(vec![hint]).await;
                Ok(())
            }
            Verdict::GaveUp | Verdict::Unknown => {
                tracing::error!(class = %fault.class, error = %fault, "a notice was given up");
                end_notices(&self.db, &[notice.lease], Some(fault)).await
            }
        }
    }

    /// Whether it was written; if not, the lease runs out, and it is tried again.
    fn written(&self, result: Result<(), StoreError>) -> bool {
        if let Err(error) = &result {
            let error = error as &dyn std::error::Error;
            tracing::error!(function = self.name(), error, "what became of a notice could not be written");
        }
        result.is_ok()
    }
}
