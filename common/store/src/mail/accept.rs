//! A message is stored before it is acknowledged.

use serde_json::{Value, json};
use tenantry_kernel::{EntryKind, Input, advance, workflow::Heard};
use tenantry_model::{Fault, MessageId, RunId, TenantId, UserId};
use tenantry_workflows::email_delivery::{Data, EmailDelivery, Event, Start};
use time::OffsetDateTime;

use super::{NewSend, record_sends};
use crate::{
    Result, StoreError, Timing, Tx,
    runs::{Hint, NewRun, Of, Source, advance as write, run, start_together},
};

/// A message to store.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id, which is also its run's.
    pub id: MessageId,
    /// On whose behalf.
    pub tenant: TenantId,
    /// The user it is for, where it is for one.
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
    /// The addresses of to, cc and bcc.
    pub recipients: Vec<String>,
    /// Names and values to find it by.
    pub tags: Value,
    /// How many attachments.
    pub attachments: u32,
    /// Bytes of the content before it was sealed.
    pub size: u64,
    /// The content, sealed; none when another run sends it.
    pub sealed: Option<Vec<u8>>,
    /// The content holds a credential, and goes as soon as the message has left.
    pub sensitive: bool,
    /// When the content goes at the latest.
    pub erase_at: OffsetDateTime,
    /// Seconds before it may leave.
    pub wait: u64,
    /// Who sends it.
    pub started_by: String,
    /// The W3C `traceparent`.
    pub trace: Option<String>,
}

/// Stores messages with their lives and their places in the lanes. After the commit they will be sent, whatever happens.
///
/// # Errors
/// [`StoreError::Refused`] by `runs_pkey`: a message of this id was stored before; nothing was stored now.
pub async fn accept(tx: &mut Tx, new: &[NewMessage], timing: Timing) -> Result<Vec<Hint>> {
    store(tx, new, &Data::default(), timing).await
}

async fn store(tx: &mut Tx, new: &[NewMessage], begin: &Data, timing: Timing) -> Result<Vec<Hint>> {
    let runs: Vec<NewRun> = new.iter().map(|new| run_of(new, begin)).collect();
    let hints = start_together(tx, &runs, timing).await?;
    let rows: Value = new.iter().map(row_of).collect();
    sqlx::query!(
        r#"with x as materialized (
               select x.* from jsonb_to_recordset($1) as x(id uuid, tenant uuid, "user" uuid, caused_by uuid, category text, subtype text,
                   template text, locale text, subject text, recipients text[], tags jsonb, size int, attachments int)),
           found_by as (
               insert into message_finds (what, tenant_id, message_id)
               select 'to:' || address, x.tenant, x.id from x, unnest(x.recipients) as address
               union all
               select 'tag:' || tag.key || '=' || tag.value, x.tenant, x.id from x, jsonb_each_text(x.tags) as tag)
           insert into messages (id, tenant_id, user_id, caused_by, category, subtype, template, locale, subject, recipients, tags, size,
                                 attachments, created_at)
           select x.id, x.tenant, x."user", x.caused_by, x.category, x.subtype, x.template, x.locale, x.subject, x.recipients, x.tags,
                  x.size, x.attachments, $2
           from x"#,
        rows,
        timing.now,
    )
    .execute(&mut **tx)
    .await?;
    let sealed: Vec<&NewMessage> = new.iter().filter(|new| new.sealed.is_some()).collect();
    if sealed.is_empty() {
        return Ok(hints);
    }
    let ids: Vec<_> = sealed.iter().map(|new| new.id.0).collect();
    let tenants: Vec<_> = sealed.iter().map(|new| new.tenant.0).collect();
    let contents: Vec<Vec<u8>> = sealed.iter().filter_map(|new| new.sealed.clone()).collect();
    let sensitive: Vec<bool> = sealed.iter().map(|new| new.sensitive).collect();
    let erase_at: Vec<OffsetDateTime> = sealed.iter().map(|new| new.erase_at).collect();
    sqlx::query!(
        r#"insert into message_contents (message_id, tenant_id, sealed, sensitive, erase_at)
           select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bool[], $5::timestamptz[])"#,
        &ids,
        &tenants,
        &contents,
        &sensitive,
        &erase_at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(hints)
}

fn run_of(new: &NewMessage, begin: &Data) -> NewRun {
    NewRun {
        id: RunId(new.id.0),
        kind: <EmailDelivery as tenantry_kernel::Workflow>::KIND,
        tenant: Some(new.tenant),
        external_key: None,
        started_by: new.started_by.clone(),
        trace: new.trace.clone(),
        change: advance::start::<EmailDelivery>(Data { wait: new.wait, ..begin.clone() }),
    }
}

fn row_of(new: &NewMessage) -> Value {
    let mut recipients: Vec<String> = new.recipients.iter().map(|address| address.to_lowercase()).collect();
    recipients.sort_unstable();
    recipients.dedup();
    json!({
        "id": new.id.0, "tenant": new.tenant.0, "user": new.user.map(|user| user.0), "caused_by": new.caused_by.map(|run| run.0),
        "category": new.category, "subtype": new.subtype, "template": new.template, "locale": new.locale, "subject": new.subject,
        "recipients": recipients, "tags": new.tags, "size": i32::try_from(new.size).unwrap_or(i32::MAX),
        "attachments": new.attachments,
    })
}

/// What became of a message that another run has handed over itself.
#[derive(Debug, Clone)]
pub enum Handled {
    /// A provider has accepted it.
    Sent(NewSend),
    /// It was not accepted.
    Failed(Fault),
    /// Nobody knows; the other run asks.
    Unknown(Fault),
}

/// Stores a message that another run has handed over itself, with what became of it. Told twice, what is more certain counts.
///
/// # Errors
/// The database cannot be reached.
pub async fn record_handled(tx: &mut Tx, new: &NewMessage, handled: &Handled, timing: Timing) -> Result<()> {
    let (start, fault) = match handled {
        Handled::Sent(_) => (Start::Sent, None),
        Handled::Failed(fault) => (Start::Failed, Some(fault.clone())),
        Handled::Unknown(fault) => (Start::Unknown, Some(fault.clone())),
    };
    match run(tx, RunId(new.id.0)).await {
        Err(StoreError::NotFound(_)) => {
            store(tx, std::slice::from_ref(new), &Data { start, fault, ..Data::default() }, timing).await?;
        }
        Err(error) => return Err(error),
        Ok(there) if start == Start::Sent && there.state != "sent" => {
            let event = serde_json::to_value(Event::Processed).unwrap_or_default();
            let input = Input { kind: EntryKind::Signal, epoch: None, heard: Heard::Event(event) };
            let change = advance::advance::<EmailDelivery>(&there.life, input)?;
            let of = Of {
                run: there.id,
                seq: there.seq,
                kind: &there.kind,
                tenant: there.tenant,
                trace: there.trace.as_deref(),
            };
            write(tx, &of, &Source::Wish(format!("handled:{}", new.id)), &change, None, timing).await?;
        }
        Ok(_) => {}
    }
    match handled {
        Handled::Sent(send) => record_sends(tx, std::slice::from_ref(send), timing.now).await,
        Handled::Failed(_) | Handled::Unknown(_) => Ok(()),
    }
}
