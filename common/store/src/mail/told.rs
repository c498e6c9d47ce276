//! What providers told us of a message.

use serde_json::Value;
use tenantry_model::MessageId;
use time::OffsetDateTime;

use crate::{Result, Tx};

/// Something a provider told us. The platform's own affair: a tenant's transaction sees none of them.
#[derive(Debug, Clone)]
pub struct ToldRow {
    /// The provider.
    pub provider: String,
    /// What kind of event.
    pub kind: String,
    /// The event, without bodies.
    pub detail: Value,
    /// When it happened, by the provider's clock.
    pub occurred_at: OffsetDateTime,
    /// When we heard of it.
    pub received_at: OffsetDateTime,
}

/// What providers told us of a message, in the order of our hearing.
///
/// # Errors
/// The database cannot be reached.
pub async fn told_of(tx: &mut Tx, id: MessageId) -> Result<Vec<ToldRow>> {
    let rows = sqlx::query!(
        r#"select provider, kind, detail, occurred_at, received_at from provider_events
           where message_id = $1 order by received_at, id"#,
        id.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let row = rows.into_iter().map(|row| ToldRow {
        provider: row.provider,
        kind: row.kind,
        detail: row.detail,
        occurred_at: row.occurred_at,
        received_at: row.received_at,
    });
    Ok(row.collect())
}
