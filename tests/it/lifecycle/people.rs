//! People and keys of a tenant that is suspended are let in nowhere.

use reqwest::Method;
use serde_json::json;
use tenantry_tests::TestStack;

use super::{resume, status::leave, suspend};
use crate::api::Caller;

/// Every route that needs credentials, as `get /v1/runs/x`.
fn guarded() -> Vec<(Method, String)> {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if !operation["security"].is_null() {
                let whole: String = path
                    .split('/')
                    .map(|part| if part.starts_with('{') { "x" } else { part })
                    .collect::<Vec<_>>()
                    .join("/");
                routes.push((method.to_uppercase().parse().unwrap(), whole));
            }
        }
    }
    routes
}

#[tokio::test]
async fn every_route_but_one_is_closed_to_people_and_keys_until_the_tenant_is_resumed() {
    let stack = TestStack::start().await;
    let tenants = stack.tenants(2).await;
    let operator = Caller::operator(&stack);
    let wanted = json!({ "name": "k", "permissions": ["tenants.read"], "tenant": tenants[0] });
    let made = operator.post("/v1/api-keys", wanted).await;
    let callers = [
        ("member", Caller::of(&stack, tenants[0], "tenant_member")),
        ("admin", Caller::of(&stack, tenants[0], "tenant_admin")),
        ("key", Caller::with(&stack, made.body["secret"].as_str().unwrap())),
    ];
    let own = format!("/v1/tenants/{}", tenants[0]);
    suspend(&stack, tenants[0]).await;
    for (method, path) in guarded() {
        for (who, caller) in &callers {
            let got = caller.ask(method.clone(), &path, None, &[]).await;
            if path == "/v1/me" {
                assert_eq!((got.status, &got.body["tenantStatus"]), (200, &json!("suspended")), "{who}: {got:?}");
                continue;
            }
            assert_eq!(got.problem(), (403, "tenant_suspended"), "{method} {path} for the {who}");
            assert!(got.body["next_action"].as_str().unwrap().contains("operators"), "{got:?}");
            assert!(!got.body.to_string().contains("invoice"), "the reason is for the operators: {got:?}");
        }
    }
    // Nobody else is touched.
    assert_eq!(Caller::of(&stack, tenants[1], "tenant_member").get("/v1/tenants").await.status, 200);
    assert_eq!(operator.get(&own).await.body["suspendedReason"], "the invoice is not paid");

    resume(&stack, tenants[0]).await;
    for (who, caller) in &callers {
        assert_eq!(caller.get(&own).await.status, 200, "{who}");
        assert_eq!(caller.get("/v1/me").await.body["tenantStatus"], "active", "{who}");
    }
    leave(&stack, tenants[0]).await;
    for (who, caller) in &callers {
        assert_eq!(caller.get(&own).await.problem(), (403, "tenant_offboarding"), "{who}");
        assert_eq!(caller.get("/v1/me").await.body["tenantStatus"], "offboarding", "{who}");
    }
    assert!(operator.get("/v1/me").await.body["tenantStatus"].is_null());
}

#[tokio::test]
async fn an_invitation_cannot_be_accepted_while_the_tenant_is_suspended_and_works_afterwards() {
    let stack = TestStack::start().await;
    let (tenant, _) = crate::api::active_tenant(&stack).await;
    let token = "A".repeat(43);
    sqlx::query(
        "insert into invitations (token_hash, tenant_id, user_id, expires_at, created_at)
         select sha256($2::bytea), tenant_id, id, now() + interval '1 day', now() from users where tenant_id = $1",
    )
    .bind(tenant.0)
    .bind(token.as_bytes())
    .execute(&stack.sql)
    .await
    .unwrap();
    let accept = json!({ "token": token, "password": "correct horse battery" });
    let stranger = Caller::stranger(&stack);
    suspend(&stack, tenant).await;
    let got = stranger.post("/v1/invitations/accept", accept.clone()).await;
    assert_eq!(got.problem(), (403, "tenant_suspended"));
    resume(&stack, tenant).await;
    assert_eq!(stranger.post("/v1/invitations/accept", accept.clone()).await.status, 200);
    assert_eq!(stranger.post("/v1/invitations/accept", accept).await.problem(), (410, "invitation_unusable"));
}
