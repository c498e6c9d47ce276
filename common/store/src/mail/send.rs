//! That a provider has accepted messages.

use serde_json::{Value, json};
use tenantry_model::{MessageId, TenantId};
use time::OffsetDateTime;

use crate::{Result, Tx};

/// A message that a provider has accepted.
#[derive(Debug, Clone)]
pub struct NewSend {
    /// The message.
    pub message: MessageId,
    /// On whose behalf.
    pub tenant: TenantId,
    /// The provider.
    pub provider: String,
    /// The provider's own id, where it has one.
    pub provider_message_id: Option<String>,
    /// The Message-ID header, ours and stable over tries.
    pub message_id_header: String,
    /// The address it came from.
    pub sender: String,
    /// What the provider said.
    pub response: Option<String>,
    /// Tries in all.
    pub attempts: u32,
}

/// Writes it, counts it, and erases contents that hold a credential. What was written before stays as it is.
///
/// # Errors
/// The database cannot be reached.
pub async fn record_sends(tx: &mut Tx, new: &[NewSend], now: OffsetDateTime) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let rows: Value = new
        .iter()
        .map(|new| {
            json!({
                "id": new.message.0, "tenant": new.tenant.0, "provider": new.provider, "provider_id": new.provider_message_id,
                "header": new.message_id_header, "sender": new.sender, "response": new.response, "attempts": new.attempts.max(1),
            })
        })
        .collect();
    sqlx::query!(
        r#"with s as (
               insert into sends (message_id, tenant_id, provider, provider_message_id, message_id_header, sender, response, attempts,
                                  accepted_at)
               select x.id, x.tenant, x.provider, x.provider_id, x.header, x.sender, x.response, x.attempts, $2
               from jsonb_to_recordset($1) as x(id uuid, tenant uuid, provider text, provider_id text, header text, sender text,
                                                response text, attempts int)
               on conflict (message_id) do nothing
               returning message_id, tenant_id, provider),
           erased as (
               delete from message_contents c using s where c.message_id = s.message_id and c.sensitive)
           -- In one order, so that no two batches wait for each other.
           insert into mail_stats as m (tenant_id, day, provider, sent, latency_ms)
           select s.tenant_id, ($2 at time zone 'UTC')::date, s.provider, count(*),
                  coalesce(sum(extract(epoch from $2 - messages.created_at) * 1000)::bigint, 0)
           from s join messages on messages.id = s.message_id
           group by 1, 2, 3 order by 1, 2, 3
           on conflict (tenant_id, day, provider) do update set sent = m.sent + excluded.sent, latency_ms = m.latency_ms + excluded.latency_ms"#,
        rows,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
