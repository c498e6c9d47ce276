//! Words of messages, while they are kept.

use sqlx::PgConnection;
use tenantry_model::{MessageId, TenantId};

use crate::Result;

/// What is in a message.
#[derive(Debug, Clone)]
pub struct Content {
    /// The message.
    pub message: MessageId,
    /// As its row has it.
    pub sealed: Vec<u8>,
    /// It holds a credential, and is not for anybody's eyes.
    pub sensitive: bool,
}

/// The contents of messages behind `after`, oldest first: as many as have no more than `bytes` together, and one in any case.
///
/// # Errors
/// The database cannot be reached.
pub async fn contents(
    connection: &mut PgConnection,
    tenant: TenantId,
    after: Option<MessageId>,
    bytes: i64,
) -> Result<Vec<Content>> {
    let rows = sqlx::query!(
        r#"select x.id as "id!", c.sealed, c.sensitive
           from (select m.id, sum(m.size) over (order by m.id) - m.size as before
                 from (select m.id, m.size from messages m join message_contents c on c.message_id = m.id
                       where m.tenant_id = $1 and m.id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
                       order by m.id limit 200) m) x
           join message_contents c on c.message_id = x.id
           where x.before < $3 order by x.id"#,
        tenant.0,
        after.map(|id| id.0),
        bytes,
    )
    .fetch_all(connection)
    .await?;
    let content = rows.into_iter().map(|row| Content {
        message: MessageId(row.id),
        sealed: row.sealed,
        sensitive: row.sensitive,
    });
    Ok(content.collect())
}
