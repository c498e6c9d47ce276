//! Credentials of machines.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tenantry_tests::TestStack;

use super::{Caller, active_tenant};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn a_key_is_shown_once_and_does_what_it_may() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let made = operator.post("/v1/api-keys", json!({"name": "ci", "permissions": ["tenants.read"]})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.body["secret"].as_str().unwrap();
    assert!(secret.starts_with("tk_") && secret.len() == 46, "{secret}");

    let key = Caller::with(&stack, secret);
    assert_eq!(key.get("/v1/tenants").await.status, 200);
    let got = Caller::stranger(&stack).ask(Method::GET, "/v1/me", None, &[("x-api-key", secret)]).await;
    assert_eq!((got.status, &got.body["subject"]), (200, &made.body["id"]));
    let refused = key.get("/v1/audit").await;
    assert_eq!(refused.problem(), (403, "permission_missing"));
    assert!(refused.body["detail"].as_str().unwrap().contains("audit.read"));
    assert!(refused.header("www-authenticate").contains("insufficient_scope"));

    let list = operator.get("/v1/api-keys").await;
    assert_eq!(list.body["data"].as_array().unwrap().len(), 1);
    assert!(!list.body["data"][0]["lastUsedAt"].is_null());
    assert!(!list.body.to_string().contains(secret));
    let rows: String = sqlx::query_scalar("select (select string_agg(a::text, ' ') from api_keys a) || coalesce((select string_agg(i::text, ' ') from idempotency_keys i), '') || (select string_agg(l::text, ' ') from audit l)")
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    assert!(!rows.contains(secret), "the secret is stored nowhere");
}

#[tokio::test]
async fn a_repeated_request_makes_one_key_and_never_shows_its_secret_again() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let wanted = json!({"name": "ci", "permissions": ["tenants.read"]});
    let first = operator.post_once("/v1/api-keys", "k1", &wanted).await;
    let again = operator.post_once("/v1/api-keys", "k1", &wanted).await;
    assert_eq!((again.status, &again.body["id"]), (201, &first.body["id"]));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert!(first.body["secret"].is_string() && again.body.get("secret").is_none());
    assert_eq!(stack.count("api_keys").await, 1);
}

#[tokio::test]
async fn a_revoked_and_an_expired_key_are_refused_at_once() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let wanted = json!({"name": "ci", "permissions": ["tenants.read"], "expiresInDays": 2});
    let made = operator.post("/v1/api-keys", wanted).await;
    let key = Caller::with(&stack, made.body["secret"].as_str().unwrap());
    assert_eq!(key.get("/v1/me").await.status, 200);
    stack.pass(DAY * 2);
    let got = key.get("/v1/me").await;
    assert_eq!(got.problem(), (401, "key_invalid"));
    assert!(got.body["detail"].as_str().unwrap().contains("expired"));

    let made = operator.post("/v1/api-keys", json!({"name": "ci", "permissions": ["tenants.read"]})).await;
    let key = Caller::with(&stack, made.body["secret"].as_str().unwrap());
    let path = format!("/v1/api-keys/{}", made.body["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(operator.ask(Method::DELETE, &path, None, &[]).await.status, 204);
    }
    let got = key.get("/v1/me").await;
    assert_eq!(got.problem(), (401, "key_invalid"));
    assert!(got.body["detail"].as_str().unwrap().contains("revoked"));
    assert_eq!(stack.count("audit where action = 'api_key.revoke'").await, 1, "revoking twice is one change");
}

#[tokio::test]
async fn a_key_may_never_do_more_than_its_maker() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let got = admin.post("/v1/api-keys", json!({"name": "x", "permissions": ["tenants.read", "runs.manage"]})).await;
    assert_eq!(got.problem(), (403, "permission_missing"));
    assert!(got.body["detail"].as_str().unwrap().contains("runs.manage"));

    let made = admin.post("/v1/api-keys", json!({"name": "x", "permissions": ["keys.manage"]})).await;
    let key = Caller::with(&stack, made.body["secret"].as_str().unwrap());
    let got = key.post("/v1/api-keys", json!({"name": "y", "permissions": ["tenants.read"]})).await;
    assert_eq!(got.problem(), (403, "permission_missing"), "a key cannot make a stronger one");

    let wanted = json!({"name": "z", "permissions": ["tenants.manage"], "tenant": tenant.to_string()});
    assert_eq!(Caller::operator(&stack).post("/v1/api-keys", wanted).await.problem(), (403, "platform_only"));
    assert_eq!(stack.count("api_keys").await, 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_wanted_key_is_named() {
    let stack = TestStack::start().await;
    let wanted = json!({"name": " ", "permissions": ["tenants.read", "fly"], "expiresInDays": 0});
    let got = Caller::operator(&stack).post("/v1/api-keys", wanted).await;
    assert_eq!(got.problem(), (422, "invalid_body"));
    assert_eq!(got.pointers(), ["/expiresInDays", "/name", "/permissions/1"]);
}
