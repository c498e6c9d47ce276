//! Addresses that a tenant must not write to.

use reqwest::Method;
use serde_json::json;
use tenantry_tests::TestStack;

use super::{Caller, active_tenant};

#[tokio::test]
async fn an_address_is_put_on_the_list_found_and_taken_off() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let path = format!("/v1/tenants/{tenant}/suppressions");
    let wanted = json!({ "address": "Ada@Customer.example", "note": "asked by phone" });
    let made = admin.post_once(&path, "k1", &wanted).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!((&made.body["address"], &made.body["reason"]), (&json!("ada@customer.example"), &json!("manual")));
    assert_eq!(admin.post_once(&path, "k1", &wanted).await.header("idempotent-replayed"), "true");

    let one = format!("{path}/ADA@customer.example");
    assert_eq!(admin.get(&one).await.body["data"][0]["note"], "asked by phone");
    assert_eq!(admin.get(&format!("{path}?reason=complaint")).await.body["data"], json!([]));
    assert_eq!(
        admin.get(&format!("{path}?address=ada@customer.example")).await.body["data"].as_array().unwrap().len(),
        1
    );
    assert_eq!(admin.ask(Method::DELETE, &one, None, &[]).await.status, 204);
    assert_eq!(admin.ask(Method::DELETE, &one, None, &[]).await.status, 204, "said again, it is as it was");
    assert_eq!(admin.get(&one).await.problem(), (404, "not_found"));

    let audit = admin.get("/v1/audit").await.body.to_string();
    assert!(audit.contains("suppression.add") && audit.contains("suppression.remove"));
    assert!(!audit.contains("ada@customer.example"), "the log can never be changed, so it holds no address");
}

#[tokio::test]
async fn a_list_goes_on_where_it_stopped() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let operator = Caller::operator(&stack);
    let path = format!("/v1/tenants/{tenant}/suppressions");
    for n in 0..5 {
        operator.post(&path, json!({ "address": format!("a{n}@customer.example") })).await;
    }
    let (mut seen, mut next) = (Vec::new(), format!("{path}?limit=2"));
    loop {
        let page = operator.get(&next).await;
        seen.extend(
            page.body["data"].as_array().unwrap().iter().map(|one| one["address"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        next = format!("{path}?limit=2&after={cursor}");
    }
    assert_eq!(seen, [4, 3, 2, 1, 0].map(|n| format!("a{n}@customer.example")));
}

#[tokio::test]
async fn what_cannot_be_suppressed_is_told_with_its_place() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let wanted = json!({ "address": "nobody", "note": "x".repeat(501), "expiresAt": "2020-01-01T00:00:00Z" });
    let refused = admin.post(&format!("/v1/tenants/{tenant}/suppressions"), wanted).await;
    assert_eq!(refused.pointers(), ["/address", "/expiresAt", "/note"]);
}
