//! Onboarding over the API.

use std::time::Duration;

use futures::future::join_all;
use local::Run;
use reqwest::Method;
use serde_json::json;
use tenantry_standins::issuer::Claims;
use tenantry_tests::{Onboard, TestStack};

use super::Caller;

#[tokio::test]
async fn a_tenant_is_onboarded_and_shown() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let onboard = Onboard { external_key: Some("crm-7".into()), ..Onboard::another() };
    let began = operator.post("/v1/tenants?wait=25", onboard.json()).await;
    assert_eq!(began.status, 202, "{began:?}");
    assert_eq!(began.header("location"), format!("/v1/runs/{}", began.run()));
    assert_eq!((began.body["status"].as_str(), began.body["progress"].as_i64()), (Some("completed"), Some(100)));
    assert_eq!(began.body["startedBy"], "operator@tenantry.test");

    let tenant = operator.get(&format!("/v1/tenants/{}", began.body["tenantId"].as_str().unwrap())).await;
    assert_eq!(tenant.status, 200);
    assert_eq!((tenant.body["status"].as_str(), tenant.body["externalKey"].as_str()), (Some("active"), Some("crm-7")));
    assert_eq!((&tenant.body["email"], &tenant.body["runId"]), (&onboard.email.into(), &began.body["id"]));

    let timeline = operator.get(&format!("{}/timeline", began.header("location"))).await;
    assert_eq!(timeline.body["history"][0]["name"], "Started");
    assert_eq!(timeline.body["history"].as_array().unwrap().len(), 5);
    let first = timeline.body["commands"].as_array().unwrap().iter().find(|c| c["name"] == "CreateTenant").unwrap();
    assert_eq!((first["status"].as_str(), first["performer"].as_str()), (Some("done"), Some("onboard-tenant")));
}

#[tokio::test]
async fn bad_input_names_every_field_and_writes_nothing() {
    let stack = TestStack::with(&[], Run { workers: false, sweeper: false, api: true }).await;
    let operator = Caller::operator(&stack);
    let admin = |email: &str| json!({"firstName": "Ada", "lastName": "Lovelace", "email": email});
    for (body, code, pointers) in [
        (json!({}), "invalid_body", vec!["/tenantName"]),
        (json!({"tenantName": "Acme"}), "invalid_body", vec!["/adminUser"]),
        (json!({"tenantName": 7, "adminUser": admin("a@b.example")}), "invalid_body", vec!["/tenantName"]),
        (json!({"tenantName": "Acme", "adminUser": admin("nobody")}), "invalid_body", vec!["/adminUser/email"]),
        (
            json!({"tenantName": "Acme", "adminUser": admin("a@b.example\r\nBcc: x@y.example")}),
            "invalid_body",
            vec!["/adminUser/email"],
        ),
        (
            json!({"tenantName": " ", "adminUser": {"firstName": "", "lastName": "x", "email": "a@@b"}}),
            "invalid_body",
            vec!["/adminUser/email", "/adminUser/firstName", "/tenantName"],
        ),
        (
            json!({"tenantName": "Acme", "adminUser": {"firstName": "A", "lastName": "B", "email": "a@b.example", "age": 3}, "x/y": 1}),
            "invalid_body",
            vec!["/adminUser/age", "/x~1y"],
        ),
        (
            json!({"tenantName": "Acme", "adminUser": admin("a@b.example"), "externalKey": ""}),
            "invalid_body",
            vec!["/externalKey"],
        ),
        (json!([]), "invalid_body", vec![""]),
    ] {
        let got = operator.post_once("/v1/tenants", "k", &body).await;
        assert_eq!(got.problem(), (422, code), "{body}");
        assert_eq!(got.pointers(), pointers, "{body}");
        assert_eq!(got.header("content-type"), "application/problem+json");
    }
    assert_eq!(stack.count("runs").await + stack.count("audit").await + stack.count("idempotency_keys").await, 0);
}

