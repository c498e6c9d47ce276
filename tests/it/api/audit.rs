//! Who did what, and that nobody can change it.

use serde_json::json;
use tenantry_tests::{Onboard, TestStack};

use super::Caller;

#[tokio::test]
async fn every_change_has_its_line_with_who_and_in_which_request() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let onboard = Onboard { external_key: Some("crm-9".into()), ..Onboard::another() };
    let body = onboard.json().to_string().into_bytes();
    let headers = [("x-request-id", "request-77")];
    let began = operator.ask(reqwest::Method::POST, "/v1/tenants?wait=25", Some(body), &headers).await;
    assert_eq!(began.header("x-request-id"), "request-77");
    operator.post(&format!("{}/credential", began.header("location")), json!({})).await;
    let tenant = began.body["tenantId"].as_str().unwrap();

    let lines = operator.get(&format!("/v1/audit?tenant={tenant}")).await;
    let actions: Vec<&str> =
        lines.body["data"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["credential.read", "tenant.onboard"], "newest first");
    let line = &lines.body["data"][1];
    assert_eq!(
        (line["actor"].as_str(), line["requestId"].as_str()),
        (Some("operator@tenantry.test"), Some("request-77"))
    );
    assert_eq!((&line["runId"], &line["subject"]), (&began.body["id"], &began.body["tenantId"]));
    assert_eq!(line["after"]["externalKey"], "crm-9");
    assert_eq!(line["sourceIp"], "127.0.0.1");
    assert!(!line.to_string().contains(&onboard.email), "no address: the log can never be changed");

    let admin = Caller::of(&stack, tenant.parse().unwrap(), "tenant_admin");
    assert_eq!(admin.get("/v1/audit").await.body["data"], lines.body["data"]);
    assert_eq!(operator.get("/v1/audit").await.body["data"], json!([]), "the platform's own chain");
    let found = admin.get("/v1/audit?action=credential.read").await;
    assert_eq!(found.body["data"].as_array().unwrap().len(), 1);
    let page = admin.get("/v1/audit?limit=1").await;
    assert_eq!(page.body["has_more"], true);
    let next = admin.get(&format!("/v1/audit?limit=1&after={}", page.body["next_cursor"].as_str().unwrap())).await;
    assert_eq!((next.body["data"][0]["seq"].as_i64(), &next.body["has_more"]), (Some(1), &false.into()));
}

#[tokio::test]
async fn tampering_is_found_where_it_happened() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    for _ in 0..3 {
        operator.post("/v1/api-keys", json!({"name": "k", "permissions": ["tenants.read"]})).await;
    }
    assert_eq!(operator.get("/v1/audit/verification").await.body, json!({"intact": true}));

    let refused = sqlx::query("update audit set actor = 'nobody' where seq = 2").execute(&stack.sql).await;
    assert!(refused.unwrap_err().to_string().contains("append-only"));

    sqlx::raw_sql("alter table audit disable trigger all; update audit set actor = 'nobody' where seq = 2; alter table audit enable trigger all")
        .execute(&stack.sql)
        .await
        .unwrap();
    assert_eq!(operator.get("/v1/audit/verification").await.body, json!({"intact": false, "firstBroken": 2}));
}

#[tokio::test]
async fn a_missing_line_is_found() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    for _ in 0..3 {
        operator.post("/v1/api-keys", json!({"name": "k", "permissions": ["tenants.read"]})).await;
    }
    sqlx::raw_sql(
        "alter table audit disable trigger all; delete from audit where seq = 2; alter table audit enable trigger all",
    )
    .execute(&stack.sql)
    .await
    .unwrap();
    assert_eq!(operator.get("/v1/audit/verification").await.body, json!({"intact": false, "firstBroken": 3}));
}
