//! Operators stop a tenant's mail, and let it go on.

use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};
use serde_json::json;

use super::{api_of, change::done, page_of, show::Part};
use crate::{
    form::{Fields, Sent},
    page::Refusal,
    parts::{Field, csrf, input, trouble_card},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// It stops.
pub(super) async fn pause(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    turn(&console, &tenant, sent, "sending/pause").await
}

/// It goes on.
pub(super) async fn resume(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    turn(&console, &tenant, sent, "sending/resume").await
}

async fn turn(console: &Console, tenant: &str, sent: Sent, what: &str) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(console, person);
    let told = visit.ask().post(&api_of(tenant, what), &json!({ "reason": fields.text("reason") })).await;
    done(&visit, tenant, Part::Sending, &fields, told.map(drop)).await
}

/// The form.
pub(super) fn form(visit: &Visit, tenant: &str, paused: bool, sent: Option<(&Fields, &Trouble)>) -> Markup {
    let trouble = sent.map(|(_, trouble)| trouble);
    let (to, words, help, class) = if paused {
        ("resume", "Resume sending", "Stands in the audit log.", "main")
    } else {
        ("pause", "Pause sending", "The tenant reads it while its mail is paused.", "danger")
    };
    html! {
        details #sending open[paused || trouble.is_some()] {
            summary { (words) }
            @if let Some(trouble) = trouble { (trouble_card(trouble)) }
            @if !paused { p { "What is accepted from then on waits until somebody resumes. Nothing is lost." } }
            form method="post" action={ (page_of(tenant)) "/" (to) } {
                (csrf(&visit.person))
                (input(&Field {
                    name: "reason", id: Some("sending-reason"), label: "Why", value: sent.map_or("", |(fields, _)| fields.text("reason")),
                    help: Some(help), required: true, ..Field::default()
                }.judged(trouble, "reason")))
                button.(class) type="submit" id={ "sending-" (to) } { (words) }
            }
        }
    }
}
