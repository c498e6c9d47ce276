//! Connections kept between messages.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

/// A bounded set of connections. Whoever holds a permit may have one connection open; the rest wait in order.
pub(super) struct Pool {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
    max_idle: Duration,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Pool {
    pub(super) fn new(connections: usize, max_idle: Duration) -> Self {
        Self { permits: Arc::new(Semaphore::new(connections)), idle: Mutex::default(), max_idle }
    }

    /// The right to have a connection open; `None` when every one is busy until `by`.
    pub(super) async fn permit(&self, by: Instant) -> Option<OwnedSemaphorePermit> {
        timeout_at(by, Arc::clone(&self.permits).acquire_owned()).await.ok()?.ok()
    }

    /// The connection used last, when one is kept; older ones than `max_idle` are closed.
    pub(super) fn take(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle();
        idle.retain(|idle| idle.since.elapsed() < self.max_idle);
        idle.pop().map(|idle| idle.connection)
    }

    /// Keeps a connection on which no transaction is open. Called while its permit is held, so there are never more
    /// connections than permits.
    pub(super) fn keep(&self, connection: AsyncSmtpConnection) {
        self.idle().push(Idle { connection, since: Instant::now() });
    }

    /// Closes what is kept: one dead connection means that the others of its age are most likely dead too.
    pub(super) fn forget(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("free", &self.permits.available_permits()).finish_non_exhaustive()
    }
}
