//! What a tenant's administrator sets: where its servers are told of events, keys for machines, words of its mail.

use axum::{Router, http::StatusCode};
use tenantry_tests::browser::left_out;

use super::{ENTERPRISE, browser, stack, tenant};

/// A server of the tenant's that takes what it is told.
async fn taker() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(async || StatusCode::OK)).await });
    url
}

#[tokio::test]
async fn an_administrator_has_a_server_told_and_gives_a_machine_a_key() {
    if left_out() {
        return;
    }
    let stack = stack(&ENTERPRISE).await;
    let (acme, ada) = tenant(&stack, "Acme").await;
    let browser = browser(&stack).await;
    browser.be(&ada).await;
    let page = format!("/tenants/{acme}");

    // The secret is shown once.
    browser.open(&format!("{page}/webhooks")).await;
    browser.look("webhooks-none").await;
    browser.click("#webhook-new").await;
    browser.fill("#webhook-url", "http://hooks.acme.example/").await;
    browser.click("#webhook-submit").await;
    browser.find("#webhook-url-wrong").await;
    browser.look("webhook-wrong").await;
    browser.fill("#webhook-url", &taker().await).await;
    browser.click("#webhook-submit").await;
    let secret = browser.words("#webhook-secret code").await;
    assert!(secret.starts_with("whsec_"), "{secret}");
    browser.look("webhook-added").await;
    browser.open(&format!("{page}/webhooks")).await;
    browser.click("#webhook-endpoints tbody a").await;
    browser.find("#webhook-no-deliveries").await;
    assert!(!browser.text().await.contains(&secret));

    // A test arrives, and the page says so by itself.
    browser.click("#webhook-test").await;
    browser.says("A test is on its way").await;
    browser.becomes("#webhook-deliveries tbody .badge", "delivered").await;
    browser.look("webhook-told").await;
    browser.click("#webhook-deliveries tbody a").await;
    browser.says("200").await;
    browser.look("webhook-delivery").await;

    // A key, whose secret is shown once, is made and revoked.
    browser.press("API keys").await;
    browser.look("keys-none").await;
    browser.fill("#name", "Billing").await;
    browser.press("Make the key").await;
    browser.find("[role=alert]").await;
    browser.look("key-wrong").await;
    browser.click("input[name=permission][value='messages.send']").await;
    browser.press("Make the key").await;
    let secret = browser.words("#key-secret code").await;
    browser.look("key-made").await;
    browser.press("Done").await;
    browser.says("Billing").await;
    assert!(!browser.text().await.contains(&secret));
    browser.click("#keys button.danger").await;
    browser.agree().await;
    browser.says("Revoked: it opens nothing any more").await;
    browser.look("key-revoked").await;

    // Words of its own for a mail of the system's: drafted, looked at, published.
    browser.open(&format!("{page}/email/templates/welcome/de")).await;
    browser.fill("#template-subject", "Willkommen bei Acme").await;
    browser.fill("#template-text", "Guten Tag, und willkommen.").await;
    browser.click("#template-save").await;
    browser.says("The draft is saved").await;
    browser.look("template-draft").await;

    // An address that nothing is sent to any more.
    browser.open(&format!("{page}/email/suppressions")).await;
    browser.fill("#suppression-address", "left@customer.example").await;
    browser.click("#suppression-add").await;
    browser.says("Saved").await;
    browser.look("suppressions-one").await;

    // Which way a message would take.
    browser.open(&format!("{page}/email")).await;
    browser.fill("#explain-to", "left@customer.example").await;
    browser.click("#explain-submit").await;
    browser.says("It would not leave").await;
    browser.look("email-explained").await;
    browser.close().await;
}
