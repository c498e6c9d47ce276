//! What providers tell us: each thing once, and whatever follows from it in the same transaction.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_mail::{BounceKind, ListChange, SuppressionReason, on_bounce, on_complaint};
use tenantry_model::{MessageId, RunId, TenantId};
use tenantry_workflows::email_delivery::Event;
use time::{Duration, OffsetDateTime};

use super::{NewSuppression, count_soft_bounce, guard, suppress};
use crate::{
    Db, Result, StoreError, Timing, Tx,
    runs::{Hint, run, signal},
};

/// An event whose message is not known is looked at again for this long.
pub(crate) const MATCHED_FOR: Duration = Duration::days(1);

/// Something a provider told us, in our words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MailEvent {
    /// The provider.
    pub provider: String,
    /// The same for every delivery of the same event, and for no other of this provider.
    pub id: String,
    /// What happened.
    pub what: Happened,
    /// The id the provider gave the message.
    pub provider_message_id: Option<String>,
    /// Our own id of the message, where the event carries it.
    pub message: Option<MessageId>,
    /// Whom it is about, in lower case. Empty: the event does not say.
    pub recipients: Vec<String>,
    /// The recipients are those it is about, and not all that the message went to.
    pub exact: bool,
    /// When it happened, as the provider says.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What else was said.
    pub detail: Value,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happened {
    /// The provider took it.
    Sent,
    /// The recipient's server took it.
    Delivered,
    /// Not yet; the provider goes on trying.
    Delayed,
    /// It came back.
    Bounced {
        /// Whose fault it is.
        bounce: BounceKind,
        /// What was said.
        reason: String,
    },
    /// The recipient called it spam.
    Complained,
    /// The provider could not send it.
    Failed {
        /// What was said.
        reason: String,
    },
    /// The provider did not try: the recipient is on a list of its own.
    Suppressed,
    /// The recipient wants no more of it.
    Unsubscribed,
    /// Somebody loaded its pictures.
    Opened,
    /// Somebody followed a link.
    Clicked,
    /// Something that changes nothing, or is not about a message, by its word.
    Other {
        /// In one word.
        word: String,
    },
}

impl Happened {
    /// In one word, as rows hold it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Delayed => "delayed",
            Self::Bounced { .. } => "bounced",
            Self::Complained => "complained",
            Self::Failed { .. } => "failed",
            Self::Suppressed => "suppressed",
            Self::Unsubscribed => "unsubscribed",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Other { word } => word,
        }
    }

    /// What the message's life hears; none: nothing.
    fn news(&self) -> Option<Event> {
        Some(match self {
            Self::Sent => Event::Processed,
            Self::Delivered => Event::Delivered,
            Self::Delayed => Event::Delayed { reason: "the recipient's server does not take it yet".to_owned() },
            Self::Bounced { reason, .. } => Event::Bounced { reason: reason.clone() },
            Self::Complained => Event::Complained,
            Self::Failed { reason } => Event::Dropped { reason: reason.clone() },
            Self::Suppressed => Event::Withheld {
                reason: "earlier mail to this address came back for good, so the mail service did not try".to_owned(),
            },
            Self::Opened => Event::Opened,
            Self::Clicked => Event::Clicked,
            Self::Unsubscribed | Self::Other { .. } => return None,
        })
    }
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It was told before; nothing was changed.
    Before,
    /// It was stored, and its message is not known, or there is none.
    Unmatched,
    /// It was stored, with whatever follows from it.
    Now {
        /// The message.
        message: MessageId,
        /// Hints to send after the commit.
        hints: Vec<Hint>,
    },
}

/// Stores an event and does what follows from it, once, however often it is told: the message's life hears of it, the
/// suppression list and the numbers follow, and the guard looks at the tenant. Any order of the same events ends in the same
/// state.
///
/// # Errors
/// The database cannot be reached: nothing was stored.
pub async fn hear(tx: &mut Tx, event: &MailEvent, timing: Timing) -> Result<Heard> {
    let stored = sqlx::query!(
        r#"insert into provider_events (provider, id, kind, provider_message_id, detail, occurred_at, received_at)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing"#,
        event.provider,
        event.id,
        event.what.word(),
        event.provider_message_id,
        json!(event),
        event.at,
        timing.now,
    )
    .execute(&mut **tx)
    .await?;
    if stored.rows_affected() == 0 {
        return Ok(Heard::Before);
    }
    let heard = match message_of(tx, event).await? {
        Some(about) => Heard::Now { message: about.message, hints: follow(tx, event, &about, timing).await? },
        None => Heard::Unmatched,
    };
    // Last, and seldom: it is one row for all events of a provider.
    sqlx::query!(
        r#"with told as (
               update mail_providers set last_event_at = $2
               where name = $1 and (last_event_at is null or last_event_at < $2::timestamptz - interval '10 seconds'))
           insert into mail_providers (name, last_event_at, updated_at) select $1, $2, $2
           where not exists (select from mail_providers where name = $1) on conflict do nothing"#,
        event.provider,
        timing.now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(heard)
}

