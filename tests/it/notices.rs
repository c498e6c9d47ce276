//! Who is told what about a tenant's own names: the tenant by mail, the platform's own endpoint.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use local::Run;
use secrecy::SecretString;
use serde_json::{Value, json};
use tenantry_events::signature::Secrets;
use tenantry_model::{RunId, TenantId};
use tenantry_outbox::DomainLinks;
use tenantry_runtime::config::Reader;
use tenantry_secrets::Sealer;
use tenantry_standins::smtp;
use tenantry_store::{
    domains::{self, Added, NewDomain},
    portal::{self, NewPortal},
    runs::Hint,
};
use tenantry_tests::{Onboard, TestStack, wait::until};
use tenantry_workflows::{email_domain::Data, portal_domain};
use uuid::Uuid;

const DOMAIN: &str = "mail.acme.test";
const HOSTNAME: &str = "portal.acme.test";
const CONTACT: &str = "admin@acme-1.example";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A tenant, all of whose mail leaves from its own domain, and the run of that domain, for which nobody works.
async fn domain(stack: &TestStack) -> (TenantId, RunId) {
    let tenant = stack.tenants(1).await[0];
    let new = NewDomain {
        data: Data::new(tenant, DOMAIN.parse().unwrap(), Duration::from_secs(3600), Duration::ZERO),
        mailbox: "noreply".to_owned(),
        region: None,
        token: Uuid::new_v4().simple().to_string(),
        by: "test".to_owned(),
        trace: None,
    };
    let mut tx = stack.db().begin().await.unwrap();
    let Added::New(run, _) = domains::add_domain(&mut tx, &new, stack.db().timing()).await.unwrap() else {
        panic!("a new one")
    };
    tx.commit().await.unwrap();
    let wanted = json!([
        { "purpose": "spf", "type": "TXT", "name": "send.mail.acme.test", "value": "v=spf1 ~all", "required": true },
        { "purpose": "dmarc", "type": "TXT", "name": "_dmarc.mail.acme.test", "value": "v=DMARC1; p=none", "required": false },
    ]);
    for statement in [
        "delete from commands where run_id = $1",
        "update tenant_email_settings s set tier = 'custom', custom_domain = 'mail.acme.test'
         from email_domains d where d.id = $1 and s.tenant_id = d.tenant_id",
        "update tenant_email_settings s set domain_verified = true, domain_provider = 'smtp'
         from email_domains d where d.id = $1 and s.tenant_id = d.tenant_id",
    ] {
        sqlx::query(statement).bind(run.0).execute(&stack.sql).await.unwrap();
    }
    let update = "update email_domains set wanted = $2 where id = $1";
    sqlx::query(update).bind(run.0).bind(wanted).execute(&stack.sql).await.unwrap();
    (tenant, run)
}

/// A tenant, and the run of a hostname of its own, for which nobody works. It was seen to point elsewhere.
async fn hostname(stack: &TestStack) -> (TenantId, RunId) {
    let tenant = stack.tenants(1).await[0];
    let new = NewPortal {
        data: portal_domain::Data::new(tenant, HOSTNAME.parse().unwrap(), Duration::ZERO),
        token: Uuid::new_v4().simple().to_string(),
        by: "test".to_owned(),
        trace: None,
    };
    let mut tx = stack.db().begin().await.unwrap();
    let portal::Added::New(run, _) = portal::add_portal(&mut tx, &new, stack.db().timing()).await.unwrap() else {
        panic!("a new one")
    };
    tx.commit().await.unwrap();
    sqlx::query("delete from commands where run_id = $1").bind(run.0).execute(&stack.sql).await.unwrap();
    let cname = json!({ "purpose": "portal", "type": "CNAME", "name": HOSTNAME, "value": "canonical.portal.test", "required": true });
    let text = json!({ "purpose": "ownership", "type": "TXT", "name": "_tenantry.portal.acme.test", "value": "abc", "status": "missing" });
    let report = json!({
        "host": HOSTNAME, "target": "canonical.portal.test", "pointing": "elsewhere", "proven": false, "caa": { "state": "allows" },
        "observed": "shop.elsewhere.test", "recordToCreate": cname, "apex": false, "zone": "acme.test", "hostHint": null, "findings": [],
        "ownership": text,
    });
    let update = "update portal_domains set report = $2 where id = $1";
    sqlx::query(update).bind(run.0).bind(report).execute(&stack.sql).await.unwrap();
    (tenant, run)
}

