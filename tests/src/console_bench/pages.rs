//! Every page there is, and what it mostly asks the API.

use anyhow::{Context as _, Result};
use tenantry_model::{EmailDomainId, MessageId, RunId, TaskId, TenantId, WebhookDeliveryId, WebhookEndpointId};
use uuid::Uuid;

use crate::{Onboard, TestStack};

/// The things that pages are about: those of a tenant that has much of everything, the newest of each.
pub(super) struct Facts {
    /// The tenant.
    pub(super) tenant: String,
    things: Vec<(&'static str, String)>,
}

/// A page.
pub(super) struct Asked {
    /// Its path.
    pub(super) page: String,
    /// What it mostly asks; empty where it asks nothing, or nothing that can be asked without changing something.
    pub(super) api: String,
    /// It is a list that goes on.
    pub(super) deep: bool,
}

impl Facts {
    /// Reads them from the filled database.
    pub(super) async fn read(stack: &TestStack) -> Result<Self> {
        let sql = &stack.sql;
        let one = async |query: &'static str, of: Uuid| -> Result<Uuid> {
            sqlx::query_scalar(query).bind(of).fetch_one(sql).await.context(query)
        };
        let nobody = Uuid::nil();
        let tenant = one("select id from tenants where slug = 'filled-10' and $1::uuid is not null", nobody).await?;
        let domain = one("select id from email_domains where tenant_id = $1", tenant).await?;
        let endpoint = one("select id from webhook_endpoints where tenant_id = $1", tenant).await?;
        let delivery =
            one("select id from webhook_deliveries where endpoint_id = $1 order by id desc limit 1", endpoint).await?;
        let run = one("select run_id from tenants where id = $1", tenant).await?;
        let task =
            one("select id from tasks where status = 'open' and $1::uuid is not null order by id desc limit 1", nobody)
                .await?;
        let asking = one("select run_id from tasks where id = $1", task).await?;
        let import =
            one("select run_id from imports where $1::uuid is not null order by run_id desc limit 1", nobody).await?;
        let message =
            one("select m.id from messages m join history h on h.run_id = m.id where m.tenant_id = $1 order by m.id desc limit 1", tenant).await?;
        // What is filled in is no more than rows; what a life would do can be asked of one that was lived.
        let name = Uuid::now_v7().simple().to_string();
        let another = Onboard { email: format!("admin@{name}.example"), tenant_name: name, ..Onboard::another() };
        let lived = stack.onboard(&another).await;
        stack.ends(lived, "completed").await;
        let tenant = TenantId(tenant).to_string();
        let things = vec![
            ("{tenant}", tenant.clone()),
            ("{domain}", EmailDomainId(domain).to_string()),
            ("{endpoint}", WebhookEndpointId(endpoint).to_string()),
            ("{delivery}", WebhookDeliveryId(delivery).to_string()),
            ("{run}", RunId(run).to_string()),
            ("{asking}", RunId(asking).to_string()),
            ("{lived}", lived.to_string()),
            ("{task}", TaskId(task).to_string()),
            ("{import}", RunId(import).to_string()),
            ("{message}", MessageId(message).to_string()),
        ];
        Ok(Self { tenant, things })
    }

    fn fill(&self, path: &str) -> String {
        self.things.iter().fold(path.to_owned(), |path, (name, id)| path.replace(name, id))
    }

    /// A path with names in the place of ids.
    pub(super) fn named(&self, path: &str) -> String {
        self.things.iter().fold(path.to_owned(), |path, (name, id)| path.replace(id, name))
    }
}

const fn one(page: &'static str, api: &'static str) -> (&'static str, &'static str, bool) {
    (page, api, false)
}

const fn list(page: &'static str, api: &'static str) -> (&'static str, &'static str, bool) {
    (page, api, true)
}

