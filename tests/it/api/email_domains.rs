//! Sending domains that tenants bring, as the API takes and shows them. Nobody works here: what a life hears, the test tells it.

use local::Run;
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_model::{RunId, TenantId};
use tenantry_store::{StoreError, runs};
use tenantry_tests::TestStack;
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

fn named(name: &str, with: Value) -> Value {
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
async fn what_was_seen_of_its_records_is_shown() {
    let (stack, tenant, _, admin) = stack().await;
    let (id, run) = add(&admin, tenant, "mail.acme.test").await;
    waits(&stack, run).await;
    let at = format!("{}/{id}", path(tenant));
    let before = admin.get(&at).await.body;
    assert_eq!((&before["status"], &before["records"][0]["status"]), (&json!("awaiting_dns"), &json!("not_checked")));
    assert!(before["nextLookAt"].is_string() && before["lookedAt"].is_null(), "{before}");
    looked(&stack, run).await;
    let after = admin.get(&at).await.body;
    assert_eq!(
        (&after["verdict"], &after["zone"], &after["host"]["name"]),
        (&json!("not_ready"), &json!("acme.test"), &json!("Hoster"))
    );
    let record = &after["records"][0];
    for (field, value) in [
        ("purpose", json!("ownership")),
        ("type", json!("TXT")),
        ("name", json!("_tenantry.mail.acme.test")),
        ("fqdn", json!("_tenantry.mail.acme.test.")),
        ("relativeName", json!("_tenantry.mail")),
        ("value", json!("tenantry-verify=abc")),
        ("status", json!("mismatch")),
        ("saw", json!(["\"x\""])),
        ("servers", json!(["ns1.acme.test"])),
        ("required", json!(true)),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    assert_eq!(after["records"][2]["priority"], 10);
    assert_eq!(after["findings"][0]["code"], "value_quoted");

    let records = admin.get(&format!("{at}/records")).await.body["data"].clone();
    assert_eq!(records, after["records"]);
    let text = async |format: &str| {
        let url = format!("{}{at}/records?format={format}", stack.stack.api_url);
        let token = Caller::of(&stack, tenant, "tenant_member").credential.unwrap();
        let got = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(got.headers()["content-type"], "text/plain; charset=utf-8");
        got.text().await.unwrap()
    };
    let zone = text("bind").await;
    assert!(
        zone.starts_with("$ORIGIN acme.test.\n")
            && zone.contains("send.mail IN MX 10 feedback.eu-west-1.example.net.\n"),
        "{zone}"
    );
    assert_eq!(text("dig").await.lines().next().unwrap(), "dig +short _tenantry.mail.acme.test TXT");
    assert_eq!(admin.get(&format!("{at}/records?format=xml")).await.problem(), (400, "invalid_parameter"));
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
    assert_eq!(list("?status=awaiting_dns").await, [first.clone()]);
    assert_eq!(list("?gone=true").await, [gone.clone(), second.clone(), first.clone()]);
    let page = admin.get(&format!("{}?limit=1", path(tenant))).await;
    assert_eq!(ids(&page), [second.clone()]);
    assert_eq!(list(&format!("?limit=1&after={}", page.body["next_cursor"].as_str().unwrap())).await, [first.clone()]);
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
async fn a_check_and_a_removal_are_told_to_its_life_and_audited() {
    let (stack, tenant, _, admin) = stack().await;
    let (id, run) = add(&admin, tenant, "mail.acme.test").await;
    waits(&stack, run).await;
    let at = format!("{}/{id}", path(tenant));
    for (body, heard) in [(json!({}), "RefreshAsked"), (json!({ "dnsConfigured": true }), "DnsConfigured")] {
        let got = admin.post(&format!("{at}/check"), body).await;
        assert_eq!((got.status, got.body["id"].as_str()), (202, Some(id.as_str())), "{got:?}");
        let last = stack.history(run).await.pop().unwrap();
        assert_eq!((last.name.as_str(), last.detail["by"].as_str()), (heard, Some(&*format!("tenant_admin@{tenant}"))));
    }
    let removed = delete(&admin, &format!("{}/mail.acme.test", path(tenant))).await;
    assert_eq!((removed.status, &removed.body["step"]), (202, &json!("stopping")), "{removed:?}");
    assert_eq!(delete(&admin, &at).await.status, 202, "said again, it is as it was");
    happens(
        &stack,
        run,
        &[json!({ "name": "Stopped" }), named("Leaving", json!({ "messages": 0 })), json!({ "name": "Deleted" })],
    )
    .await;
    sqlx::query("update email_domains set released_at = now() where id = $1")
        .bind(run.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    let gone = delete(&admin, &at).await;
    assert_eq!((gone.status, &gone.body["step"]), (202, &json!("deactivated")), "{gone:?}");
    assert_eq!(admin.post(&format!("{at}/check"), json!({})).await.problem(), (409, "run_ended"));
    let actions = admin.get("/v1/audit?limit=50").await;
    let of =
        |action: &str| actions.body["data"].as_array().unwrap().iter().filter(|line| line["action"] == action).count();
    assert_eq!((of("email_domain.check"), of("email_domain.remove")), (2, 2));
}

#[tokio::test]
async fn why_it_stands_still_is_told_to_tenants_without_what_is_the_platforms() {
    let (stack, tenant, _, admin) = stack().await;
    let (id, run) = add(&admin, tenant, "mail.acme.test").await;
    let why = "Another account has shown that the domain is its own.";
    happens(&stack, run, &[named("NameTaken", json!({ "why": why }))]).await;
    let at = format!("{}/{id}", path(tenant));
    let shown = admin.get(&at).await.body;
    assert_eq!((&shown["status"], &shown["reason"]), (&json!("failed"), &json!(why)));

    let secret = "Resend says 403 to our key";
    sqlx::query("update runs set state = 'broken', error = $2 where id = $1")
        .bind(run.0)
        .bind(json!({ "class": "AccountRefused", "message": secret }))
        .execute(&stack.sql)
        .await
        .unwrap();
    let member = Caller::of(&stack, tenant, "tenant_member");
    for at in [at.clone(), path(tenant), format!("/v1/runs/{run}"), "/v1/runs".to_owned()] {
        let got = member.get(&at).await;
        assert!(got.status == 200 && !got.body.to_string().contains("Resend"), "{at}: {got:?}");
    }
    assert_eq!(Caller::operator(&stack).get(&at).await.body["reason"], secret);

    // The question whose the name is, is for operators alone.
    let task = stack.task(run).await;
    let of_task = format!("/v1/tasks/{}", task.id);
    assert_eq!(admin.get(&format!("/v1/tasks?run={run}")).await.body["data"], json!([]));
    assert_eq!(admin.get(&of_task).await.problem(), (404, "not_found"));
    let answer = json!({ "answer": { "action": "allow" } });
    assert_eq!(admin.post(&format!("{of_task}/answer"), answer).await.problem(), (404, "not_found"));
    let timeline = admin.get(&format!("/v1/runs/{run}/timeline")).await;
    assert_eq!((timeline.status, &timeline.body["tasks"]), (200, &json!([])));
    assert_eq!(Caller::operator(&stack).get(&of_task).await.body["name"], "SettleDispute");
}

#[tokio::test]
async fn a_task_whose_time_is_over_is_not_answered() {
    let (stack, tenant, _, admin) = stack().await;
    let (_, run) = add(&admin, tenant, "mail.acme.test").await;
    waits(&stack, run).await;
    happens(
        &stack,
        run,
        &[
            named(
                "DnsSeen",
                json!({ "all": "complete", "sending": "complete", "proven": true, "held": true, "missing": [] }),
            ),
            named("ProviderSeen", json!({ "status": "failed", "reason": "The DKIM record was not found." })),
        ],
    )
    .await;
    let at = format!("/v1/tasks/{}/answer", stack.task(run).await.id);
    stack.pass(std::time::Duration::from_secs(2 * 3600 + 1));
    let answer = json!({ "answer": { "action": "retry_verification" } });
    let late = admin.post(&at, answer).await;
    assert_eq!(late.problem(), (409, "task_closed"));
    assert!(late.body["detail"].as_str().unwrap().contains("time"), "{late:?}");
    assert_eq!(stack.task(run).await.status, "open", "and nobody had withdrawn it");
}

#[tokio::test]
async fn a_tenant_chooses_among_its_verified_domains_and_verifies_none_by_saying_so() {
    let (stack, tenant, other, admin) = stack().await;
    for (whose, name) in [(tenant, "mail.acme.test"), (tenant, "news.acme.test"), (other, "mail.other.test")] {
        let (_, run) = add(&Caller::operator(&stack), whose, name).await;
        let sends = name != "news.acme.test";
        sqlx::query(
            "update email_domains set provider = 'resend', verified_at = now(), holds = $2, sends = $2 where id = $1",
        )
        .bind(run.0)
        .bind(sends)
        .execute(&stack.sql)
        .await
        .unwrap();
    }
    let settings = format!("/v1/tenants/{tenant}/email-settings");
    let choose = async |name: &str| {
        let body = json!({ "customDomain": name }).to_string().into_bytes();
        let got = admin.ask(Method::PATCH, &settings, Some(body), &[("if-match", "*")]).await;
        assert_eq!(got.status, 200, "{got:?}");
        (got.body["domainVerified"] == true, got.body["dkimEnabled"] == true)
    };
    assert_eq!(choose("mail.acme.test").await, (true, true));
    assert_eq!(choose("news.acme.test").await, (false, false), "it does not send");
    assert_eq!(choose("mail.other.test").await, (false, false), "it is somebody else's");
    assert_eq!(choose("mail.acme.test").await, (true, true), "and back");
    assert_eq!(choose("mail.customer.example").await, (false, false), "nobody has added it");
    let shown = Caller::operator(&stack).get(&settings).await;
    assert_eq!(shown.body["domainProvider"], Value::Null);
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
    let result = json!({ "provider": "resend", "orphans": [{ "id": "d_1", "name": "old.acme.test" }], "lookedAt": "2026-01-02T03:04:05Z" });
    sqlx::query(
        "insert into runs (id, kind, external_key, version, epoch, seq, state, status, step, progress, result, life, started_by, started_at, updated_at)
         values (gen_random_uuid(), 'orphan_report', 'daily', 1, 1, 1, 'resting', 'running', 'resting', 0, $1, '{}', 'sweep', now(), now())",
    )
    .bind(&result)
    .execute(&stack.sql)
    .await
    .unwrap();
    let report = operator.get("/v1/email-domains/orphans").await;
    assert_eq!(
        (&report.body["data"], &report.body["lookedAt"]),
        (&result["orphans"], &result["lookedAt"]),
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