/// The life of a domain has something to tell.
async fn notice(stack: &TestStack, tenant: TenantId, run: RunId, name: &str, details: Value) -> Uuid {
    tell(
        stack,
        tenant,
        run,
        &json!({ "name": name, "with": { "tenant": tenant, "domain": DOMAIN, "details": details } }),
    )
    .await
}

/// A life has something to tell.
async fn tell(stack: &TestStack, tenant: TenantId, run: RunId, notice: &Value) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into commands (id, run_id, tenant_id, epoch, role, name, performer, command, due_at, wake_at, created_at)
         values ($1, $2, $3, 1, 'notice', $4, 'notify', $5, $6, $6, $6)",
    )
    .bind(id)
    .bind(run.0)
    .bind(tenant.0)
    .bind(notice["name"].as_str().unwrap())
    .bind(notice)
    .bind(stack.db().clock().now())
    .execute(&stack.sql)
    .await
    .unwrap();
    id
}

/// Waits until a notice was told.
async fn told(stack: &TestStack, notice: Uuid) {
    until("the notice to be told", || async {
        let query = "select status from commands where id = $1";
        let status: String = sqlx::query_scalar(query).bind(notice).fetch_one(&stack.sql).await.unwrap();
        assert_ne!(status, "gave_up", "the notice was given up");
        (status == "done").then_some(())
    })
    .await;
}

async fn letter(stack: &TestStack, subject: &str) -> Arc<smtp::Message> {
    let fits = |mail: &smtp::Message| mail.to.iter().any(|to| to == CONTACT) && mail.subject() == Some(subject);
    let found = stack.mail().mailbox().wait_for(fits, Duration::from_secs(25)).await;
    found.unwrap_or_else(|| panic!("no mail {subject:?}"))
}

#[tokio::test]
async fn a_tenant_is_written_to_about_its_domain_and_never_from_it() {
    let stack = TestStack::with(&[("EDITION", "enterprise")], Run::ALL).await;
    let (tenant, run) = domain(&stack).await;
    let mut read = Reader::new(stack.stack.environment.clone());
    let links = DomainLinks::new(Sealer::new(&read.secret("SEALING_KEYS").await).unwrap(), &stack.stack.api_url);
    for (name, details, subject, words) in [
        ("DomainRecordsReady", json!([]), "DNS records to publish for mail.acme.test", "Name: send.mail\n"),
        ("DomainReminded", json!([]), "Reminder: DNS records for mail.acme.test", "have not found all"),
        ("DomainVerified", json!([]), "mail.acme.test is ready to send", "From now on"),
        (
            "DomainRecordsVanished",
            json!(["TXT send.mail.acme.test"]),
            "mail.acme.test: DNS records are missing",
            "missing in two days",
        ),
        (
            "DomainDegraded",
            json!(["It was refused."]),
            "mail.acme.test: the DNS records need your attention",
            "It was refused.",
        ),
        (
            "DomainRefused",
            json!(["The mail service does not accept these records: TXT send.mail.acme.test."]),
            "mail.acme.test: the DNS records are not accepted",
            "accept these records: TXT send.mail.acme.test.",
        ),
        ("DomainFailed", json!(["Seven days are over."]), "mail.acme.test could not be set up", "Seven days are over."),
    ] {
        let id = notice(&stack, tenant, run, name, details).await;
        let mail = letter(&stack, subject).await;
        let text = mail.text().unwrap().replace("\r\n", "\n");
        assert!(text.contains(words), "{name}: {text}");
        assert!(!text.contains("_dmarc"), "what is only advised is not asked for");
        assert_eq!(mail.from, "noreply@acme-1.tenantry.test", "{name}");
        assert_eq!(mail.header("Reply-To").map(|to| to.contains("support@tenantry.test")), Some(true));
        assert!(mail.header("Auto-Submitted").is_some() && mail.header("List-Unsubscribe").is_none());

        let base = format!("{}/dns/", stack.stack.api_url);
        let token = text.lines().find_map(|line| line.strip_prefix(&base)).expect("the link");
        let now = stack.db().clock().now();
        assert_eq!(links.open(token, now + Duration::from_secs(13 * 86_400)), Some(run), "{name}");
        assert_eq!(links.open(token, now + Duration::from_secs(14 * 86_400)), None, "{name}");
        let mine = format!("messages where id = '{id}' and caused_by = '{}' and category = 'account'", run.0);
        assert_eq!(stack.count(&mine).await, 1, "{name} is a message of the tenant");
    }
    let removed = notice(&stack, tenant, run, "DomainDeactivated", json!([])).await;
    told(&stack, removed).await;
    assert_eq!(stack.count("messages").await, 7, "who removes a domain is not written to");
}

