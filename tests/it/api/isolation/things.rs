//! What a tenant has: one of each object that a route names.

use serde_json::json;
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::{EmailDomainId, RunId, TenantId, WebhookEndpointId, WebhookEventId};
use tenantry_store::{
    domains::{Added, NewDomain, add_domain},
    portal::{self, NewPortal, add_portal},
    runs::{NewRun, start},
    webhooks::{NewEvent, deliver_by_hand, put_event},
};
use tenantry_tests::TestStack;
use tenantry_workflows::{
    email_domain::Data,
    portal_domain,
    tenant_offboarding::{Data as Leaving, TenantOffboarding},
};

use super::{
    super::{Caller, tenant_with_task},
    routes::Route,
};

/// An address on the suppression list of the tenant whose things they are.
const ADDRESS: &str = "left@customer.example";

/// A tenant's objects.
pub(crate) struct Things {
    pub(crate) user: String,
    pub(crate) tenant: String,
    pub(crate) run: String,
    pub(crate) task: String,
    pub(crate) key: String,
    pub(crate) message: String,
    pub(crate) domain: String,
    pub(crate) endpoint: String,
    pub(crate) delivery: String,
    pub(crate) export: String,
    pub(crate) sync: String,
    pub(crate) import: String,
}

impl Things {
    pub(super) fn path(&self, route: &Route) -> String {
        self.fill(route.path)
    }

    /// A path with these ids in their places.
    pub(crate) fn fill(&self, path: &str) -> String {
        [
            ("{tenant}", &self.tenant),
            ("{run}", &self.run),
            ("{task}", &self.task),
            ("{key}", &self.key),
            ("{message}", &self.message),
            ("{user}", &self.user),
            ("{domain}", &self.domain),
            ("{endpoint}", &self.endpoint),
            ("{delivery}", &self.delivery),
            ("{export}", &self.export),
            ("{n}", &"1".to_owned()),
            ("{sync}", &self.sync),
            ("{import}", &self.import),
            ("{template}", &"welcome".to_owned()),
            ("{locale}", &"de".to_owned()),
        ]
        .iter()
        .fold(path.replace("{address}", ADDRESS).replace("{name}", "smtp"), |path, (name, id)| path.replace(name, id))
    }
}

/// Where tenants may have domains, too.
pub(crate) async fn stack() -> TestStack {
    let settings =
        [("EDITION", "enterprise"), ("EMAIL_FALLBACK_PROVIDER", "resend"), ("EMAIL_DOMAIN_TEST_NAMES", "true")];
    TestStack::with(&settings, local::Run::ALL).await
}

pub(crate) async fn things(stack: &TestStack) -> Things {
    let (tenant, run) = tenant_with_task(stack).await;
    let task = stack.task(run).await.id.to_string();
    let wanted = json!({"name": "k", "permissions": ["tenants.read"], "tenant": tenant.to_string()});
    let made = Caller::operator(stack).post("/v1/api-keys", wanted).await;
    let key = made.body["id"].as_str().unwrap().to_owned();
    let wanted = json!({"tenantId": tenant.to_string(), "to": "ada@customer.example", "subject": "s", "text": "t", "sendAt": super::super::messages::in_an_hour(stack)});
    let sent = Caller::operator(stack).post("/v1/messages", wanted).await;
    let message = sent.body["id"].as_str().unwrap().to_owned();
    let suppressions = format!("/v1/tenants/{tenant}/suppressions");
    Caller::operator(stack).post(&suppressions, json!({ "address": ADDRESS })).await;
    let user =
        sqlx::query_scalar("select id from users where tenant_id = $1").bind(tenant.0).fetch_one(&stack.sql).await;
    let user = tenantry_model::UserId(user.unwrap()).to_string();
    let domain = domain(stack, tenant).await;
    let (endpoint, delivery) = webhook(stack, tenant).await;
    let export = export(stack, tenant).await;
    let sync = portal(stack, tenant).await.to_string();
    let file = b"tenantName,firstName,lastName,email\n,,,\n";
    let begun = Caller::operator(stack).upload("/v1/tenant-imports", "text/csv", file, None).await.run();
    let import = stack.ends(begun, "completed").await.id.to_string();
    Things {
        user,
        tenant: tenant.to_string(),
        run: run.to_string(),
        task,
        key,
        message,
        domain,
        endpoint,
        delivery,
        export,
        sync,
        import,
    }
}

