//! A tenant is onboarded, and somebody watches; a person is asked, and answers; a message is found.

use std::time::Duration;

use tenantry_standins::smtp::{Fault, Rule, Stage};
use tenantry_tests::{Onboard, browser::left_out};

use super::{browser, stack};

#[tokio::test]
async fn an_operator_onboards_a_tenant_and_watches_it_become_active() {
    if left_out() {
        return;
    }
    let stack = stack(&[]).await;
    // The welcome takes long enough to be seen on its way.
    stack.mail().misbehave(1, [Rule::at(Stage::Data, Fault::Slow(Duration::from_secs(3)))]);
    let browser = browser(&stack).await;
    browser.be("Platform operator").await;
    browser.press("Tenants").await;
    browser.press("Onboard a tenant").await;
    for (field, text) in
        [("#tenantName", "Acme"), ("#firstName", "Ada"), ("#lastName", "Lovelace"), ("#email", "ada@acme")]
    {
        browser.fill(field, text).await;
    }

    // What is wrong stands at its field, and what was typed is still there.
    browser.click("#onboard-submit").await;
    browser.find("#email[aria-invalid][aria-describedby~=email-wrong]").await;
    browser.look("onboard-wrong").await;
    assert_eq!(browser.value("#tenantName").await, "Acme");
    assert_eq!(stack.count("runs where kind = 'tenant_onboarding'").await, 0);

    // The page moves by itself until the tenant is active.
    browser.fill("#email", "ada@acme.example").await;
    browser.click("#onboard-submit").await;
    browser.says("It has begun").await;
    browser.remember().await;
    assert_ne!(browser.words("#run-state").await, "completed");
    browser.look("run-under-way").await;
    browser.becomes("#run-state", "completed").await;
    assert!(browser.is_the_same().await, "nobody has loaded it again");
    browser.look("run-completed").await;

    // The password is read once.
    browser.press("Show the temporary password").await;
    browser.agree().await;
    browser.says("This is shown once").await;
    let password = browser.words("main code").await;
    assert!(password.len() >= 12, "{password}");
    browser.look("temporary-password").await;
    browser.press("Back to the run").await;
    assert!(!browser.text().await.contains(&password));
    browser.press("Show the temporary password").await;
    browser.agree().await;
    browser.find("[role=alert]").await;
    assert!(!browser.text().await.contains(&password));
    browser.look("temporary-password-again").await;
    let mail =
        stack.mail().mailbox().messages().into_iter().find(|mail| mail.to.contains(&"ada@acme.example".to_owned()));
    assert!(mail.unwrap().text().unwrap().contains(&password), "it is the one in the welcome mail");

    // Its administrator signs in, and sees their own tenant.
    browser.be("ada@acme.example").await;
    browser.says("Make it yours").await;
    browser.press("Settings").await;
    browser.becomes("#tenant-status", "active").await;
    browser.close().await;
}

#[tokio::test]
async fn a_person_is_asked_and_answers_and_the_message_is_found() {
    if left_out() {
        return;
    }
    let stack = stack(&[]).await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 5.1.1 no such mailbox").to("wrong")]);
    let run = stack.onboard(&Onboard { email: "wrong@acme.example".into(), ..Onboard::another() }).await;
    stack.ends(run, "waiting").await;
    let browser = browser(&stack).await;
    browser.be("Platform operator").await;

    // The home page says what needs somebody, and leads there.
    let title = stack.task(run).await.title;
    browser.look("home-with-a-task").await;
    browser.press(&title).await;
    browser.click("#task-claim").await;
    browser.says("It is yours now").await;
    browser.find("#task-release").await;
    browser.look("task-claimed").await;
    browser.open("/tasks?whose=mine").await;
    browser.press(&title).await;

    // An answer that does not fit is said to, and keeps what was chosen.
    browser.click("input[name=action][value=correct_address]").await;
    browser.click("#task-answer").await;
    browser.find("[role=alert]").await;
    browser.look("task-wrong").await;
    browser.find("input[name=action][value=correct_address]:checked").await;
    assert_eq!(stack.run(run).await.status, "waiting");
    browser.fill("#answer-email", "right@acme.example").await;
    browser.click("#task-answer").await;
    browser.says("Thank you").await;
    browser.look("task-answered").await;
    stack.ends(run, "completed").await;

    // The message is found by whom it went to, whole; what became of it is told.
    browser.press("Messages").await;
    browser.fill("#recipient", "right@acme").await;
    browser.press("Find").await;
    browser.find("main .empty, main [role=alert]").await;
    browser.look("messages-none").await;
    browser.fill("#recipient", "right@acme.example").await;
    browser.press("Find").await;
    browser.click("#messages tbody a").await;
    browser.becomes("#message-status", "sent").await;
    assert!(
        browser.words("#message-timeline").await.contains("sent")
            || browser.text().await.contains("right@acme.example")
    );
    browser.look("message-sent").await;
    browser.open("/messages?recipient=wrong%40acme.example").await;
    browser.click("#messages tbody a").await;
    browser.becomes("#message-status", "failed").await;
    browser.says("no such mailbox").await;
    browser.look("message-failed").await;
    browser.close().await;
}
