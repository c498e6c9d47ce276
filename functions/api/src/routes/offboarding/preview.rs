//! What would happen to a tenant that leaves, in numbers and in words.

use serde::Serialize;
use serde_json::Value;
use tenantry_model::RunId;
use tenantry_store::{offboard::Beforehand, tenancy::TenantRow};
use tenantry_workflows::tenant_offboarding::REMIND;
use utoipa::ToSchema;

/// What a tenant has that leaves, and what will happen to it. Nothing was changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OffboardingPreview {
    /// How many there are: `users`, `messages`, `emailDomains`, ...
    #[schema(value_type = Object)]
    counts: Value,
    /// Email domains that will be taken down.
    domains: Vec<String>,
    /// Its portal.
    portal: LeavingPortal,
    /// Runs that are under way, 100 at most; those of messages and webhooks are not among them.
    open_runs: Vec<LeavingRun>,
    /// What will happen, and when, each thing in a sentence.
    what: Vec<String>,
}

/// The portal of a tenant that leaves.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeavingPortal {
    /// Its canonical host.
    host: Option<String>,
    /// Hostnames of the tenant's own, which will be taken down.
    hostnames: Vec<String>,
}

/// A run that is under way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeavingRun {
    /// The run.
    #[schema(value_type = String)]
    id: RunId,
    /// Its kind.
    kind: String,
    /// Its state.
    state: String,
    /// How it stands.
    status: String,
}

impl OffboardingPreview {
    /// What a tenant leaves that goes so many days from now.
    pub(super) fn of(tenant: &TenantRow, has: Beforehand, days: u32) -> Self {
        let what = words(tenant, &has, days);
        let run = |run: tenantry_store::offboard::OpenRun| LeavingRun {
            id: run.id.into(),
            kind: run.kind,
            state: run.state,
            status: run.status,
        };
        Self {
            counts: has.counts,
            domains: has.domains,
            portal: LeavingPortal { host: tenant.portal_host.clone(), hostnames: has.hostnames },
            open_runs: has.runs.into_iter().map(run).collect(),
            what,
        }
    }
}

fn words(tenant: &TenantRow, has: &Beforehand, days: u32) -> Vec<String> {
    let name = &tenant.name;
    let count = |what: &str| has.counts[what].as_i64().unwrap_or_default();
    let mut what = vec![
        format!("At once: {name} sends no mail any more, and its people and keys are not let in."),
        "Then a copy of everything that is its own is written: people, settings, templates, lists, messages with their words while \
         they are kept, and the audit log. It can be read until 30 days after the tenant is gone, and holds no password, key or secret."
            .to_owned(),
    ];
    if count("messagesWaiting") > 0 {
        what.push(format!(
            "{} messages are accepted and have not left. They wait; if the tenant does not come back, they are removed and never leave.",
            count("messagesWaiting")
        ));
    }
    what.push(if days == 0 {
        "There is no grace period: as soon as the copy is written, nothing leads back.".to_owned()
    } else {
        let reminded = if days > REMIND { " The operators are reminded three days before the end." } else { "" };
        format!(
            "For {days} days it can be brought back as it was. Its domains and its portal stay as they are in that time.{reminded}"
        )
    });
    let names: Vec<&str> = has.domains.iter().chain(&has.hostnames).map(String::as_str).collect();
    if !names.is_empty() {
        what.push(format!(
            "After that these are taken down, each by its own run, and waited for: {}. From then on the tenant cannot come back.",
            names.join(", ")
        ));
    }
    if !has.runs.is_empty() {
        what.push(format!(
            "{} of its runs are under way. They go on until then, and are removed with the rest.",
            has.runs.len()
        ));
    }
    what.push(format!(
        "Last, its rows are removed: {} people, {} messages and everything else. What stays is that there was a tenant of this name, \
         without any address, its audit log, and the run of this offboarding. Its address and its portal's host are free again.",
        count("users"),
        count("messages"),
    ));
    what
}
