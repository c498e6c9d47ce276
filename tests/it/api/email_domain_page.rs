//! The page for the person who manages the DNS.

use reqwest::Method;
use serde_json::json;
use tenantry_tests::TestStack;
use time::format_description::well_known::Rfc3339;

use super::email_domains::{add, delete, looked, path, stack, waits};

/// What a browser gets.
pub(super) struct Page {
    pub(super) status: u16,
    headers: reqwest::header::HeaderMap,
    body: String,
}

impl Page {
    pub(super) async fn get(stack: &TestStack, at: &str) -> Self {
        Self::ask(stack, Method::GET, at).await
    }

    async fn post(stack: &TestStack, at: &str) -> Self {
        Self::ask(stack, Method::POST, at).await
    }

    async fn ask(stack: &TestStack, method: Method, at: &str) -> Self {
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let response = browser.request(method, format!("{}{at}", stack.stack.api_url)).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.text().await.unwrap() }
    }
}

#[tokio::test]
async fn a_link_opens_the_page_of_its_domain_and_nothing_else() {
    let (stack, tenant, _, admin) = stack().await;
    let (id, run) = add(&admin, tenant, "mail.acme.test").await;
    waits(&stack, run).await;
    looked(&stack, run).await;
    let links = format!("{}/{id}/links", path(tenant));
    for hours in [0, 721] {
        assert_eq!(admin.post(&links, json!({ "hours": hours })).await.pointers(), ["/hours"]);
    }
    let made = admin.post(&links, json!({ "hours": 2 })).await;
    assert_eq!(made.status, 201, "{made:?}");
    let expires = time::OffsetDateTime::parse(made.body["expiresAt"].as_str().unwrap(), &Rfc3339).unwrap();
    let left = expires - stack.db().clock().now();
    assert!(left <= time::Duration::hours(2) && left > time::Duration::minutes(119), "{left}");
    let at = made.body["url"].as_str().unwrap().strip_prefix("https://app.tenantry.test").unwrap().to_owned();
    let page = Page::get(&stack, &at).await;
    assert_eq!(page.status, 200);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    for shown in [
        "Acme 1 wants to send mail from <code>mail.acme.test</code>",
        "Waiting for the records",
        "_tenantry.mail</code>",
        "_tenantry.mail.acme.test</code>",
        "tenantry-verify=abc",
        "p=MIGf&lt;b&gt;",
        "The value is &lt;in quotes&gt;.",
        "Take them away.",
        "Hoster",
        "Points to",
        "$ORIGIN acme.test.",
        "dig +short _tenantry.mail.acme.test TXT",
        "Last looked at: ",
        "Next look: ",
        "<form method=\"post\"",
    ] {
        assert!(page.body.contains(shown), "{shown} is missing in {}", page.body);
    }
    for hidden in ["Resend", "admin@acme", "office@acme", &tenant.to_string(), &id, "noreply@"] {
        assert!(!page.body.contains(hidden), "{hidden}");
    }

    // A changed letter, and time.
    let middle = at.len() / 2;
    let swapped = if &at[middle..=middle] == "A" { "B" } else { "A" };
    for wrong in [format!("{}{swapped}{}", &at[..middle], &at[middle + 1..]), "/dns/x".to_owned()] {
        let page = Page::get(&stack, &wrong).await;
        assert!(page.status == 404 && page.body.contains("This link does not work"), "{wrong}: {}", page.body);
    }
    stack.pass(std::time::Duration::from_secs(2 * 3600));
    assert_eq!(Page::get(&stack, &at).await.status, 404);
    assert_eq!(Page::post(&stack, &format!("{at}/check")).await.status, 404);
}

#[tokio::test]
async fn the_button_of_the_page_asks_for_a_look_a_few_times_a_minute() {
    let (stack, tenant, _, admin) = stack().await;
    let (id, run) = add(&admin, tenant, "mail.acme.test").await;
    waits(&stack, run).await;
    let made = admin.post(&format!("{}/{id}/links", path(tenant)), json!({})).await;
    let at = made.body["url"].as_str().unwrap().strip_prefix("https://app.tenantry.test").unwrap().to_owned();
    let check = format!("{at}/check");
    let first = Page::post(&stack, &check).await;
    let token = at.rsplit('/').next().unwrap();
    assert_eq!((first.status, first.headers["location"].to_str().unwrap()), (303, &*format!("../{token}")));
    let last = stack.history(run).await.pop().unwrap();
    assert_eq!((last.name.as_str(), last.detail["by"].as_str()), ("RefreshAsked", Some("the domain's page")));
    assert_eq!(stack.count("audit where action = 'email_domain.check' and actor = 'domain page'").await, 1);
    let mut refused = None;
    for _ in 0..4 {
        let next = Page::post(&stack, &check).await;
        refused = (next.status == 429).then_some(next).or(refused);
    }
    let refused = refused.expect("the fifth look within a minute is refused");
    assert!(refused.body.contains("A little slower") && refused.headers.contains_key("retry-after"));

    delete(&admin, &format!("{}/{id}", path(tenant))).await;
    assert_eq!(Page::get(&stack, &at).await.status, 404, "its page goes with the domain");
    assert_eq!(admin.post(&format!("{}/{id}/links", path(tenant)), json!({})).await.problem(), (409, "run_ended"));
}
