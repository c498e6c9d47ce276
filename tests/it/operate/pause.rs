//! A paused run begins nothing, and loses nothing.

use std::time::{Duration, Instant};

use serde_json::json;
use tenantry_model::{ErrorClass, Fault};
use tenantry_store::{StoreError, runs};
use tenantry_tests::{Onboard, TestStack};

use super::{STILL, claim, drill, echo, pause, resume};
use crate::api::Caller;

const HOUR: Duration = Duration::from_secs(3600);

/// What the sweeper would do now.
async fn due(stack: &TestStack) -> (usize, bool, Duration) {
    let hints = runs::due_hints(stack.db(), 100).await.unwrap().len();
    let mut tx = stack.db().begin().await.unwrap();
    let timer = runs::due_timer(&mut tx, stack.db().clock().now(), &[]).await.unwrap().is_some();
    (hints, timer, runs::overdue(stack.db()).await.unwrap())
}

#[tokio::test]
async fn nothing_of_it_is_begun_until_it_is_resumed_and_then_what_came_due_is() {
    let stack = TestStack::with(&[], STILL).await;
    let (run, command) = drill(&stack).await;
    pause(&stack, run).await;
    assert!(claim(&stack, "onboard-tenant", &[command]).await.is_empty());
    stack.pass(HOUR);
    assert_eq!(due(&stack).await, (0, false, Duration::ZERO), "it costs the sweeper nothing, and no alarm counts it");
    let paused = stack.run(run).await;
    assert_eq!((paused.paused_by.as_deref(), paused.paused_why.as_deref()), (Some("ada"), Some("to look at it")));

    let hints = resume(&stack, run).await;
    assert_eq!(hints.iter().map(|hint| (hint.command, hint.delay)).collect::<Vec<_>>(), [(command, Duration::ZERO)]);
    assert!(due(&stack).await.1, "its timer has run out meanwhile");
    assert_eq!(claim(&stack, "onboard-tenant", &[command]).await.len(), 1);
    let told: Vec<String> =
        stack.history(run).await.into_iter().map(|line| format!("{} {}", line.name, line.outcome)).collect();
    assert_eq!(told[1..], ["Paused stayed", "Resumed stayed"]);
    assert_eq!(stack.run(run).await.paused_at, None);
}

#[tokio::test]
async fn what_is_under_way_may_end_and_what_follows_is_held() {
    let stack = TestStack::with(&[], STILL).await;
    let (run, command) = drill(&stack).await;
    let busy = claim(&stack, "onboard-tenant", &[command]).await.remove(0);
    pause(&stack, run).await;
    let committed = echo(&stack, &busy).await;
    assert!(committed.hints.is_empty() && committed.ahead.is_none(), "{committed:?}");
    assert_eq!(stack.run(run).await.state, "visiting_send_email", "the answer is written");
    stack.pass(HOUR);
    assert_eq!(due(&stack).await, (0, false, Duration::ZERO));

    let next = resume(&stack, run).await.remove(0);
    assert_eq!(next.performer, "send-email");
    let first = claim(&stack, "send-email", &[next.command]).await.remove(0);
    assert_eq!((first.attempt, first.interrupted), (1, false), "nobody had begun it");
}

#[tokio::test]
async fn a_try_that_fails_meanwhile_is_repeated_after_the_resume() {
    let stack = TestStack::with(&[], STILL).await;
    let (run, command) = drill(&stack).await;
    let busy = claim(&stack, "onboard-tenant", &[command]).await.remove(0);
    pause(&stack, run).await;
    let fault = Fault::new(ErrorClass::DatabaseError, "away");
    runs::retry_later(stack.db(), &busy, &fault, Duration::from_secs(5)).await.unwrap();
    stack.pass(HOUR);
    assert!(claim(&stack, "onboard-tenant", &[command]).await.is_empty());
    assert_eq!(due(&stack).await.0, 0);
    resume(&stack, run).await;
    assert_eq!(claim(&stack, "onboard-tenant", &[command]).await[0].attempt, 2);
}

#[tokio::test]
async fn a_worker_that_died_with_it_is_found_out_after_the_resume() {
    let stack = TestStack::with(&[], STILL).await;
    let (run, command) = drill(&stack).await;
    claim(&stack, "onboard-tenant", &[command]).await;
    pause(&stack, run).await;
    stack.pass(Duration::from_secs(31));
    assert!(
        claim(&stack, "onboard-tenant", &[command]).await.is_empty(),
        "its lease ran out, and nobody begins it anew"
    );
    assert_eq!(resume(&stack, run).await[0].command, command);
    assert!(claim(&stack, "onboard-tenant", &[command]).await[0].interrupted);
}

