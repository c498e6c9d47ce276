//! Where hints go.

use async_trait::async_trait;
use tenantry_store::runs::Hint;

/// Something that carries hints to the functions.
#[async_trait]
pub trait Hints: Send + Sync {
    /// Sends hints. A failure is logged and nothing is lost: the sweeper sends again what nobody has answered.
    async fn send(&self, hints: Vec<Hint>);
}
