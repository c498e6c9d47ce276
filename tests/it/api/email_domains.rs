//! Sending domains that tenants bring, as the API takes and shows them. Nobody works here: what a life hears, the test tells it.

use local::Run;
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::{RunId, TenantId};
use tenantry_store::{StoreError, runs};
use tenantry_tests::TestStack;
use tenantry_workflows::orphan_report::{self, OrphanReport};
use uuid::Uuid;

use super::{Caller, Got, email_domain_page::Page};

const API: Run = Run { workers: false, sweeper: false, api: true };
const SETTINGS: [(&str, &str); 5] = [
    ("EDITION", "enterprise"),
    ("EMAIL_FALLBACK_PROVIDER", "resend"),
    ("EMAIL_DOMAIN_TEST_NAMES", "true"),
    ("EMAIL_DOMAIN_LIMIT", "3"),
    ("PUBLIC_URL", "https://app.tenantry.test"),
];

/// The API of the edition for enterprises, two tenants, and an administrator of the first.
pub(super) async fn stack() -> (TestStack, TenantId, TenantId, Caller) {
    let stack = TestStack::with(&SETTINGS, API).await;
    let tenants = stack.tenants(2).await;
    let admin = Caller::of(&stack, tenants[0], "tenant_admin");
    (stack, tenants[0], tenants[1], admin)
}

pub(super) fn path(tenant: TenantId) -> String {
    format!("/v1/tenants/{tenant}/email-domains")
}

/// Adds a domain. Its id, and its life's.
pub(super) async fn add(caller: &Caller, tenant: TenantId, name: &str) -> (String, RunId) {
    let got = caller.post(&path(tenant), json!({ "name": name })).await;
    assert_eq!(got.status, 202, "{got:?}");
    let text = |name: &str| got.body[name].as_str().unwrap().to_owned();
    (text("id"), text("runId").parse().unwrap())
}

/// Tells a life what a function would.
pub(super) async fn happens(stack: &TestStack, run: RunId, events: &[Value]) {
    for event in events {
        loop {
            let row = stack.run(run).await;
            let mut tx = stack.db().begin().await.unwrap();
            let key = Uuid::now_v7().to_string();
            match runs::signal(&mut tx, &row, event.clone(), key, stack.db().timing()).await {
                Ok(_) => break tx.commit().await.unwrap(),
                Err(StoreError::Changed) => {}
                Err(error) => panic!("{event} in {}: {error}", row.state),
            }
        }
    }
}

pub(super) fn named(name: &str, with: Value) -> Value {
    json!({ "name": name, "with": with })
}

/// The records are to be published.
pub(super) async fn waits(stack: &TestStack, run: RunId) {
    happens(stack, run, &[named("NameClaimed", json!({ "clear": true })), json!({ "name": "DomainCreated" })]).await;
    let of = |purpose: &str, name: &str, value: &str| json!({ "purpose": purpose, "type": "TXT", "name": name, "value": value, "required": true });
    let wanted = json!([
        of("ownership", "_tenantry.mail.acme.test", "tenantry-verify=abc"),
        of("dkim", "resend._domainkey.mail.acme.test", "p=MIGf<b>"),
        { "purpose": "return_path", "type": "MX", "name": "send.mail.acme.test", "value": "feedback.eu-west-1.example.net", "priority": 10, "required": true }
    ]);
    sqlx::query("update email_domains set wanted = $2 where id = $1")
        .bind(run.0)
        .bind(wanted)
        .execute(&stack.sql)
        .await
        .unwrap();
}

/// Somebody has looked, and found something else in the place of one record.
pub(super) async fn looked(stack: &TestStack, run: RunId) {
    let found = json!({
        "domain": "mail.acme.test", "verdict": "not_ready", "zone": "acme.test",
        "host": { "name": "Hoster", "nameField": "Host", "valueField": "Points to" },
        "findings": [{ "code": "value_quoted", "severity": "error", "record": "TXT _tenantry.mail.acme.test",
            "saw": "The value is <in quotes>.", "advice": "Take them away." }]
    });
    sqlx::query(
        r#"update email_domains set looked_at = now(), report = $2 || jsonb_build_object('records', (
               select jsonb_agg(w || '{"status": "mismatch", "saw": ["\"x\""], "servers": ["ns1.acme.test"]}') from jsonb_array_elements(wanted) w))
           where id = $1"#,
    )
    .bind(run.0)
    .bind(found)
    .execute(&stack.sql)
    .await
    .unwrap();
}

