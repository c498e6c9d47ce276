//! The message is a hint: garbage, newer, doubled, reordered, lost, about rows that do not exist.

use std::time::{Duration, Instant};

use tenantry_model::CommandId;
use tenantry_runtime::Message;
use tenantry_standins::sqs::Misbehaviour;
use tenantry_tests::{Onboard, TestStack};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(50)
}

#[tokio::test]
async fn garbage_and_newer_messages_go_back_and_a_message_without_a_row_is_done_with() {
    let stack = TestStack::start().await;
    let worker = stack.stack.worker("onboard-tenant").unwrap();
    let nobody = Message::new(CommandId::new(), None).body();
    let done = worker.handle(&["garbage", r#"{"v":2,"rows":[]}"#, &nobody, "{}"], soon()).await;
    assert_eq!(done, [false, false, true, false]);
}

#[tokio::test]
async fn doubled_delayed_reordered_and_lost_messages_change_nothing() {
    let stack = TestStack::start().await;
    stack.sqs().misbehave(Misbehaviour {
        seed: 7,
        drop: 0.2,
        duplicate: 0.5,
        delay: 0.3,
        longest_delay: Duration::from_millis(300),
        reorder: 0.5,
        ..Misbehaviour::default()
    });
    let mut runs = Vec::new();
    for _ in 0..20 {
        runs.push(stack.onboard(&Onboard::another()).await);
    }
    for run in runs {
        stack.ends(run, "completed").await;
    }
    assert_eq!(stack.count("tenants").await, 20);
    assert_eq!(stack.count("messages m join runs r on r.id = m.id where r.state = 'sent'").await, 20);
    let counts = stack.mail().mailbox().counts();
    assert!(counts.values().all(|count| *count == 1), "no mail was accepted twice: {counts:?}");
}

#[tokio::test]
async fn a_message_told_many_times_at_once_is_worked_once() {
    let stack = TestStack::with(&[], local::Run { workers: false, ..local::Run::ALL }).await;
    let (run, hints) = Onboard::another().write(stack.db()).await;
    let body = Message::new(hints[0].command, None).body();
    let worker = stack.stack.worker("onboard-tenant").unwrap();
    let told = futures::future::join_all((0..8).map(|_| {
        worker.handle(std::slice::from_ref(&body).iter().map(String::as_str).collect::<Vec<_>>().leak(), soon())
    }))
    .await;
    assert!(told.iter().all(|done| *done == [true]));
    let answers = stack.history(run).await.into_iter().filter(|row| row.kind == "answer").count();
    assert_eq!(answers, 3);
}

#[tokio::test]
async fn an_onboarding_needs_one_message_for_all_its_rows() {
    let stack = TestStack::with(&[], local::Run { workers: false, ..local::Run::ALL }).await;
    let (run, hints) = Onboard::another().write(stack.db()).await;
    let body = Message::new(hints[0].command, None).body();
    stack.stack.worker("onboard-tenant").unwrap().handle(&[&body], soon()).await;
    assert_eq!(stack.run(run).await.state, "sending_welcome_email", "the function ran ahead through its three steps");
}

#[tokio::test]
async fn a_run_of_a_newer_version_waits_for_the_newer_function() {
    let stack = TestStack::with(&[], local::Run { workers: false, sweeper: false, api: false }).await;
    let (run, hints) = Onboard::another().write(stack.db()).await;
    sqlx::query("update runs set life = jsonb_set(life, '{version}', '99')").execute(&stack.sql).await.unwrap();
    let before = stack.run(run).await.seq;
    let body = Message::new(hints[0].command, None).body();
    stack.stack.worker("onboard-tenant").unwrap().handle(&[&body], soon()).await;
    assert_eq!(stack.run(run).await.seq, before);
    assert_eq!(stack.count("commands where name = 'CreateTenant' and status = 'open'").await, 1, "nothing is lost");
    assert_eq!(stack.count("tenants").await, 0);
}
