//! Hostnames that tenants set for their portals, as the API takes and shows them. Nobody works here: what a life hears, the test tells it.

use local::Run;
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_model::{RunId, TenantId};
use tenantry_tests::TestStack;

use super::{
    Caller, Got,
    email_domains::{delete, happens, named},
};

const API: Run = Run { workers: false, sweeper: false, api: true };
const SETTINGS: [(&str, &str); 4] = [
    ("EDITION", "enterprise"),
    ("PORTAL_DOMAIN_TEST_NAMES", "true"),
    ("PORTAL_DOMAIN_RESERVED", "console.tenantry.net"),
    ("PUBLIC_URL", "https://app.tenantry.io"),
];

/// The API of the edition for enterprises, two tenants, and an administrator of the first.
pub(super) async fn stack() -> (TestStack, TenantId, TenantId, Caller) {
    let stack = TestStack::with(&SETTINGS, API).await;
    let tenants = stack.tenants(2).await;
    let admin = Caller::of(&stack, tenants[0], "tenant_admin");
    (stack, tenants[0], tenants[1], admin)
}

pub(super) fn path(tenant: TenantId) -> String {
    format!("/v1/tenants/{tenant}/portal-domain")
}

pub(super) async fn put(caller: &Caller, tenant: TenantId, domain: &str) -> Got {
    let body = json!({ "domain": domain }).to_string().into_bytes();
    caller.ask(Method::PUT, &path(tenant), Some(body), &[]).await
}

/// Sets a hostname. Its life.
pub(super) async fn set(caller: &Caller, tenant: TenantId, domain: &str) -> RunId {
    let got = put(caller, tenant, domain).await;
    assert_eq!(got.status, 202, "{got:?}");
    let of = |portal: &Value| (portal["domain"] == *domain).then(|| portal["runId"].as_str().unwrap().parse().unwrap());
    of(&got.body["replacement"]).or_else(|| of(&got.body)).unwrap_or_else(|| panic!("{domain} is not in {got:?}"))
}

