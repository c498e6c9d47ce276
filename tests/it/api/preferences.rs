//! What a tenant and its users want to get.

use reqwest::Method;
use serde_json::{Value, json};
use tenantry_tests::TestStack;

use super::{Caller, Got, active_tenant};

async fn put(caller: &Caller, path: &str, body: Value) -> Got {
    caller.ask(Method::PUT, path, Some(body.to_string().into_bytes()), &[]).await
}

fn about<'a>(got: &'a Got, category: &str, subtype: Option<&str>) -> &'a Value {
    let data = got.body["data"].as_array().unwrap_or_else(|| panic!("{got:?}"));
    let found = data.iter().find(|one| one["category"] == category && one["subtype"].as_str() == subtype);
    found.unwrap_or_else(|| panic!("no {category} in {got:?}"))
}

#[tokio::test]
async fn a_user_follows_the_tenant_until_it_speaks_for_itself() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let user: uuid::Uuid = sqlx::query_scalar("select id from users where tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    let user = tenantry_model::UserId(user);
    let (defaults, own) = (
        format!("/v1/tenants/{tenant}/notification-defaults"),
        format!("/v1/tenants/{tenant}/users/{user}/preferences"),
    );

    let wanted = json!({ "data": [
        { "category": "notifications", "enabled": false }, { "category": "notifications", "subtype": "mentions", "enabled": true },
    ]});
    let set = put(&admin, &defaults, wanted).await;
    assert_eq!(about(&set, "notifications", None)["enabled"], false);
    assert_eq!(about(&set, "security", None)["locked"], true, "what is locked is not forgotten");
    let follows = admin.get(&own).await;
    assert_eq!(
        *about(&follows, "notifications", None),
        json!({ "category": "notifications", "subtype": null, "enabled": false, "source": "default", "locked": false })
    );
    assert_eq!(about(&follows, "notifications", Some("mentions"))["enabled"], true);

    let speaks = put(&admin, &own, json!({ "data": [{ "category": "notifications", "enabled": true }] })).await;
    assert_eq!(speaks.status, 200, "{speaks:?}");
    assert_eq!(about(&speaks, "notifications", None)["source"], "own");
    let forgets = put(&admin, &own, json!({ "data": [] })).await;
    assert_eq!(about(&forgets, "notifications", None)["source"], "default");
}

#[tokio::test]
async fn what_is_locked_cannot_be_switched_off_by_anybody() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let path = format!("/v1/tenants/{tenant}/notification-defaults");
    let before = admin.get(&path).await.body;
    let wanted = json!({ "data": [
        { "category": "security", "enabled": false }, { "category": "In Voices", "enabled": true },
        { "category": "tickets", "enabled": true }, { "category": "tickets", "enabled": false },
    ]});
    assert_eq!(put(&admin, &path, wanted).await.pointers(), ["/data/0/enabled", "/data/1/category", "/data/3"]);
    assert_eq!(admin.get(&path).await.body, before);
    let nobody = format!("/v1/tenants/{tenant}/users/{}/preferences", tenantry_model::UserId::new());
    assert_eq!(admin.get(&nobody).await.problem(), (404, "not_found"));
    assert_eq!(put(&admin, &nobody, json!({ "data": [] })).await.problem(), (404, "not_found"));
}
