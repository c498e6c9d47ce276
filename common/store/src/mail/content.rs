//! What is in a message.

use tenantry_model::{MessageId, TenantId, UserId};
use time::OffsetDateTime;

use crate::{Db, Result, Tx};

/// What a message's own rows say of it.
#[derive(Debug, Clone)]
pub struct MessageFacts {
    /// The message.
    pub id: MessageId,
    /// On whose behalf.
    pub tenant: TenantId,
    /// The user it is for.
    pub user: Option<UserId>,
    /// What kind of mail.
    pub category: String,
    /// What kind within the category.
    pub subtype: Option<String>,
    /// The addresses it goes to, in lower case.
    pub recipients: Vec<String>,
    /// How many attachments.
    pub attachments: u32,
    /// When it was accepted by us.
    pub created_at: OffsetDateTime,
    /// The content, sealed; none once it was erased.
    pub sealed: Option<Vec<u8>>,
    /// The content holds a credential.
    pub sensitive: bool,
}

/// The facts of messages, in no order.
///
/// # Errors
/// The database cannot be reached.
pub async fn facts(tx: &mut Tx, ids: &[MessageId]) -> Result<Vec<MessageFacts>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select m.id as "id!", m.tenant_id as "tenant_id!", m.user_id, m.category as "category!", m.subtype,
                  m.recipients as "recipients!", m.attachments as "attachments!", m.created_at as "created_at!",
                  c.sealed as "sealed?", c.sensitive as "sensitive?"
           from messages m left join message_contents c on c.message_id = m.id where m.id = any($1)"#,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    let facts = rows.into_iter().map(|row| MessageFacts {
        id: MessageId(row.id),
        tenant: TenantId(row.tenant_id),
        user: row.user_id.map(UserId),
        category: row.category,
        subtype: row.subtype,
        recipients: row.recipients,
        attachments: row.attachments.unsigned_abs(),
        created_at: row.created_at,
        sealed: row.sealed,
        sensitive: row.sensitive.unwrap_or_default(),
    });
    Ok(facts.collect())
}

/// Erases contents whose time is over, up to 1,000 at once, and says how many; a message that has not left keeps its own.
/// A credential goes as soon as its message has ended, however. Forgets batches that no provider remembers any more, what providers
/// told us a quarter of a year ago, and suppressions that are over.
///
/// # Errors
/// The database cannot be reached.
pub async fn erase_old(db: &Db) -> Result<u64> {
    let erased = sqlx::query!(
        r#"delete from message_contents where message_id in (
               select c.message_id from message_contents c join runs r on r.id = c.message_id
               where (c.erase_at <= $1 or c.sensitive) and r.ended_at is not null limit 10000)"#,
        db.clock().now(),
    )
    .execute(db.pool())
    .await?;
    // Longer than any provider remembers a key.
    let forgotten = db.clock().now() - std::time::Duration::from_secs(2 * 86_400);
    sqlx::query!("delete from mail_batches where created_at < $1", forgotten).execute(db.pool()).await?;
    forget(db).await?;
    Ok(erased.rows_affected())
}

/// What is never asked for again.
async fn forget(db: &Db) -> Result<()> {
    let now = db.clock().now();
    let days = |days: u64| now - std::time::Duration::from_secs(days * 86_400);
    sqlx::query!("delete from provider_events where received_at < $1", days(90)).execute(db.pool()).await?;
    sqlx::query!("delete from soft_bounces where at < $1", days(30)).execute(db.pool()).await?;
    sqlx::query!("delete from suppressions where expires_at < $1", days(1)).execute(db.pool()).await?;
    Ok(())
}
