//! A gate that requests wait at until a test opens it.

use std::time::Duration;
use tokio::sync::watch;

/// The gate.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    opened: watch::Sender<u64>,
    waiting: watch::Sender<usize>,
}

/// One who waits; no longer so when dropped.
struct Waiting<'a>(&'a Gate);

impl Gate {
    /// Waits until it is opened the next time.
    pub(crate) async fn wait(&self) {
        let mut opened = self.opened.subscribe();
        opened.borrow_and_update();
        self.waiting.send_modify(|waiting| *waiting += 1);
        let _waiting = Waiting(self);
        let _ = opened.changed().await;
    }

    /// Lets through all who wait now.
    pub(crate) fn open(&self) {
        self.opened.send_modify(|opened| *opened += 1);
    }

    /// Waits until so many wait; false when they did not in time.
    pub(crate) async fn crowded(&self, count: usize, patience: Duration) -> bool {
        let mut waiting = self.waiting.subscribe();
        let enough = waiting.wait_for(|waiting| *waiting >= count);
        tokio::time::timeout(patience, enough).await.is_ok_and(|waited| waited.is_ok())
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|waiting| *waiting -= 1);
    }
}
