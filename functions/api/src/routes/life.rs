//! The life of a name is told something: a run whose id is that of the name's row.

use serde_json::json;
use tenantry_model::RunId;
use tenantry_store::{
    Timing, Tx,
    runs::{Hint, RunRow, run, signal},
};
use uuid::Uuid;

use super::signals::kind_of;
use crate::{
    error::Result,
    problem::{Code, Problem},
};

/// What happened when it was told: the run before, and the hints to send after the commit.
pub(crate) struct Told {
    /// The run, before it heard.
    pub(crate) before: RunRow,
    /// To be sent after the commit.
    pub(crate) hints: Vec<Hint>,
}

/// Tells a life one of its kind's signals. Whether it is of use now is for the life to say; `over` is what is said of one that has
/// ended.
pub(crate) async fn tell(tx: &mut Tx, life: RunId, name: &str, by: &str, over: &str, timing: Timing) -> Result<Told> {
    let before = run(tx, life).await?;
    if before.ended_at.is_some() {
        return Err(Problem::new(Code::RunEnded, over).into());
    }
    let event = kind_of(&before)?.signal(name, json!({ "by": by })).map_err(|words| {
        tracing::error!(signal = name, %words, "a life does not know its signals");
        Problem::new(Code::InternalError, "This is our mistake; nothing was changed.")
    })?;
    let hints = signal(tx, &before, event, Uuid::now_v7().to_string(), timing).await?;
    Ok(Told { before, hints })
}
