//! What the API shows of a domain's life, and what it tells it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Caller,
    email_domains::{add, delete, happens, looked, named, path, stack, waits},
};

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
    // A token would not last until then.
    sqlx::query("update tasks set due_at = now() where run_id = $1").bind(run.0).execute(&stack.sql).await.unwrap();
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