/// It is live, as the functions would have it.
pub(super) async fn live(stack: &TestStack, life: RunId) {
    let here = named("HostSeen", json!({ "pointing": "here", "words": "" }));
    happens(stack, life, std::slice::from_ref(&here)).await;
    sqlx::query("update runs set life = jsonb_set(life, '{data,may_confirm}', 'true') where id = $1")
        .bind(life.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    let applied = named("Synced", json!({ "what": "applied" }));
    let ready = named("CertificateSeen", json!({ "issuing": "ready", "words": "", "detail": "" }));
    let visited = named("Visited", json!({ "live": true, "words": "", "concerns": null }));
    let plain = |name: &str| json!({ "name": name });
    happens(stack, life, &[here, plain("NameClaimed"), plain("PreflightClear"), plain("OrderGranted")]).await;
    happens(stack, life, &[applied, ready, visited, plain("Activated")]).await;
    sqlx::query(
        "update portal_domains set holds = true, serves = true, active = true, activated_at = now() where id = $1",
    )
    .bind(life.0)
    .execute(&stack.sql)
    .await
    .unwrap();
}

/// It is down, as the functions would have it.
async fn down(stack: &TestStack, life: RunId) {
    happens(stack, life, &[named("Withdrawn", json!({ "served": false }))]).await;
    sqlx::query("update portal_domains set holds = false, serves = false, active = false where id = $1")
        .bind(life.0)
        .execute(&stack.sql)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_hostname_is_set_and_shown_with_what_to_do() {
    let (stack, tenant, _, admin) = stack().await;
    let none = admin.get(&path(tenant)).await;
    assert_eq!((none.status, &none.body["canonicalHost"]), (200, &json!("acme-1.portal.tenantry.test")), "{none:?}");
    assert_eq!((&none.body["edition"], &none.body["editable"]), (&json!("enterprise"), &json!(true)));
    assert!(none.body.get("domain").is_none() && none.body["replacement"].is_null(), "{none:?}");

    let got = put(&admin, tenant, "Portal.BÜCHER.test").await;
    assert_eq!(got.status, 202, "{got:?}");
    for (field, value) in [
        ("domain", json!("portal.xn--bcher-kva.test")),
        ("unicodeDomain", json!("portal.bücher.test")),
        ("canonicalHost", json!("acme-1.portal.tenantry.test")),
        ("status", json!("pending_dns")),
        ("step", json!("awaiting_dns")),
        ("statusMessage", Value::Null),
        ("axes", json!({ "ownership": "pending", "certificate": "none", "routing": "none" })),
        ("verificationMethod", json!("cname")),
        ("certificate", Value::Null),
        ("certificateSecretName", json!("portal-domain-acme-1")),
        ("createdBy", json!(format!("tenant_admin@{tenant}"))),
        ("actions", json!(["refresh", "remove"])),
        ("warnings", json!([])),
    ] {
        assert_eq!(got.body[field], value, "{field}");
    }
    assert_eq!(got.body["verificationDetails"]["expectedCname"], "acme-1.portal.tenantry.test");
    let records = got.body["records"].as_array().unwrap();
    assert_eq!(
        (records.len(), &records[0]["type"], &records[0]["status"]),
        (1, &json!("CNAME"), &json!("not_checked"))
    );
    assert_eq!(records[0]["value"], "acme-1.portal.tenantry.test");
    let next = got.body["next"].as_str().unwrap();
    assert!(next.contains("CNAME") && next.contains("acme-1.portal.tenantry.test"), "{next}");
    assert_eq!(admin.get(&path(tenant)).await.body, got.body);

    // Set again, in whichever letters, nothing new happens.
    let again = put(&admin, tenant, "portal.xn--bcher-kva.TEST").await;
    assert_eq!((again.status, &again.body), (200, &got.body));
    assert_eq!((stack.count("portal_domains").await, stack.count("commands where name = 'CheckHost'").await), (1, 1));
    let audit = admin.get("/v1/audit?action=portal_domain.set").await;
    let lines = audit.body["data"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["subject"]), (1, &got.body["runId"]));
    assert_eq!(lines[0]["before"]["portal"], Value::Null, "{lines:?}");
    assert_eq!(lines[0]["after"]["portal"]["domain"], "portal.xn--bcher-kva.test");
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_with_a_code_and_words() {
    let (stack, tenant, other, admin) = stack().await;
    for (name, code) in [
        ("acme", "malformed_name"),
        ("https://portal.acme.test", "malformed_name"),
        ("192.0.2.1", "ip_address"),
        ("portal.acme.internal", "reserved_name"),
        ("acme-2.portal.tenantry.test", "platform_domain"),
        ("x.console.tenantry.net", "platform_domain"),
        ("app.tenantry.io", "platform_domain"),
        ("co.uk", "public_suffix"),
    ] {
        let got = put(&admin, tenant, name).await;
        assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/domain"]), "{name}");
        assert_eq!(got.body["errors"][0]["code"], code, "{got:?}");
        assert!(got.body["errors"][0]["detail"].as_str().unwrap().contains("use"), "{got:?}");
    }
    let nobody = put(&Caller::operator(&stack), TenantId::new(), "portal.acme.test").await;
    assert_eq!(nobody.problem(), (404, "not_found"));
    for (unfit, problem) in [
        (
            "update tenants set status = 'suspended', suspended_at = now(), suspended_reason = 'r' where id = $1",
            (403, "tenant_suspended"),
        ),
        (
            "update tenants set status = 'provisioning', suspended_at = null, suspended_reason = null, portal_host = null,
                 activated_at = null where id = $1",
            (409, "not_configured"),
        ),
    ] {
        sqlx::query(unfit).bind(tenant.0).execute(&stack.sql).await.unwrap();
        assert_eq!(put(&Caller::operator(&stack), tenant, "portal.acme.test").await.problem(), problem);
    }
    assert_eq!((stack.count("portal_domains").await, stack.count("audit").await), (0, 0));

    let apex = put(&Caller::operator(&stack), other, "acme.test").await;
    assert_eq!((apex.status, &apex.body["warnings"][0]["code"]), (202, &json!("apex")), "{apex:?}");
    let text = &apex.body["records"][1];
    assert_eq!((&text["type"], &text["name"]), (&json!("TXT"), &json!("_tenantry.acme.test")));
    assert!(text["value"].as_str().unwrap().starts_with("tenantry-verify="), "{text}");
}

#[tokio::test]
async fn another_one_goes_on_its_way_while_the_first_serves() {
    let (stack, tenant, _, admin) = stack().await;
    let first = set(&admin, tenant, "a.acme.test").await;
    live(&stack, first).await;
    assert_eq!(admin.get(&path(tenant)).await.body["status"], "active");
    let second = set(&admin, tenant, "b.acme.test").await;
    let shown = admin.get(&path(tenant)).await.body;
    assert_eq!((&shown["domain"], &shown["status"]), (&json!("a.acme.test"), &json!("active")));
    let replacement = &shown["replacement"];
    assert_eq!((&replacement["domain"], &replacement["status"]), (&json!("b.acme.test"), &json!("pending_dns")));
    assert_ne!(replacement["certificateSecretName"], shown["certificateSecretName"]);
    assert_eq!(put(&admin, tenant, "b.acme.test").await.status, 200, "it is on its way");

    // Another one again: what never served is over.
    let third = set(&admin, tenant, "c.acme.test").await;
    assert_eq!(stack.run(second).await.state, "withdrawing");
    assert_eq!(admin.get(&path(tenant)).await.body["replacement"]["domain"], "c.acme.test");

    // Two: which one goes is to be said.
    let refused = delete(&admin, &path(tenant)).await;
    assert_eq!(refused.problem(), (409, "hostname_not_named"));
    assert!(refused.body["detail"].as_str().unwrap().contains("?domain="), "{refused:?}");
    let unknown = delete(&admin, &format!("{}?domain=x.acme.test", path(tenant))).await;
    assert_eq!(unknown.problem(), (404, "not_found"));

    // Going back.
    let back = put(&admin, tenant, "a.acme.test").await;
    assert_eq!((back.status, &back.body["replacement"]), (202, &Value::Null), "{back:?}");
    assert_eq!((stack.run(third).await.state, stack.run(first).await.state), ("withdrawing".into(), "active".into()));
    assert_eq!(put(&admin, tenant, "c.acme.test").await.problem(), (409, "signal_refused"), "it is being taken down");
    down(&stack, third).await;
    assert_eq!(stack.run(third).await.state, "closing", "nobody comes back to what was taken the place of");
}

#[tokio::test]
async fn one_that_is_not_live_yet_makes_room_at_once() {
    let (stack, tenant, _, admin) = stack().await;
    let first = set(&admin, tenant, "a.acme.test").await;
    set(&admin, tenant, "b.acme.test").await;
    let shown = admin.get(&path(tenant)).await.body;
    assert_eq!((&shown["domain"], &shown["replacement"]), (&json!("b.acme.test"), &Value::Null));
    assert_eq!(stack.run(first).await.state, "withdrawing");

    let (x, y) = tokio::join!(put(&admin, tenant, "x.acme.test"), put(&admin, tenant, "y.acme.test"));
    assert_eq!((x.status, y.status), (202, 202), "{x:?} {y:?}");
    let wanted = stack.count("runs where kind = 'portal_domain' and state = 'awaiting_dns'").await;
    assert_eq!(wanted, 1, "two wishes at once are one after the other");
}

#[tokio::test]
async fn it_is_removed_and_comes_back() {
    let (stack, tenant, _, admin) = stack().await;
    assert_eq!(delete(&admin, &path(tenant)).await.problem(), (404, "not_found"));
    assert_eq!(admin.post(&format!("{}/refresh", path(tenant)), json!({})).await.problem(), (404, "not_found"));
    let life = set(&admin, tenant, "portal.acme.test").await;
    live(&stack, life).await;
    let removed = delete(&admin, &path(tenant)).await;
    assert_eq!((removed.status, &removed.body["status"]), (202, &json!("disabled")), "{removed:?}");
    assert_eq!((&removed.body["step"], &removed.body["actions"]), (&json!("withdrawing"), &json!([])));
    assert_eq!(delete(&admin, &path(tenant)).await.status, 202, "said again, it is as it was");
    let refreshed = admin.post(&format!("{}/refresh", path(tenant)), json!({})).await;
    assert_eq!((refreshed.status, &refreshed.body["step"]), (202, &json!("withdrawing")));
    let retried = admin.post(&format!("{}/retry", path(tenant)), json!({})).await;
    assert_eq!(retried.problem(), (409, "signal_refused"));
    assert_eq!(put(&admin, tenant, "portal.acme.test").await.header("retry-after"), "60");
    down(&stack, life).await;
    let shown = admin.get(&path(tenant)).await.body;
    assert_eq!((&shown["step"], &shown["actions"]), (&json!("disabled"), &json!(["refresh"])));
    assert_eq!(delete(&admin, &path(tenant)).await.body["step"], "disabled");

    let back = put(&admin, tenant, "portal.acme.test").await;
    assert_eq!((back.status, &back.body["step"]), (202, &json!("reopening")), "{back:?}");
    assert_eq!(put(&admin, tenant, "other.acme.test").await.problem(), (409, "signal_refused"));
    assert_eq!(delete(&admin, &path(tenant)).await.problem(), (409, "signal_refused"));
    happens(&stack, life, &[json!({ "name": "Reopened" })]).await;
    assert_eq!(admin.get(&path(tenant)).await.body["status"], "pending_dns");
    let audit = admin.get("/v1/audit?limit=50").await;
    let of =
        |action: &str| audit.body["data"].as_array().unwrap().iter().filter(|line| line["action"] == action).count();
    assert_eq!((of("portal_domain.set"), of("portal_domain.remove"), of("portal_domain.refresh")), (2, 1, 0));
}

#[tokio::test]
async fn the_same_request_is_done_once() {
    let (stack, tenant, _, admin) = stack().await;
    let ask = async || {
        let body = json!({ "domain": "portal.acme.test" }).to_string().into_bytes();
        admin.ask(Method::PUT, &path(tenant), Some(body), &[("idempotency-key", "k")]).await
    };
    let (first, again) = (ask().await, ask().await);
    assert_eq!((first.status, again.status, &first.body), (202, 202, &again.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(stack.count("portal_domains").await, 1);
}

#[tokio::test]
async fn another_edition_shows_the_canonical_host_and_changes_nothing() {
    let stack = TestStack::with(&[("EDITION", "community")], API).await;
    let tenant = stack.tenants(1).await[0];
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let shown = admin.get(&path(tenant)).await;
    assert_eq!((shown.status, &shown.body["editable"]), (200, &json!(false)), "{shown:?}");
    assert_eq!(shown.body["canonicalHost"], "acme-1.portal.tenantry.test");
    assert!(shown.body["note"].as_str().unwrap().contains("edition for enterprises"), "{shown:?}");
    for got in [
        put(&admin, tenant, "portal.acme.com").await,
        delete(&admin, &path(tenant)).await,
        admin.post(&format!("{}/refresh", path(tenant)), json!({})).await,
        admin.post(&format!("{}/retry", path(tenant)), json!({})).await,
    ] {
        assert_eq!(got.problem(), (403, "feature_not_available"));
        assert!(got.body["detail"].as_str().unwrap().contains("not part of this edition"), "{got:?}");
    }
    assert_eq!((stack.count("portal_domains").await, stack.count("audit").await), (0, 0));
}
