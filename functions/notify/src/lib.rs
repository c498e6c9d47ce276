#![doc = include_str!("../README.md")]

mod operators;

use async_trait::async_trait;
use serde_json::Value;
use tenantry_model::Fault;
use tenantry_outbox::Accounts;
use tenantry_runtime::{
    Function, Job, Tell,
    config::{self, Reader},
};
use tenantry_store::Db;

pub use operators::Operators;

/// The function's name, and its queue's.
pub const NAME: &str = "notify";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, _: &Db) -> Function {
    let mail = config::mail(read).await;
    match Accounts::configured(&mail.provider, mail.fallback.as_ref(), tenantry_ses::from_config).await {
        Ok(accounts) => Function::new(NAME).tells(Notify { operators: Operators::new(mail, accounts) }),
        Err((name, error)) => {
            read.problem(name, error);
            Function::new(NAME)
        }
    }
}

struct Notify {
    operators: Option<Operators>,
}

#[async_trait]
impl Tell for Notify {
    async fn tell(&self, job: &Job, kind: &str, notice: &Value) -> Result<(), Fault> {
        let name = notice["name"].as_str().unwrap_or_default();
        let event = event_name(name);
        tracing::info!(target: "lifecycle", event, kind, run = %job.run, tenant = job.tenant.map(tracing::field::display), "lifecycle");
        match (&self.operators, name) {
            (Some(operators), "OperatorAsked") => operators.ask(job, &notice["with"]).await,
            _ => Ok(()),
        }
    }
}

/// A notice's name as integrations know it.
fn event_name(notice: &str) -> &str {
    match notice {
        "OnboardingStarted" => "tenant.onboarding_started",
        "TenantCreated" => "tenant.created",
        "OnboardingCompleted" => "tenant.onboarding_completed",
        "OnboardingFailed" => "tenant.onboarding_failed",
        "OperatorAsked" => "task.opened",
        other => other,
    }
}
