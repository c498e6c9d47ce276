//! Many at once, and one after the other.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use anyhow::Result;
use futures::future::try_join_all;

/// Something that onboards tenants.
pub(super) trait Onboards: Sync {
    /// Onboards another tenant; returns when the mail is accepted and everything is written.
    fn onboard(&self) -> impl Future<Output = Result<()>> + Send;

    /// Returns when nothing is left to do.
    fn settled(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// How long `number` onboardings take, `concurrency` at a time.
pub(super) async fn busy(side: &impl Onboards, concurrency: usize, number: usize) -> Result<Duration> {
    let (began, next) = (Instant::now(), AtomicUsize::new(0));
    let client = async || {
        while next.fetch_add(1, Ordering::Relaxed) < number {
            side.onboard().await?;
        }
        Ok::<_, anyhow::Error>(())
    };
    try_join_all((0..concurrency).map(|_| client())).await?;
    Ok(began.elapsed())
}

/// How long each of `number` onboardings takes, one after the other.
pub(super) async fn idle(side: &impl Onboards, number: usize) -> Result<Vec<Duration>> {
    let mut took = Vec::with_capacity(number);
    for _ in 0..number {
        let began = Instant::now();
        side.onboard().await?;
        took.push(began.elapsed());
    }
    Ok(took)
}
