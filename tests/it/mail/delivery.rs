//! One message after the other, by SMTP.

use std::time::Duration;

use serde_json::json;
use tenantry_standins::smtp::{Fault, Rule, Stage};
use tenantry_tests::{TestStack, wait::until};

#[tokio::test]
async fn a_message_leaves_from_the_tenants_place_at_the_platform_and_is_written_down() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    let mut draft = stack.draft(tenant, "ada@customer.example");
    draft.bcc = vec!["archive@acme-1.example".parse().unwrap()];
    let id = stack.post(vec![draft]).await[0];
    let run = stack.settles(id, "sent").await;
    assert_eq!((run.status.as_str(), run.error), ("completed", None));

    let mails = stack.mail().mailbox().messages();
    let mail = &mails[0];
    assert_eq!(mail.to.len(), 2, "the copy nobody sees is in the envelope");
    let raw = String::from_utf8_lossy(&mail.raw).into_owned();
    assert!(raw.contains("noreply@acme-1.tenantry.test") && raw.contains("Reply-To: office@acme-1.example"), "{raw}");
    assert!(!raw.contains("archive@"), "and in no header");
    assert!(raw.contains(&format!("<msg_{}@tenantry.test>", id.0.simple())), "{raw}");
    assert_eq!(stack.count("sends where provider = 'smtp' and attempts = 1 and response is not null").await, 1);
    assert_eq!(stack.count("mail_stats where sent = 1").await, 1);
    let names: Vec<String> = stack.history(id).await.into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["Started", "Admitted", "Accepted"]);
    assert_eq!(stack.count("lanes where ready_at is null").await, 1, "nobody looks at an empty lane");
}

#[tokio::test]
async fn what_the_server_wants_later_is_sent_later_and_what_it_refuses_is_not_sent_again() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    stack.mail().misbehave(
        1,
        [
            Rule::reply(Stage::Rcpt, "451 4.7.1 later").to("busy").times(1),
            Rule::reply(Stage::Rcpt, "550 no such user").to("nobody"),
        ],
    );
    let ids = stack.post(vec![stack.draft(tenant, "busy@a.example"), stack.draft(tenant, "nobody@a.example")]).await;
    stack.pass(Duration::from_secs(2));
    let deferred = stack.settles(ids[0], "deferred").await;
    assert_eq!(
        (deferred.status.as_str(), deferred.error.unwrap()["class"].as_str()),
        ("running", Some("EmailDeferred"))
    );
    stack.pass(Duration::from_secs(2));
    let failed = stack.settles(ids[1], "failed").await;
    assert_eq!(failed.error.unwrap()["class"], "EmailRefused");
    stack.pass(Duration::from_secs(120));
    stack.settles(ids[0], "sent").await;
    assert_eq!(stack.count("sends").await, 1);
}

#[tokio::test]
async fn an_unknown_outcome_asks_a_person_and_is_never_sent_again_by_itself() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    stack.mail().misbehave(1, [Rule::at(Stage::BeforeAccept, Fault::Reset).to("ada").times(1)]);
    let id = stack.post(vec![stack.draft(tenant, "ada@customer.example")]).await[0];
    let unknown = stack.settles(id, "unknown").await;
    assert_eq!(
        (unknown.status.as_str(), unknown.error.unwrap()["class"].as_str()),
        ("waiting", Some("UnknownOutcome"))
    );
    stack.pass(Duration::from_secs(7 * 86_400));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stack.run(id).await.state, "unknown");
    stack.answer(id, json!({ "action": "send_again" })).await;
    stack.settles(id, "sent").await;
    assert_eq!(stack.mail().mailbox().messages().len(), 1);
}

#[tokio::test]
async fn a_scheduled_message_waits_for_its_time_and_a_cancelled_one_never_leaves() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    let (later, hints) =
        stack.store(vec![stack.draft(tenant, "a@x.example"), stack.draft(tenant, "b@x.example")], 600).await;
    stack.hint(hints).await;
    stack.settles(later[0], "scheduled").await;
    stack.signal(later[1], "cancel", json!({})).await.unwrap();
    stack.pass(Duration::from_secs(601));
    stack.settles(later[0], "sent").await;
    assert_eq!(stack.run(later[1]).await.state, "cancelled");
    let refused = stack.signal(later[0], "cancel", json!({})).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be called back"), "{refused}");
    assert_eq!(stack.mail().mailbox().messages().len(), 1);
}

#[tokio::test]
async fn who_must_not_be_written_to_is_left_out_and_a_message_to_nobody_is_suppressed() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    sqlx::query("insert into suppressions (tenant_id, address, reason, created_by, created_at) values ($1, 'gone@x.example', 'hard_bounce', 'test', now())")
        .bind(tenant.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    let mut both = stack.draft(tenant, "Gone@x.example");
    both.to.push("here@x.example".parse().unwrap());
    let ids = stack.post(vec![both, stack.draft(tenant, "gone@x.example")]).await;
    stack.pass(Duration::from_secs(2));
    stack.settles(ids[0], "sent").await;
    stack.pass(Duration::from_secs(2));
    let suppressed = stack.settles(ids[1], "suppressed").await;
    assert!(suppressed.error.unwrap()["message"].as_str().unwrap().contains("mailbox does not exist"));
    assert_eq!(stack.mail().mailbox().messages()[0].to, ["here@x.example"]);
}

#[tokio::test]
async fn mail_that_is_switched_off_is_recorded_and_does_not_leave() {
    let stack = TestStack::with(&[("EMAIL_ENABLE", "false")], local::Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let id = stack.post(vec![stack.draft(tenant, "ada@x.example")]).await[0];
    stack.settles(id, "suppressed").await;
    assert!(stack.mail().mailbox().messages().is_empty());
}

#[tokio::test]
async fn a_suspended_tenant_sends_nothing_until_it_is_active_again() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    sqlx::query("update tenants set status = 'suspended', suspended_at = now(), suspended_reason = 'r'")
        .execute(&stack.sql)
        .await
        .unwrap();
    let id = stack.post(vec![stack.draft(tenant, "ada@x.example")]).await[0];
    stack.pass(Duration::from_secs(3600));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((stack.run(id).await.state.as_str(), stack.mail().mailbox().messages().len()), ("queued", 0));
    sqlx::query("update tenants set status = 'active', suspended_at = null, suspended_reason = null")
        .execute(&stack.sql)
        .await
        .unwrap();
    stack.settles(id, "sent").await;
}

#[tokio::test]
async fn words_that_hold_a_credential_go_with_the_message_and_others_when_their_time_is_over() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    let mut secret = stack.draft(tenant, "ada@x.example");
    secret.sensitive = true;
    let ids = stack.post(vec![secret, stack.draft(tenant, "bob@x.example")]).await;
    for id in &ids {
        stack.pass(Duration::from_secs(2));
        stack.settles(*id, "sent").await;
    }
    assert_eq!(stack.count("message_contents").await, 1);
    assert_eq!(
        stack.count("message_contents where position('customer' in encode(sealed, 'escape')) > 0").await,
        0,
        "it is sealed"
    );
    stack.pass(Duration::from_secs(2 * 86_400));
    until("the words to go", || async { (stack.count("message_contents").await == 0).then_some(()) }).await;
    assert_eq!(stack.count("messages").await, 2, "what became of them is still known");
}
