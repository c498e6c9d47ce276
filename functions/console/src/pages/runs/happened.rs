//! What happened to a run, as pictures and as a list.

use maud::{Markup, html};
use serde_json::Value;

use time::OffsetDateTime;

use crate::{
    parts::{Tone, badge, when},
    picture,
};

/// The run as a picture, and its life with the present state marked.
pub(super) fn pictures(run: &Value, timeline: &Value, now: OffsetDateTime) -> Markup {
    let life = picture::life(text(run, "kind"), text(run, "state"));
    html! {
        div.picture tabindex="0" role="region" aria-label="The run as a picture" { (picture::timeline(run, timeline, now)) }
        @if !life.0.is_empty() {
            details #run-life { summary { "Its life as a diagram" } div.picture tabindex="0" role="region" aria-label="The life as a diagram" { (life) } }
        }
    }
}

/// Everything that happened, newest first, and what it waits for.
pub(super) fn list(timeline: &Value) -> Markup {
    let rows = |name: &str| timeline[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let open: Vec<&Value> = rows("commands").iter().filter(|command| command["status"] == "open").collect();
    html! {
        @if !open.is_empty() || !rows("timers").is_empty() {
            h2 { "What it waits for" }
            ul.steps #run-waits {
                @for command in open { li.now {
                    strong { (text(command, "name")) } " by " code { (text(command, "performer")) } ", try " (command["attempt"].as_i64().unwrap_or(0).max(1))
                    ", due " (when(text(command, "dueAt")))
                    @if command["leaseUntil"].is_string() { " · under way" }
                    @if let Some(words) = command["lastError"]["message"].as_str() { br; span.fine { "Last try: " (words) } }
                } }
                @for timer in rows("timers") { li.now { "Until " (when(text(timer, "dueAt"))) ": " (text(timer, "name")) } }
            }
        }
        h2 { "What happened" }
        div.scroll tabindex="0" role="region" aria-label="What happened" { table #run-history {
            thead { tr { th.number scope="col" { "#" } th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "State" } th scope="col" { "Detail" } } }
            tbody { @for row in rows("history").iter().rev() { tr {
                td.number { (row["seq"].as_i64().unwrap_or(0)) }
                td { (when(text(row, "at"))) }
                td { strong { (text(row, "name")) } br; span.fine { (kind(text(row, "kind"))) } }
                td { (text(row, "fromState")) @if row["fromState"] != row["toState"] { " → " strong { (text(row, "toState")) } }
                    @if let Some((tone, words)) = odd(text(row, "outcome")) { " " (badge(tone, words)) } }
                td { (detail(&row["detail"])) }
            } } }
        } }
    }
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

fn kind(kind: &str) -> &str {
    match kind {
        "started" => "began",
        "answer" => "an answer",
        "signal" => "somebody's wish",
        "task_answer" => "a person's answer",
        "timer" => "time passed",
        "attempt" => "a try that failed",
        "gave_up" => "tried often enough",
        "unknown" => "nobody knows whether it happened",
        other => other,
    }
}

/// What is worth a word besides where it led.
fn odd(outcome: &str) -> Option<(Tone, &str)> {
    match outcome {
        "postponed" => Some((Tone::Calm, "kept for later")),
        "ignored" | "late" => Some((Tone::Calm, "changed nothing")),
        "unexpected" => Some((Tone::Bad, "unexpected")),
        _ => None,
    }
}

/// The words of a fault; of anything else its JSON, folded away.
fn detail(detail: &Value) -> Markup {
    html! {
        @if let Some(words) = detail["message"].as_str() {
            (words)
        } @else if detail.as_object().is_some_and(|fields| !fields.is_empty()) {
            details { summary { "Show" } pre { (serde_json::to_string_pretty(detail).unwrap_or_default()) } }
        }
    }
}