#[tokio::test]
async fn what_is_not_json_is_refused_with_its_position() {
    let stack = TestStack::with(&[], Run { workers: false, sweeper: false, api: true }).await;
    let operator = Caller::operator(&stack);
    let got = operator.ask(Method::POST, "/v1/tenants", Some(b"{\"tenantName\": }".to_vec()), &[]).await;
    assert_eq!(got.problem(), (400, "malformed_json"));
    assert!(got.body["detail"].as_str().unwrap().contains("line 1, column 16"), "{got:?}");
    let got = operator.ask(Method::POST, "/v1/tenants", Some(Vec::new()), &[("idempotency-key", "k")]).await;
    assert_eq!(got.problem(), (422, "invalid_body"), "an empty body is an empty object");
}

#[tokio::test]
async fn a_body_of_eleven_megabytes_is_413() {
    let stack = TestStack::with(&[], Run { workers: false, sweeper: false, api: true }).await;
    let operator = Caller::operator(&stack);
    let eleven_mb = format!("{{\"tenantName\": \"{}\"}}", "x".repeat(11 * 1024 * 1024)).into_bytes();
    let got = operator.ask(Method::POST, "/v1/tenants", Some(eleven_mb), &[]).await;
    assert_eq!(got.problem(), (413, "body_too_large"));

    assert_eq!(stack.count("runs").await, 0);
    assert_eq!(operator.get("/v1/me").await.status, 200, "and the API works on");
}

#[tokio::test]
async fn a_request_without_any_key_is_refused() {
    let stack = TestStack::with(&[], Run { workers: false, sweeper: false, api: true }).await;
    let got = Caller::operator(&stack).post("/v1/tenants", Onboard::another().json()).await;
    assert_eq!(got.problem(), (400, "idempotency_key_missing"));
    assert_eq!(stack.count("runs").await, 0);
}

#[tokio::test]
async fn the_same_external_key_at_the_same_moment_is_one_run() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let body = Onboard { external_key: Some("crm-1".into()), ..Onboard::another() }.json();
    let all = join_all((0..8).map(|_| operator.post("/v1/tenants", body.clone()))).await;
    let mut statuses: Vec<u16> = all.iter().map(|got| got.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 202]);
    assert!(all.iter().all(|got| got.run() == all[0].run()));
    stack.ends(all[0].run(), "completed").await;
    let later = operator.post("/v1/tenants", body).await;
    assert_eq!((later.status, later.run()), (200, all[0].run()));
    assert_eq!((stack.count("runs where kind = 'tenant_onboarding'").await, stack.count("tenants").await), (1, 1));
    assert_eq!(stack.count("audit where action = 'tenant.onboard'").await, 1);
}

#[tokio::test]
async fn a_second_tenant_with_the_same_address_rolls_back_and_says_why() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let first = Onboard::another();
    assert_eq!(operator.post_once("/v1/tenants?wait=25", "a", &first.json()).await.body["status"], "completed");
    let second = Onboard { email: first.email.to_uppercase(), ..Onboard::another() };
    let second = operator.post_once("/v1/tenants?wait=25", "b", &second.json()).await;
    assert_eq!((second.status, second.body["status"].as_str()), (202, Some("rolled_back")));
    assert_eq!(second.body["error"]["class"], "DuplicateError");
    assert_eq!(stack.count("tenants").await, 1);
}

#[tokio::test]
async fn the_temporary_password_is_given_out_once() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants?wait=25", "a", &Onboard::another().json()).await;
    let path = format!("{}/credential", began.header("location"));
    let all = join_all((0..4).map(|_| operator.post(&path, json!({})))).await;
    let (given, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(|got| got.status == 200);
    assert_eq!((given.len(), refused.len()), (1, 3));
    assert_eq!(given[0].body["adminUserId"], began.body["result"]["adminUserId"]);
    let password = given[0].body["temporaryPassword"].as_str().unwrap();
    assert!(refused.iter().all(|got| got.problem() == (410, "credential_already_read")));

    let (hash, kept): (String, String) = sqlx::query_as(
        "select (select password_hash from users), (select string_agg(a::text, ' ') from audit a) || (select string_agg(c::text, ' ') from credentials c)",
    )
    .fetch_one(&stack.sql)
    .await
    .unwrap();
    assert!(bcrypt::verify(password, &hash).unwrap(), "it is the administrator's password");
    assert!(!kept.contains(password));
    assert_eq!(stack.count("audit where action = 'credential.read'").await, 1);
}

