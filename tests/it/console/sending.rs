//! A tenant's administrator brings a domain for mail, and a hostname for the portal.

use tenantry_model::{EmailDomainId, RunId};
use tenantry_tests::{TestStack, browser::Browser, browser::left_out, domains::DOMAINS, portals::PORTALS};

use super::{browser, stack, tenant};

async fn scene() -> (TestStack, Browser, String) {
    let settings: Vec<(&str, &str)> = DOMAINS.into_iter().chain(PORTALS).collect();
    let stack = stack(&settings).await;
    let (tenant, ada) = tenant(&stack, "Acme").await;
    let browser = browser(&stack).await;
    browser.be(&ada).await;
    (stack, browser, format!("/tenants/{tenant}"))
}

#[tokio::test]
async fn an_administrator_adds_a_domain_and_sees_it_verified() {
    if left_out() {
        return;
    }
    let (stack, browser, page) = scene().await;
    browser.press("Add a sending domain").await;
    browser.look("domains-none").await;
    browser.click("#add-domain").await;
    browser.fill("#domain-name", "acme").await;
    browser.click("#domain-submit").await;
    browser.find("#domain-name-wrong").await;
    browser.look("domain-wrong").await;
    browser.fill("#domain-name", "mail.acme.test").await;
    browser.click("#domain-submit").await;

    // The records appear by themselves.
    browser.says("Waiting for the records").await;
    browser.says("Records to publish").await;
    browser.remember().await;
    browser.look("domain-awaiting-records").await;
    let at = browser.at().await;
    let id = at.rsplit('/').next().and_then(|end| end.split('?').next()).unwrap();
    let run = RunId(id.parse::<EmailDomainId>().unwrap().0);
    for record in stack.wanted(run).await {
        assert!(browser.text().await.contains(&record.value), "{record:?} is on the page");
    }

    // One is missing: it says which.
    let wanted = stack.wanted(run).await;
    stack.publish("acme.test", &wanted[1..]);
    browser.click("#domain-check").await;
    browser.says("Not there yet").await;
    browser.look("domain-one-missing").await;
    stack.publish("acme.test", &wanted);
    browser.leave_by("#domain-check").await;
    browser.remember().await;
    stack.domain_in(run, "verified").await;
    browser.find("#domain-status[data-status=verified]").await;
    assert!(browser.is_the_same().await, "nobody has loaded it again");
    browser.look("domain-verified").await;

    // For whoever manages the DNS there is a link, which is shown once.
    browser.press("Somebody else manages the DNS").await;
    browser.click("#domain-share").await;
    let link = browser.words("#domain-link code").await;
    browser.look("domain-link").await;
    browser.client.goto(&link).await.unwrap();
    browser.says("mail.acme.test").await;
    browser.open(&format!("{page}/email/domains")).await;
    browser.says("Verified").await;
    browser.look("domains-verified").await;
    browser.open(&format!("{page}/email")).await;
    browser.look("email-with-a-domain").await;
    browser.close().await;
}

#[tokio::test]
async fn an_administrator_sets_a_hostname_and_sees_it_live() {
    if left_out() {
        return;
    }
    let (stack, browser, page) = scene().await;
    browser.press("Set the portal's address").await;
    browser.find("#client-portal-canonical").await;
    browser.look("portal-none").await;
    browser.fill("#client-portal-domain-input", "acme").await;
    browser.click("#client-portal-domain-submit").await;
    browser.find("#client-portal-domain-input-wrong").await;
    browser.look("portal-wrong").await;
    browser.fill("#client-portal-domain-input", "portal.acme.test").await;
    browser.click("#client-portal-domain-submit").await;
    browser.find("#client-portal-domain-status[data-status=pending_dns]").await;
    browser.find("#client-portal-domain-dns").await;
    browser.look("portal-pending").await;

    // The record stands, and somebody presses a button rather than wait.
    let run: uuid::Uuid = sqlx::query_scalar("select id from portal_domains").fetch_one(&stack.sql).await.unwrap();
    stack.point(RunId(run)).await;
    browser.click("#client-portal-domain-refresh").await;
    browser.says("We are looking now").await;
    browser.remember().await;
    stack.portal_in(RunId(run), "active").await;
    browser.find("#client-portal-domain-status[data-status=active]").await;
    assert!(browser.is_the_same().await, "nobody has loaded it again");
    browser.look("portal-active").await;
    browser.click("#client-portal-domain-remove").await;
    browser.agree().await;
    browser.says("It is removed, or being removed").await;
    stack.portal_in(RunId(run), "disabled").await;
    browser.open(&format!("{page}/portal")).await;
    browser.find("#client-portal-domain-status[data-status=disabled]").await;
    browser.look("portal-disabled").await;
    browser.close().await;
}
