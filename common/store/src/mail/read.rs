//! Messages as people read them. Every function sees what its transaction may see.

use serde_json::Value;
use sqlx::types::Json;
use tenantry_kernel::Life;
use tenantry_model::{MessageId, RunId, TenantId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx, overview::plan_for_each};

/// A message, and what became of it.
#[derive(Debug, Clone)]
pub struct MessageRow {
    /// Its id, which is also its run's.
    pub id: MessageId,
    /// On whose behalf.
    pub tenant: TenantId,
    /// The user it is for.
    pub user: Option<UserId>,
    /// The run that sends it, where it is not a caller.
    pub caused_by: Option<RunId>,
    /// What kind of mail.
    pub category: String,
    /// What kind within the category.
    pub subtype: Option<String>,
    /// The template it was made of.
    pub template: Option<String>,
    /// The locale of its words.
    pub locale: Option<String>,
    /// The subject.
    pub subject: String,
    /// The addresses of to, cc and bcc, in lower case.
    pub recipients: Vec<String>,
    /// Names and values to find it by.
    pub tags: Value,
    /// Bytes of the content before it was sealed.
    pub size: u64,
    /// How many attachments.
    pub attachments: u32,
    /// When it was accepted by us.
    pub created_at: OffsetDateTime,
    /// The state of its life.
    pub state: String,
    /// Why it failed, or what is in the way.
    pub error: Option<Value>,
    /// Its life.
    pub life: Life,
    /// The length of its history.
    pub seq: i32,
    /// Who sent it.
    pub started_by: String,
    /// When something last happened to it.
    pub updated_at: OffsetDateTime,
    /// Its content is here; `true`: it holds a credential.
    pub content: Option<bool>,
    /// What a provider has said, once one has accepted it.
    pub sent: Option<SentRow>,
}

/// What a provider has said.
#[derive(Debug, Clone)]
pub struct SentRow {
    /// The provider.
    pub provider: String,
    /// Its own id.
    pub provider_message_id: Option<String>,
    /// The Message-ID header.
    pub message_id_header: String,
    /// The address it came from.
    pub sender: String,
    /// What it answered.
    pub response: Option<String>,
    /// Tries in all.
    pub attempts: u32,
    /// When it accepted the message.
    pub accepted_at: OffsetDateTime,
}

macro_rules! message_row {
    ($row:expr) => {{
        let row = $row;
        let sent = row.provider.zip(row.message_id_header).zip(row.sender).zip(row.attempts.zip(row.accepted_at));
        MessageRow {
            id: MessageId(row.id),
            tenant: TenantId(row.tenant_id),
            user: row.user_id.map(UserId),
            caused_by: row.caused_by.map(RunId),
            category: row.category,
            subtype: row.subtype,
            template: row.template,
            locale: row.locale,
            subject: row.subject,
            recipients: row.recipients,
            tags: row.tags,
            size: u64::from(row.size.unsigned_abs()),
            attachments: row.attachments.unsigned_abs(),
            created_at: row.created_at,
            state: row.state,
            error: row.error,
            life: row.life.0,
            seq: row.seq,
            started_by: row.started_by,
            updated_at: row.updated_at,
            content: row.sensitive,
            sent: sent.map(|(((provider, message_id_header), sender), (attempts, accepted_at))| SentRow {
                provider,
                provider_message_id: row.provider_message_id,
                message_id_header,
                sender,
                response: row.response,
                attempts: attempts.unsigned_abs(),
                accepted_at,
            }),
        }
    }};
}

/// One message.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none that this transaction may see.
pub async fn message(tx: &mut Tx, id: MessageId) -> Result<MessageRow> {
    let row = sqlx::query!(
        r#"select m.id, m.tenant_id, m.user_id, m.caused_by, m.category, m.subtype, m.template, m.locale, m.subject, m.recipients,
                  m.tags, m.size, m.attachments, m.created_at, r.state, r.error, r.life as "life: Json<Life>", r.seq, r.started_by,
                  r.updated_at, c.sensitive as "sensitive?", s.provider as "provider?", s.provider_message_id,
                  s.message_id_header as "message_id_header?", s.sender as "sender?", s.response, s.attempts as "attempts?",
                  s.accepted_at as "accepted_at?"
           from messages m join runs r on r.id = m.id left join sends s on s.message_id = m.id
           left join message_contents c on c.message_id = m.id
           where m.id = $1"#,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("message"))?;
    Ok(message_row!(row))
}

/// Which messages to list, newest first. Every condition holds.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// In one of these states, two at most.
    pub states: Option<(String, Option<String>)>,
    /// To this address (or cc, bcc), in lower case.
    pub recipient: Option<String>,
    /// With this tag.
    pub tag: Option<(String, String)>,
    /// Of this category.
    pub category: Option<String>,
    /// Made of this template.
    pub template: Option<String>,
    /// To which a provider has given this id.
    pub provider_message_id: Option<String>,
    /// Accepted by us at this moment or later.
    pub since: Option<OffsetDateTime>,
    /// Accepted by us before this moment.
    pub until: Option<OffsetDateTime>,
    /// Older than this message.
    pub after: Option<MessageId>,
    /// Newer than this message (the list is newest first all the same).
    pub before: Option<MessageId>,
    /// At most this many.
    pub limit: i64,
}

