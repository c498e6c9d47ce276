//! Who is let in.

use tenantry_model::TenantId;
use tenantry_standins::issuer::{Claims, Flaw};
use tenantry_tests::TestStack;

use super::Caller;

#[tokio::test]
async fn a_good_token_is_let_in_and_says_who_it_is() {
    let stack = TestStack::start().await;
    let me = Caller::operator(&stack).get("/v1/me").await;
    assert_eq!((me.status, me.body["subject"].as_str()), (200, Some("operator@tenantry.test")));
    assert_eq!((me.body["tenant"].is_null(), &me.body["roles"][0]), (true, &"platform_operator".into()));
    assert_eq!(me.header("cache-control"), "no-store");

    let tenant = TenantId::new();
    let me = Caller::of(&stack, tenant, "tenant_member").get("/v1/me").await;
    assert_eq!(me.body["tenant"], tenant.to_string());
    assert_eq!(me.body["permissions"], serde_json::json!(["tenants.read"]));
}

#[tokio::test]
async fn a_token_with_any_flaw_is_refused_with_a_challenge() {
    let stack = TestStack::start().await;
    let claims = Claims::of("mallory").role("platform_operator");
    assert_eq!(Caller::with(&stack, stack.issuer().mint(&claims)).get("/v1/me").await.status, 200);
    for flaw in Flaw::ALL {
        let got = Caller::with(&stack, stack.issuer().mint_flawed(&claims, flaw)).get("/v1/me").await;
        let expected = if flaw == Flaw::Expired { "token_expired" } else { "token_invalid" };
        assert_eq!(got.problem(), (401, expected), "{flaw:?}");
        assert!(got.header("www-authenticate").contains("invalid_token"), "{flaw:?}");
    }
}

#[tokio::test]
async fn a_role_within_a_tenant_needs_the_tenant() {
    let stack = TestStack::start().await;
    let token = |claims: &Claims| Caller::with(&stack, stack.issuer().mint(claims));
    let got = token(&Claims::of("ada").role("tenant_admin")).get("/v1/me").await;
    assert_eq!(got.problem(), (403, "tenant_claim_missing"));
    let got = token(&Claims::of("ada").tenant("acme").role("tenant_admin")).get("/v1/me").await;
    assert_eq!(got.problem(), (401, "token_invalid"));
}

#[tokio::test]
async fn no_credential_two_credentials_and_an_unknown_key_are_refused() {
    let stack = TestStack::start().await;
    let got = Caller::stranger(&stack).get("/v1/me").await;
    assert_eq!(got.problem(), (401, "unauthenticated"));
    assert_eq!(got.header("www-authenticate"), r#"Bearer realm="tenantry""#);
    assert_eq!(got.body["request_id"].as_str().unwrap(), got.header("x-request-id"));

    let two = Caller::operator(&stack).ask(reqwest::Method::GET, "/v1/me", None, &[("x-api-key", "tk_x")]).await;
    assert_eq!(two.problem(), (401, "unauthenticated"));

    let unknown = format!("tk_{}", "A".repeat(43));
    assert_eq!(Caller::with(&stack, unknown).get("/v1/me").await.problem(), (401, "key_invalid"));
}
