//! Runs.

use serde::Deserialize;
use serde_json::Value;

use super::{
    moment::{Moment, span},
    table::{Tone, Toned, details, or_dash, status, table, time_or_dash},
};
use crate::{failure::Failure, output::Paint};

/// A run of a workflow.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// `run_...`
    pub id: String,
    /// `tenant_onboarding`, `drill`
    pub kind: String,
    /// The tenant it is about.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// The caller's own key.
    #[serde(default)]
    pub external_key: Option<String>,
    /// `running`, `waiting` (a person is asked), `completed`, `failed`, `rolled_back`, `cancelled`
    pub status: String,
    /// What it is doing.
    pub step: String,
    /// 0 to 100.
    pub progress: u8,
    /// Grows with every change.
    pub seq: u64,
    /// What is in the way, or ended it.
    #[serde(default)]
    pub error: Option<Fault>,
    /// What it has brought so far.
    #[serde(default)]
    pub result: Value,
    /// Who began it.
    #[serde(default)]
    pub started_by: Option<String>,
    /// When it began.
    #[serde(default)]
    pub started_at: Option<Moment>,
    /// When it last changed.
    #[serde(default)]
    pub updated_at: Option<Moment>,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Moment>,
    /// What it is about.
    #[serde(default)]
    pub entity: Option<String>,
    /// Since when it is paused.
    #[serde(default)]
    pub paused_at: Option<Moment>,
    /// Who has paused it.
    #[serde(default)]
    pub paused_by: Option<String>,
    /// Why.
    #[serde(default)]
    pub paused_reason: Option<String>,
}

/// What went wrong.
#[derive(Debug, Clone, Deserialize)]
pub struct Fault {
    /// `EmailError`, ...
    #[serde(default)]
    pub class: String,
    /// In words.
    #[serde(default)]
    pub message: String,
}

impl Run {
    /// Whether it is over.
    #[must_use]
    pub fn ended(&self) -> bool {
        !matches!(self.status.as_str(), "running" | "waiting")
    }

    /// Whether it goes on only when a person answers.
    #[must_use]
    pub fn asks_a_person(&self) -> bool {
        self.status == "waiting"
    }

    /// An end other than the one that was wished for, as a failure.
    ///
    /// # Errors
    /// [`Failure::Ended`] when the run failed, was rolled back or was cancelled.
    pub fn succeeded(&self) -> Result<(), Failure> {
        let (code, how) = match self.status.as_str() {
            "completed" | "running" | "waiting" => return Ok(()),
            "failed" => ("run_failed", "failed"),
            "rolled_back" => ("run_rolled_back", "failed, and everything it had made was removed"),
            "cancelled" => ("run_cancelled", "was cancelled, and everything it had made was removed"),
            _ => ("run_not_completed", "ended without being completed"),
        };
        let detail = self.error.as_ref().map(|fault| format!("{}: {}", fault.class, fault.message));
        Err(Failure::Ended {
            what: format!("The run {how}"),
            detail: detail.unwrap_or_default(),
            next: format!("Look at what happened with: tenantry run show {}", self.id),
            code,
        })
    }

    /// What it has brought, as names and values.
    fn brought(&self) -> impl Iterator<Item = (&str, Toned)> {
        self.result.as_object().into_iter().flatten().filter_map(|(name, value)| {
            let text = match value {
                Value::Null => return None,
                Value::Bool(true) => Toned("yes".to_owned(), Tone::Good),
                Value::Bool(false) => Toned("no".to_owned(), Tone::Warn),
                Value::String(text) => text.as_str().into(),
                other => other.to_string().into(),
            };
            Some((name.as_str(), text))
        })
    }
}

/// Runs, one per line.
#[must_use]
pub fn runs(runs: &[Run], paint: Paint) -> String {
    let row = |run: &Run| {
        vec![
            run.id.as_str().into(),
            run.kind.as_str().into(),
            match run.paused_at {
                Some(_) => Toned("paused".to_owned(), Tone::Warn),
                None => status(&run.status),
            },
            run.step.as_str().into(),
            format!("{} %", run.progress).into(),
            or_dash(run.error.as_ref().map(|fault| fault.class.as_str())),
            time_or_dash(run.started_at),
            or_dash(run.entity.as_deref()),
            or_dash(run.tenant_id.as_deref()),
        ]
    };
    let head = ["RUN", "KIND", "STATUS", "STEP", "DONE", "ERROR", "STARTED (UTC)", "ABOUT", "TENANT"];
    table(&head, runs.iter().map(row).collect(), "No runs.", paint)
}

/// One run.
#[must_use]
pub fn run(run: &Run, paint: Paint) -> String {
    let mut pairs = vec![
        ("run", run.id.as_str().into()),
        ("kind", run.kind.as_str().into()),
        ("status", status(&run.status)),
        ("step", format!("{} ({} %)", run.step, run.progress).into()),
    ];
    let text = |text: &Option<String>| text.as_deref().map(Toned::from);
    pairs.extend(run.paused_at.map(|at| {
        let by = run.paused_by.as_deref().map(|who| format!(" by {who}")).unwrap_or_default();
        let why = run.paused_reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        ("paused (UTC)", Toned(format!("{}{by}{why}; nothing of it begins", at.day_and_time()), Tone::Warn))
    }));
    pairs.extend(text(&run.entity).map(|what| ("about", what)));
    pairs.extend(text(&run.tenant_id).map(|id| ("tenant", id)));
    pairs.extend(text(&run.external_key).map(|key| ("external key", key)));
    pairs.extend(
        run.error.as_ref().map(|fault| ("error", Toned(format!("{}: {}", fault.class, fault.message), Tone::Bad))),
    );
    pairs.extend(text(&run.started_by).map(|who| ("started by", who)));
    pairs.extend(run.started_at.map(|at| ("started (UTC)", at.day_and_time().into())));
    pairs.extend(run.ended_at.map(|at| {
        let took = run.started_at.map(|start| format!(", after {}", span(at.since(start)))).unwrap_or_default();
        ("ended (UTC)", format!("{}{took}", at.day_and_time()).into())
    }));
    let head = details(pairs, paint);
    let brought: Vec<_> = run.brought().collect();
    if brought.is_empty() {
        return head;
    }
    format!("{head}\n\n{}\n{}", paint.head("Result"), details(brought, paint))
}