/// Looks again at events of the last day whose message was not known, such as those that were quicker than the provider's answer,
/// up to 200 at once. Says how many have found theirs, and which hints to send.
///
/// # Errors
/// The database cannot be reached.
pub async fn match_events(db: &Db) -> Result<(u64, Vec<Hint>)> {
    let (mut matched, mut hints) = (0, Vec::new());
    let since = db.clock().now() - MATCHED_FOR;
    let candidates = sqlx::query!(
        r#"select e.provider, e.id from provider_events e
           where e.message_id is null and e.received_at > $1 and e.provider_message_id is not null
             and exists (select from sends s where s.provider = e.provider and s.provider_message_id = e.provider_message_id)
           order by e.occurred_at limit 200"#,
        since,
    )
    .fetch_all(db.pool())
    .await?;
    for row in candidates {
        let mut tx = db.begin().await?;
        // Another sweeper may be at it; then it is done.
        let detail = sqlx::query_scalar!(
            "select detail from provider_events where provider = $1 and id = $2 and message_id is null for update skip locked",
            row.provider,
            row.id,
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(event) = detail.and_then(|detail| serde_json::from_value::<MailEvent>(detail).ok()) else { continue };
        let Some(about) = message_of(&mut tx, &event).await? else { continue };
        match follow(&mut tx, &event, &about, db.timing()).await {
            Ok(more) => {
                tx.commit().await?;
                matched += 1;
                hints.extend(more);
            }
            // Somebody was faster; the next sweep looks again.
            Err(error) if error.is_transient() => {}
            Err(error) => return Err(error),
        }
    }
    Ok((matched, hints))
}

struct About {
    message: MessageId,
    tenant: TenantId,
    category: String,
    recipients: Vec<String>,
}

async fn message_of(tx: &mut Tx, event: &MailEvent) -> Result<Option<About>> {
    let row = sqlx::query!(
        r#"select id as "id!", tenant_id as "tenant_id!", category as "category!", recipients as "recipients!" from messages
           where id = coalesce((select id from messages where id = $1),
                               (select message_id from sends where provider = $2 and provider_message_id = $3))"#,
        event.message.map(|id| id.0),
        event.provider,
        event.provider_message_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| About {
        message: MessageId(row.id),
        tenant: TenantId(row.tenant_id),
        category: row.category,
        recipients: row.recipients,
    }))
}

async fn follow(tx: &mut Tx, event: &MailEvent, about: &About, timing: Timing) -> Result<Vec<Hint>> {
    // Whoever writes locks the run first; from here on this message's events come one after the other.
    sqlx::query!("select id from runs where id = $1 for update", about.message.0).fetch_optional(&mut **tx).await?;
    let first = sqlx::query!(
        r#"with matched as (
               update provider_events set message_id = $3, tenant_id = $4 where provider = $1 and id = $2)
           select not exists (select from provider_events where message_id = $3 and kind = $5) as "of_kind!",
                  not exists (select from provider_events where message_id = $3 and detail #>> '{what,bounce}' = 'hard') as "hard!""#,
        event.provider,
        event.id,
        about.message.0,
        about.tenant.0,
        event.what.word(),
    )
    .fetch_one(&mut **tx)
    .await?;
    let mut hints = tell(tx, event, about, timing).await?;
    list(tx, event, about, timing.now).await?;
    let hard = first.hard && matches!(event.what, Happened::Bounced { bounce: BounceKind::Hard, .. });
    if first.of_kind || hard {
        count(tx, event, about, first.of_kind, hard).await?;
    }
    if hard || first.of_kind && event.what == Happened::Complained {
        hints.extend(guard(tx, about.tenant, timing).await?);
    }
    Ok(hints)
}