pub(super) async fn delete(caller: &Caller, path: &str) -> Got {
    caller.ask(Method::DELETE, path, None, &[]).await
}

#[tokio::test]
async fn a_domain_is_added_and_shown() {
    let (stack, tenant, _, admin) = stack().await;
    let wanted = json!({ "name": "Mail.BÜCHER.test", "mailbox": "hello", "region": "eu-west-1" });
    let got = admin.post(&path(tenant), wanted).await;
    assert_eq!(
        (got.status, &got.body["status"], &got.body["step"]),
        (202, &json!("created"), &json!("claiming")),
        "{got:?}"
    );
    for (field, value) in [
        ("name", json!("mail.xn--bcher-kva.test")),
        ("unicodeName", json!("mail.bücher.test")),
        ("from", json!("hello@mail.xn--bcher-kva.test")),
        ("region", json!("eu-west-1")),
        ("records", json!([])),
        ("findings", json!([])),
        ("isDefault", json!(false)),
        ("sends", json!(false)),
        ("reason", Value::Null),
        ("verdict", Value::Null),
        ("createdBy", json!(format!("tenant_admin@{tenant}"))),
        ("warnings", json!([])),
    ] {
        assert_eq!(got.body[field], value, "{field}");
    }
    let id = got.body["id"].as_str().unwrap();
    assert_eq!(got.header("location"), format!("{}/{id}", path(tenant)));
    for which in [id, "mail.xn--bcher-kva.test", "mail.b%C3%BCcher.test"] {
        assert_eq!(admin.get(&format!("{}/{which}", path(tenant))).await.body["id"], id, "{which}");
    }
    let tokens: Vec<(String, i64)> = sqlx::query_as(
        "select d.token, (r.life -> 'data' ->> 'jitter')::bigint from email_domains d join runs r on r.id = d.id",
    )
    .fetch_all(&stack.sql)
    .await
    .unwrap();
    assert_eq!(tokens[0].0.len(), 32);
    assert!((0..7200).contains(&tokens[0].1));
    let audit = admin.get("/v1/audit?action=email_domain.add").await;
    assert_eq!(audit.body["data"][0]["subject"], id);
}

#[tokio::test]
async fn what_cannot_be_added_is_refused_with_a_code_and_words() {
    let (stack, tenant, _, admin) = stack().await;
    for (name, code) in [
        ("acme", "malformed_name"),
        ("192.0.2.1", "ip_address"),
        ("mail.acme.example", "reserved_name"),
        ("acme.tenantry.test", "platform_domain"),
        ("portal.tenantry.test", "platform_domain"),
        ("co.uk", "public_suffix"),
        ("gmail.com", "consumer_domain"),
    ] {
        let got = admin.post(&path(tenant), json!({ "name": name })).await;
        assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/name"]), "{name}");
        assert_eq!(got.body["errors"][0]["code"], code, "{got:?}");
    }
    let wrong = json!({ "name": "mail.acme.test", "mailbox": "a b", "region": "the moon" });
    assert_eq!(admin.post(&path(tenant), wrong).await.pointers(), ["/mailbox", "/region"]);

    let apex = admin.post(&path(tenant), json!({ "name": "acme.test" })).await;
    assert_eq!(apex.problem(), (422, "apex_not_confirmed"));
    assert!(apex.body["detail"].as_str().unwrap().contains("mail.acme.test"), "{apex:?}");
    assert_eq!(stack.count("email_domains").await, 0);
    let apex = admin.post(&path(tenant), json!({ "name": "acme.test", "confirmApex": true })).await;
    assert_eq!((apex.status, &apex.body["warnings"][0]["code"]), (202, &json!("apex")));
    for trigger in ["refresh", "delete"] {
        let got = admin.post(&path(tenant), json!({ "name": "mail.acme.test", "trigger": trigger })).await;
        assert_eq!(got.problem(), (404, "not_found"), "{trigger}");
    }
    let nobody = Caller::operator(&stack).post(&path(TenantId::new()), json!({ "name": "mail.acme.test" })).await;
    assert_eq!(nobody.problem(), (404, "not_found"));
}

