//! The guard of everybody's reputation: a tenant whose mail comes back, or is called spam, is paused until a person has looked.

use tenantry_kernel::{Workflow as _, advance};
use tenantry_mail::{Counts, Standing, standing};
use tenantry_model::{RunId, TenantId};
use tenantry_workflows::sending_pause::{Data, Event, SendingPause};
use time::OffsetDateTime;

use crate::{
    Result, StoreError, Timing, Tx,
    runs::{Hint, NewRun, Started, run, signal, start},
};

/// Shuts a tenant's lane, unless it is shut already, and says whether it was open. What was accepted waits in it.
///
/// # Errors
/// The database cannot be reached.
pub async fn pause(tx: &mut Tx, tenant: TenantId, why: &str, asked_by: Option<RunId>) -> Result<bool> {
    let shut = sqlx::query!(
        r#"insert into lanes as l (tenant_id, paused, pause_run) values ($1, $2, $3)
           on conflict (tenant_id) do update set paused = excluded.paused, pause_run = excluded.pause_run where l.paused is null"#,
        tenant.0,
        why,
        asked_by.map(|run| run.0),
    )
    .execute(&mut **tx)
    .await?;
    Ok(shut.rows_affected() > 0)
}

/// What [`open_lane`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Why it was shut.
    pub why: String,
    /// The run that asks about it.
    pub asked_by: Option<RunId>,
}

/// Opens a tenant's lane, and says why it was shut; nothing when it was open. The guard looks at the tenant again from the
/// next day on: whoever opens the lane has seen the numbers of this one.
///
/// # Errors
/// The database cannot be reached.
pub async fn open_lane(tx: &mut Tx, tenant: TenantId, now: OffsetDateTime) -> Result<Option<Opened>> {
    let row = sqlx::query!(
        r#"with was as (select tenant_id, paused, pause_run from lanes where tenant_id = $1 and paused is not null for update)
           update lanes l set paused = null, pause_run = null, forgiven = ($2 at time zone 'UTC')::date
           from was where l.tenant_id = was.tenant_id
           returning was.paused as "why!", was.pause_run as asked_by"#,
        tenant.0,
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Opened { why: row.why, asked_by: row.asked_by.map(RunId) }))
}

/// An operator opens a tenant's lane by hand: the run that asks about it, if any, ends with it. Nothing when it was open.
///
/// # Errors
/// [`StoreError::Changed`]: try again.
pub async fn resume(tx: &mut Tx, tenant: TenantId, by: &str, timing: Timing) -> Result<Option<(Opened, Vec<Hint>)>> {
    // The run first, as everybody who writes does.
    let asked_by = sqlx::query_scalar!("select pause_run from lanes where tenant_id = $1", tenant.0)
        .fetch_optional(&mut **tx)
        .await?
        .flatten();
    let mut hints = Vec::new();
    if let Some(id) = asked_by {
        let row = run(tx, RunId(id)).await?;
        let event = serde_json::to_value(Event::Opened { by: Some(by.to_owned()) }).unwrap_or_default();
        hints = signal(tx, &row, event, format!("opened:{}", row.seq), timing).await?;
    }
    match open_lane(tx, tenant, timing.now).await? {
        Some(opened) if opened.asked_by.map(|run| run.0) == asked_by => Ok(Some((opened, hints))),
        // Somebody else has opened it, or it was shut anew in between.
        None if asked_by.is_none() => Ok(None),
        _ => Err(StoreError::Changed),
    }
}

/// Looks at what became of a tenant's messages today and yesterday, and within seven days; pauses it where that harms
/// everybody's mail, and asks the operators.
///
/// # Errors
/// The database cannot be reached.
pub async fn guard(tx: &mut Tx, tenant: TenantId, timing: Timing) -> Result<Vec<Hint>> {
    let row = sqlx::query!(
        r#"select coalesce(sum(sent), 0)::bigint as "sent!", coalesce(sum(hard_bounced), 0)::bigint as "bounced!",
                  coalesce(sum(complained), 0)::bigint as "complained!",
                  coalesce(sum(sent) filter (where recent), 0)::bigint as "recently_sent!",
                  coalesce(sum(hard_bounced) filter (where recent), 0)::bigint as "recently_bounced!",
                  coalesce(sum(complained) filter (where recent), 0)::bigint as "recently_complained!"
           from (select m.*, m.day >= ($2 at time zone 'UTC')::date - 1 as recent from mail_stats m
                 left join lanes l on l.tenant_id = m.tenant_id
                 where m.tenant_id = $1 and m.day > ($2 at time zone 'UTC')::date - 7 and m.day > coalesce(l.forgiven, '-infinity')) week"#,
        tenant.0,
        timing.now,
    )
    .fetch_one(&mut **tx)
    .await?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let counts = |sent, bounced, complained| Counts {
        sent: count(sent),
        bounced: count(bounced),
        complained: count(complained),
    };
    let week = counts(row.sent, row.bounced, row.complained);
    let recently = counts(row.recently_sent, row.recently_bounced, row.recently_complained);
    match [recently, week].map(standing).into_iter().find(|said| matches!(said, Standing::Pause { .. })) {
        Some(Standing::Pause { why }) => ask(tx, tenant, why, timing).await,
        _ => Ok(Vec::new()),
    }
}

async fn ask(tx: &mut Tx, tenant: TenantId, why: String, timing: Timing) -> Result<Vec<Hint>> {
    let id = RunId::new();
    if !pause(tx, tenant, &why, Some(id)).await? {
        return Ok(Vec::new());
    }
    let new = NewRun {
        id,
        kind: SendingPause::KIND,
        // The platform's: a tenant does not answer for itself.
        tenant: None,
        external_key: None,
        started_by: "guard".to_owned(),
        trace: None,
        change: advance::start::<SendingPause>(Data { tenant, why, resumed_by: None, fault: None }),
    };
    match start(tx, &new, timing).await? {
        Started::New(hints) => Ok(hints),
        Started::Existing(_) => Ok(Vec::new()),
    }
}