#[tokio::test]
async fn a_tenant_is_written_to_about_its_hostname_and_the_endpoint_is_told_of_every_step() {
    let (hook, url) = Hook::start(0).await;
    let settings =
        [("EDITION", "enterprise"), ("LIFECYCLE_WEBHOOK_URL", url.as_str()), ("LIFECYCLE_WEBHOOK_SECRET", SECRET)];
    let stack = TestStack::with(&settings, Run::ALL).await;
    let (tenant, run) = hostname(&stack).await;
    // Where the tenant manages its portal.
    let page = format!("{}/tenants/{tenant}/portal", stack.stack.environment.get("CONSOLE_URL").unwrap());
    let saw = "It leads to shop.elsewhere.test.";
    let create = "Type: CNAME\nName: portal\nValue: canonical.portal.test\n";
    for (name, subject, words, link) in [
        ("PortalRequested", None, "", ""),
        ("PortalReminded", Some("Reminder: the DNS record for portal.acme.test"), create, page.as_str()),
        ("PortalDnsVerified", None, "", ""),
        ("PortalCertificateReady", None, "", ""),
        (
            "PortalActive",
            Some("Your portal is live at portal.acme.test"),
            "renewed by itself",
            "https://portal.acme.test/",
        ),
        ("PortalFailed", Some("Your portal could not be set up at portal.acme.test"), create, page.as_str()),
        ("PortalMoved", Some("portal.acme.test no longer leads to your portal"), create, page.as_str()),
        ("PortalRemoved", None, "", ""),
    ] {
        let about = json!({ "tenant": tenant, "domain": HOSTNAME, "details": [saw] });
        let id = tell(&stack, tenant, run, &json!({ "name": name, "with": about })).await;
        told(&stack, id).await;
        let Some(subject) = subject else {
            assert_eq!(stack.count(&format!("messages where id = '{id}'")).await, 0, "{name} is no mail");
            continue;
        };
        let mail = letter(&stack, subject).await;
        let text = mail.text().unwrap().replace("\r\n", "\n");
        assert!(text.contains(words) && text.lines().any(|line| line == link), "{name}: {text}");
        assert_eq!(text.contains(saw), name != "PortalActive", "{name}: {text}");
        assert_eq!(mail.from, "noreply@acme-1.tenantry.test", "{name}");
        let mine = format!("messages where id = '{id}' and caused_by = '{}' and subtype = 'portal_domain'", run.0);
        assert_eq!(stack.count(&mine).await, 1, "{name} is a message of the tenant");
    }
    let events: Vec<Value> = hook.taken().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect();
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let steps = ["requested", "reminded", "dns_verified", "cert_ready", "active", "failed", "moved", "removed"];
    assert_eq!(types, steps.map(|step| format!("portal_domain.{step}")));
    for data in events.iter().map(|event| &event["data"]) {
        assert_eq!(
            (&data["tenantId"], &data["runId"], &data["domain"]),
            (&json!(tenant), &json!(run), &json!(HOSTNAME))
        );
        assert_eq!(data["details"], json!([saw]));
    }
}

