//! What the API shows of a hostname's life: what was seen, what to do, and nothing that is the operators'.

use serde_json::{Value, json};
use tenantry_tests::TestStack;

use super::{
    Caller, Got,
    email_domains::{happens, named},
    portal_domains::{live, path, set, stack},
};

/// Somebody has looked, and found this.
async fn looked(stack: &TestStack, life: tenantry_model::RunId, pointing: &str, more: Value) {
    let record = |kind: &str, purpose: &str, name: &str, value: &str| json!({ "purpose": purpose, "type": kind, "name": name, "value": value, "priority": null, "ttl": null, "required": true });
    let mut text = record("TXT", "ownership", "_tenantry.portal.acme.test", "tenantry-verify=x");
    text["status"] = json!("missing");
    let mut report = json!({
        "host": "portal.acme.test", "target": "acme-1.portal.tenantry.test", "pointing": pointing, "proven": false,
        "caa": { "state": "allows" }, "observed": "portal.acme.test \u{2192} elsewhere.example", "apex": false, "zone": "acme.test",
        "hostHint": { "name": "Hoster", "nameField": "Host", "valueField": "Points to" }, "ownership": text,
        "recordToCreate": record("CNAME", "portal", "portal.acme.test", "acme-1.portal.tenantry.test"),
        "findings": [{ "code": "cname_other_target", "severity": "error", "record": "CNAME portal.acme.test", "saw": "S.", "advice": "A." }]
    });
    report.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    sqlx::query("update portal_domains set looked_at = now(), report = $2 where id = $1")
        .bind(life.0)
        .bind(report)
        .execute(&stack.sql)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_seen_of_its_dns_is_shown() {
    let (stack, tenant, _, admin) = stack().await;
    let life = set(&admin, tenant, "portal.acme.test").await;
    let shown = async || admin.get(&path(tenant)).await.body;
    looked(&stack, life, "elsewhere", json!({})).await;
    let seen = shown().await;
    let details = &seen["verificationDetails"];
    assert_eq!(
        (&details["pointing"], &details["findings"][0]["advice"]),
        (&json!("elsewhere"), &json!("A.")),
        "{seen}"
    );
    assert!(details["observed"].as_str().unwrap().contains("elsewhere.example") && details["observedAt"].is_string());
    assert_eq!((&seen["host"]["name"], &seen["records"][0]["relativeName"]), (&json!("Hoster"), &json!("portal")));
    assert_eq!((&seen["records"][0]["status"], seen["records"].as_array().unwrap().len()), (&json!("mismatch"), 1));
    assert!(seen["next"].as_str().unwrap().contains("Change the record"), "{seen}");

    // An address says nothing of the tenant, so a text is needed besides.
    looked(&stack, life, "flattened", json!({})).await;
    let seen = shown().await;
    assert_eq!(seen["records"][1]["name"], "_tenantry.portal.acme.test");
    assert!(seen["next"].as_str().unwrap().contains("_tenantry.portal.acme.test"), "{seen}");
    looked(&stack, life, "cname", json!({ "proven": true })).await;
    assert_eq!(shown().await["records"][0]["status"], "detected");
    // What a newer version has written is looked at again soon.
    looked(&stack, life, "by_magic", json!({})).await;
    assert_eq!(shown().await["verificationDetails"]["pointing"], Value::Null);
}

#[tokio::test]
async fn its_certificate_is_shown_as_it_was_seen() {
    let (stack, tenant, _, admin) = stack().await;
    let life = set(&admin, tenant, "portal.acme.test").await;
    live(&stack, life).await;
    sqlx::query("update portal_domains set certificate = $2, visit = $3 where id = $1")
        .bind(life.0)
        .bind(json!({ "notAfter": "2027-01-01T00:00:00Z", "renewal": "2026-12-01T00:00:00Z", "resourceVersion": "17", "detail": "in istio-system" }))
        .bind(json!({ "certificate": { "notAfter": "2026-12-31T00:00:00Z", "issuer": "CN=R11" } }))
        .execute(&stack.sql)
        .await
        .unwrap();
    let got = admin.get(&path(tenant)).await;
    let certificate = json!({ "notAfter": "2027-01-01T00:00:00Z", "renewal": "2026-12-01T00:00:00Z", "issuer": "CN=R11", "words": null });
    assert_eq!(
        (&got.body["certificate"], &got.body["lastSyncedResourceVersion"]),
        (&certificate, &json!("17")),
        "{got:?}"
    );
    assert!(got.body["activatedAt"].is_string() && !got.body.to_string().contains("istio"), "{got:?}");
    assert!(got.body["next"].as_str().unwrap().contains("answers at portal.acme.test"), "{got:?}");
}

#[tokio::test]
async fn what_only_operators_read_is_in_nothing_that_a_tenant_can_ask_for() {
    let (stack, tenant, _, admin) = stack().await;
    let life = set(&admin, tenant, "portal.acme.test").await;
    live(&stack, life).await;
    let concerns = named("Visited", json!({ "live": true, "words": "", "concerns": "stale in istio-system" }));
    let refused = named(
        "CertificateSeen",
        json!({ "issuing": "refused", "words": "The authority cannot reach it.", "detail": "Order x in istio-system" }),
    );
    happens(&stack, life, &[concerns, refused]).await;
    let member = Caller::of(&stack, tenant, "tenant_member");
    let ask = async |caller: &Caller| -> Vec<Got> {
        let mut all = Vec::new();
        for at in [path(tenant), format!("/v1/runs/{life}"), format!("/v1/runs/{life}/timeline"), "/v1/runs".to_owned()]
        {
            all.push(caller.get(&at).await);
        }
        all
    };
    for got in ask(&member).await {
        assert!(got.status == 200 && !got.body.to_string().contains("istio"), "{got:?}");
    }
    let shown = admin.get(&path(tenant)).await.body;
    assert_eq!((&shown["status"], &shown["axes"]["certificate"]), (&json!("active"), &json!("renewal_failing")));
    assert_eq!(shown["statusMessage"], "The authority cannot reach it.");
    assert!(ask(&Caller::operator(&stack)).await[2].body.to_string().contains("istio"));

    let secret = "connection refused to the cluster";
    sqlx::query("update runs set state = 'broken', error = $2, result = jsonb_set(result, '{message}', '\"It broke.\"') where id = $1")
        .bind(life.0)
        .bind(json!({ "class": "InternalError", "message": secret }))
        .execute(&stack.sql)
        .await
        .unwrap();
    for got in ask(&member).await {
        assert!(!got.body.to_string().contains(secret), "{got:?}");
    }
    assert_eq!(admin.get(&path(tenant)).await.body["statusMessage"], "It broke.");
    let operator = Caller::operator(&stack).get(&path(tenant)).await.body;
    assert!(operator["statusMessage"].as_str().unwrap().contains(secret), "{operator}");
}

#[tokio::test]
async fn a_refresh_and_a_retry_are_told_to_its_life_and_audited() {
    let (stack, tenant, other, admin) = stack().await;
    let life = set(&admin, tenant, "portal.acme.test").await;
    for (route, heard) in [("refresh", "RefreshAsked"), ("retry", "RetryAsked")] {
        let got = admin.post(&format!("{}/{route}", path(tenant)), json!({ "domain": "Portal.acme.test" })).await;
        assert_eq!(got.status, 202, "{got:?}");
        let last = stack.history(life).await.pop().unwrap();
        assert_eq!((last.name.as_str(), last.detail["by"].as_str()), (heard, Some(&*format!("tenant_admin@{tenant}"))));
        let audit = admin.get(&format!("/v1/audit?action=portal_domain.{route}")).await;
        assert_eq!(audit.body["data"][0]["subject"], life.to_string());
    }
    let theirs = Caller::of(&stack, other, "tenant_admin").post(&format!("{}/refresh", path(other)), json!({})).await;
    assert_eq!(theirs.problem(), (404, "not_found"));
}