#[tokio::test]
async fn a_second_start_is_a_signal_to_the_first() {
    let (stack, tenant, other, admin) = stack().await;
    let (id, run) = add(&admin, tenant, "mail.acme.test").await;
    waits(&stack, run).await;
    let again = admin.post(&path(tenant), json!({ "name": "MAIL.acme.test", "mailbox": "other" })).await;
    assert_eq!((again.status, again.body["id"].as_str()), (202, Some(id.as_str())), "{again:?}");
    assert_eq!(again.body["from"], "noreply@mail.acme.test", "what else it says is not heard");
    assert_eq!(stack.count("commands where name = 'CheckDns'").await, 1);
    let refreshed = admin.post(&path(tenant), json!({ "name": "mail.acme.test", "trigger": "refresh" })).await;
    assert_eq!(refreshed.body["id"], *id);
    assert_eq!(stack.count("email_domains").await, 1);

    // Another tenant's claim of the same name is another one.
    let (theirs, _) = add(&Caller::of(&stack, other, "tenant_admin"), other, "mail.acme.test").await;
    assert_ne!(theirs, id);

    let removed = admin.post(&path(tenant), json!({ "name": "mail.acme.test", "trigger": "delete" })).await;
    assert_eq!((removed.status, &removed.body["status"]), (202, &json!("deactivated")), "{removed:?}");
    let too_early = admin.post(&path(tenant), json!({ "name": "mail.acme.test" })).await;
    assert_eq!(too_early.problem(), (409, "signal_refused"));
    assert!(too_early.body["detail"].as_str().unwrap().contains("being removed"), "{too_early:?}");
    let check = admin.post(&format!("{}/{id}/check", path(tenant)), json!({})).await;
    assert_eq!(check.problem(), (409, "signal_refused"));
}

