//! What people are asked.

use serde::Deserialize;
use serde_json::Value;

use super::{
    moment::Moment,
    table::{Toned, details, or_dash, status, table, time_or_dash},
};
use crate::{
    form::Form,
    output::{Paint, printable},
};

/// A question to a person.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// `tsk_...`
    pub id: String,
    /// The run that waits for the answer.
    pub run_id: String,
    /// The tenant it is about.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// One line.
    pub title: String,
    /// What happened, what we saw, what each answer does.
    #[serde(default)]
    pub text: String,
    /// JSON Schema of the answer.
    #[serde(default)]
    pub schema: Value,
    /// Facts that help to decide.
    #[serde(default)]
    pub context: Value,
    /// `open`, `answered`, `withdrawn`
    pub status: String,
    /// How long an answer is useful.
    #[serde(default)]
    pub due_at: Option<Moment>,
    /// The answer.
    #[serde(default)]
    pub answer: Option<Value>,
    /// Who gave it.
    #[serde(default)]
    pub answered_by: Option<String>,
    /// Who is at it.
    #[serde(default)]
    pub claimed_by: Option<String>,
    /// Since when.
    #[serde(default)]
    pub claimed_at: Option<Moment>,
    /// When it was asked.
    #[serde(default)]
    pub created_at: Option<Moment>,
}

/// Questions, one per line.
#[must_use]
pub fn tasks(tasks: &[Task], paint: Paint) -> String {
    let row = |task: &Task| {
        vec![
            task.id.as_str().into(),
            status(&task.status),
            task.title.as_str().into(),
            time_or_dash(task.created_at),
            time_or_dash(task.due_at),
            or_dash(task.claimed_by.as_deref()),
            or_dash(Some(&task.run_id)),
        ]
    };
    let head = ["TASK", "STATUS", "QUESTION", "ASKED (UTC)", "UNTIL (UTC)", "CLAIMED BY", "RUN"];
    table(&head, tasks.iter().map(row).collect(), "Nobody is asked anything.", paint)
}

/// One question: what happened, its facts, its form, its answer.
#[must_use]
pub fn task(task: &Task, paint: Paint) -> String {
    let mut pairs = vec![("task", task.id.as_str().into()), ("status", status(&task.status))];
    pairs.push(("run", task.run_id.as_str().into()));
    pairs.extend(task.tenant_id.as_deref().map(|id| ("tenant", id.into())));
    pairs.push(("asked (UTC)", time_or_dash(task.created_at)));
    pairs.extend(task.due_at.map(|at| ("until (UTC)", at.day_and_time().into())));
    pairs.extend(task.claimed_by.as_deref().map(|who| {
        let since = task.claimed_at.map(|at| format!(", {} UTC", at.day_and_time())).unwrap_or_default();
        ("claimed by", format!("{who}{since}").into())
    }));
    pairs.extend(task.answered_by.as_deref().map(|who| ("answered by", who.into())));
    let mut parts = vec![paint.head(&printable(&task.title)), details(pairs, paint)];
    if !task.text.is_empty() {
        parts.push(task.text.lines().map(printable).collect::<Vec<_>>().join("\n"));
    }
    if let Some(facts) = task.context.as_object().filter(|facts| !facts.is_empty()) {
        parts.push(format!("{}\n{}", paint.head("Facts"), members(facts, paint)));
    }
    if let Some(answer) = task.answer.as_ref().and_then(Value::as_object) {
        parts.push(format!("{}\n{}", paint.head("Answer"), members(answer, paint)));
    }
    if task.status == "open" {
        parts.push(format!("{}\n{}", paint.head("Form"), form(task, paint)));
        parts.push(format!("Answer it with: tenantry task answer {}", printable(&task.id)));
    }
    parts.join("\n\n")
}

fn form(task: &Task, paint: Paint) -> String {
    let form = Form::new(&task.schema);
    let pairs = form.fields.iter().map(|field| (field.name.as_str(), Toned::from(field.words()))).collect();
    details(pairs, paint)
}

fn members(object: &serde_json::Map<String, Value>, paint: Paint) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    details(object.iter().map(|(name, value)| (name.as_str(), text(value).into())).collect(), paint)
}
