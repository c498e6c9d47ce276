//! Everything by keys alone, with the focus always seen, and never lost.

use fantoccini::key::Key;
use serde_json::{Value, json};
use tenantry_model::RunId;
use tenantry_standins::smtp::{Rule, Stage};
use tenantry_tests::{browser::Browser, browser::left_out};

use super::{browser, stack};

/// Where the focus is, and whether it is seen.
const FOCUS: &str = "const one = document.activeElement, style = getComputedStyle(one);
    return { words: (one.innerText || one.getAttribute('aria-label') || one.name || '').trim().split('\\n')[0], id: one.id, kind: one.tagName,
             seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };";

async fn focus(browser: &Browser) -> Value {
    browser.script(FOCUS).await
}

/// Goes on by Tab until the focus is on this: its words, or its id. Wherever it is on the way, it is seen.
async fn to(browser: &Browser, what: &str) {
    let mut way = Vec::new();
    for _ in 0..60 {
        browser.keys(&char::from(Key::Tab).to_string()).await;
        let focus = focus(browser).await;
        assert!(
            focus["seen"] == json!(true) || focus["kind"] == json!("BODY"),
            "the focus is not seen: {focus} on {}",
            browser.at().await
        );
        if focus["words"] == json!(what) || focus["id"] == json!(what) {
            return;
        }
        way.push(focus.to_string());
    }
    panic!("{what} is not reached by keys on {}:\n{}", browser.at().await, way.join("\n"));
}

async fn enter(browser: &Browser) {
    browser.keys(&char::from(Key::Enter).to_string()).await;
}

#[tokio::test]
async fn a_tenant_is_onboarded_by_keys_alone() {
    if left_out() {
        return;
    }
    let stack = stack(&[]).await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 5.1.1 no such mailbox")]);
    let browser = browser(&stack).await;
    browser.open("/").await;
    to(&browser, "Platform operator").await;
    enter(&browser).await;
    browser.says("What needs action").await;

    // The first key leads past the navigation.
    to(&browser, "Skip to the content").await;
    browser.picture("skip-link").await;
    enter(&browser).await;
    browser.until_script("return document.activeElement.id === 'content'").await;

    // The navigation, a page, its form; sent by Enter.
    browser.open("/").await;
    to(&browser, "Tenants").await;
    enter(&browser).await;
    browser.says("Onboard a tenant").await;
    to(&browser, "new-tenant").await;
    enter(&browser).await;
    browser.find("#onboard").await;
    for (field, text) in
        [("tenantName", "Acme"), ("firstName", "Ada"), ("lastName", "Lovelace"), ("email", "ada@acme.example")]
    {
        to(&browser, field).await;
        browser.keys(text).await;
    }
    enter(&browser).await;
    browser.says("It has begun").await;

    // It waits for a person, and goes on when one has answered: the page draws itself anew. What has the focus keeps it, and what was
    // unfolded stays so.
    browser.says("It waits for a person").await;
    to(&browser, "Its life as a diagram").await;
    enter(&browser).await;
    browser.remember().await;
    browser.until_script("return document.querySelector('#run-life').open").await;
    let run: uuid::Uuid =
        sqlx::query_scalar("select run_id from tasks where status = 'open'").fetch_one(&stack.sql).await.unwrap();
    stack.mail().misbehave(1, []);
    stack.answer(RunId(run), json!({ "action": "resend" })).await;
    browser.becomes("#run-state", "completed").await;
    assert!(browser.is_the_same().await, "nobody has loaded it again");
    assert_eq!(focus(&browser).await["words"], "Its life as a diagram", "the focus is where it was");
    assert_eq!(
        browser.script("return document.querySelector('#run-life').open").await,
        json!(true),
        "it is still unfolded"
    );

    // Out again.
    browser.open("/tenants").await;
    to(&browser, "Sign out").await;
    enter(&browser).await;
    browser.says("You are signed out").await;
    browser.close().await;
}
