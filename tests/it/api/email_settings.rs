//! How a tenant's mail looks.

use reqwest::Method;
use serde_json::{Value, json};
use tenantry_tests::TestStack;

use super::{Caller, Got, active_tenant};

async fn patch(caller: &Caller, path: &str, tag: &str, body: Value) -> Got {
    caller.ask(Method::PATCH, path, Some(body.to_string().into_bytes()), &[("if-match", tag)]).await
}

#[tokio::test]
async fn a_change_says_which_version_it_changes() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let path = format!("/v1/tenants/{tenant}/email-settings");
    let shown = admin.get(&path).await;
    assert_eq!((shown.header("etag"), &shown.body["tier"]), ("\"1\"", &json!("platform")));
    assert_eq!(shown.body["limits"]["perMinute"], 60);

    let wanted = json!({ "fromName": "Acme", "replyTo": "help@customer.example", "headers": { "X-Team": "a" } });
    let changed = patch(&admin, &path, shown.header("etag"), wanted).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{changed:?}");
    assert_eq!(changed.body["fromName"], "Acme");
    assert_eq!(changed.body["defaultFrom"], shown.body["defaultFrom"], "what is left out stays");
    assert_eq!(patch(&admin, &path, "\"1\"", json!({})).await.problem(), (412, "precondition_failed"));
    let without = admin.ask(Method::PATCH, &path, Some(b"{}".to_vec()), &[]).await;
    assert_eq!(without.problem(), (428, "precondition_required"));
    let cleared = patch(&admin, &path, "\"2\"", json!({ "fromName": null })).await;
    assert_eq!((&cleared.body["fromName"], &cleared.body["replyTo"]), (&Value::Null, &json!("help@customer.example")));

    let audit = admin.get("/v1/audit?action=email_settings.change").await;
    assert_eq!(audit.body["data"][0]["before"], json!({ "fromName": "Acme", "version": 2 }));
    assert_eq!(audit.body["data"][0]["after"], json!({ "fromName": null, "version": 3 }));
}

#[tokio::test]
async fn another_domain_is_not_verified_and_nobodys_domain_is_taken() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let path = format!("/v1/tenants/{tenant}/email-settings");
    let wanted = json!({ "tier": "hybrid", "customDomain": "Mail.Customer.example", "customFrom": "hi@mail.customer.example", "routing": { "invoices": "custom" } });
    let set = patch(&admin, &path, "*", wanted).await;
    assert_eq!(set.body["customDomain"], "mail.customer.example", "{set:?}");
    sqlx::query("update tenant_email_settings set domain_verified = true, dkim_enabled = true, domain_provider = 'smtp' where tenant_id = $1")
        .bind(tenant.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    let same = patch(&admin, &path, "*", json!({ "customDomain": "mail.customer.example" })).await;
    assert_eq!(same.body["domainVerified"], true, "the same domain is still the tenant's own");
    assert!(same.body["domainProvider"].is_null(), "no tenant sees a vendor's name");
    assert_eq!(Caller::operator(&stack).get(&path).await.body["domainProvider"], "smtp");
    let other = patch(&admin, &path, "*", json!({ "customDomain": "other.example" })).await;
    assert_eq!(
        (&other.body["domainVerified"], &other.body["dkimEnabled"], &other.body["customFrom"]),
        (&json!(false), &json!(false), &Value::Null)
    );

    let home = other.body["defaultFrom"].as_str().unwrap().split_once('@').unwrap().1.to_owned();
    let base = home.split_once('.').unwrap().1.to_owned();
    for domain in ["co.uk", "gmail.com", &home, &base, "not a domain", "github.io"] {
        let refused = patch(&admin, &path, "*", json!({ "customDomain": domain })).await;
        assert_eq!((refused.status, refused.pointers()), (422, vec!["/customDomain"]), "{domain}");
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let path = format!("/v1/tenants/{tenant}/email-settings");
    let wrong = json!({
        "tier": "custom", "defaultFrom": "ceo@bank.example", "fromName": "a\nb", "replyTo": "nobody", "customFrom": "a@b.example",
        "routing": { "invoices": "other" }, "headers": { "Bcc": "x" }, "tags": { "message": "mine" },
    });
    let refused = patch(&admin, &path, "*", wrong).await;
    assert_eq!(
        refused.pointers(),
        [
            "/customFrom",
            "/defaultFrom",
            "/fromName",
            "/headers/Bcc",
            "/replyTo",
            "/routing/invoices",
            "/tags/message",
            "/tier"
        ],
        "{refused:?}"
    );
}

#[tokio::test]
async fn only_operators_say_how_much_may_leave() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let path = format!("/v1/tenants/{tenant}/email-settings");
    let wanted = json!({ "limits": { "perMinute": 5, "perDay": 100 } });
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    assert_eq!(patch(&admin, &path, "*", wanted.clone()).await.problem(), (403, "platform_only"));
    let operator = Caller::operator(&stack);
    let set = patch(&operator, &path, "*", wanted).await;
    assert_eq!(set.body["limits"], json!({ "perMinute": 5, "perDay": 100, "own": true }));
    let usual = patch(&operator, &path, "*", json!({ "limits": { "perMinute": null, "perDay": null } })).await;
    assert_eq!(usual.body["limits"]["own"], false);
    let none = patch(&operator, &path, "*", json!({ "limits": { "perMinute": 0 } })).await;
    assert_eq!(none.pointers(), ["/limits/perMinute"]);
}

#[tokio::test]
async fn operators_see_what_carries_mail_and_check_it() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let list = operator.get("/v1/mail/providers").await;
    let first = &list.body["data"][0];
    assert_eq!(
        (&first["name"], &first["role"], &first["health"]),
        (&json!("smtp"), &json!("primary"), &json!("healthy"))
    );
    let checked = operator.post("/v1/mail/providers/smtp/validate", json!({})).await;
    assert_eq!(checked.body, json!({ "valid": true, "problem": null }), "{checked:?}");
    assert_eq!(operator.post("/v1/mail/providers/pigeon/validate", json!({})).await.problem(), (404, "not_found"));
}
