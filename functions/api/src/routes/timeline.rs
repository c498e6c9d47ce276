//! Everything that happened to a run, and what it waits for.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tenantry_model::{CommandId, RunId};
use tenantry_store::runs::{
    CommandRow, HistoryRow, TaskFilter, TimerRow, commands_of, history_of, run, tasks, timers_of,
};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    tasks::Task,
    tenants_words::{PERFORMER, of},
};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::Id,
    state::ApiState,
    write::commit,
};

/// A run asks a person at most this often before somebody should look at why.
const TASKS: i64 = 1000;

/// Everything that happened to a run, and what it waits for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Timeline {
    /// What the run was told, oldest first.
    history: Vec<Happened>,
    /// What it asked of the world, oldest first.
    commands: Vec<Asked>,
    /// What it waits for, first one first.
    timers: Vec<Timer>,
    /// What it asked people: first what is open and has a deadline, then what is newest.
    tasks: Vec<Task>,
}

/// Something a run was told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Happened {
    /// Its place, from 1, without gaps.
    seq: i32,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// Where it comes from: `started`, `answer`, `signal`, `task_answer`, `timer`, `attempt`, `gave_up`, `unknown`.
    kind: String,
    /// The name of the event, timer or command.
    name: String,
    /// The state before.
    from_state: String,
    /// The state after.
    to_state: String,
    /// The epoch after.
    epoch: i32,
    /// What it did: `moved`, `stayed`, `postponed`, `ignored`, `late`, `unexpected`.
    outcome: String,
    /// The event itself, or the fault.
    #[schema(value_type = Object)]
    detail: Value,
}

/// Something a run asked of the world.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asked {
    /// Its id.
    #[schema(value_type = String)]
    id: CommandId,
    /// `command` or `notice`.
    role: String,
    /// Its name.
    name: String,
    /// The function that performs it; for tenants `platform`.
    performer: String,
    /// `open`, `done`, `gave_up`, `unknown` or `withdrawn`.
    status: String,
    /// Tries so far.
    attempt: i32,
    /// Not before.
    #[serde(with = "time::serde::rfc3339")]
    due_at: OffsetDateTime,
    /// Being worked on, until then at most.
    #[serde(with = "time::serde::rfc3339::option")]
    lease_until: Option<OffsetDateTime>,
    /// What the last try said.
    #[schema(value_type = Option<Object>)]
    last_error: Option<Value>,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    ended_at: Option<OffsetDateTime>,
}

/// Something a run waits for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Timer {
    /// Its name.
    name: String,
    /// When it fires.
    #[serde(with = "time::serde::rfc3339")]
    due_at: OffsetDateTime,
}

/// Show everything that happened to a run
#[utoipa::path(get, path = "/v1/runs/{id}/timeline", tag = "Runs", operation_id = "getTimeline",
    params(("id" = String, Path, description = "The run.")),
    responses((status = 200, description = "The timeline.", body = Timeline)))]
pub(crate) async fn get_timeline(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
) -> Result<Json<Timeline>> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = run(&mut tx, id).await?;
    let asked = TaskFilter { run: Some(id), limit: TASKS, ..TaskFilter::default() };
    let mut timeline = Timeline {
        history: history_of(&mut tx, id).await?.into_iter().map(Happened::from).collect(),
        commands: commands_of(&mut tx, id).await?.into_iter().map(Asked::from).collect(),
        timers: timers_of(&mut tx, id).await?.into_iter().map(Timer::from).collect(),
        tasks: tasks(&mut tx, &asked).await?.into_iter().map(Task::from).collect(),
    };
    commit(tx).await?;
    if caller.principal.tenant().is_some() {
        let for_tenants = of(&row.kind);
        timeline.history.iter_mut().for_each(|row| for_tenants(&mut row.detail));
        for command in &mut timeline.commands {
            command.last_error.iter_mut().for_each(for_tenants);
            PERFORMER.clone_into(&mut command.performer);
        }
    }
    Ok(Json(timeline))
}

impl From<HistoryRow> for Happened {
    fn from(row: HistoryRow) -> Self {
        let HistoryRow { seq, at, kind, name, from_state, to_state, epoch, outcome, detail } = row;
        Self { seq, at, kind, name, from_state, to_state, epoch, outcome, detail }
    }
}

impl From<CommandRow> for Asked {
    fn from(row: CommandRow) -> Self {
        Self {
            id: row.id.into(),
            role: row.role,
            name: row.name,
            performer: row.performer,
            status: row.status,
            attempt: row.attempt,
            due_at: row.due_at,
            lease_until: row.lease_until,
            last_error: row.last_error,
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

impl From<TimerRow> for Timer {
    fn from(row: TimerRow) -> Self {
        Self { name: row.name, due_at: row.due_at }
    }
}
