//! Long polls: the row is looked at again and again, and nothing is held in between.

use std::time::Duration;

use serde::Deserialize;
use tenantry_store::{
    Scope, StoreError,
    runs::{RunRow, run},
};
use tokio::time::Instant;
use utoipa::IntoParams;

use crate::{error::Result, state::ApiState};

/// API Gateway ends a request after 30 s.
const LONGEST: Duration = Duration::from_secs(25);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// How long to wait for a run to come to rest.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Answer when the run has ended or asks a person, at the latest after so many seconds.
    #[param(minimum = 0, maximum = 25)]
    wait: Option<u64>,
}

impl Wait {
    /// At most 25 s.
    pub(crate) fn time(&self) -> Duration {
        time(self.wait)
    }
}

/// At most 25 s, however many are asked for.
pub(crate) fn time(seconds: Option<u64>) -> Duration {
    Duration::from_secs(seconds.unwrap_or(0)).min(LONGEST)
}

/// Whether nothing happens to a run by itself any more.
pub(crate) fn is_at_rest(run: &RunRow) -> bool {
    run.status != "running"
}

/// Whether a run is over.
pub(crate) fn has_ended(run: &RunRow) -> bool {
    run.ended_at.is_some()
}

/// The run as soon as it is `done`, or as it is when the time is over. A database that goes away meanwhile ends the
/// waiting with what was known.
pub(crate) async fn until(
    state: &ApiState,
    scope: Scope,
    mut known: RunRow,
    time: Duration,
    done: impl Fn(&RunRow) -> bool,
) -> RunRow {
    let end = Instant::now() + time;
    let mut pause = FIRST_PAUSE;
    while !done(&known) && Instant::now() < end {
        tokio::time::sleep_until((Instant::now() + pause).min(end)).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        match look(state, scope, &known).await {
            Ok(seen) => known = seen,
            Err(error) => {
                tracing::warn!(run = %known.id, error = %error.into_problem().code().as_str(), "waiting ends early");
                break;
            }
        }
    }
    known
}

async fn look(state: &ApiState, scope: Scope, known: &RunRow) -> Result<RunRow> {
    let mut tx = state.db.begin_as(scope).await?;
    let seen = run(&mut tx, known.id).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(seen)
}
