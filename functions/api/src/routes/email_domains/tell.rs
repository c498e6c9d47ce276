//! A domain's life is told something.

use serde_json::json;
use tenantry_model::RunId;
use tenantry_store::{
    Timing, Tx,
    runs::{Hint, RunRow, run, signal},
};
use uuid::Uuid;

use crate::{
    error::Result,
    problem::{Code, Problem},
    routes::signals::kind_of,
};

/// What happened when it was told: the run before, and the hints to send after the commit.
pub(crate) struct Told {
    /// The run, before it heard.
    pub(crate) before: RunRow,
    /// To be sent after the commit.
    pub(crate) hints: Vec<Hint>,
}

/// Tells a domain's life `dnsConfigured`, `refreshStatus` or `remove`. Whether it is of use now is for the life to say.
pub(crate) async fn tell(tx: &mut Tx, domain: RunId, name: &str, by: &str, timing: Timing) -> Result<Told> {
    let before = run(tx, domain).await?;
    if before.ended_at.is_some() {
        return Err(Problem::new(Code::RunEnded, "The domain is removed. Add it again to use it again.").into());
    }
    let event = kind_of(&before)?.signal(name, json!({ "by": by })).map_err(|words| {
        tracing::error!(signal = name, %words, "a domain's life does not know its signals");
        Problem::new(Code::InternalError, "This is our mistake; nothing was changed.")
    })?;
    let hints = signal(tx, &before, event, Uuid::now_v7().to_string(), timing).await?;
    Ok(Told { before, hints })
}