/// A domain whose life stands still, so that nothing of it changes by itself.
async fn domain(stack: &TestStack, tenant: TenantId) -> String {
    let hour = std::time::Duration::from_secs(3600);
    let new = NewDomain {
        data: Data::new(tenant, "mail.acme.test".parse().unwrap(), hour, hour),
        mailbox: "noreply".to_owned(),
        region: None,
        token: "a".repeat(32),
        by: "test".to_owned(),
        trace: None,
    };
    let mut tx = stack.db().begin().await.unwrap();
    let Added::New(life, _) = add_domain(&mut tx, &new, stack.db().timing()).await.unwrap() else {
        panic!("the tenant has no domain yet");
    };
    sqlx::query("update commands set status = 'withdrawn', ended_at = now() where run_id = $1")
        .bind(life.0)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    EmailDomainId(life.0).to_string()
}

/// An endpoint, and a delivery to it whose life stands still.
async fn webhook(stack: &TestStack, tenant: TenantId) -> (String, String) {
    let wanted = json!({ "url": "https://hooks.acme.invalid/" });
    let made = Caller::operator(stack).post(&format!("/v1/tenants/{tenant}/webhook-endpoints"), wanted).await;
    let endpoint: WebhookEndpointId = made.body["id"].as_str().unwrap().parse().unwrap();
    let (timing, event) = (stack.db().timing(), WebhookEventId::new());
    let mut tx = stack.db().begin().await.unwrap();
    let new = NewEvent { id: event, tenant, what: "tenant.created", body: "{}" };
    put_event(&mut tx, &new, timing.now).await.unwrap();
    let events = [(event, "tenant.created".to_owned())];
    let (ids, _) = deliver_by_hand(&mut tx, tenant, endpoint, &events, "test", timing).await.unwrap();
    sqlx::query("update commands set status = 'withdrawn', ended_at = now() where run_id = $1")
        .bind(ids[0].0)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (endpoint.to_string(), ids[0].to_string())
}

/// A portal whose life stands still, and a standing reconcile that does as well.
async fn portal(stack: &TestStack, tenant: TenantId) -> RunId {
    let timing = stack.db().timing();
    let hour = std::time::Duration::from_secs(3600);
    let new = NewPortal {
        data: portal_domain::Data::new(tenant, "portal.acme.test".parse().unwrap(), hour),
        token: "a".repeat(32),
        by: "test".to_owned(),
        trace: None,
    };
    let mut tx = stack.db().begin().await.unwrap();
    add_portal(&mut tx, &new, timing).await.unwrap();
    portal::stand(&mut tx, hour, timing).await.unwrap();
    sqlx::query(
        "update commands set status = 'withdrawn', ended_at = now()
         where run_id in (select id from runs where kind in ('portal_domain', 'portal_sync'))",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    let standing = portal::standing_run(&mut tx).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    standing
}

/// An export that is whole; and an offboarding that was called off, so that the tenant's people are let in.
async fn export(stack: &TestStack, tenant: TenantId) -> String {
    let exports = format!("/v1/tenants/{tenant}/exports?wait=25");
    let made = Caller::operator(stack).post(&exports, json!({})).await;
    assert_eq!((made.status, &made.body["status"]), (202, &json!("completed")), "{made:?}");
    let offboarding = NewRun {
        id: RunId::new(),
        kind: TenantOffboarding::KIND,
        tenant: Some(tenant),
        external_key: None,
        started_by: "test".to_owned(),
        trace: None,
        change: advance::start::<TenantOffboarding>(Leaving::new(tenant, "Acme".into(), "a test".into(), 30)),
    };
    let mut tx = stack.db().begin().await.unwrap();
    start(&mut tx, &offboarding, stack.db().timing()).await.unwrap();
    for over in [
        "update runs set state = 'restored', status = 'cancelled', ended_at = now() where id = $1",
        "update commands set status = 'withdrawn', ended_at = now() where run_id = $1",
    ] {
        sqlx::query(over).bind(offboarding.id.0).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    made.body["id"].as_str().unwrap().to_owned()
}
