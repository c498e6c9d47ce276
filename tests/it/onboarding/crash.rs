//! A process dies at the worst moment.

use std::time::Duration;

use local::Run;
use tenantry_model::CommandId;
use tenantry_standins::resend::{self, Resend};
use tenantry_store::runs;
use tenantry_tests::{Onboard, TestStack, wait::until};

const NO_WORKERS: Run = Run { workers: false, ..Run::ALL };

#[tokio::test]
async fn a_claimed_step_whose_worker_died_is_done_by_another_and_once() {
    let stack = TestStack::start().await;
    let (run, hints) = Onboard::another().write(stack.db()).await;
    let ids: Vec<CommandId> =
        hints.iter().filter(|hint| hint.performer == "onboard-tenant").map(|hint| hint.command).collect();
    let dead = runs::claim(stack.db(), "onboard-tenant", &ids, Duration::from_secs(30)).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert!(
        runs::claim(stack.db(), "onboard-tenant", &ids, Duration::from_secs(30)).await.unwrap().is_empty(),
        "leased"
    );
    // The hint is lost with the worker; only the row knows. The lease runs out.
    stack.pass(Duration::from_secs(31));
    stack.ends(run, "completed").await;
    assert_eq!(stack.count("tenants").await, 1);
}

#[tokio::test]
async fn a_mail_whose_sender_died_is_unknown_and_never_sent_by_itself() {
    let stack = TestStack::with(&[], NO_WORKERS).await;
    let onboard = Onboard::another();
    let (run, hints) = onboard.write(stack.db()).await;
    let body = tenantry_runtime::Message::new(hints[0].command, None).body();
    let until_then = std::time::Instant::now() + Duration::from_secs(50);
    assert_eq!(stack.stack.worker("onboard-tenant").unwrap().handle(&[&body], until_then).await, [true]);
    let send: uuid::Uuid =
        sqlx::query_scalar("select id from commands where name = 'SendWelcome'").fetch_one(&stack.sql).await.unwrap();
    let dead = runs::claim(stack.db(), "send-email", &[send.into()], Duration::from_secs(30)).await.unwrap();
    assert_eq!(dead.len(), 1);
    stack.pass(Duration::from_secs(31));
    let body = tenantry_runtime::Message::new(send.into(), None).body();
    assert_eq!(stack.stack.worker("send-email").unwrap().handle(&[&body], until_then).await, [true]);
    let waiting = stack.ends(run, "waiting").await;
    assert_eq!(waiting.error.unwrap()["class"], "UnknownOutcome");
    assert_eq!(stack.mail().mailbox().total(), 0);
    assert_eq!(stack.count("messages m join runs r on r.id = m.id where r.error_class = 'UnknownOutcome'").await, 1);
}

#[tokio::test]
async fn a_lost_hint_is_sent_again() {
    let stack = TestStack::start().await;
    let (run, _lost) = Onboard::another().write(stack.db()).await;
    stack.ends(run, "completed").await;
}

#[tokio::test]
async fn an_answer_after_the_lease_was_lost_changes_nothing() {
    let stack = TestStack::with(&[], Run { workers: false, sweeper: false, api: false }).await;
    let (run, hints) = Onboard::another().write(stack.db()).await;
    let slow = runs::claim(stack.db(), "onboard-tenant", &[hints[0].command], Duration::from_secs(30))
        .await
        .unwrap()
        .remove(0);
    stack.pass(Duration::from_secs(31));
    let body = tenantry_runtime::Message::new(hints[0].command, None).body();
    let until_then = std::time::Instant::now() + Duration::from_secs(50);
    stack.stack.worker("onboard-tenant").unwrap().handle(&[&body], until_then).await;
    let after = stack.run(run).await;
    let fault = tenantry_model::Fault::new(tenantry_model::ErrorClass::DatabaseError, "slow");
    let lost = runs::retry_later(stack.db(), &slow, &fault, Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(lost, tenantry_store::StoreError::LeaseLost));
    assert_eq!(stack.run(run).await.seq, after.seq);
}

#[tokio::test]
async fn a_database_that_goes_away_in_the_middle_costs_time_and_nothing_else() {
    let stack = TestStack::start().await;
    let runs: Vec<_> =
        futures::future::join_all((0..20).map(|_| async { stack.onboard(&Onboard::another()).await })).await;
    for _ in 0..5 {
        // Every connection of this database is cut, as by a restart.
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
            .execute(&stack.sql)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for run in runs {
        until("the run to end", || async {
            let ended = stack.run_if_there(run).await?;
            stack.pass(Duration::from_secs(1));
            (ended.status == "completed" || ended.status == "waiting").then_some(())
        })
        .await;
    }
    assert_eq!(stack.count("tenants where status = 'active'").await, 20);
}

#[tokio::test]
async fn a_try_that_was_begun_stays_begun_also_when_an_older_function_gives_it_back() {
    let stack = TestStack::with(&[], Run { workers: false, sweeper: false, api: false }).await;
    let (_, hints) = Onboard::another().write(stack.db()).await;
    let claim =
        || runs::claim(stack.db(), "onboard-tenant", std::slice::from_ref(&hints[0].command), Duration::from_secs(30));
    assert!(!claim().await.unwrap()[0].interrupted);
    stack.pass(Duration::from_secs(31));
    let second = claim().await.unwrap().remove(0);
    assert!(second.interrupted);
    runs::release(stack.db(), &second, Duration::from_secs(60)).await.unwrap();
    assert!(claim().await.unwrap().is_empty(), "not before its time");
    stack.pass(Duration::from_secs(61));
    let third = claim().await.unwrap().remove(0);
    assert!(third.interrupted && third.attempt == 2, "{third:?}");
}

#[tokio::test]
async fn a_mail_that_may_have_been_accepted_is_unknown_whatever_is_said_of_later_tries() {
    let resend = Resend::start(resend::Options { any_domain: true, ..resend::Options::default() }).await.unwrap();
    let settings = [
        ("EMAIL_PROVIDER", "resend"),
        ("RESEND_BASE_URL", resend.url()),
        ("RESEND_API_KEY", resend.key()),
        ("RESEND_VERIFIED_DOMAINS", "tenantry.test"),
        ("EMAIL_FALLBACK_PROVIDER", "smtp"),
    ];
    let stack = TestStack::with(&settings, Run::ALL).await;
    let refused = resend::Fault::Error(403, "suspended_api_key".to_owned());
    resend.misbehave(
        1,
        [
            resend::Rule::on_sending(resend::Fault::Reset).to("admin").after().times(1),
            resend::Rule::on_sending(refused).to("admin"),
        ],
    );
    let onboard = Onboard::another();
    let run = stack.onboard(&onboard).await;
    until("the tries to be over", || async {
        stack.pass(Duration::from_secs(5));
        (stack.run(run).await.status == "waiting").then_some(())
    })
    .await;
    assert_eq!(resend.accepted().iter().filter(|mail| mail.to.contains(&onboard.email)).count(), 1);
    assert_eq!(stack.mail().mailbox().total(), 0, "nobody else gets what may have been accepted");
    assert_eq!(stack.count("messages m join runs r on r.id = m.id where r.error_class = 'UnknownOutcome'").await, 1);
}
