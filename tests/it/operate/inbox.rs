//! The inbox of tasks: its order, and who is at what.

use std::time::Duration;

use serde_json::json;
use tenantry_model::RunId;
use tenantry_tests::TestStack;

use crate::api::{Caller, Got, tenant_with_task};

#[tokio::test]
async fn a_claim_is_a_courtesy() {
    let stack = TestStack::start().await;
    let (tenant, run) = tenant_with_task(&stack).await;
    let (admin, operator) = (Caller::of(&stack, tenant, "tenant_admin"), Caller::operator(&stack));
    let path = format!("/v1/tasks/{}", stack.task(run).await.id);
    let claimed = admin.post(&format!("{path}/claim"), json!({})).await;
    let who = format!("tenant_admin@{tenant}");
    assert_eq!((claimed.status, &claimed.body["claimedBy"]), (200, &json!(who)), "{claimed:?}");
    assert_eq!(admin.post(&format!("{path}/claim"), json!({})).await.body["claimedAt"], claimed.body["claimedAt"]);
    assert_eq!(admin.get("/v1/tasks?claimedBy=me").await.body["data"][0]["id"], claimed.body["id"]);
    assert_eq!(operator.get("/v1/tasks?claimedBy=me").await.body["data"], json!([]));

    let refused = operator.post(&format!("{path}/claim"), json!({})).await;
    assert_eq!(refused.problem(), (409, "task_claimed"));
    assert!(refused.body["detail"].as_str().unwrap().contains(&who), "{refused:?}");
    assert_eq!(operator.post(&format!("{path}/release"), json!({})).await.problem(), (409, "task_claimed"));
    let taken = operator.post(&format!("{path}/claim"), json!({"force": true})).await;
    assert_ne!(taken.body["claimedBy"], json!(who));
    assert_eq!(operator.post(&format!("{path}/release"), json!({})).await.body["claimedBy"], json!(null));
    assert_eq!(operator.post(&format!("{path}/release"), json!({})).await.status, 200, "nobody is at it already");

    operator.post(&format!("{path}/claim"), json!({})).await;
    let answered = admin.post(&format!("{path}/answer"), json!({"answer": {"action": "give_up"}})).await;
    assert_eq!(answered.status, 200, "whoever has not claimed it may answer: {answered:?}");
    assert_ne!(answered.body["claimedBy"], answered.body["answeredBy"]);
    assert_eq!(admin.post(&format!("{path}/claim"), json!({})).await.problem(), (409, "task_closed"));
    for (action, lines) in [("task.claim", 3), ("task.release", 1), ("task.answer", 1)] {
        assert_eq!(stack.count(&format!("audit where action = '{action}'")).await, lines, "{action}");
    }
    assert_eq!(stack.count("audit where action = 'task.answer' and before ->> 'claimedBy' is not null").await, 1);
}

#[tokio::test]
async fn of_two_who_take_it_over_at_the_same_moment_one_has_it() {
    let stack = TestStack::start().await;
    let (_, run) = tenant_with_task(&stack).await;
    let operator = Caller::operator(&stack);
    let path = format!("/v1/tasks/{}/claim", stack.task(run).await.id);
    let claims = futures::future::join_all((0..4).map(|_| operator.post(&path, json!({"force": true})))).await;
    assert!(claims.iter().all(|got| got.status == 200), "{claims:?}");
    assert_eq!(stack.count("audit where action = 'task.claim'").await, 1, "the same person claims it once");
}

/// Copies of a task with other deadlines, in hours from now.
async fn copies(stack: &TestStack, run: RunId, hours: &[i64]) {
    let now = stack.db().clock().now();
    for hours in hours {
        sqlx::query(
            "insert into tasks (id, run_id, tenant_id, epoch, name, task, title, text, schema, context, due_at, created_at)
             select $2, run_id, tenant_id, epoch, name, task, $4, text, schema, context, $3, created_at from tasks where run_id = $1
             order by id limit 1",
        )
        .bind(run.0)
        .bind(uuid::Uuid::now_v7())
        .bind(now + time::Duration::hours(*hours))
        .bind(format!("due in {hours}"))
        .execute(&stack.sql)
        .await
        .unwrap();
    }
}

fn titles(list: &Got) -> Vec<&str> {
    let title = |task: &'_ serde_json::Value| -> &str {
        Box::leak(task["title"].as_str().unwrap().to_owned().into_boxed_str())
    };
    list.body["data"].as_array().unwrap().iter().map(title).filter(|title| title.starts_with("due in")).collect()
}

#[tokio::test]
async fn the_nearest_deadline_is_first_and_pages_go_both_ways() {
    let stack = TestStack::with(&[], local::Run::ALL).await;
    let (_, run) = tenant_with_task(&stack).await;
    let operator = Caller::operator(&stack);
    copies(&stack, run, &[5, 1, 3]).await;
    let all = operator.get("/v1/tasks").await;
    assert_eq!(titles(&all), ["due in 1", "due in 3", "due in 5"]);
    assert!(all.body["data"][3]["dueAt"].is_null(), "what has none comes after");

    let first = operator.get("/v1/tasks?limit=2").await;
    assert_eq!(titles(&first), ["due in 1", "due in 3"]);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = operator.get(&format!("/v1/tasks?limit=2&after={cursor}")).await;
    assert_eq!(titles(&second), ["due in 5"]);
    assert_eq!((second.body["data"].as_array().unwrap().len(), &second.body["has_more"]), (2, &json!(false)));
    let back = operator.get(&format!("/v1/tasks?limit=2&before={cursor}")).await;
    assert_eq!(titles(&back), ["due in 1"], "what precedes the last of the first page");
}

#[tokio::test]
async fn what_nobody_answered_in_time_is_found() {
    let stack = TestStack::with(&[], local::Run { sweeper: false, ..local::Run::ALL }).await;
    let (_, run) = tenant_with_task(&stack).await;
    let operator = Caller::operator(&stack);
    copies(&stack, run, &[1, 30]).await;
    assert_eq!(titles(&operator.get("/v1/tasks?overdue=true").await), [""; 0]);
    stack.pass(Duration::from_secs(2 * 3600));
    assert_eq!(titles(&operator.get("/v1/tasks?overdue=true").await), ["due in 1"]);
    tenantry_store::runs::housekeep(stack.db()).await.unwrap();
    assert_eq!(titles(&operator.get("/v1/tasks?overdue=true").await), [""; 0]);
    assert_eq!(titles(&operator.get("/v1/tasks?overdue=true&status=withdrawn").await), ["due in 1"]);
}
