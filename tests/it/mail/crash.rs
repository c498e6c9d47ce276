//! A process dies at the worst moment, with a message in its hands.

use std::time::{Duration, Instant};

use local::Run;
use serde_json::json;
use tenantry_model::{CommandId, RunId};
use tenantry_runtime::Message;
use tenantry_standins::{
    resend::{self, Resend, Route},
    smtp::{Fault, Rule, Stage},
    sqs::Misbehaviour,
};
use tenantry_tests::{TestStack, wait::until};

/// Whoever works is started, and killed, by the test.
const NOBODY: Run = Run { workers: false, sweeper: false, api: false };
/// Longer than any lease of `send-email`.
const LEASE: Duration = Duration::from_secs(120);

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(50)
}

/// Works the queue of `send-email` once: a hint that names no command is enough to take turns.
async fn works(stack: &TestStack, command: CommandId) {
    let body = Message::new(command, None).body();
    stack.stack.worker("send-email").unwrap().handle(&[&body], soon()).await;
}

/// A worker that takes what waits, and dies as soon as `then` is true of the world.
async fn dies_when<F: Future<Output = bool>>(stack: &TestStack, then: impl Fn() -> F) {
    let worker = stack.stack.worker("send-email").unwrap();
    let dead = tokio::spawn(async move {
        let body = Message::new(CommandId::new(), None).body();
        worker.handle(&[&body], soon()).await
    });
    until("the moment to die", || async { then().await.then_some(()) }).await;
    dead.abort();
    assert!(dead.await.unwrap_err().is_cancelled(), "it died before it had an answer");
}

/// After the dead one's leases are over, everything it had begun is taken up by another.
async fn is_taken_up(stack: &TestStack) {
    stack.pass(LEASE);
    let begun: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from commands where name = 'Deliver' and status = 'open'")
            .fetch_all(&stack.sql)
            .await
            .unwrap();
    assert!(!begun.is_empty(), "a command that somebody had");
    for command in begun {
        works(stack, command.into()).await;
    }
}

async fn one(stack: &TestStack) -> RunId {
    let tenant = stack.tenants(1).await[0];
    stack.store(vec![stack.draft(tenant, "ada@x.example")], 0).await.0[0]
}

/// Nobody knows what became of it, a person is asked, and whatever the time, it is not sent by itself.
async fn is_unknown_and_stays_so(stack: &TestStack, id: RunId, accepted: u64) {
    is_taken_up(stack).await;
    let unknown = stack.settles(id, "unknown").await;
    assert_eq!(unknown.error.unwrap()["class"], "UnknownOutcome");
    stack.task(id).await;
    for _ in 0..3 {
        stack.pass(Duration::from_secs(86_400));
        works(stack, CommandId::new()).await;
    }
    assert_eq!(stack.run(id).await.state, "unknown");
    assert_eq!(stack.mail().mailbox().total(), accepted);
}

#[tokio::test]
async fn who_dies_before_a_byte_is_sent_leaves_a_question_and_a_person_may_send_it_again() {
    let stack = TestStack::with(&[], NOBODY).await;
    let id = one(&stack).await;
    stack.mail().misbehave(1, [Rule::at(Stage::Connect, Fault::Silence)]);
    dies_when(&stack, || async { stack.run(id).await.state == "sending" }).await;
    stack.mail().behave();
    is_unknown_and_stays_so(&stack, id, 0).await;
    stack.answer(id, json!({ "action": "send_again" })).await;
    works(&stack, CommandId::new()).await;
    stack.settles(id, "sent").await;
    assert_eq!(stack.mail().mailbox().total(), 1);
}

#[tokio::test]
async fn who_dies_while_the_server_stalls_leaves_a_question() {
    let stack = TestStack::with(&[], NOBODY).await;
    let id = one(&stack).await;
    stack.mail().misbehave(1, [Rule::at(Stage::BeforeAccept, Fault::Silence)]);
    dies_when(&stack, || async { stack.run(id).await.state == "sending" }).await;
    is_unknown_and_stays_so(&stack, id, 0).await;
    stack.answer(id, json!({ "action": "give_up" })).await;
    assert_eq!(stack.run(id).await.status, "failed");
}

