//! One-click unsubscribe (RFC 8058), as a mail program and as a person do it.

use reqwest::Method;
use serde_json::json;
use tenantry_mail::UnsubscribeToken;
use tenantry_outbox::Unsubscribe;
use tenantry_secrets::Sealer;
use tenantry_tests::TestStack;

use super::{Caller, active_tenant};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const ONE_CLICK: &[u8] = b"List-Unsubscribe=One-Click";

async fn stack() -> TestStack {
    TestStack::with(&[("SEALING_KEYS", KEY)], local::Run::ALL).await
}

fn link(tenant: tenantry_model::TenantId) -> String {
    let token = UnsubscribeToken {
        tenant,
        recipient: "Ada@customer.example".parse().unwrap(),
        category: "newsletter".parse().unwrap(),
    };
    Unsubscribe::new(Sealer::new(&KEY.to_owned().into()).unwrap(), "").link(&token).unwrap()
}

#[tokio::test]
async fn looking_changes_nothing_and_posting_unsubscribes_once() {
    let stack = stack().await;
    let (tenant, _) = active_tenant(&stack).await;
    let (stranger, link) = (Caller::stranger(&stack), link(tenant));
    let page = stranger.get(&link).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{page:?}");
    assert_eq!(stack.count("suppressions").await, 0);

    for _ in 0..2 {
        let done = stranger.ask(Method::POST, &link, Some(ONE_CLICK.to_vec()), &[]).await;
        assert_eq!(done.status, 200, "{done:?}");
    }
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let list = admin.get(&format!("/v1/tenants/{tenant}/suppressions")).await;
    assert_eq!(list.body["data"].as_array().unwrap().len(), 1);
    let entry = &list.body["data"][0];
    assert_eq!(
        (&entry["address"], &entry["reason"], &entry["category"], &entry["createdBy"]),
        (&json!("ada@customer.example"), &json!("unsubscribe"), &json!("newsletter"), &json!("recipient"))
    );
    let audit = admin.get("/v1/audit?action=suppression.unsubscribe").await;
    assert_eq!(audit.body["data"].as_array().unwrap().len(), 1, "said twice, it is one thing");
}

#[tokio::test]
async fn what_is_no_link_of_ours_is_a_page_that_says_so_and_guessing_is_slow() {
    let stack = stack().await;
    let (tenant, _) = active_tenant(&stack).await;
    let (stranger, good) = (Caller::stranger(&stack), link(tenant));
    let other = "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned();
    let token = UnsubscribeToken {
        tenant,
        recipient: "ada@customer.example".parse().unwrap(),
        category: "newsletter".parse().unwrap(),
    };
    let forged = Unsubscribe::new(Sealer::new(&other.into()).unwrap(), "").link(&token).unwrap();
    for bad in [format!("{good}x"), forged, "/v1/unsubscribe/x".to_owned()] {
        let page = stranger.get(&bad).await;
        assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"), "{bad}");
        assert_eq!(stranger.ask(Method::POST, &bad, Some(ONE_CLICK.to_vec()), &[]).await.status, 404);
    }
    let refused = stranger.ask(Method::POST, &good, Some(b"a=b".to_vec()), &[]).await;
    assert_eq!(refused.problem(), (422, "invalid_body"));
    assert_eq!(stack.count("suppressions").await, 0);
    let mut last = 0;
    for _ in 0..10 {
        last = stranger.get("/v1/unsubscribe/x").await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(stranger.get(&good).await.status, 200, "whoever has a link does not guess");
}