#[tokio::test]
async fn an_expired_password_is_gone_and_an_invitation_has_none() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants?wait=25", "a", &Onboard::another().json()).await;
    stack.pass(Duration::from_secs(73 * 3600));
    let got = operator.post(&format!("{}/credential", began.header("location")), json!({})).await;
    assert_eq!(got.problem(), (410, "credential_expired"));

    let stack = TestStack::with(&[("CREDENTIAL", "invite")], Run::ALL).await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants?wait=25", "a", &Onboard::another().json()).await;
    assert_eq!(began.body["status"], "completed", "{began:?}");
    let got = operator.post(&format!("{}/credential", began.header("location")), json!({})).await;
    assert_eq!(got.problem(), (404, "not_found"));
}

#[tokio::test]
async fn an_invitation_is_accepted_once_and_guessing_is_slowed_down() {
    let stack = TestStack::with(&[("CREDENTIAL", "invite")], Run::ALL).await;
    let onboard = Onboard::another();
    Caller::operator(&stack).post_once("/v1/tenants?wait=25", "a", &onboard.json()).await;
    let to_us = |mail: &tenantry_standins::smtp::Message| mail.to.contains(&onboard.email);
    let mail = stack.mail().mailbox().wait_for(to_us, Duration::from_secs(10)).await.unwrap();
    let text = mail.text().unwrap();
    let token: String = text
        .split("/invite#")
        .nth(1)
        .unwrap()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();

    let stranger = Caller::stranger(&stack);
    let accept = |token: &str, password: &str| json!({"token": token, "password": password});
    let got = stranger.post("/v1/invitations/accept", accept(&token, "short")).await;
    assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/password"]));
    let got = stranger.post("/v1/invitations/accept", accept(&"A".repeat(43), "correct horse battery")).await;
    assert_eq!(got.problem(), (410, "invitation_unusable"));
    let got = stranger.post("/v1/invitations/accept", accept(&token, "correct horse battery")).await;
    assert_eq!(got.status, 200, "{got:?}");
    let got = stranger.post("/v1/invitations/accept", accept(&token, "another password!")).await;
    assert_eq!(got.problem(), (410, "invitation_unusable"));
    let hash: String = sqlx::query_scalar("select password_hash from users").fetch_one(&stack.sql).await.unwrap();
    assert!(bcrypt::verify("correct horse battery", &hash).unwrap());

    let mut last = (0, String::new());
    for _ in 0..12 {
        let got = stranger.post("/v1/invitations/accept", accept(&"A".repeat(43), "correct horse battery")).await;
        last = (got.status, got.header("retry-after").to_owned());
    }
    assert_eq!(last.0, 429);
    assert!(!last.1.is_empty());
}

#[tokio::test]
async fn onboarding_is_for_the_platform_alone() {
    let stack = TestStack::with(&[], Run { workers: false, sweeper: false, api: true }).await;
    let tenant = tenantry_model::TenantId::new();
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let got = admin.post_once("/v1/tenants", "k", &Onboard::another().json()).await;
    assert_eq!(got.problem(), (403, "permission_missing"));
    assert!(got.body["detail"].as_str().unwrap().contains("tenants.manage"));
    let token = stack.issuer().mint(&Claims::of("x").role("platform_operator").tenant(tenant.to_string()));
    let got = Caller::with(&stack, token).post_once("/v1/tenants", "k", &Onboard::another().json()).await;
    assert_eq!(got.status, 202, "an operator stays one who belongs to a tenant too");
}
