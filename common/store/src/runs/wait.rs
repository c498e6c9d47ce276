//! What a run waits for besides its commands: timers and tasks. Most states wait for neither, and cost no statement here.

use std::time::Duration;

use tenantry_model::{RunId, TaskId, TenantId};
use time::OffsetDateTime;

use super::{Hint, commit::Asks};
use crate::{Result, Tx};

/// Withdraws what the states before this epoch were waiting for. A task that is being answered is not withdrawn.
pub(super) async fn leave(
    tx: &mut Tx,
    run: RunId,
    epoch: u32,
    answered: Option<TaskId>,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        r#"with no_commands as (
               update commands set status = 'withdrawn', lease_token = null, lease_until = null, ended_at = $3
               where run_id = $1 and epoch < $2 and status = 'open' and role = 'command'),
           no_timers as (
               delete from timers where run_id = $1 and epoch < $2)
           select withdraw_tasks($1, $2, null, $4, $3)"#,
        run.0,
        epoch as i32,
        now,
        answered.map(|id| id.0),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// Withdraws what is asked for again in the same state, before it is asked for.
async fn renew(
    connection: &mut sqlx::PgConnection,
    run: RunId,
    [commands, timers, tasks]: &[Vec<String>; 3],
    new: &[uuid::Uuid],
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        r#"with no_commands as (
               update commands set status = 'withdrawn', lease_token = null, lease_until = null, ended_at = $6
               where run_id = $1 and status = 'open' and role = 'command' and name = any($2) and not id = any($5)),
           no_timers as (
               delete from timers where run_id = $1 and name = any($3))
           select withdraw_tasks($1, null, $4, null, $6)"#,
        run.0,
        commands,
        timers,
        tasks,
        new,
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Begins to wait for a change's timers and tasks, and says who must be told that a lane has woken.
pub(super) async fn wait(
    connection: &mut sqlx::PgConnection,
    run: RunId,
    tenant: Option<TenantId>,
    asks: &Asks<'_>,
) -> Result<Option<Hint>> {
    put(connection, run, tenant, asks).await?;
    let (Some(performer), Some(tenant)) = (asks.lane(), tenant) else { return Ok(None) };
    let woken = wake_lanes(connection, &[tenant], asks.now()).await?;
    Ok((woken > 0).then(|| Hint::to_look(performer, Duration::ZERO)))
}

/// Writes what is waited for; the lanes are for the caller to wake.
pub(super) async fn put(
    connection: &mut sqlx::PgConnection,
    run: RunId,
    tenant: Option<TenantId>,
    asks: &Asks<'_>,
) -> Result<()> {
    if let Some(names) = asks.again() {
        renew(connection, run, &names, &asks.ids(), asks.now()).await?;
    }
    if !asks.waits() {
        return Ok(());
    }
    sqlx::query!(
        r#"with t as (
               insert into timers (id, run_id, tenant_id, epoch, name, timer, due_at, created_at, in_lane, held)
               select x.id, $1, $2, $3, x.name, x.timer, x.due_at, $4, x.in_lane, $7
               from jsonb_to_recordset($5) as x(id uuid, name text, timer jsonb, due_at timestamptz, in_lane bool))
           insert into tasks (id, run_id, tenant_id, epoch, name, task, title, text, schema, context, due_at, operators_only, created_at)
           select x.id, $1, $2, $3, x.name, x.task, x.title, x.text, x.schema, x.context, x.due_at, x.operators_only, $4
           from jsonb_to_recordset($6) as x(id uuid, name text, task jsonb, title text, text text, schema jsonb,
                                            context jsonb, due_at timestamptz, operators_only bool)"#,
        run.0,
        tenant.map(|tenant| tenant.0),
        asks.epoch() as i32,
        asks.now(),
        asks.timers(),
        asks.tasks(),
        asks.held,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Something has come to wait in the lanes of these tenants. A lane that nobody waited in is looked at from now on, and somebody
/// must be told: so many of them there are. One that somebody waits in knows when to look. Its lock keeps whoever gives turns
/// away until what waits can be seen. In one order and by one statement, so that no two that wake several wait for each other.
pub(super) async fn wake_lanes(
    connection: &mut sqlx::PgConnection,
    tenants: &[TenantId],
    now: OffsetDateTime,
) -> Result<u64> {
    let tenants: Vec<uuid::Uuid> = tenants.iter().map(|tenant| tenant.0).collect();
    let woken = sqlx::query!(
        r#"insert into lanes as l (tenant_id, ready_at) select distinct t, $2::timestamptz from unnest($1::uuid[]) as t order by 1
           on conflict (tenant_id) do update set ready_at = excluded.ready_at where l.ready_at is null"#,
        &tenants,
        now,
    )
    .execute(connection)
    .await?;
    Ok(woken.rows_affected())
}