#[tokio::test]
async fn the_same_request_is_done_once() {
    let (stack, tenant, _, admin) = stack().await;
    let body = json!({ "name": "mail.acme.test" });
    let first = admin.post_once(&path(tenant), "k", &body).await;
    let again = admin.post_once(&path(tenant), "k", &body).await;
    assert_eq!((first.status, &first.body), (202, &again.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let (path, body) = (path(tenant), json!({ "name": "two.acme.test" }));
    let (one, two) = tokio::join!(admin.post(&path, body.clone()), admin.post(&path, body.clone()));
    assert_eq!((one.status, two.status, &one.body["id"]), (202, 202, &two.body["id"]));
    assert_eq!(stack.count("email_domains").await, 2);
}

#[tokio::test]
async fn a_tenant_has_so_many_and_no_more() {
    let (stack, tenant, other, admin) = stack().await;
    let bodies: Vec<Value> = (0..6).map(|n| json!({ "name": format!("m{n}.acme.test") })).collect();
    let path = path(tenant);
    let all = futures::future::join_all(bodies.iter().map(|body| admin.post(&path, body.clone()))).await;
    let added = all.iter().filter(|got| got.status == 202).count();
    let refused = all.iter().filter(|got| got.problem() == (409, "domain_limit_reached")).count();
    assert_eq!((added, refused), (3, 3), "{all:?}");
    assert_eq!((stack.count("email_domains").await, stack.count("runs where kind = 'email_domain'").await), (3, 3));
    add(&Caller::of(&stack, other, "tenant_admin"), other, "mail.acme.test").await;

    // One that is gone makes room.
    sqlx::query("update email_domains set released_at = now() where id = (select id from email_domains where tenant_id = $1 limit 1)")
        .bind(tenant.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    add(&admin, tenant, "another.acme.test").await;
}

#[tokio::test]
async fn domains_are_listed_by_status_and_page_by_page() {
    let (stack, tenant, other, admin) = stack().await;
    let (first, run) = add(&admin, tenant, "a.acme.test").await;
    waits(&stack, run).await;
    let (second, _) = add(&admin, tenant, "b.acme.test").await;
    let (gone, run) = add(&admin, tenant, "c.acme.test").await;
    sqlx::query("update email_domains set released_at = now() where id = $1")
        .bind(run.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    let (theirs, _) = add(&Caller::of(&stack, other, "tenant_admin"), other, "a.acme.test").await;

    let ids = |got: &Got| -> Vec<String> {
        got.body["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let list = async |query: &str| ids(&admin.get(&format!("{}{query}", path(tenant))).await);
    assert_eq!(list("").await, [second.clone(), first.clone()]);
    assert_eq!(list("?status=awaiting_dns").await, [first.as_str()]);
    assert_eq!(list("?gone=true").await, [gone.clone(), second.clone(), first.clone()]);
    let page = admin.get(&format!("{}?limit=1", path(tenant))).await;
    assert_eq!(ids(&page), [second.as_str()]);
    assert_eq!(list(&format!("?limit=1&after={}", page.body["next_cursor"].as_str().unwrap())).await, [first.as_str()]);
    assert_eq!(admin.get(&format!("{}?status=open", path(tenant))).await.problem(), (400, "invalid_parameter"));

    let operator = Caller::operator(&stack);
    let all = operator.get("/v1/email-domains?name=A.acme.test").await;
    assert_eq!(ids(&all), [theirs.clone(), first]);
    assert_eq!(ids(&operator.get(&format!("/v1/email-domains?tenant={other}")).await), [theirs]);
    assert_eq!(
        operator.get(&format!("{}/{gone}", path(other))).await.problem(),
        (404, "not_found"),
        "it is another tenant's"
    );
    let by_name = admin.get(&format!("{}/c.acme.test", path(tenant))).await;
    assert_eq!(by_name.problem(), (404, "not_found"), "a name means the one that is not gone");
    assert!(admin.get(&format!("{}/{gone}", path(tenant))).await.body["releasedAt"].is_string());
}

#[tokio::test]
async fn operators_see_the_last_report_of_what_is_nobodys() {
    let (stack, _, _, admin) = stack().await;
    let operator = Caller::operator(&stack);
    for at in ["/v1/email-domains", "/v1/email-domains/orphans"] {
        assert_eq!(admin.get(at).await.problem(), (403, "permission_missing"));
    }
    let none = operator.get("/v1/email-domains/orphans").await;
    assert_eq!((none.status, &none.body["data"], &none.body["provider"]), (200, &json!([]), &Value::Null));
    assert!(none.body["detail"].as_str().unwrap().starts_with("No report"));
    let new = runs::NewRun {
        id: RunId::new(),
        kind: OrphanReport::KIND,
        tenant: None,
        external_key: Some(orphan_report::DAILY.to_owned()),
        started_by: "test".to_owned(),
        trace: None,
        change: advance::start::<OrphanReport>(orphan_report::Data::default()),
    };
    let mut tx = stack.db().begin().await.unwrap();
    runs::start(&mut tx, &new, stack.db().timing()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(operator.get("/v1/email-domains/orphans").await.body, none.body, "it has not read the account yet");
    let orphans = json!([{ "id": "d_1", "name": "old.acme.test" }]);
    let listed = json!({ "provider": "resend", "orphans": orphans, "at": "2026-01-02T03:04:05Z" });
    happens(&stack, new.id, &[named("Listed", listed)]).await;
    let report = operator.get("/v1/email-domains/orphans").await;
    assert_eq!(
        (&report.body["data"], &report.body["lookedAt"]),
        (&orphans, &json!("2026-01-02T03:04:05Z")),
        "{report:?}"
    );
}

#[tokio::test]
async fn another_edition_says_so_and_changes_nothing() {
    let stack = TestStack::with(&[("EDITION", "community"), ("EMAIL_FALLBACK_PROVIDER", "resend")], API).await;
    let tenant = stack.tenants(1).await[0];
    let (admin, operator) = (Caller::of(&stack, tenant, "tenant_admin"), Caller::operator(&stack));
    let base = path(tenant);
    let add = json!({ "name": "mail.acme.com" });
    let at = format!("{base}/mail.acme.com");
    for got in [
        admin.post(&base, add).await,
        admin.get(&base).await,
        admin.get(&at).await,
        delete(&admin, &at).await,
        admin.post(&format!("{at}/check"), json!({})).await,
        admin.get(&format!("{at}/records")).await,
        admin.post(&format!("{at}/links"), json!({})).await,
        operator.get("/v1/email-domains").await,
        operator.get("/v1/email-domains/orphans").await,
    ] {
        assert_eq!(got.problem(), (403, "feature_not_available"));
        assert!(got.body["detail"].as_str().unwrap().contains("not part of this edition"), "{got:?}");
    }
    assert_eq!(Page::get(&stack, "/dns/x").await.status, 403);
    assert_eq!((stack.count("email_domains").await, stack.count("audit").await), (0, 0));
}

#[tokio::test]
async fn without_a_mail_service_that_takes_domains_none_is_added() {
    let stack = TestStack::with(&[("EDITION", "enterprise")], API).await;
    let tenant = stack.tenants(1).await[0];
    let refused =
        Caller::of(&stack, tenant, "tenant_admin").post(&path(tenant), json!({ "name": "mail.acme.com" })).await;
    assert_eq!(refused.problem(), (409, "not_configured"));
    assert!(!refused.body["detail"].as_str().unwrap().contains("EMAIL_"), "{refused:?}");
    let told = Caller::operator(&stack).post(&path(tenant), json!({ "name": "mail.acme.com" })).await;
    assert!(told.body["detail"].as_str().unwrap().contains("EMAIL_PROVIDER"), "{told:?}");
    assert_eq!(stack.count("email_domains").await, 0);
}
