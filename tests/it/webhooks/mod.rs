//! Webhooks of tenants: over loopback, with a receiver that misbehaves.

mod deliver;
mod endpoints;
mod health;
mod missed;
mod publish;
mod receiver;
mod rest;

use local::Run;
use serde_json::{Value, json};
use tenantry_model::{RunId, TenantId, WebhookDeliveryId, WebhookEventId};
use tenantry_store::webhooks::{NewEvent, Once, publish};
use tenantry_tests::TestStack;
use uuid::Uuid;

use self::receiver::{Delivery, Does, Receiver};
use crate::api::{Caller, Got};

/// Nobody works but by hand.
const BY_HAND: Run = Run { workers: false, sweeper: false, api: true };

/// A stack, a tenant, and whoever administers it.
struct Scene {
    stack: TestStack,
    tenant: TenantId,
    admin: Caller,
}

/// An endpoint, with the secret that was shown once.
struct Endpoint {
    id: String,
    secret: String,
}

impl Scene {
    async fn with(settings: &[(&'static str, &str)], run: Run) -> Self {
        let stack = TestStack::with(settings, run).await;
        let tenant = stack.tenants(1).await[0];
        let admin = key(&stack, tenant).await;
        Self { stack, tenant, admin }
    }

    async fn by_hand() -> Self {
        Self::with(&[], BY_HAND).await
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/tenants/{}/{rest}", self.tenant)
    }

    /// Adds an endpoint that asks for these.
    async fn add(&self, url: &str, events: Value) -> Endpoint {
        let got = self.admin.post(&self.path("webhook-endpoints"), json!({ "url": url, "events": events })).await;
        assert_eq!(got.status, 201, "{got:?}");
        let text = |name: &str| got.body[name].as_str().unwrap().to_owned();
        Endpoint { id: text("id"), secret: text("secret") }
    }

    /// The endpoint as it is now.
    async fn endpoint(&self, endpoint: &Endpoint) -> Value {
        let got = self.admin.get(&self.path(&format!("webhook-endpoints/{}", endpoint.id))).await;
        assert_eq!(got.status, 200, "{got:?}");
        got.body
    }

    /// Changes it, whatever its version is.
    async fn change(&self, endpoint: &Endpoint, patch: Value) -> Got {
        let path = self.path(&format!("webhook-endpoints/{}", endpoint.id));
        self.admin.ask(reqwest::Method::PATCH, &path, Some(patch.to_string().into_bytes()), &[("if-match", "*")]).await
    }

    /// Something happens to the tenant.
    async fn happens(&self, what: &str) -> WebhookEventId {
        let id = WebhookEventId(Uuid::now_v7());
        assert!(self.told(id, what).await, "it is new");
        id
    }

    /// This is told; whether it is new.
    async fn told(&self, id: WebhookEventId, what: &str) -> bool {
        let body = json!({ "type": what, "timestamp": "2026-11-21T10:00:00Z", "data": { "tenantId": self.tenant } });
        let body = body.to_string();
        let mut tx = self.stack.db().begin().await.unwrap();
        let new = NewEvent { id, tenant: self.tenant, what, body: &body };
        let once = publish(&mut tx, &new, "test", self.stack.db().timing()).await.unwrap();
        tx.commit().await.unwrap();
        match once {
            Once::New(hints) => {
                self.stack.hint(hints).await;
                true
            }
            Once::Before => false,
        }
    }

    /// The deliveries of an endpoint, newest first.
    async fn deliveries(&self, endpoint: &Endpoint) -> Vec<Value> {
        let path = self.path(&format!("webhook-endpoints/{}/deliveries?limit=100", endpoint.id));
        self.admin.get(&path).await.body["data"].as_array().unwrap().clone()
    }

    /// The one that began last.
    async fn last(&self, endpoint: &Endpoint) -> RunId {
        run_of(&self.deliveries(endpoint).await[0])
    }

    /// A delivery whole.
    async fn delivery(&self, run: RunId) -> Value {
        let path = self.path(&format!("webhook-deliveries/{}", WebhookDeliveryId(run.0)));
        let got = self.admin.get(&path).await;
        assert_eq!(got.status, 200, "{got:?}");
        got.body
    }
}

/// Whoever administers the tenant's webhooks, however far the clock is turned.
async fn key(stack: &TestStack, tenant: TenantId) -> Caller {
    let wanted = json!({ "name": "k", "permissions": ["settings.manage_webhooks", "audit.read"], "tenant": tenant });
    let made = Caller::operator(stack).post("/v1/api-keys", wanted).await;
    Caller::with(stack, made.body["secret"].as_str().unwrap())
}

/// The run of a delivery.
fn run_of(delivery: &Value) -> RunId {
    let id: WebhookDeliveryId = delivery["id"].as_str().unwrap().parse().unwrap();
    RunId(id.0)
}

fn ids(seen: &[Delivery]) -> Vec<&str> {
    seen.iter().map(Delivery::id).collect()
}