#[tokio::test]
async fn who_dies_after_it_was_accepted_and_before_that_is_written_does_not_have_it_sent_twice() {
    let stack = TestStack::with(&[], NOBODY).await;
    let id = one(&stack).await;
    stack.mail().misbehave(1, [Rule::at(Stage::AfterAccept, Fault::Silence)]);
    dies_when(&stack, || async { stack.mail().mailbox().total() == 1 }).await;
    stack.mail().behave();
    is_unknown_and_stays_so(&stack, id, 1).await;
    stack.answer(id, json!({ "action": "sent" })).await;
    assert_eq!(stack.run(id).await.state, "sent");
}

#[tokio::test]
async fn an_answer_that_comes_after_somebody_else_gave_up_waiting_is_heard_all_the_same() {
    let stack = TestStack::with(&[], NOBODY).await;
    let id = one(&stack).await;
    stack.mail().misbehave(1, [Rule::at(Stage::AfterAccept, Fault::Slow(Duration::from_secs(3)))]);
    let slow = works(&stack, CommandId::new());
    let other = async {
        until("the server to accept it", || async { (stack.mail().mailbox().total() == 1).then_some(()) }).await;
        is_taken_up(&stack).await;
        assert_eq!(stack.run(id).await.state, "unknown");
        stack.task(id).await;
    };
    tokio::join!(slow, other);
    let run = stack.settles(id, "sent").await;
    assert_eq!((run.status.as_str(), run.error), ("completed", None));
    assert_eq!(stack.count("tasks where status = 'open'").await, 0, "nobody is asked any more");
    assert_eq!(stack.count("sends").await, 1);
    assert_eq!(stack.mail().mailbox().total(), 1);
}

#[tokio::test]
async fn an_answer_is_believed_also_after_a_person_gave_the_message_up() {
    let stack = TestStack::with(&[], NOBODY).await;
    let id = one(&stack).await;
    stack.mail().misbehave(1, [Rule::at(Stage::AfterAccept, Fault::Slow(Duration::from_secs(3)))]);
    let slow = works(&stack, CommandId::new());
    let other = async {
        until("the server to accept it", || async { (stack.mail().mailbox().total() == 1).then_some(()) }).await;
        is_taken_up(&stack).await;
        stack.answer(id, json!({ "action": "give_up" })).await;
        assert_eq!(stack.run(id).await.status, "failed");
    };
    tokio::join!(slow, other);
    assert_eq!(stack.settles(id, "sent").await.status, "completed");
}

#[tokio::test]
async fn a_database_that_goes_away_at_the_answer_costs_time_and_nothing_else() {
    let stack = TestStack::with(&[], NOBODY).await;
    let id = one(&stack).await;
    stack.mail().misbehave(1, [Rule::at(Stage::AfterAccept, Fault::Slow(Duration::from_millis(500)))]);
    let away = async {
        until("the server to accept it", || async { (stack.mail().mailbox().total() == 1).then_some(()) }).await;
        // Every connection is cut while the answer is on its way, as by a restart.
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
            .execute(&stack.sql)
            .await
            .unwrap();
    };
    tokio::join!(works(&stack, CommandId::new()), away);
    stack.settles(id, "sent").await;
    assert_eq!((stack.count("sends").await, stack.mail().mailbox().total()), (1, 1));
}

#[tokio::test]
async fn an_answer_that_the_database_refuses_for_good_is_a_question_for_a_person() {
    let stack = TestStack::with(&[], NOBODY).await;
    let id = one(&stack).await;
    sqlx::raw_sql("alter table sends add constraint never check (attempts < 0)").execute(&stack.sql).await.unwrap();
    works(&stack, CommandId::new()).await;
    assert_eq!(stack.run(id).await.state, "sending");
    is_unknown_and_stays_so(&stack, id, 1).await;
}

