//! Messages that are handed over together.

use tenantry_model::MessageId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx};

/// Notes a batch before it is handed over: told again after a crash, it must be the very same.
///
/// # Errors
/// The database cannot be reached.
pub async fn make_batch(
    tx: &mut Tx,
    id: Uuid,
    provider: &str,
    members: &[MessageId],
    now: OffsetDateTime,
) -> Result<()> {
    let members: Vec<Uuid> = members.iter().map(|id| id.0).collect();
    sqlx::query!(
        "insert into mail_batches (id, provider, members, created_at) values ($1, $2, $3, $4)",
        id,
        provider,
        &members,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The members of a batch, in its order.
///
/// # Errors
/// [`StoreError::NotFound`]: it is older than what providers remember, and was forgotten.
pub async fn batch_members(tx: &mut Tx, id: Uuid) -> Result<Vec<MessageId>> {
    let members =
        sqlx::query_scalar!("select members from mail_batches where id = $1", id).fetch_optional(&mut **tx).await?;
    Ok(members.ok_or(StoreError::NotFound("batch"))?.into_iter().map(MessageId).collect())
}
