//! Who is told of a notice.

use async_trait::async_trait;
use serde_json::Value;
use tenantry_kernel::Workflow as _;
use tenantry_model::{Fault, Retryable};
use tenantry_runtime::{Hints, Job, Tell};
use tenantry_workflows::tenant_offboarding::TenantOffboarding;

use crate::{Endpoint, Operators, Publisher, Tenants, event};

/// Tells everybody whom a notice concerns: a log line, the tenant's endpoints, a mail, the platform's endpoint.
pub struct Notify {
    /// Those who are asked when a person is needed; none: nobody is.
    pub operators: Option<Operators>,
    /// Mails to tenants about names of their own; none: tenants bring none here.
    pub tenants: Option<Tenants>,
    /// The platform's own endpoint, if it has one.
    pub webhook: Option<Endpoint>,
    /// What tells tenants' endpoints.
    pub publisher: Publisher,
}

#[async_trait]
impl Tell for Notify {
    async fn tell(&self, job: &Job, kind: &str, notice: &Value, hints: &dyn Hints) -> Result<(), Fault> {
        let name = notice["name"].as_str().unwrap_or_default();
        let event = event::name_of(name);
        tracing::info!(
            target: "lifecycle", event = event.unwrap_or(name), kind, id = %job.command, run = %job.run,
            tenant = job.tenant.map(tracing::field::display), "lifecycle",
        );
        if name == "OperatorAsked" {
            return self.ask(job, kind, &notice["with"]).await;
        }
        // First, and once however often the rest is tried again.
        if let Some(event) = event {
            self.publisher.publish(job, event, &event::data_of(job, kind, &notice["with"]), hints).await?;
        }
        let mail = match &self.tenants {
            Some(tenants) => tenants.tell(job, kind, notice, hints).await,
            None => Ok(()),
        };
        let told = match event {
            Some(event) => self.call(job, kind, event, &notice["with"]).await,
            None => Ok(()),
        };
        // Their mail is another one each time it is sent: once, and once more where the endpoint could not be told at first.
        let mail = match &self.operators {
            Some(operators) if kind == TenantOffboarding::KIND && (told.is_ok() || job.attempt == 1) => {
                operators.tell_of_leaving(job, notice).await
            }
            _ => mail,
        };
        match (mail, told) {
            (Ok(()), told) => told,
            (mail, Ok(())) => mail,
            // Both are the same when they are told once more, so what can still succeed decides.
            (Err(mail), Err(_)) if mail.class.retryable() == Retryable::Yes => Err(mail),
            (_, told) => told,
        }
    }
}

impl Notify {
    /// A person is needed. The mail to the operators is not the same mail when it is sent again, so nothing but its own fault may
    /// have it sent again.
    async fn ask(&self, job: &Job, kind: &str, with: &Value) -> Result<(), Fault> {
        let Some(operators) = &self.operators else { return self.call(job, kind, "task.opened", with).await };
        operators.ask(job, with).await?;
        if let Err(fault) = self.call(job, kind, "task.opened", with).await {
            tracing::warn!(class = %fault.class, error = %fault, "the endpoint was not told that a task is open; the operators were");
        }
        Ok(())
    }

    async fn call(&self, job: &Job, kind: &str, event: &str, with: &Value) -> Result<(), Fault> {
        match &self.webhook {
            Some(endpoint) => endpoint.call(job, event, &event::data_of(job, kind, with)).await,
            None => Ok(()),
        }
    }
}
