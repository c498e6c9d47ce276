//! Questions to people.

use futures::future::join_all;
use serde_json::json;
use tenantry_tests::TestStack;

use super::{Caller, tenant_with_task};

#[tokio::test]
async fn a_task_is_listed_answered_and_closed() {
    let stack = TestStack::start().await;
    let (tenant, run) = tenant_with_task(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let list = admin.get("/v1/tasks").await;
    let task = &list.body["data"][0];
    assert_eq!((task["runId"].as_str(), task["status"].as_str()), (Some(run.to_string().as_str()), Some("open")));
    assert!(task["schema"]["properties"]["action"].is_object());

    let path = format!("/v1/tasks/{}", task["id"].as_str().unwrap());
    let answer = json!({"answer": {"action": "correct_address", "email": "right@tenant.example"}});
    let answered = admin.post(&format!("{path}/answer"), answer.clone()).await;
    assert_eq!((answered.status, answered.body["status"].as_str()), (200, Some("answered")), "{answered:?}");
    assert_eq!(answered.body["answeredBy"], format!("tenant_admin@{tenant}"));
    stack.ends(run, "completed").await;
    assert_eq!(stack.count("users where email = 'right@tenant.example'").await, 1);

    assert_eq!(admin.post(&format!("{path}/answer"), answer).await.problem(), (409, "task_closed"));
    assert_eq!(admin.get("/v1/tasks").await.body["data"], json!([]));
    assert_eq!(admin.get("/v1/tasks?status=answered").await.body["data"][0]["id"], answered.body["id"]);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_names_its_places_and_leaves_the_task_open() {
    let stack = TestStack::start().await;
    let (_, run) = tenant_with_task(&stack).await;
    let operator = Caller::operator(&stack);
    let path = format!("/v1/tasks/{}/answer", stack.task(run).await.id);
    for (answer, pointers) in [
        (json!({"action": "explode"}), vec!["/answer/action"]),
        (json!({"email": "a@b.example"}), vec!["/answer/action"]),
        (json!({"action": "resend", "why": "x"}), vec!["/answer/why"]),
        (json!({"action": "correct_address"}), vec!["/answer/email"]),
        (json!({"action": "correct_address", "email": "nobody"}), vec!["/answer/email"]),
        (json!("resend"), vec!["/answer"]),
    ] {
        let got = operator.post(&path, json!({ "answer": answer })).await;
        assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), pointers), "{answer}");
    }
    let got = operator.post(&path, json!({})).await;
    assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/answer"]));
    assert_eq!(stack.task(run).await.status, "open");
    assert_eq!(stack.count("audit where action = 'task.answer'").await, 0);
}

#[tokio::test]
async fn of_two_answers_at_the_same_moment_one_counts() {
    let stack = TestStack::start().await;
    let (_, run) = tenant_with_task(&stack).await;
    let operator = Caller::operator(&stack);
    let path = format!("/v1/tasks/{}/answer", stack.task(run).await.id);
    let body = json!({"answer": {"action": "give_up"}});
    let all = join_all((0..4).map(|_| operator.post(&path, body.clone()))).await;
    assert_eq!(all.iter().filter(|got| got.status == 200).count(), 1, "{all:?}");
    assert_eq!(all.iter().filter(|got| got.problem() == (409, "task_closed")).count(), 3, "{all:?}");
    stack.ends(run, "completed").await;
    assert_eq!(stack.count("audit where action = 'task.answer'").await, 1);
}