#[tokio::test]
async fn a_wish_is_heard_and_an_end_lifts_the_pause() {
    let stack = TestStack::with(&[], STILL).await;
    let (run, _) = drill(&stack).await;
    pause(&stack, run).await;
    stack.signal(run, "cancel", json!({})).await.unwrap();
    let ended = stack.run(run).await;
    assert_eq!((ended.status.as_str(), ended.paused_at, ended.paused_by), ("cancelled", None, None));
    assert_eq!(stack.count("timers").await + stack.count("commands where status = 'open'").await, 0);
    let mut tx = stack.db().begin().await.unwrap();
    let again = runs::pause(&mut tx, run, "ada", None, stack.db().clock().now()).await;
    assert!(matches!(again, Err(StoreError::Changed)));
}

#[tokio::test]
async fn an_onboarding_is_undone_after_the_resume_of_a_paused_one_that_was_cancelled() {
    let stack = TestStack::with(&[], STILL).await;
    let (run, hints) = Onboard::another().write(stack.db()).await;
    let soon = || Instant::now() + Duration::from_secs(30);
    pause(&stack, run).await;
    stack.signal(run, "cancel", json!({"reason": "a mistake"})).await.unwrap();
    let step = stack.run(run).await;
    assert_eq!((step.step.as_str(), step.paused_at.is_some()), ("rolling_back", true), "it was heard, and waits");
    let undo: uuid::Uuid = sqlx::query_scalar("select id from commands where name = 'RemoveTenant' and held")
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    let worker = stack.stack.worker("onboard-tenant").unwrap();
    for command in [hints[0].command, undo.into()] {
        worker.handle(&[&tenantry_runtime::Message::new(command, None).body()], soon()).await;
    }
    assert_eq!(stack.run(run).await.seq, step.seq);
    let hint = resume(&stack, run).await.remove(0);
    worker.handle(&[&tenantry_runtime::Message::new(hint.command, None).body()], soon()).await;
    stack.ends(run, "cancelled").await;
}

#[tokio::test]
async fn a_message_in_its_lane_lets_others_pass_and_keeps_its_turn() {
    let stack = TestStack::with(&[], local::Run { workers: false, sweeper: false, ..local::Run::ALL }).await;
    let tenant = stack.tenants(1).await[0];
    let (messages, _) =
        stack.store(vec![stack.draft(tenant, "held@x.example"), stack.draft(tenant, "other@x.example")], 0).await;
    pause(&stack, messages[0]).await;
    let worker = stack.stack.worker("send-email").unwrap();
    let look = tenantry_runtime::Message::new(tenantry_model::CommandId::new(), None).body();
    let soon = || Instant::now() + Duration::from_secs(30);
    worker.handle(&[&look], soon()).await;
    stack.settles(messages[1], "sent").await;
    assert_eq!(stack.run(messages[0]).await.state, "queued");
    assert_eq!(stack.count("lanes where ready_at is not null").await, 0, "the lane sleeps: nobody waits in it");

    // Whoever resumes it says who must look, and the lane is looked at.
    let hints = resume(&stack, messages[0]).await;
    assert_eq!(hints.iter().map(|hint| hint.performer.as_str()).collect::<Vec<_>>(), ["send-email"]);
    worker.handle(&[&look], soon()).await;
    stack.settles(messages[0], "sent").await;
    assert_eq!(stack.count("sends").await, 2);
}

#[tokio::test]
async fn over_http_it_is_audited_once_and_an_ended_run_cannot_be_paused() {
    let stack = TestStack::with(&[], STILL).await;
    let (run, _) = drill(&stack).await;
    let operator = Caller::operator(&stack);
    let path = format!("/v1/runs/{run}");
    assert!(operator.get(&path).await.body["nextWakeAt"].is_string());
    let paused = operator.post(&format!("{path}/pause"), json!({"reason": "to look at it"})).await;
    assert_eq!((paused.status, &paused.body["pausedReason"]), (200, &json!("to look at it")), "{paused:?}");
    let again = operator.post(&format!("{path}/pause"), json!({"reason": "another"})).await;
    assert_eq!((again.status, &again.body["pausedReason"]), (200, &json!("to look at it")));
    let shown = operator.get(&path).await;
    assert!(shown.body["nextWakeAt"].is_null() && shown.body["pausedAt"].is_string(), "{shown:?}");
    assert_eq!(operator.get("/v1/runs?paused=true").await.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(operator.post(&format!("{path}/retry"), json!({})).await.status, 200, "a wish is heard");
    assert_eq!(stack.count("commands where held and status = 'open'").await, 1, "and what follows waits");
    let resumed = operator.post(&format!("{path}/resume"), json!({})).await;
    assert!(resumed.status == 200 && resumed.body["pausedAt"].is_null(), "{resumed:?}");
    operator.post(&format!("{path}/cancel"), json!({})).await;
    assert_eq!(operator.post(&format!("{path}/pause"), json!({})).await.problem(), (409, "run_ended"));
    assert_eq!(stack.count("audit where action = 'run.pause'").await, 1);
    assert_eq!(stack.count("audit where action = 'run.resume'").await, 1);
    let long = json!({ "reason": "x".repeat(1001) });
    assert_eq!(operator.post(&format!("{path}/resume"), long).await.pointers(), ["/reason"]);
}