/// Messages, newest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn messages(tx: &mut Tx, filter: &MessageFilter) -> Result<Vec<MessageRow>> {
    plan_for_each(tx).await?;
    if filter.tenant.is_some() && (filter.recipient.is_some() || filter.tag.is_some()) {
        in_order(tx).await?;
    }
    let (state, other) = filter.states.clone().map_or((None, None), |(state, other)| (Some(state), other));
    let rows = sqlx::query!(
        r#"select m.id, m.tenant_id, m.user_id, m.caused_by, m.category, m.subtype, m.template, m.locale, m.subject, m.recipients,
                  m.tags, m.size, m.attachments, m.created_at, r.state, r.error, r.life as "life: Json<Life>", r.seq, r.started_by,
                  r.updated_at, c.sensitive as "sensitive?", s.provider as "provider?", s.provider_message_id,
                  s.message_id_header as "message_id_header?", s.sender as "sender?", s.response, s.attempts as "attempts?",
                  s.accepted_at as "accepted_at?"
           from messages m join runs r on r.id = m.id and r.tenant_id = m.tenant_id and r.kind = 'email_delivery'
           left join sends s on s.message_id = m.id
               and ($12::uuid is null or s.message_id < $12) and ($13::uuid is null or s.message_id > $13)
           left join message_contents c on c.message_id = m.id
           left join message_finds a on a.what = 'to:' || $4 and a.tenant_id = m.tenant_id and a.message_id = m.id
           left join message_finds t on t.what = 'tag:' || $5 || '=' || $6 and t.tenant_id = m.tenant_id and t.message_id = m.id
           where ($1::uuid is null or m.tenant_id = $1)
             and ($2::text is null or r.state = $2 or r.state = $3)
             -- What is joined for nothing costs nothing: it is asked for by a key that is null.
             and ($4::text is null or a.message_id is not null) and ($5::text is null or t.message_id is not null)
             and ($7::text is null or m.category = $7) and ($8::text is null or m.template = $8)
             and ($9::text is null or s.provider_message_id = $9)
             and ($10::timestamptz is null or m.created_at >= $10) and ($11::timestamptz is null or m.created_at < $11)
             -- All sides of the join begin where the page does.
             and ($12::uuid is null or (m.id < $12 and r.id < $12)) and ($13::uuid is null or (m.id > $13 and r.id > $13))
             -- An id is never younger than its message.
             and ($15::uuid is null or (m.id < $15 and r.id < $15))
           order by case when $13::uuid is null then m.id end desc, m.id asc limit $14"#,
        filter.tenant.map(|tenant| tenant.0),
        state,
        other,
        filter.recipient,
        filter.tag.as_ref().map(|(name, _)| name),
        filter.tag.as_ref().map(|(_, value)| value),
        filter.category,
        filter.template,
        filter.provider_message_id,
        filter.since,
        filter.until,
        filter.after.map(|id| id.0),
        filter.before.map(|id| id.0),
        filter.limit,
        filter.until.map(first_id_after),
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut rows: Vec<MessageRow> = rows.into_iter().map(|row| message_row!(row)).collect();
    if filter.before.is_some() {
        rows.reverse();
    }
    Ok(rows)
}

/// Has what is found read in the order of the list, as its index has it, and no further than the page. By itself the planner takes a tenant
/// with many messages for one with few, reads everything that has the tag, and sorts it.
async fn in_order(tx: &mut Tx) -> Result<()> {
    sqlx::query!("select set_config('enable_sort', 'off', true) as sort").fetch_one(&mut **tx).await?;
    Ok(())
}

/// Every id (UUID v7) that was made at or before a moment is below this one.
fn first_id_after(moment: OffsetDateTime) -> Uuid {
    let millis = u128::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    Uuid::from_u128((millis + 1) << 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_moment_are_below_the_first_one_after_it() {
        let (before, id) = (OffsetDateTime::now_utc() - time::Duration::seconds(1), Uuid::now_v7());
        assert!(id < first_id_after(OffsetDateTime::now_utc()));
        assert!(id > first_id_after(before));
    }
}