#[tokio::test]
async fn doubled_lost_and_late_hints_and_many_workers_send_each_message_once() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0"), ("EMAIL_BATCH", "3")], Run::ALL).await;
    stack.sqs().misbehave(Misbehaviour {
        seed: 7,
        drop: 0.2,
        duplicate: 0.6,
        delay: 0.4,
        longest_delay: Duration::from_millis(300),
        reorder: 0.5,
        ..Misbehaviour::default()
    });
    let mut ids = Vec::new();
    for tenant in stack.tenants(3).await {
        ids.extend(stack.post((0..10).map(|n| stack.draft(tenant, &format!("user{n}@x.example"))).collect()).await);
        // Beside those that the queue wakes.
        let many = (0..4).map(|_| works(&stack, CommandId::new()));
        futures::future::join_all(many).await;
    }
    for id in ids {
        stack.settles(id, "sent").await;
    }
    let counts = stack.mail().mailbox().counts();
    assert_eq!(counts.len(), 30);
    assert!(counts.values().all(|times| *times == 1), "no message was accepted twice: {counts:?}");
    assert_eq!(stack.count("commands where name = 'Deliver'").await, 30, "each was handed over once");
}

/// Resend carries what comes, and a mail server stands behind it.
async fn with_resend() -> (TestStack, Resend) {
    let resend = Resend::start(resend::Options { any_domain: true, ..resend::Options::default() }).await.unwrap();
    let settings = [
        ("EMAIL_PROVIDER", "resend"),
        ("RESEND_BASE_URL", resend.url()),
        ("RESEND_API_KEY", resend.key()),
        ("RESEND_VERIFIED_DOMAINS", "tenantry.test,*.tenantry.test"),
        ("EMAIL_FALLBACK_PROVIDER", "smtp"),
        ("EMAIL_TENANT_PER_MINUTE", "0"),
    ];
    (TestStack::with(&settings, NOBODY).await, resend)
}

/// It is asked again at the same provider, under the same key, until it is known: and then it is sent, once.
async fn are_sent_once(stack: &TestStack, resend: &Resend, ids: &[RunId]) {
    is_taken_up(stack).await;
    for id in ids {
        stack.settles(*id, "sent").await;
    }
    assert_eq!(resend.total(), ids.len());
    assert!(resend.counts().values().all(|times| *times == 1));
    assert_eq!(stack.mail().mailbox().total(), 0, "what may have been accepted is never given to another");
    assert_eq!(stack.count("sends where provider = 'resend'").await, ids.len() as i64);
    assert_eq!(stack.count("tasks").await, 0, "nobody needs to be asked");
}

#[tokio::test]
async fn where_asking_twice_sends_once_a_message_whose_sender_died_is_sent_once() {
    for accepted in [false, true] {
        let (stack, resend) = with_resend().await;
        let id = one(&stack).await;
        let silence = resend::Rule::on_sending(resend::Fault::Silence).times(1);
        resend.misbehave(1, [if accepted { silence.after() } else { silence }]);
        dies_when(&stack, || async { resend.requests(Route::Send) == 1 && resend.total() == usize::from(accepted) })
            .await;
        are_sent_once(&stack, &resend, &[id]).await;
    }
}

#[tokio::test]
async fn a_batch_whose_sender_died_is_told_again_as_the_very_same_batch() {
    for accepted in [false, true] {
        let (stack, resend) = with_resend().await;
        let tenant = stack.tenants(1).await[0];
        let (ids, _) =
            stack.store((0..5).map(|n| stack.draft(tenant, &format!("user{n}@x.example"))).collect(), 0).await;
        let silence = resend::Rule::on_sending(resend::Fault::Silence).times(1);
        resend.misbehave(1, [if accepted { silence.after() } else { silence }]);
        let there = if accepted { 5 } else { 0 };
        dies_when(&stack, || async { resend.requests(Route::SendBatch) == 1 && resend.total() == there }).await;
        are_sent_once(&stack, &resend, &ids).await;
        assert_eq!(resend.requests(Route::Send), 0);
    }
}
