//! What happens next to a message, and when.

use tenantry_model::RunId;
use tenantry_store::{
    Tx,
    mail::{LaneRow, MessageRow, lane},
    runs::{TaskFilter, tasks, timers_of},
};
use time::OffsetDateTime;

use super::shown::Next;
use crate::error::Result;

/// What a message waits for; none when nothing more happens by itself.
pub(super) async fn next(tx: &mut Tx, row: &MessageRow, now: OffsetDateTime) -> Result<Option<Next>> {
    let run = RunId(row.id.0);
    let say = |at, code, text: &str| Some(Next { at, code, text: text.to_owned(), task_id: None });
    Ok(match row.state.as_str() {
        "scheduled" => {
            let at = timers_of(tx, run).await?.first().map(|timer| timer.due_at);
            say(at, "schedule", "It leaves at the time it was scheduled for.")
        }
        "deferred" => {
            let at = timers_of(tx, run).await?.first().map(|timer| timer.due_at);
            say(at, "retry", "It was not taken yet and is tried again.")
        }
        "queued" => turn(lane(tx, row.tenant, now).await?.as_ref(), now),
        "sending" => say(None, "answer", "It is being handed over; the answer is awaited."),
        "sent" | "delayed" => {
            say(None, "recipient_server", "It has left; the recipient's server has not said more yet.")
        }
        "unknown" => {
            let open =
                TaskFilter { run: Some(run), status: Some("open".to_owned()), limit: 1, ..TaskFilter::default() };
            let task_id = tasks(tx, &open).await?.first().map(|task| task.id);
            let text = "It may have been sent. A person is asked what became of it; it is not sent again by itself.";
            Some(Next { at: None, code: "person", text: text.to_owned(), task_id })
        }
        _ => None,
    })
}

/// What a message in its tenant's lane waits for.
fn turn(lane: Option<&LaneRow>, now: OffsetDateTime) -> Option<Next> {
    let (at, code, text) = match lane {
        Some(lane) if lane.paused.is_some() => {
            (None, "paused", "This tenant's mail is paused until somebody has looked into it.")
        }
        Some(lane) if lane.shut => (
            None,
            "suspended",
            "The tenant is suspended, or leaving; the message waits until the tenant is active again.",
        ),
        Some(LaneRow { ready_at: Some(ready), .. }) if *ready > now => {
            (Some(*ready), "limit", "The tenant's limit is reached; from then on, more may leave, the oldest first.")
        }
        _ => (None, "turn", "It leaves as soon as its turn comes; tenants take turns."),
    };
    Some(Next { at, code, text: text.to_owned(), task_id: None })
}
