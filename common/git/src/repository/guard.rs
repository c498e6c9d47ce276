//! Whether we may push: asked of the caller.

use std::future::Future;

use tenantry_model::Fault;

/// Asked right before every push whether we may still do it (the lock is still ours).
///
/// A closure that returns a future is one; so is [`Unguarded`].
pub trait Guard: Send {
    /// Whether we may push now.
    ///
    /// # Errors
    /// Why not. Nothing is sent, and the fault comes back as [`GitError::Stopped`].
    fn may_push(&mut self) -> impl Future<Output = Result<(), Fault>> + Send;
}

impl<F, R> Guard for F
where
    F: FnMut() -> R + Send,
    R: Future<Output = Result<(), Fault>> + Send,
{
    fn may_push(&mut self) -> impl Future<Output = Result<(), Fault>> + Send {
        self()
    }
}

/// Always lets us push.
#[derive(Debug, Clone, Copy)]
pub struct Unguarded;

impl Guard for Unguarded {
    async fn may_push(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}
