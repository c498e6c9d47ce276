//! Every page, looked at: in light and dark, wide and on a phone, by axe-core. Pictures are kept below `target/screens`.

use serde_json::json;
use tenantry_tests::browser::left_out;

use super::{browser, routes::ROWS, tenant};
use crate::api::{
    Caller,
    isolation::{stack, things},
};

/// What a page's pictures are called.
fn name(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default().replace("{tenant}", "one");
    let words: Vec<&str> = path.split(['/', '{', '}', '_']).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "home".to_owned() } else { words.join("-") }
}

#[tokio::test]
async fn every_page_can_be_read_by_everybody_everywhere() {
    if left_out() {
        return;
    }
    let stack = stack().await;
    let things = things(&stack).await;
    let (_, ada) = tenant(&stack, "Globex Corporation with a Name of Some Length").await;
    let operator = Caller::operator(&stack);
    for (to, subject) in
        [("grace@customer.example", "Your invoice of October"), ("linus@customer.example", "Welcome to the portal")]
    {
        let message =
            json!({ "tenantId": things.tenant, "to": to, "subject": subject, "text": "Dear customer,\n\nhere it is." });
        assert_eq!(operator.post("/v1/messages", message).await.status, 202);
    }
    let browser = browser(&stack).await;

    browser.be("Platform operator").await;
    for row in ROWS.iter().filter(|row| row.is_page()) {
        browser.open(&row.path(&things)).await;
        browser.look(&name(row.path)).await;
    }

    // A tenant's administrator sees another home page, and another navigation.
    browser.be(&ada).await;
    browser.look("home-of-an-administrator").await;
    browser.open("/nowhere").await;
    browser.look("no-such-page").await;
    browser.open("/providers").await;
    browser.look("not-allowed").await;
    browser.press("Sign out").await;
    browser.says("You are signed out").await;
    browser.look("signed-out").await;
    browser.open("/sign-in/callback?code=x&state=y").await;
    browser.look("sign-in-of-another").await;

    // The page of the identity provider's stand-in is not the console's, and is for everybody, too.
    browser.open("/sign-in").await;
    browser.look("choose-who-to-be").await;
    browser.close().await;
}
