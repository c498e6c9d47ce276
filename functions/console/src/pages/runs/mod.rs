//! Runs: found, looked at, and told something.

mod bulk;
mod credential;
mod happened;
mod list;
mod show;
mod wishes;

use axum::{
    Router,
    routing::{get, post},
};
use serde::Deserialize;

use crate::state::Console;

pub(crate) use list::table;

/// Their routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/runs", get(list::show))
        .route("/runs/bulk", get(bulk::ask).post(bulk::apply))
        .route("/runs/{id}", get(show::show))
        .route("/runs/{id}/live", get(show::live))
        .route("/runs/{id}/cancel", get(wishes::preview).post(wishes::cancel))
        .route("/runs/{id}/retry", post(wishes::retry))
        .route("/runs/{id}/pause", post(wishes::pause))
        .route("/runs/{id}/resume", post(wishes::resume))
        .route("/runs/{id}/credential", post(credential::reveal))
}

/// A run, as far as pages draw it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    /// Its id.
    pub(crate) id: String,
    /// Its kind.
    pub(crate) kind: String,
    /// The tenant it is about.
    pub(crate) tenant_id: Option<String>,
    /// What it is about, in a word.
    #[serde(default)]
    pub(crate) entity: Option<String>,
    /// How it stands.
    pub(crate) status: String,
    /// The state of the life.
    pub(crate) state: String,
    /// The step.
    pub(crate) step: String,
    /// 0 to 100.
    pub(crate) progress: u8,
    /// What stands in its way.
    pub(crate) error: Option<RunError>,
    /// What it has brought.
    #[serde(default)]
    pub(crate) result: serde_json::Value,
    /// Who began it.
    pub(crate) started_by: String,
    /// When.
    pub(crate) started_at: String,
    /// When it last changed.
    pub(crate) updated_at: String,
    /// When it ended.
    pub(crate) ended_at: Option<String>,
    /// Since when it is paused.
    #[serde(default)]
    pub(crate) paused_at: Option<String>,
    /// By whom.
    #[serde(default)]
    pub(crate) paused_by: Option<String>,
    /// When it goes on by itself.
    #[serde(default)]
    pub(crate) next_wake_at: Option<String>,
}

/// What stands in a run's way.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RunError {
    /// In a word.
    pub(crate) class: String,
    /// What happened, what was seen, what to do.
    pub(crate) message: String,
}

impl Run {
    /// Whether it is over.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    /// The word that people are shown: paused stands above running.
    pub(crate) fn shown(&self) -> &str {
        if self.paused_at.is_some() && !self.has_ended() { "paused" } else { &self.status }
    }

    /// Whether it may change at any moment.
    pub(crate) fn moves(&self) -> bool {
        !self.has_ended() && self.paused_at.is_none()
    }
}

/// A kind of run, for people.
pub(crate) fn kind_words(kind: &str) -> String {
    match kind {
        "tenant_onboarding" => "Onboarding".to_owned(),
        "tenant_offboarding" => "Offboarding".to_owned(),
        "tenant_import" => "Import of tenants".to_owned(),
        "tenant_change" => "Change of a tenant".to_owned(),
        "tenant_export" => "Export".to_owned(),
        "email_domain" => "Sending domain".to_owned(),
        "email_delivery" => "Message".to_owned(),
        "portal_domain" => "Portal hostname".to_owned(),
        "portal_sync" => "Reconcile of the cluster".to_owned(),
        "sending_pause" => "Pause of sending".to_owned(),
        "orphan_report" => "Report of orphans".to_owned(),
        "webhook_delivery" => "Webhook delivery".to_owned(),
        "drill" => "Drill".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The kinds that are listed as runs (messages have a list of their own).
pub(crate) const KINDS: [&str; 12] = [
    "tenant_onboarding",
    "tenant_offboarding",
    "tenant_import",
    "tenant_change",
    "tenant_export",
    "email_domain",
    "portal_domain",
    "portal_sync",
    "sending_pause",
    "orphan_report",
    "webhook_delivery",
    "drill",
];
