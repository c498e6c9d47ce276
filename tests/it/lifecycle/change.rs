//! A tenant gets another name, contact or plan.

use serde_json::json;
use tenantry_tests::{TestStack, wait::until};

use super::{patch, suspend};
use crate::api::{Caller, active_tenant};

#[tokio::test]
async fn a_change_names_its_version_and_is_written_told_and_logged_without_an_address() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let (operator, path) = (Caller::operator(&stack), format!("/v1/tenants/{tenant}"));
    let before = operator.get(&path).await;
    let tag = before.header("etag").to_owned();
    let wish = json!({ "name": "Renamed", "email": "new.contact@customer.example", "contractLine": "plus" });
    assert_eq!(patch(&operator, tenant, None, &wish).await.problem(), (428, "precondition_required"));
    assert_eq!(patch(&operator, tenant, Some("\"999\""), &wish).await.problem(), (412, "precondition_failed"));

    let after = patch(&operator, tenant, Some(&tag), &wish).await;
    assert_eq!(after.status, 200, "{after:?}");
    for field in ["name", "email", "contractLine"] {
        assert_eq!(after.body[field], wish[field]);
    }
    for kept in ["slug", "portalHost", "status", "createdAt"] {
        assert_eq!(after.body[kept], before.body[kept], "{kept}");
    }
    assert_ne!(after.header("etag"), tag);
    assert_eq!(operator.get(&path).await.header("etag"), after.header("etag"));
    assert_eq!(patch(&operator, tenant, Some(&tag), &wish).await.problem(), (412, "precondition_failed"));
    let settings = operator.get(&format!("{path}/email-settings")).await;
    assert_eq!(settings.body["replyTo"], wish["email"], "answers follow the contact");

    let runs = operator.get(&format!("/v1/runs?kind=tenant_change&tenant={tenant}")).await;
    assert_eq!(runs.body["data"][0]["result"]["what"], json!(["plan_changed", "changed"]), "{runs:?}");
    until("both to be told", || async {
        let told = "commands where name in ('TenantPlanChanged', 'TenantChanged') and status = 'done'";
        (stack.count(told).await == 2).then_some(())
    })
    .await;
    let audit = operator.get(&format!("/v1/audit?tenant={tenant}&action=tenant.change")).await;
    let line = &audit.body["data"][0];
    assert_eq!(
        (&line["before"]["contractLine"], &line["after"]["contractLine"]),
        (&before.body["contractLine"], &json!("plus"))
    );
    assert_eq!((&line["after"]["name"], &line["after"]["emailChanged"]), (&json!("Renamed"), &json!(true)));
    assert!(!line.to_string().contains("new.contact"), "{line}");

    // What is so already changes nothing.
    let tag = after.header("etag");
    for idle in [json!({}), wish] {
        let same = patch(&operator, tenant, Some(tag), &idle).await;
        assert_eq!((same.status, &same.body), (200, &after.body));
    }
    assert_eq!(stack.count("runs where kind = 'tenant_change'").await, 1);
    // A tenant that is suspended is changed as well.
    let suspended = suspend(&stack, tenant).await;
    let tag = format!("\"{}\"", suspended.body["version"]);
    let got = patch(&operator, tenant, Some(&tag), &json!({ "contractLine": "basic" })).await;
    assert_eq!((&got.body["contractLine"], &got.body["status"]), (&json!("basic"), &json!("suspended")), "{got:?}");
}

#[tokio::test]
async fn an_address_is_one_tenants_and_whose_it_is_is_told() {
    let stack = TestStack::start().await;
    let tenants = stack.tenants(3).await;
    let operator = Caller::operator(&stack);
    let taken = patch(&operator, tenants[0], Some("*"), &json!({ "email": "Admin@ACME-2.example" })).await;
    assert_eq!(taken.problem(), (409, "duplicate"));
    assert_eq!(taken.pointers(), ["/email"]);
    let words = taken.body["detail"].as_str().unwrap();
    assert!(words.contains("Acme 2") && words.contains(&tenants[1].to_string()), "{words}");
    // Its own in other letters is no other tenant's.
    let own = patch(&operator, tenants[0], Some("*"), &json!({ "email": "Admin@acme-1.example" })).await;
    assert_eq!((own.status, &own.body["email"]), (200, &json!("Admin@acme-1.example")), "{own:?}");

    // Wanted by two at the same moment, one gets it.
    for round in 0..5 {
        let wish = json!({ "email": format!("both{round}@customer.example") });
        let (one, other) = tokio::join!(
            patch(&operator, tenants[1], Some("*"), &wish),
            patch(&operator, tenants[2], Some("*"), &wish)
        );
        let mut codes = [one.status, other.status];
        codes.sort_unstable();
        assert_eq!(codes, [200, 409], "{one:?} {other:?}");
        let refused = if one.status == 409 { one } else { other };
        assert_eq!(refused.problem(), (409, "duplicate"));
    }
    for body in [json!({ "name": "" }), json!({ "status": "active" }), json!({ "email": "nobody" })] {
        assert_eq!(patch(&operator, tenants[0], Some("*"), &body).await.status, 422, "{body}");
    }
}
