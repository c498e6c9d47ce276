//! Looked at, and left as it was; called off; and what cannot be called off.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_tests::domains::by_hand::How;

use super::{begin, furnish, rows, stack, status, turn};
use crate::api::Caller;

#[tokio::test]
async fn a_dry_run_counts_and_says_what_will_happen_and_changes_nothing() {
    let stack = stack().await;
    let tenant = stack.tenants(1).await[0];
    furnish(&stack, tenant, 4).await;
    stack.bring_by_hand(tenant, "mail.acme.test").await;
    stack.set_portal(tenant, "portal.acme.test").await;
    let before = rows(&stack, tenant).await;
    let path = format!("/v1/tenants/{tenant}/offboarding");
    let got = Caller::operator(&stack).post(&path, json!({ "graceDays": 14 })).await;
    assert_eq!(got.status, 200, "{got:?}");
    for (what, count) in
        [("messages", 4), ("messagesWaiting", 4), ("users", 1), ("suppressions", 1200), ("emailDomains", 1)]
    {
        assert_eq!(got.body["counts"][what], count, "{what}: {got:?}");
    }
    assert_eq!(got.body["domains"], json!(["mail.acme.test"]));
    assert_eq!(got.body["portal"]["hostnames"], json!(["portal.acme.test"]));
    assert_eq!(got.body["openRuns"].as_array().unwrap().len(), 2);
    let what = got.body["what"].to_string();
    for words in [
        "14 days",
        "The operators are reminded three days before the end.",
        "mail.acme.test, portal.acme.test",
        "4 messages are accepted and have not left",
        "audit log",
    ] {
        assert!(what.contains(words), "{words}: {what}");
    }
    assert_eq!(rows(&stack, tenant).await, before);
    assert_eq!(Caller::operator(&stack).get(&path).await.problem(), (404, "not_found"));

    let wrong = Caller::operator(&stack).post(&path, json!({ "dryRun": false, "graceDays": 91 })).await;
    assert_eq!((wrong.status, wrong.pointers()), (422, vec!["/graceDays", "/reason"]));
}

#[tokio::test]
async fn who_comes_back_within_the_grace_period_is_as_before_also_when_it_was_suspended() {
    let stack = stack().await;
    let [tenant, suspended] = stack.tenants(2).await[..] else { panic!("two tenants") };
    let mail = furnish(&stack, tenant, 2).await;
    let domain = stack.verify_by_hand(tenant, "mail.acme.test", "acme.test").await;
    let why = json!({ "reason": "the invoice is not paid" });
    Caller::operator(&stack).post(&format!("/v1/tenants/{suspended}/suspend"), why).await;
    for (tenant, was, shut) in [(tenant, "active", false), (suspended, "suspended", true)] {
        let run = begin(&stack, tenant, 30).await;
        let again = Caller::operator(&stack)
            .post(&format!("/v1/tenants/{tenant}/offboarding"), json!({ "dryRun": false, "reason": "again" }))
            .await;
        assert_eq!(again.problem(), (409, "tenant_status_unfit"), "{again:?}");
        stack.play(run, "grace", How::Alone).await;
        let shown = Caller::operator(&stack).get(&format!("/v1/tenants/{tenant}/offboarding")).await;
        assert_eq!((&shown.body["state"], &shown.body["export"]["complete"]), (&json!("grace"), &json!(true)));
        assert!(shown.body["endsAt"].is_string() && shown.body["export"]["expiresAt"].is_null(), "{shown:?}");
        assert_eq!(turn(&stack, tenant, "restore").await.status, 202);
        stack.play(run, "restored", How::Twice).await;
        assert_eq!(status(&stack, tenant).await, was);
        let lane: bool = sqlx::query_scalar("select coalesce((select shut from lanes where tenant_id = $1), false)")
            .bind(tenant.0)
            .fetch_one(&stack.sql)
            .await
            .unwrap();
        assert_eq!(lane, shut);
        assert_eq!(turn(&stack, tenant, "remove-now").await.problem(), (409, "run_ended"));
        let shown = Caller::operator(&stack).get(&format!("/v1/tenants/{tenant}/offboarding")).await;
        assert!(shown.body["export"]["expiresAt"].is_string(), "its export goes after a while: {shown:?}");
    }
    assert!(stack.domain(domain).await.sends);
    assert_eq!(stack.run(mail[0]).await.status, "running", "what was accepted still waits");
    // It can leave once more; nothing of the first time is in the way.
    let run = begin(&stack, tenant, 0).await;
    stack.play(run, "withdrawing", How::Alone).await;
    stack.nothing_unexpected().await;

    // The exports of the first time go by themselves.
    stack.pass(Duration::from_secs(31 * 86_400));
    stack.fire().await;
    assert_eq!(stack.count("exports where expires_at is not null").await, 0);
}

#[tokio::test]
async fn who_is_not_set_up_cannot_leave_and_history_is_deleted_of_nobody_who_stays() {
    let stack = stack().await;
    let [tenant, new] = stack.tenants(2).await[..] else { panic!("two tenants") };
    furnish(&stack, tenant, 1).await;
    sqlx::query("update tenants set status = 'provisioning' where id = $1")
        .bind(new.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    let got = Caller::operator(&stack).post(&format!("/v1/tenants/{new}/offboarding"), json!({})).await;
    assert_eq!(got.problem(), (409, "tenant_status_unfit"));
    assert!(got.body["detail"].as_str().unwrap().contains("Cancel its onboarding"), "{got:?}");
    let got: Value = Caller::operator(&stack).post(&format!("/v1/tenants/{new}/exports"), json!({})).await.body;
    assert_eq!(got["code"], "tenant_status_unfit");

    // In the role of a function, whatever its code says: leaving is not enough, it must be being removed.
    begin(&stack, tenant, 30).await;
    for table in ["runs", "history", "commands", "api_keys"] {
        let mut tx = stack.db().begin().await.unwrap();
        let deleted = sqlx::query(sqlx::AssertSqlSafe(format!("delete from {table}"))).execute(&mut *tx).await;
        assert_eq!(deleted.unwrap().rows_affected(), 0, "{table}");
    }
}