/// What everybody opens.
const EVERYBODYS: [(&str, &str, bool); 56] = [
    one("/", "/v1/overview"),
    list("/runs", "/v1/runs?limit=50"),
    list("/runs?kind=tenant_onboarding", "/v1/runs?limit=50&kind=tenant_onboarding"),
    list("/runs?kind=webhook_delivery", "/v1/runs?limit=50&kind=webhook_delivery"),
    list("/runs?status=failed", "/v1/runs?limit=50&status=failed"),
    list("/runs?status=waiting", "/v1/runs?limit=50&status=waiting"),
    list("/runs?status=running&kind=email_domain", "/v1/runs?limit=50&status=running&kind=email_domain"),
    list("/runs?kind=webhook_delivery&status=failed", "/v1/runs?limit=50&kind=webhook_delivery&status=failed"),
    list("/runs?kind=tenant_onboarding&status=failed", "/v1/runs?limit=50&kind=tenant_onboarding&status=failed"),
    list("/runs?status=completed&paused=false", "/v1/runs?limit=50&status=completed&paused=false"),
    one("/runs?paused=true", "/v1/runs?limit=50&paused=true"),
    one("/runs?state=awaiting_dns", "/v1/runs?limit=50&state=awaiting_dns"),
    list("/runs?errorClass=ServiceUnavailable", "/v1/runs?limit=50&errorClass=ServiceUnavailable"),
    one("/runs?errorClass=NoSuchClass", "/v1/runs?limit=50&errorClass=NoSuchClass"),
    one("/runs?entity=mail.filled-10.test", "/v1/runs?limit=50&entity=mail.filled-10.test"),
    one("/runs?entity=filled", "/v1/runs?limit=50&entity=filled"),
    one("/runs?entity=no-such-thing", "/v1/runs?limit=50&entity=no-such-thing"),
    list("/runs?tenant={tenant}", "/v1/runs?limit=50&tenant={tenant}"),
    one("/runs?tenant={tenant}&kind=email_domain", "/v1/runs?limit=50&tenant={tenant}&kind=email_domain"),
    one("/runs/{run}", "/v1/runs/{run}/timeline"),
    one("/runs/{run}/live", "/v1/runs/{run}/timeline"),
    one("/tenants/{tenant}", "/v1/tenants/{tenant}"),
    one("/tenants/{tenant}/email/domains", "/v1/tenants/{tenant}/email-domains"),
    one("/tenants/{tenant}/email/domains/live", "/v1/tenants/{tenant}/email-domains"),
    one("/tenants/{tenant}/email/domains/new", ""),
    one("/tenants/{tenant}/email/domains/{domain}", "/v1/tenants/{tenant}/email-domains/{domain}"),
    one("/tenants/{tenant}/email/domains/{domain}/live", "/v1/tenants/{tenant}/email-domains/{domain}"),
    one("/tenants/{tenant}/email", "/v1/tenants/{tenant}/email-settings"),
    one("/tenants/{tenant}/email/templates", "/v1/tenants/{tenant}/templates"),
    one("/tenants/{tenant}/email/templates/welcome", "/v1/tenants/{tenant}/templates/welcome"),
    one("/tenants/{tenant}/email/templates/welcome/en", "/v1/tenants/{tenant}/templates/welcome/en"),
    one("/tenants/{tenant}/email/templates/welcome/en/preview", ""),
    list("/tenants/{tenant}/email/suppressions", "/v1/tenants/{tenant}/suppressions?limit=50"),
    one("/tenants/{tenant}/portal", "/v1/tenants/{tenant}/portal-domain"),
    one("/tenants/{tenant}/portal/live", "/v1/tenants/{tenant}/portal-domain"),
    one("/tenants/{tenant}/webhooks", "/v1/tenants/{tenant}/webhook-endpoints"),
    one("/tenants/{tenant}/webhooks/new", "/v1/webhook-event-types"),
    list(
        "/tenants/{tenant}/webhooks/{endpoint}",
        "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}/deliveries?limit=50",
    ),
    list(
        "/tenants/{tenant}/webhooks/{endpoint}?status=failed",
        "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}/deliveries?limit=50&status=failed",
    ),
    one("/tenants/{tenant}/webhooks/{endpoint}/live", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}"),
    one("/tenants/{tenant}/webhooks/deliveries/{delivery}", "/v1/tenants/{tenant}/webhook-deliveries/{delivery}"),
    list("/messages", "/v1/messages?limit=50"),
    list("/messages?status=bounced", "/v1/messages?limit=50&status=bounced"),
    list("/messages?status=failed", "/v1/messages?limit=50&status=failed"),
    one("/messages?status=complained", "/v1/messages?limit=50&status=complained"),
    list("/messages?template=invoice", "/v1/messages?limit=50&template=invoice"),
    one("/messages?category=security", "/v1/messages?limit=50&category=security"),
    one("/messages?recipient=reader-99@example.test", "/v1/messages?limit=50&recipient=reader-99@example.test"),
    one("/messages?recipient=nobody@example.test", "/v1/messages?limit=50&recipient=nobody@example.test"),
    list("/messages?tag=kind=invoice", "/v1/messages?limit=50&tag=kind:invoice"),
    list(
        "/messages?from=2020-01-01&to=2040-01-01",
        "/v1/messages?limit=50&from=2020-01-01T00:00:00Z&to=2040-01-01T00:00:00Z",
    ),
    one("/messages/{message}", "/v1/messages/{message}"),
    one("/messages/{message}/live", "/v1/messages/{message}/timeline"),
    list("/audit?action=key.made", "/v1/audit?limit=50&action=key.made"),
    one("/audit?subject=filled-77", "/v1/audit?limit=50&subject=filled-77"),
    list("/tasks", "/v1/tasks?limit=50"),
];

