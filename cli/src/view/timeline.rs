//! A run's life drawn as text: what happened when, how long it rested between tries, what it waits for.

use serde::Deserialize;
use serde_json::Value;

use super::{
    moment::{Moment, span},
    run::Fault,
};
use crate::output::{Paint, printable};

/// A pause worth drawing, in seconds.
const PAUSE: f64 = 1.0;
/// Columns of names, so that what follows stands in line.
const NAME: usize = 24;

/// What a run has gone through and what it waits for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Timeline {
    /// What happened, oldest first.
    pub history: Vec<Line>,
    /// What was asked of functions.
    pub commands: Vec<Command>,
    /// What it waits for.
    pub timers: Vec<Timer>,
    /// What people are asked.
    pub tasks: Vec<Asked>,
}

/// One thing that happened.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    at: Moment,
    /// `started`, `answer`, `signal`, `task_answer`, `timer`, `attempt`, `gave_up`, `unknown`
    kind: String,
    name: String,
    from_state: String,
    to_state: String,
    /// `moved`, `stayed`, `postponed`, `ignored`, `late`, `unexpected`
    outcome: String,
    #[serde(default)]
    detail: Value,
}

/// Something asked of a function.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    name: String,
    performer: String,
    /// `open`, `done`, `gave_up`, `unknown`, `withdrawn`
    status: String,
    #[serde(default)]
    attempt: u32,
    due_at: Moment,
    #[serde(default)]
    lease_until: Option<Moment>,
    #[serde(default)]
    last_error: Option<Fault>,
}

/// A moment a run waits for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timer {
    name: String,
    due_at: Moment,
}

/// A question to a person.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    id: String,
    title: String,
    status: String,
    #[serde(default)]
    due_at: Option<Moment>,
}

/// Draws a timeline as it is seen at a moment.
#[must_use]
pub fn timeline(timeline: &Timeline, now: Moment, paint: Paint) -> String {
    let Some(first) = timeline.history.first() else { return "Nothing has happened yet.".to_owned() };
    let mut lines = vec![paint.head(&format!("Timeline, from {} UTC", first.at.day_and_time()))];
    let mut before: Option<&Line> = None;
    for line in &timeline.history {
        lines.extend(before.and_then(|before| pause(before, line)).map(|words| rest(&words, paint)));
        lines.push(happened(line, first.at, paint));
        before = Some(line);
    }
    let waits = waits(timeline, now, paint);
    if !waits.is_empty() {
        lines.push(String::new());
        lines.push(paint.head("Waits for"));
        lines.extend(waits);
    }
    if let Some(wake) = next_wake(timeline) {
        lines.push(format!("Next wake: {} UTC ({})", wake.day_and_time(), wake.seen_from(now)));
    }
    lines.join("\n")
}

fn happened(line: &Line, start: Moment, paint: Paint) -> String {
    let failed = matches!(line.kind.as_str(), "attempt" | "gave_up") || line.outcome == "unexpected";
    let mark = match line.kind.as_str() {
        _ if failed => paint.bad("✗"),
        "unknown" => paint.bad("?"),
        "started" => paint.head("●"),
        "timer" => paint.warn("◷"),
        "signal" | "task_answer" => paint.warn("»"),
        _ => paint.good("✓"),
    };
    let name = if line.kind == "started" { "started".to_owned() } else { printable(&line.name) };
    let mut words = Vec::new();
    if line.kind == "attempt" {
        let attempt = line.detail["attempt"].as_u64();
        words.extend(attempt.map(|attempt| format!("try {attempt} failed")));
    }
    match line.kind.as_str() {
        "gave_up" => words.push("gave up".to_owned()),
        "unknown" => words.push("outcome unknown".to_owned()),
        "signal" => words.push("a wish".to_owned()),
        "task_answer" => words.push("a person's answer".to_owned()),
        _ => {}
    }
    match line.outcome.as_str() {
        "moved" if line.from_state == line.to_state => words.push(printable(&line.to_state)),
        "moved" => words.push(format!("{} → {}", printable(&line.from_state), printable(&line.to_state))),
        "stayed" => {}
        other => words.push(format!("({})", printable(other))),
    }
    words.extend(line.detail["reason"].as_str().map(printable));
    words.extend(fault(&line.detail["fault"]));
    let since = format!("+{}", span(line.at.since(start)));
    format!("  {since:>12}  {mark}  {name:<NAME$}  {}", words.join("; ")).trim_end().to_owned()
}

/// The pause between two lines: the rest a retry was given, or a long silence.
fn pause(before: &Line, line: &Line) -> Option<String> {
    let again_in = before.detail["again_in"].as_f64().or_else(|| before.detail["againIn"].as_f64());
    if let Some(seconds) = again_in.filter(|_| before.kind == "attempt") {
        return Some(format!("rests {}", span(seconds)));
    }
    let silence = line.at.since(before.at);
    (silence >= PAUSE).then(|| span(silence))
}

fn rest(words: &str, paint: Paint) -> String {
    format!("  {:>12}  {}", "", paint.faint(&format!("┊  {words}")))
}

fn fault(detail: &Value) -> Option<String> {
    let message = detail["message"].as_str()?;
    let class = detail["class"].as_str().unwrap_or("error");
    Some(format!("{}: {}", printable(class), printable(message)))
}

fn waits(timeline: &Timeline, now: Moment, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for command in timeline.commands.iter().filter(|command| command.status == "open") {
        let when = match command.lease_until {
            Some(until) if until > now => format!("being worked on (try {})", command.attempt),
            _ if command.due_at > now => format!("try {} {}", command.attempt + 1, command.due_at.seen_from(now)),
            _ => format!("try {} is due", command.attempt + 1),
        };
        lines.push(waited_for(&command.name, &format!("{when}, by {}", printable(&command.performer))));
        let error = command.last_error.as_ref().map(|error| format!("{}: {}", error.class, error.message));
        lines.extend(error.map(|error| format!("    {}", paint.bad(&printable(&error)))));
    }
    for timer in &timeline.timers {
        lines.push(waited_for(&timer.name, &format!("a timer, {}", timer.due_at.seen_from(now))));
    }
    for task in timeline.tasks.iter().filter(|task| task.status == "open") {
        let until = task.due_at.map(|at| format!(", useful until {} UTC", at.day_and_time())).unwrap_or_default();
        lines.push(waited_for("a person", &format!("{}{until}", printable(&task.title))));
        lines.push(format!("    tenantry task answer {}", printable(&task.id)));
    }
    lines
}

fn waited_for(name: &str, words: &str) -> String {
    format!("  {:<NAME$}  {words}", printable(name))
}

/// When something happens by itself at the latest.
fn next_wake(timeline: &Timeline) -> Option<Moment> {
    let commands = timeline.commands.iter().filter(|command| command.status == "open");
    let commands = commands.map(|command| command.lease_until.unwrap_or(command.due_at));
    commands.chain(timeline.timers.iter().map(|timer| timer.due_at)).min()
}

#[cfg(test)]
#[path = "timeline/tests.rs"]
mod tests;