#[tokio::test]
async fn a_notice_that_is_told_twice_is_one_mail() {
    let stack = TestStack::with(&[("EDITION", "enterprise")], Run::ALL).await;
    let (tenant, run) = domain(&stack).await;
    let id = notice(&stack, tenant, run, "DomainVerified", json!([])).await;
    letter(&stack, "mail.acme.test is ready to send").await;
    told(&stack, id).await;
    // As when the worker died after the mail was accepted and before it could say so.
    let again = "update commands set status = 'open', ended_at = null, wake_at = due_at where id = $1";
    sqlx::query(again).bind(id).execute(&stack.sql).await.unwrap();
    told(&stack, id).await;
    assert_eq!(stack.count(&format!("commands where id = '{id}' and attempt = 2")).await, 1);
    assert_eq!(stack.count("messages").await, 1);
    assert_eq!(
        stack.mail().mailbox().messages().iter().filter(|mail| mail.to.contains(&CONTACT.to_owned())).count(),
        1
    );
}

type Delivery = (HeaderMap, Bytes);

/// An endpoint that fails as often as it is told to, and everything that it was sent.
#[derive(Clone, Default)]
struct Hook(Arc<Mutex<(usize, Vec<Delivery>)>>);

impl Hook {
    /// Starts it, and gives its address.
    async fn start(failures: usize) -> (Self, String) {
        let hook = Self::default();
        hook.0.lock().unwrap().0 = failures;
        let routes = Router::new().route("/", post(Self::take)).with_state(hook.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (hook, url)
    }

    async fn take(State(hook): State<Self>, headers: HeaderMap, body: Bytes) -> StatusCode {
        let (failures, taken) = &mut *hook.0.lock().unwrap();
        taken.push((headers, body));
        if taken.len() > *failures { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }
    }

    fn taken(&self) -> Vec<Delivery> {
        self.0.lock().unwrap().1.clone()
    }
}

#[tokio::test]
async fn an_endpoint_that_fails_twice_is_told_the_third_time_and_the_tenant_is_written_to_once() {
    let (hook, url) = Hook::start(2).await;
    let settings =
        [("EDITION", "enterprise"), ("LIFECYCLE_WEBHOOK_URL", url.as_str()), ("LIFECYCLE_WEBHOOK_SECRET", SECRET)];
    let stack = TestStack::with(&settings, Run::ALL).await;
    let (tenant, run) = domain(&stack).await;
    let id = notice(&stack, tenant, run, "DomainVerified", json!([])).await;
    for delivery in 1..=3 {
        until(&format!("delivery {delivery}"), || async { (hook.taken().len() >= delivery).then_some(()) }).await;
        // Longer than what is waited for before the next try.
        stack.pass(Duration::from_secs(20));
    }
    told(&stack, id).await;

    let taken = hook.taken();
    assert_eq!(taken.len(), 3);
    let secrets = Secrets::parse(&SecretString::from(SECRET)).unwrap();
    for (headers, body) in &taken {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let genuine = secrets.verify(header, body, stack.db().clock().now()).unwrap();
        assert_eq!(genuine.id, format!("cmd_{}", id.simple()), "each try is the same delivery");
        assert_eq!(*body, taken[0].1);
    }
    let body: Value = serde_json::from_slice(&taken[2].1).unwrap();
    assert_eq!(body["type"], "email_domain.verified");
    assert_eq!((&body["data"]["tenantId"], &body["data"]["domain"]), (&json!(tenant), &json!(DOMAIN)));
    letter(&stack, "mail.acme.test is ready to send").await;
    assert_eq!(stack.count("messages").await, 1);
}

#[tokio::test]
async fn a_mail_waits_neither_for_the_sweeper_nor_for_an_endpoint_that_fails() {
    let (hook, url) = Hook::start(usize::MAX).await;
    let settings =
        [("EDITION", "enterprise"), ("LIFECYCLE_WEBHOOK_URL", url.as_str()), ("LIFECYCLE_WEBHOOK_SECRET", SECRET)];
    let stack = TestStack::with(&settings, Run { sweeper: false, ..Run::ALL }).await;
    let (tenant, run) = domain(&stack).await;
    let id = notice(&stack, tenant, run, "DomainVerified", json!([])).await;
    // As whoever moves the life on hints at what it has left to tell.
    let hint = Hint { command: id.into(), performer: notify::NAME.to_owned(), delay: Duration::ZERO, trace: None };
    stack.hint(vec![hint]).await;
    letter(&stack, "mail.acme.test is ready to send").await;
    until("the endpoint to be asked", || async { (!hook.taken().is_empty()).then_some(()) }).await;
}

#[tokio::test]
async fn the_endpoint_is_told_of_an_onboarding_too() {
    let (hook, url) = Hook::start(0).await;
    let settings = [("LIFECYCLE_WEBHOOK_URL", url.as_str()), ("LIFECYCLE_WEBHOOK_SECRET", SECRET)];
    let stack = TestStack::with(&settings, Run::ALL).await;
    let run = stack.onboard(&Onboard::another()).await;
    stack.ends(run, "completed").await;
    let types = until("three events", || async {
        let bodies = hook.taken().into_iter().map(|(_, body)| serde_json::from_slice::<Value>(&body).unwrap());
        let mut types: Vec<String> = bodies
            .inspect(|body| assert_eq!(body["data"]["runId"], json!(run)))
            .map(|body| body["type"].as_str().unwrap().to_owned())
            .collect();
        types.sort_unstable();
        (types.len() >= 3).then_some(types)
    })
    .await;
    assert_eq!(types, ["tenant.created", "tenant.onboarding_completed", "tenant.onboarding_started"]);
}

#[tokio::test]
async fn operators_are_written_to_when_a_tenant_leaves_and_its_contact_is_not() {
    let stack = TestStack::with(&[("EDITION", "enterprise")], Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let name: String = sqlx::query_scalar("select name from tenants where id = $1")
        .bind(tenant.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    let run = RunId(Uuid::now_v7());
    sqlx::query(
        "insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, result, life, started_by,
                           started_at, updated_at, ended_at)
         values ($1, 'tenant_offboarding', $2, 1, 1, 1, 'offboarded', 'completed', 'over', 100, '{}',
                 '{\"version\": 1, \"epoch\": 1, \"state\": \"offboarded\", \"data\": {}, \"progress\": 100}', 'test', now(), now(), now())",
    )
    .bind(run.0)
    .bind(tenant.0)
    .execute(&stack.sql)
    .await
    .unwrap();
    for (notice, with, subject) in [
        ("OffboardingStarted", json!({ "tenant": tenant, "days": 30 }), Some("{name} is leaving")),
        ("OffboardingReminder", json!({ "tenant": tenant, "days": 3 }), Some("{name} will be removed in 3 days")),
        ("TenantRestored", json!({ "tenant": tenant }), None),
        ("TenantOffboarded", json!({ "tenant": tenant }), Some("{name} is gone")),
    ] {
        let id = tell(&stack, tenant, run, &json!({ "name": notice, "with": with })).await;
        told(&stack, id).await;
        let Some(subject) = subject else { continue };
        let subject = subject.replace("{name}", &name);
        let fits = |mail: &smtp::Message| mail.subject() == Some(subject.as_str());
        let found = stack.mail().mailbox().wait_for(fits, Duration::from_secs(25)).await;
        let mail = found.unwrap_or_else(|| panic!("no mail {subject:?}"));
        assert_eq!(mail.to, ["operators@tenantry.test"], "{notice}");
        assert!(mail.text().unwrap().contains(&format!("/runs/{run}")), "{:?}", mail.text());
    }
    let mails = stack.mail().mailbox().messages().len();
    assert_eq!((mails, stack.count("messages").await), (3, 0));
}
