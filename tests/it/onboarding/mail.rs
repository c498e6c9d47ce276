//! The welcome mail: refused, postponed, unknown.

use std::time::Duration;

use serde_json::json;
use tenantry_standins::smtp::{Fault, Rule, Stage};
use tenantry_store::{StoreError, runs};
use tenantry_tests::{Onboard, TestStack, wait::until};

#[tokio::test]
async fn a_refused_address_leaves_the_tenant_active_and_is_corrected_by_a_person() {
    let stack = TestStack::start().await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 5.1.1 no such mailbox").to("wrong")]);
    let onboard = Onboard { email: "wrong@tenant.example".into(), ..Onboard::another() };
    let run = stack.onboard(&onboard).await;
    let waiting = stack.ends(run, "waiting").await;
    assert_eq!(waiting.result["emailSent"], false);
    assert_eq!(waiting.error.as_ref().unwrap()["class"], "EmailRefused");
    assert_eq!(stack.count("tenants where status = 'active'").await, 1);
    assert_eq!(stack.count("messages m join runs r on r.id = m.id where r.state = 'failed'").await, 1);

    stack.answer(run, json!({ "action": "correct_address", "email": "right@tenant.example" })).await;
    let run = stack.ends(run, "completed").await;
    assert_eq!(run.result["emailSent"], true);
    assert_eq!(stack.count("users where email = 'right@tenant.example'").await, 1);
    assert_eq!(stack.count("tenants where email = 'right@tenant.example'").await, 1);
    let told = stack
        .mail()
        .mailbox()
        .wait_for(|mail| mail.to.iter().any(|to| to == "operators@tenantry.test"), Duration::from_secs(10))
        .await;
    assert!(told.is_some(), "the operators were told that a person is needed");
}

#[tokio::test]
async fn a_provider_that_says_later_is_asked_again() {
    let stack = TestStack::start().await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "451 4.3.0 try again later").times(2)]);
    let run = stack.onboard(&Onboard::another()).await;
    until("the mail to be sent in the end", || async {
        stack.pass(Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(50)).await;
        (stack.run(run).await.status == "completed").then_some(())
    })
    .await;
    let attempts = stack.history(run).await.iter().filter(|row| row.kind == "attempt").count();
    assert_eq!(attempts, 2);
    assert_eq!(stack.count("sends where attempts = 3").await, 1);
}

#[tokio::test]
async fn nobody_knows_whether_it_arrived_so_it_is_not_sent_again_until_a_person_says_so() {
    let stack = TestStack::start().await;
    stack.mail().misbehave(1, [Rule::at(Stage::AfterAccept, Fault::Reset).to("admin").times(1)]);
    let onboard = Onboard::another();
    let run = stack.onboard(&onboard).await;
    let waiting = stack.ends(run, "waiting").await;
    assert_eq!(waiting.error.unwrap()["class"], "UnknownOutcome");
    assert_eq!(stack.count("messages m join runs r on r.id = m.id where r.error_class = 'UnknownOutcome'").await, 1);
    let mine = |stack: &TestStack| {
        stack.mail().mailbox().messages().iter().filter(|mail| mail.to.contains(&onboard.email)).count()
    };
    assert_eq!(mine(&stack), 1);
    stack.pass(Duration::from_secs(3600));
    stack.ends(run, "waiting").await;
    assert_eq!(mine(&stack), 1, "not sent again by itself");

    stack.answer(run, json!({ "action": "resend" })).await;
    stack.ends(run, "completed").await;
    assert_eq!(mine(&stack), 2, "sent again, as another message, because a person said so");
    assert_eq!(stack.count("messages").await, 2);
}

#[tokio::test]
async fn giving_up_completes_the_run_without_the_mail() {
    let stack = TestStack::start().await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 no").to("admin")]);
    let run = stack.onboard(&Onboard::another()).await;
    stack.ends(run, "waiting").await;
    stack.answer(run, json!({ "action": "give_up" })).await;
    let run = stack.ends(run, "completed").await;
    assert_eq!((run.result["emailSent"].as_bool(), run.result["success"].as_bool()), (Some(false), Some(true)));
}

#[tokio::test]
async fn who_answers_a_task_as_it_was_before_another_answered_is_told_to_look_again() {
    let stack = TestStack::start().await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 no").to("admin")]);
    let run = stack.onboard(&Onboard::another()).await;
    stack.ends(run, "waiting").await;
    let seen = stack.task(run).await;
    stack.answer(run, json!({ "action": "give_up" })).await;

    let (run, answer) = (stack.ends(run, "completed").await, json!({ "action": "give_up" }));
    let event = tenantry_workflows::kind(&run.kind).unwrap().answered(&seen.task, answer.clone(), "another").unwrap();
    let mut tx = stack.db().begin().await.unwrap();
    let told = runs::answer_task(&mut tx, &run, &seen, event, answer, "another", stack.db().timing()).await;
    assert!(matches!(told, Err(StoreError::Changed)), "{told:?}");
}