async fn tell(tx: &mut Tx, event: &MailEvent, about: &About, timing: Timing) -> Result<Vec<Hint>> {
    let Some(news) = event.what.news() else { return Ok(Vec::new()) };
    let row = run(tx, RunId(about.message.0)).await?;
    let news = serde_json::to_value(news).unwrap_or_default();
    match signal(tx, &row, news, format!("{}:{}", event.provider, event.id), timing).await {
        // The life decides before anything is written: what it does not want to hear is stored all the same.
        Err(StoreError::Deaf(_)) => Ok(Vec::new()),
        told => told,
    }
}

/// Whom of the message's recipients an event is about. Where a message went to several and the event does not say to which of
/// them, it says nothing about any: too lenient costs a bounce, too strict a recipient.
fn concerned<'a>(event: &'a MailEvent, about: &'a About) -> Vec<&'a str> {
    match about.recipients.as_slice() {
        [only] => vec![only.as_str()],
        all if event.exact => all.iter().filter(|one| event.recipients.contains(one)).map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

async fn list(tx: &mut Tx, event: &MailEvent, about: &About, now: OffsetDateTime) -> Result<()> {
    let at = |until, reason, category| NewSuppression {
        tenant: about.tenant,
        address: String::new(),
        reason,
        category,
        note: None,
        message: Some(about.message),
        by: "mail service".to_owned(),
        until,
    };
    for address in concerned(event, about) {
        let (change, since) = match &event.what {
            Happened::Bounced { bounce: BounceKind::Soft, .. } => {
                let soft = count_soft_bounce(tx, about.tenant, address, about.message, event.at).await?;
                (on_bounce(BounceKind::Soft, soft.most.saturating_sub(1)), soft.until.unwrap_or(event.at))
            }
            Happened::Bounced { bounce, .. } => (on_bounce(*bounce, 0), event.at),
            Happened::Complained => (on_complaint(), event.at),
            Happened::Unsubscribed => {
                let new = NewSuppression {
                    address: address.to_owned(),
                    ..at(None, "unsubscribe", Some(about.category.clone()))
                };
                suppress(tx, &new, now).await?;
                continue;
            }
            _ => return Ok(()),
        };
        let ListChange::Suppress { reason, days } = change else { continue };
        let reason = match reason {
            SuppressionReason::HardBounce => "hard_bounce",
            SuppressionReason::SoftBounces => "soft_bounces",
            SuppressionReason::Complaint => "complaint",
            SuppressionReason::Manual | SuppressionReason::Unsubscribe { .. } => continue,
        };
        let until = days.map(|days| since + Duration::days(i64::from(days)));
        suppress(tx, &NewSuppression { address: address.to_owned(), ..at(until, reason, None) }, now).await?;
    }
    Ok(())
}

/// Counts what happened to a message, each thing once, on the day it happened.
async fn count(tx: &mut Tx, event: &MailEvent, about: &About, of_kind: bool, hard: bool) -> Result<()> {
    let is = |word: &str| i64::from(of_kind && event.what.word() == word);
    if !["delivered", "bounced", "complained", "delayed", "failed", "suppressed"].contains(&event.what.word()) {
        return Ok(());
    }
    sqlx::query!(
        r#"insert into mail_stats as m (tenant_id, day, provider, delivered, bounced, hard_bounced, complained, deferred, failed, suppressed)
           values ($1, ($2::timestamptz at time zone 'UTC')::date, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (tenant_id, day, provider) do update set
               delivered = m.delivered + excluded.delivered, bounced = m.bounced + excluded.bounced,
               hard_bounced = m.hard_bounced + excluded.hard_bounced, complained = m.complained + excluded.complained,
               deferred = m.deferred + excluded.deferred, failed = m.failed + excluded.failed,
               suppressed = m.suppressed + excluded.suppressed"#,
        about.tenant.0,
        event.at,
        event.provider,
        is("delivered"),
        is("bounced"),
        i64::from(hard),
        is("complained"),
        is("delayed"),
        is("failed"),
        is("suppressed"),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many messages an account has accepted in a span of time, up to `most`.
///
/// # Errors
/// The database cannot be reached.
pub async fn sent_between(
    tx: &mut Tx,
    provider: &str,
    from: Option<OffsetDateTime>,
    to: OffsetDateTime,
    most: i64,
) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
               select from sends where provider = $1 and accepted_at > coalesce($2::timestamptz, '-infinity') and accepted_at <= $3
               limit $4) sends"#,
        provider,
        from,
        to,
        most,
    )
    .fetch_one(&mut **tx)
    .await?)
}
