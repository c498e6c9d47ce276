//! What became of each mail.

use serde_json::{Value, json};
use tenantry_model::{Fault, MessageId, RunId, TenantId, UserId};
use time::OffsetDateTime;

use crate::{Result, Tx};

/// A mail that was handed to a provider.
#[derive(Debug)]
pub struct NewMessage<'a> {
    /// Its id.
    pub id: MessageId,
    /// On whose behalf.
    pub tenant: TenantId,
    /// The run that sends it.
    pub run: RunId,
    /// To whom.
    pub user: UserId,
    /// The template.
    pub template: &'a str,
    /// The address it went to.
    pub recipient: &'a str,
    /// The Message-ID header, ours and stable over retries.
    pub message_id_header: &'a str,
    /// The provider.
    pub provider: &'a str,
    /// `sent`, `failed` or `unknown`.
    pub status: &'a str,
    /// What the provider said.
    pub response: Option<&'a str>,
    /// Why it failed.
    pub fault: Option<&'a Fault>,
    /// Tries so far.
    pub attempts: u32,
}

/// Writes what became of a mail. `sent` is final; `unknown` only gives way to `sent`.
///
/// # Errors
/// The database cannot be reached.
pub async fn record_message(tx: &mut Tx, new: &NewMessage<'_>, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"insert into messages (id, tenant_id, run_id, user_id, template, recipient, message_id_header, provider, status,
                                 provider_response, error, attempts, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
           on conflict (id) do update
               set status = excluded.status, provider_response = excluded.provider_response, error = excluded.error,
                   attempts = greatest(messages.attempts, excluded.attempts), updated_at = excluded.updated_at
               where messages.status = 'failed' or (messages.status = 'unknown' and excluded.status = 'sent')"#,
        new.id.0,
        new.tenant.0,
        new.run.0,
        new.user.0,
        new.template,
        new.recipient,
        new.message_id_header,
        new.provider,
        new.status,
        new.response,
        new.fault.map(|fault| json!(fault)) as Option<Value>,
        i32::try_from(new.attempts).unwrap_or(i32::MAX),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
