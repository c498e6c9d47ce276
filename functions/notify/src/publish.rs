//! What has happened, told to the endpoints of the tenant that it has happened to.

use serde_json::Value;
use tenantry_model::{ErrorClass, Fault, TenantId, WebhookEventId};
use tenantry_runtime::{Hints, Job};
use tenantry_store::{
    Db, StoreError,
    webhooks::{NewEvent, Once, publish},
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
        let body = body_of(job, event, data).ok_or_else(unwritable)?;
        let new = NewEvent { id: WebhookEventId(job.command.0), tenant, what: event, body: &body };
        let mut tx = self.db.begin().await?;
        if let Once::New(told) = publish(&mut tx, &new, "notify", self.db.timing()).await? {
            tx.commit().await.map_err(|error| Fault::from(StoreError::from(error)))?;
            hints.send(told).await;
        }
        Ok(())
    }
}

fn tenant_of(data: &Value) -> Option<TenantId> {
    data["tenantId"].as_str()?.parse().ok()
}
