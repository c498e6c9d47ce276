//! What stands in the way of an offboarding, and who is asked.

use serde_json::json;
use tenantry_tests::domains::by_hand::How;

use super::{begin, furnish, stack, status, turn};
use crate::api::Caller;

#[tokio::test]
async fn an_export_that_cannot_be_made_is_an_operators_to_decide_about() {
    let stack = stack().await;
    let tenant = stack.tenants(1).await[0];
    furnish(&stack, tenant, 1).await;
    sqlx::query("update message_contents set sealed = 'broken'").execute(&stack.sql).await.unwrap();
    let run = begin(&stack, tenant, 30).await;
    stack.play(run, "export_stuck", How::Alone).await;
    let task = stack.task(run).await;
    assert!(task.text.contains("cannot be opened"), "{}", task.text);
    assert_eq!(turn(&stack, tenant, "remove-now").await.problem(), (409, "signal_refused"));
    // Whatever was in the way is gone: it goes on where it was.
    sqlx::query("delete from message_contents").execute(&stack.sql).await.unwrap();
    stack.answer(run, json!({ "action": "try_again" })).await;
    stack.play(run, "grace", How::Alone).await;
    assert_eq!(turn(&stack, tenant, "restore").await.status, 202);
    stack.play(run, "restored", How::Alone).await;

    // Or nobody waits for it.
    furnish_again(&stack, tenant).await;
    let run = begin(&stack, tenant, 0).await;
    stack.play(run, "export_stuck", How::Alone).await;
    stack.answer(run, json!({ "action": "go_on" })).await;
    stack.play(run, "offboarded", How::Alone).await;
    assert_eq!(
        (status(&stack, tenant).await.as_str(), &stack.run(run).await.result["withoutExport"]),
        ("offboarded", &json!(true))
    );
    stack.nothing_unexpected().await;
}

async fn furnish_again(stack: &tenantry_tests::TestStack, tenant: tenantry_model::TenantId) {
    stack.store(vec![stack.draft(tenant, "one@customer.test")], 0).await;
    sqlx::query("update message_contents set sealed = 'broken'").execute(&stack.sql).await.unwrap();
}

#[tokio::test]
async fn a_domain_that_is_added_while_rows_go_is_taken_down_first() {
    let stack = stack().await;
    let tenant = stack.tenants(1).await[0];
    furnish(&stack, tenant, 1).await;
    let run = begin(&stack, tenant, 0).await;
    stack.play(run, "removing", How::Alone).await;
    let domain = stack.add_domain(tenant, "mail.acme.test").await;
    stack.step(run, How::Alone).await;
    assert_eq!(stack.run(run).await.state, "withdrawing");
    assert!(stack.count("messages").await > 0, "nothing went");
    stack.step(run, How::Alone).await;
    stack.play(domain, "deactivated", How::Alone).await;
    stack.play(run, "offboarded", How::Alone).await;
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn nobody_is_given_half_an_export_while_rows_are_removed() {
    let stack = stack().await;
    let tenant = stack.tenants(1).await[0];
    furnish(&stack, tenant, 3).await;
    let run = begin(&stack, tenant, 0).await;
    stack.play(run, "withdrawing", How::Alone).await;
    let path = format!("/v1/tenants/{tenant}/exports");
    let export = Caller::operator(&stack).post(&path, json!({})).await.run();
    stack.play(run, "removing", How::Alone).await;
    // As its first batch does it.
    sqlx::query("update tenants set removing_at = now() where id = $1")
        .bind(tenant.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    assert_eq!(Caller::operator(&stack).post(&path, json!({})).await.problem(), (409, "tenant_status_unfit"));
    // One that was begun before, and has not read everything by then, is none.
    stack.play(export, "failed", How::Alone).await;
    let error = stack.run(export).await.error.unwrap();
    assert!(error["message"].as_str().unwrap().contains("are being removed"), "{error}");
    stack.play(run, "offboarded", How::Alone).await;
    assert_eq!(Caller::operator(&stack).post(&path, json!({})).await.problem(), (409, "tenant_status_unfit"));
    stack.nothing_unexpected().await;
}
