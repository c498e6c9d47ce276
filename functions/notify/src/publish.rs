//! What has happened, told to the endpoints of the tenant that it has happened to.

use serde_json::Value;
use tenantry_model::{ErrorClass, Fault, TenantId, WebhookEventId};
use tenantry_runtime::{Hints, Job};
use tenantry_store::{
    Db, StoreError,
    webhooks::{LARGEST_BODY, NewEvent, Once, publish},
};
use tenantry_workflows::webhook_events::is_known;

use crate::webhook::body_of;

/// Writes events for tenants' endpoints, and begins their deliveries.
pub struct Publisher {
    db: Db,
}

impl Publisher {
    /// Writes them into this database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Publishes an event to whoever of its tenant wants it, unless that was done before: the event's id is the command's. What
    /// concerns no tenant, or is for operators, is passed over.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn publish(&self, job: &Job, event: &str, data: &Value, hints: &dyn Hints) -> Result<(), Fault> {
        let Some(tenant) = tenant_of(data).filter(|_| is_known(event)) else { return Ok(()) };
        let unwritable =
            || Fault::new(ErrorClass::InternalError, "an event for webhook endpoints could not be written");
        let Some(body) =
            fitting(body_of(job, event, data).ok_or_else(unwritable)?, |less| body_of(job, event, less), data)
        else {
            // Whoever else is to be told is told.
            tracing::error!(event, run = %job.run, "an event is too large for webhook endpoints; none of them is told");
            return Ok(());
        };
        let new = NewEvent { id: WebhookEventId(job.command.0), tenant, what: event, body: &body };
        let mut tx = self.db.begin().await?;
        if let Once::New(told) = publish(&mut tx, &new, "notify", self.db.timing()).await? {
            tx.commit().await.map_err(|error| Fault::from(StoreError::from(error)))?;
            hints.send(told).await;
        }
        Ok(())
    }
}

/// What endpoints are sent: whole, or without its details where it would be too large; none: that is too large, too.
fn fitting(whole: String, write: impl Fn(&Value) -> Option<String>, data: &Value) -> Option<String> {
    if whole.len() <= LARGEST_BODY {
        return Some(whole);
    }
    let mut less = data.clone();
    less.as_object_mut()?.remove("details");
    write(&less).filter(|body| body.len() <= LARGEST_BODY)
}

fn tenant_of(data: &Value) -> Option<TenantId> {
    data["tenantId"].as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_that_would_be_too_large_is_told_without_its_details() {
        let write = |data: &Value| Some(data.to_string());
        let fit = |data: &Value| fitting(data.to_string(), write, data);
        let large = |bytes: usize| {
            let empty = json!({ "details": [""], "domain": "mail.acme.test" }).to_string().len();
            json!({ "details": ["x".repeat(bytes - empty)], "domain": "mail.acme.test" })
        };
        let whole = large(LARGEST_BODY);
        assert_eq!(fit(&whole), Some(whole.to_string()));
        assert_eq!(fit(&large(LARGEST_BODY + 1)), Some(json!({ "domain": "mail.acme.test" }).to_string()));
        assert_eq!(fit(&json!({ "details": [], "title": "x".repeat(LARGEST_BODY) })), None);
    }
}
