//! Everything that happened to a message, in words.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tenantry_model::{MessageId, RunId};
use tenantry_store::{
    mail::{ToldRow, message, told_of},
    runs::{HistoryRow, history_of},
};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::words::{is_operator, status_of, without_providers};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::Id,
    state::ApiState,
    write::commit,
};

/// Everything that happened to a message, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageTimeline {
    /// What happened.
    data: Vec<Moment>,
}

/// Something that happened to a message.
#[derive(Debug, Serialize, ToSchema)]
struct Moment {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// What, in one word.
    #[schema(example = "admitted")]
    code: String,
    /// In a sentence.
    text: String,
    /// What became of the message by it.
    #[schema(value_type = super::words::Status)]
    status: String,
    /// Who did it, where it was a person or a machine of yours.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// More of it. Operators also read which provider it was and what it said.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Option<Object>)]
    detail: Value,
}

/// Show everything that happened to a message
#[utoipa::path(get, path = "/v1/messages/{id}/timeline", tag = "Messages", operation_id = "getMessageTimeline",
    params(("id" = String, Path, description = "The message.")),
    responses((status = 200, description = "What happened, oldest first.", body = MessageTimeline)))]
pub(crate) async fn get_message_timeline(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    Id(id): Id<MessageId>,
) -> Result<Json<MessageTimeline>> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = message(&mut tx, id).await?;
    let history = history_of(&mut tx, RunId(id.0)).await?;
    // What the life made of a provider's news is in its history; the news themselves are the platform's affair.
    let told = if is_operator(&caller) { told_of(&mut tx, id).await? } else { Vec::new() };
    commit(tx).await?;
    let mut data: Vec<Moment> = history.into_iter().map(moment).collect();
    data.extend(told.into_iter().map(news));
    data.sort_by_key(|moment| moment.at);
    if let Some(first) = data.first_mut().filter(|first| first.code == "accepted") {
        first.by = Some(row.started_by);
    }
    if !is_operator(&caller) {
        data.iter_mut().for_each(|moment| without_providers(&mut moment.detail));
    }
    Ok(Json(MessageTimeline { data }))
}

fn news(row: ToldRow) -> Moment {
    Moment {
        at: row.received_at,
        code: "provider_event".to_owned(),
        text: format!("{} told: {}.", row.provider, row.kind),
        status: String::new(),
        by: None,
        detail: row.detail,
    }
}

fn moment(row: HistoryRow) -> Moment {
    let (code, text) = said(&row);
    let detail = match row.detail {
        Value::Object(fields) if fields.is_empty() => Value::Null,
        detail => detail,
    };
    let by = detail.get("by").and_then(Value::as_str).map(str::to_owned);
    Moment { at: row.at, code: code.to_owned(), text, status: status_of(&row.to_state), by, detail }
}

fn said(row: &HistoryRow) -> (&'static str, String) {
    let with = &row.detail;
    let text = |field: &str| with[field].as_str().unwrap_or_default().to_owned();
    let own = |code: &'static str, words: &str| (code, words.to_owned());
    if row.outcome == "ignored" || row.outcome == "late" {
        return ("ignored", format!("{} was heard, and changed nothing.", row.name));
    }
    match (row.kind.as_str(), row.name.as_str()) {
        ("started", _) => own("accepted", "The message was accepted and stored."),
        (_, "Admitted") => ("admitted", format!("Its turn came; it leaves from {}.", text("from"))),
        (_, "Suppressed") => ("suppressed", format!("Its turn came, and it was not to be sent: {}", text("reason"))),
        (_, "Refused") => own("refused", "Its turn came, and it cannot be sent."),
        (_, "Held") => {
            let seconds = &with["seconds"];
            ("held", format!("Its turn came, and it waits {seconds} seconds more: {}", text("reason")))
        }
        (_, "Accepted") => own("sent", "It was handed over and taken."),
        (_, "NotAccepted") => own("not_taken", "It was handed over and not taken."),
        (_, "BatchNotAccepted") => own("not_taken", "It was handed over with others and not taken; it goes alone now."),
        (_, "Processed") => own("processed", "It is on its way."),
        (_, "Delivered") => own("delivered", "The recipient's server has taken it."),
        (_, "Delayed") => ("delayed", format!("The recipient's server wants it later: {}", text("reason"))),
        (_, "Bounced") => ("bounced", format!("The recipient's server has refused it: {}", text("reason"))),
        (_, "Complained") => own("complained", "The recipient has called it spam."),
        (_, "Dropped") => ("dropped", format!("It was dropped on the way: {}", text("reason"))),
        (_, "Withheld") => ("withheld", format!("It was held back from this recipient: {}", text("reason"))),
        (_, "Opened") => own("opened", "It was opened."),
        (_, "Clicked") => own("clicked", "A link in it was followed."),
        (_, "CancelAsked") => own("cancelled", "It was called off."),
        (_, "RescheduleAsked") => own("rescheduled", "It is to leave at another time."),
        (_, "Settled") => ("settled", format!("A person said what became of it: {}.", text("how"))),
        (_, "SendTimeCame") => own("due", "The time has come at which it may leave."),
        (_, "WaitOver") => own("due", "The wait is over; it is tried again."),
        ("attempt", _) => own("attempt", "An attempt failed, and is made again."),
        ("gave_up", _) => own("gave_up", "The attempts came to an end."),
        ("unknown", _) => own("unknown", "It was handed over, and no answer came."),
        (_, name) => ("happened", format!("{name} was heard.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn row(kind: &str, name: &str, detail: Value) -> HistoryRow {
        HistoryRow {
            seq: 1,
            at: datetime!(2026-03-01 12:00 UTC),
            kind: kind.to_owned(),
            name: name.to_owned(),
            from_state: "queued".to_owned(),
            to_state: "delayed".to_owned(),
            epoch: 1,
            outcome: "moved".to_owned(),
            detail,
        }
    }

    #[test]
    fn what_happened_is_said_in_words_and_in_the_status_of_the_api() {
        let bounced = moment(row("signal", "Bounced", json!({"reason": "550 no such user"})));
        assert_eq!((bounced.code.as_str(), bounced.status.as_str()), ("bounced", "deferred"));
        assert_eq!(bounced.text, "The recipient's server has refused it: 550 no such user");
        let cancelled = moment(row("signal", "CancelAsked", json!({"by": "ada"})));
        assert_eq!(cancelled.by.as_deref(), Some("ada"));
        assert_eq!(moment(row("timer", "WaitOver", json!({}))).detail, Value::Null);
    }
}