#[tokio::test]
async fn a_resend_gives_a_new_password_when_the_old_one_expired_but_never_to_who_has_logged_in() {
    let stack = TestStack::start().await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 no").to("admin").times(2)]);
    let onboard = Onboard::another();
    let run = stack.onboard(&onboard).await;
    stack.ends(run, "waiting").await;
    let hash = || async {
        sqlx::query_scalar::<_, String>("select password_hash from users").fetch_one(&stack.sql).await.unwrap()
    };
    let first = hash().await;
    stack.pass(Duration::from_secs(80 * 3600));
    stack.answer(run, json!({ "action": "resend" })).await;
    until("the second refusal", || async { (stack.count("messages").await == 2).then_some(()) }).await;
    let second = hash().await;
    assert_ne!(first, second, "the expired password was replaced");

    sqlx::query("update users set last_login_at = now(), must_change_password = false")
        .execute(&stack.sql)
        .await
        .unwrap();
    stack.answer(run, json!({ "action": "resend" })).await;
    stack.ends(run, "completed").await;
    assert_eq!(hash().await, second, "the password of a user who has logged in is never changed");
    let mail = stack.mail().mailbox().messages().into_iter().rfind(|mail| mail.to.contains(&onboard.email)).unwrap();
    assert!(!mail.text().unwrap().to_lowercase().contains("temporary password:"));
}

/// Makes the database refuse one kind of row, so many times, with this code.
async fn refuses(stack: &TestStack, table: &str, condition: &str, code: &str) {
    let statement = format!(
        "create sequence refusals; grant usage on sequence refusals to public;
         create function refuses() returns trigger language plpgsql as $$ begin
             if nextval('refusals') <= 1 then raise exception 'refused' using errcode = '{code}'; end if;
             return new; end $$;
         create trigger refuses before insert or update on {table} for each row when ({condition}) execute function refuses();"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&stack.sql).await.unwrap();
}

#[tokio::test]
async fn a_mail_that_was_accepted_is_never_sent_again_because_its_row_could_not_be_written_at_once() {
    for code in ["40001", "40P01"] {
        let stack = TestStack::start().await;
        refuses(&stack, "messages", "true", code).await;
        let onboard = Onboard::another();
        let run = stack.onboard(&onboard).await;
        stack.ends(run, "completed").await;
        let mails = stack.mail().mailbox().messages();
        assert_eq!(mails.iter().filter(|mail| mail.to.contains(&onboard.email)).count(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_mail_whose_row_is_refused_for_good_is_unknown_and_not_sent_again() {
    let stack = TestStack::start().await;
    sqlx::raw_sql("alter table sends add constraint never check (attempts < 0)").execute(&stack.sql).await.unwrap();
    let onboard = Onboard::another();
    let run = stack.onboard(&onboard).await;
    let waiting = stack.ends(run, "waiting").await;
    assert_eq!(waiting.error.unwrap()["class"], "UnknownOutcome");
    stack.pass(Duration::from_secs(600));
    let mails = stack.mail().mailbox().messages();
    assert_eq!(mails.iter().filter(|mail| mail.to.contains(&onboard.email)).count(), 1);
}

#[tokio::test]
async fn a_failed_mail_is_recorded_also_when_there_is_one_connection_only() {
    let stack = TestStack::with(&[("DATABASE_CONNECTIONS", "1")], local::Run::ALL).await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 no").to("admin")]);
    let runs = [stack.onboard(&Onboard::another()).await, stack.onboard(&Onboard::another()).await];
    for run in runs {
        stack.ends(run, "waiting").await;
    }
    assert_eq!(stack.count("messages m join runs r on r.id = m.id where r.state = 'failed'").await, 2);
}

#[tokio::test]
async fn a_corrected_address_is_corrected_wherever_it_stands() {
    let stack = TestStack::start().await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 no").to("wrong")]);
    let run = stack.onboard(&Onboard { email: "wrong@tenant.example".into(), ..Onboard::another() }).await;
    stack.ends(run, "waiting").await;
    stack.answer(run, json!({ "action": "correct_address", "email": "right@tenant.example" })).await;
    stack.ends(run, "completed").await;
    for place in ["users where email", "tenants where email", "tenant_email_settings where reply_to"] {
        assert_eq!(stack.count(&format!("{place} = 'right@tenant.example'")).await, 1, "{place}");
    }
}
