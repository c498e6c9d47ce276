//! The whole way out, with a death, a doubled hint or nothing at every command.

use std::collections::BTreeSet;

use serde_json::json;
use tenantry_model::TenantId;
use tenantry_standins::resend::Route;
use tenantry_tests::{TestStack, domains::by_hand::How};

use super::{begin, counts, furnish, rows, stack, status};
use crate::api::Caller;

const NAME: &str = "mail.acme.test";
const PORTAL: &str = "portal.acme.test";

/// What stays of a tenant that has gone.
const STAYS: [&str; 8] = ["audit", "commands", "export_parts", "exports", "former_names", "history", "runs", "tenants"];

async fn leaves(stack: &TestStack, how: How) {
    let [tenant, neighbour] = stack.tenants(2).await[..] else { panic!("two tenants") };
    furnish(stack, tenant, 25).await;
    furnish(stack, neighbour, 3).await;
    let domain = stack.verify_by_hand(tenant, NAME, "acme.test").await;
    let portal = stack.set_portal(tenant, PORTAL).await;
    stack.point(portal).await;
    stack.play(portal, "active", How::Alone).await;
    assert_eq!((stack.resend().domains().len(), stack.objects()), (1, 3));
    let others = rows(stack, neighbour).await;

    let run = begin(stack, tenant, 30).await;
    assert_eq!(status(stack, tenant).await, "offboarding");
    let admin = Caller::of(stack, tenant, "tenant_admin");
    assert_eq!(admin.get("/v1/tenants").await.problem(), (403, "tenant_offboarding"));
    stack.play(run, "grace", how).await;
    assert_eq!((stack.resend().domains().len(), stack.objects()), (1, 3), "nothing goes in the grace period");
    stack.play(run, "withdrawing", how).await;
    // By hand: after thirty days every token is over.
    let late = stack.signal(run, "restore", json!({ "by": "ada" })).await.unwrap_err();
    assert!(late.to_string().contains("cannot come back any more"), "{late:?}");

    // They are asked to go, and wait for their own functions: nothing is deleted by the offboarding.
    stack.step(run, how).await;
    assert_eq!(
        (stack.run(domain).await.state.as_str(), stack.run(portal).await.state.as_str()),
        ("stopping", "withdrawing")
    );
    assert_eq!((stack.resend().domains().len(), stack.objects()), (1, 3));
    assert_eq!(stack.run(run).await.result["left"], json!([NAME, PORTAL]));
    stack.play(domain, "deactivated", how).await;
    stack.play(portal, "disabled", how).await;
    assert_eq!((stack.resend().domains().len(), stack.objects()), (0, 0));
    // A hostname that is down is asked once more, to be over.
    while stack.run(portal).await.state == "disabled" {
        stack.step(run, how).await;
    }
    stack.play(portal, "closed", how).await;
    let asked = stack.history(portal).await.iter().filter(|line| line.name == "RemovalAsked").count();
    assert!((2..=4).contains(&asked), "asked once in each of its states, not at each look: {asked}");
    stack.play(run, "offboarded", how).await;

    gone(stack, tenant).await;
    assert_eq!(rows(stack, neighbour).await, others, "nobody else has lost or gained a row");
    assert_eq!(stack.told(run).await, ["OffboardingStarted", "OffboardingReminder", "TenantOffboarded"]);
    assert_eq!(stack.resend().requests(Route::DeleteDomain), 1);
    stack.nothing_unexpected().await;

    // The same address, slug and host are free for a new tenant; the name is not, for a while.
    let again = stack.tenants(1).await[0];
    let claims = stack.add_domain(again, NAME).await;
    stack.play(claims, "disputed", How::Alone).await;
}

/// What is left of it.
async fn gone(stack: &TestStack, tenant: TenantId) {
    let left = rows(stack, tenant).await;
    let names: BTreeSet<&str> = left.keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(STAYS), "{}", counts(&left));
    assert_eq!((left["runs"].len(), left["exports"].len()), (1, 1));
    let (status, email, host): (String, Option<String>, Option<String>) =
        sqlx::query_as("select status, email, portal_host from tenants where id = $1")
            .bind(tenant.0)
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    assert_eq!((status.as_str(), email, host), ("offboarded", None, None));
    for table in ["message_finds", "message_contents", "idempotency_keys", "portal_objects", "provider_domains"] {
        let column = if table == "idempotency_keys" { "scope" } else { "tenant_id" };
        let of = match table {
            "portal_objects" | "provider_domains" => String::new(),
            _ => format!(" where {column}::text = '{}'", tenant.0),
        };
        assert_eq!(stack.count(&format!("{table}{of}")).await, 0, "{table}");
    }
    let broken: Option<i64> =
        sqlx::query_scalar("select audit_broken(($1::uuid)::text)").bind(tenant.0).fetch_one(&stack.sql).await.unwrap();
    assert_eq!(broken, None, "its audit chain is whole");
    let last: String =
        sqlx::query_scalar("select action from audit where chain = ($1::uuid)::text order by seq desc limit 1")
            .bind(tenant.0)
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    assert_eq!(last, "tenant.remove");
    // Not one of them holds an address of its people or of whom they wrote to.
    for (table, rows) in left.iter().filter(|(table, _)| *table != "export_parts" && *table != "audit") {
        assert!(rows.iter().all(|row| !row.contains("@customer.test") && !row.contains("ada@acme.example")), "{table}");
    }
}

#[tokio::test]
async fn a_tenant_leaves_with_its_domain_its_hostname_and_every_row_and_another_keeps_its_own() {
    leaves(&stack().await, How::Alone).await;
}

#[tokio::test]
async fn a_process_that_dies_with_each_command_of_an_offboarding_in_its_hands_changes_nothing() {
    leaves(&stack().await, How::AfterADeath).await;
}

#[tokio::test]
async fn each_hint_of_an_offboarding_told_twice_to_two_processes_has_one_effect() {
    leaves(&stack().await, How::Twice).await;
}
