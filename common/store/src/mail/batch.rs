//! Messages that are handed over together.

use serde_json::{Value, json};
use tenantry_model::MessageId;
use tenantry_workflows::email_delivery::Plan;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx};

/// Notes a batch before it is handed over: told again after a crash, it must be the very same.
///
/// # Errors
/// The database cannot be reached.
pub async fn make_batch(tx: &mut Tx, id: Uuid, members: &[(MessageId, &Plan)], now: OffsetDateTime) -> Result<()> {
    let Some((_, first)) = members.first() else { return Ok(()) };
    let ids: Vec<Uuid> = members.iter().map(|(id, _)| id.0).collect();
    let plans: Vec<&Plan> = members.iter().map(|(_, plan)| *plan).collect();
    sqlx::query!(
        "insert into mail_batches (id, provider, members, plans, created_at) values ($1, $2, $3, $4, $5)",
        id,
        first.provider,
        &ids,
        json!(plans),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The members of a batch with how each of them goes, in its order.
///
/// # Errors
/// [`StoreError::NotFound`]: it is older than what providers remember, and was forgotten.
pub async fn batch_members(tx: &mut Tx, id: Uuid) -> Result<Vec<(MessageId, Plan)>> {
    let row =
        sqlx::query!("select members, plans from mail_batches where id = $1", id).fetch_optional(&mut **tx).await?;
    let row = row.ok_or(StoreError::NotFound("batch"))?;
    let plans: Vec<Plan> = match row.plans {
        Value::Array(plans) => plans.into_iter().filter_map(|plan| serde_json::from_value(plan).ok()).collect(),
        _ => Vec::new(),
    };
    if plans.len() != row.members.len() {
        return Err(StoreError::NotFound("batch that this version can read"));
    }
    Ok(row.members.into_iter().map(MessageId).zip(plans).collect())
}