/// What the platform's people open besides.
const OPERATORS: [(&str, &str, bool); 31] = [
    one("/runs/bulk?status=failed&kind=webhook_delivery", ""),
    one("/runs/{asking}", "/v1/runs/{asking}/timeline"),
    one("/runs/{lived}/cancel", "/v1/runs/{lived}/cancel-preview"),
    list("/tenants", "/v1/tenants?limit=50"),
    list("/tenants?status=suspended", "/v1/tenants?limit=50&status=suspended"),
    one("/tenants?status=offboarding", "/v1/tenants?limit=50&status=offboarding"),
    one("/tenants?search=filled-77", "/v1/tenants?limit=50&search=filled-77"),
    one("/tenants?search=no+such+name", "/v1/tenants?limit=50&search=no+such+name"),
    one("/tenants/new", ""),
    list("/tenants/import", "/v1/tenant-imports?limit=20"),
    one("/imports/{import}", "/v1/tenant-imports/{import}"),
    one("/imports/{import}?status=failed", "/v1/tenant-imports/{import}/rows?status=failed"),
    one("/imports/{import}/live", "/v1/tenant-imports/{import}"),
    one("/tenants/{tenant}/offboarding", ""),
    one("/tenants/{tenant}/exports", "/v1/tenants/{tenant}/exports"),
    one("/tenants/{tenant}/exports/live", "/v1/tenants/{tenant}/exports"),
    list("/messages?tenant={tenant}", "/v1/messages?limit=50&tenantId={tenant}"),
    list("/messages?tenant={tenant}&status=bounced", "/v1/messages?limit=50&tenantId={tenant}&status=bounced"),
    one("/tasks/{task}", "/v1/tasks/{task}"),
    list("/tasks?whose=mine", "/v1/tasks?limit=50&claimedBy=me"),
    list("/tasks?whose=overdue", "/v1/tasks?limit=50&overdue=true"),
    list("/audit", "/v1/audit?limit=50"),
    list("/audit?actor=operator@tenantry.test", "/v1/audit?limit=50&actor=operator@tenantry.test"),
    one("/audit?actor=nobody", "/v1/audit?limit=50&actor=nobody"),
    list("/audit?tenant={tenant}", "/v1/audit?limit=50&tenant={tenant}"),
    one("/audit/verify", "/v1/audit?limit=1"),
    one("/audit/verify/live", "/v1/audit/verification"),
    one("/audit/export?format=csv", "/v1/audit/export?format=csv"),
    one("/keys", "/v1/api-keys?limit=50"),
    one("/providers", "/v1/mail/providers"),
    one("/providers/live", "/v1/mail/providers"),
];

/// What only a tenant's administrator opens in this way.
const ADMINISTRATORS: [(&str, &str, bool); 5] = [
    list("/audit", "/v1/audit?limit=50"),
    one("/audit/verify", "/v1/audit?limit=1"),
    one("/audit/verify/live", "/v1/audit/verification"),
    one("/keys", "/v1/api-keys?limit=50"),
    one("/audit/export?format=ndjson", "/v1/audit/export?format=ndjson"),
];

/// All that somebody opens.
pub(super) fn asked(facts: &Facts, operator: bool) -> Vec<Asked> {
    let more: &[(&str, &str, bool)] = if operator { &OPERATORS } else { &ADMINISTRATORS };
    let pages = EVERYBODYS.iter().chain(more).copied();
    pages.map(|(page, api, deep)| Asked { page: facts.fill(page), api: facts.fill(api), deep }).collect()
}
