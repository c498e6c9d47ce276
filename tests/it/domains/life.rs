//! A domain as it usually goes.

use local::Run;
use serde_json::json;
use tenantry_standins::resend::{Route, Status};
use tenantry_tests::{TestStack, domains::DOMAINS, wait::until};

const NAME: &str = "mail.acme.test";

async fn sender(stack: &TestStack, tenant: tenantry_model::TenantId, to: &str) -> String {
    let draft = stack.draft(tenant, to);
    stack.post(vec![draft]).await;
    let to_them = |mail: &tenantry_standins::resend::AcceptedMail| mail.to.iter().any(|one| one.contains(to));
    stack.resend().find(to_them, tenantry_tests::wait::PATIENCE).await.expect("the mail").from.clone()
}

#[tokio::test]
async fn a_tenant_brings_a_domain_and_its_mail_leaves_from_there_until_it_is_removed() {
    let stack = TestStack::with(&DOMAINS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    assert!(!sender(&stack, tenant, "before@customer.test").await.contains(NAME));

    let run = stack.bring(tenant, NAME).await;
    let wanted = stack.wanted(run).await;
    let names: Vec<&str> = wanted.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "_tenantry.mail.acme.test",
            "send.mail.acme.test",
            "send.mail.acme.test",
            "resend._domainkey.mail.acme.test",
            "_dmarc.mail.acme.test"
        ]
    );

    // Nothing there: it says what is missing, and goes on looking by itself.
    stack.dns().add_zone("acme.test").unwrap();
    stack.signal(run, "refreshStatus", json!({})).await.unwrap();
    let report = until("a look", || async { stack.domain(run).await.report }).await;
    assert_eq!((report["verdict"].as_str(), report["zone"].as_str()), (Some("not_ready"), Some("acme.test")));
    assert!(report["records"].as_array().unwrap().iter().all(|record| record["status"] == "missing"), "{report}");

    // The records come while nobody says a word.
    stack.publish("acme.test", &wanted);
    stack.domain_in(run, "verified").await;
    let domain = stack.domain(run).await;
    assert!(domain.sends && domain.is_default && domain.verified_at.is_some());
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 1, "asked once");
    assert_eq!(stack.resend().domains()[0].status, Status::Verified);
    let from = sender(&stack, tenant, "during@customer.test").await;
    assert!(from.contains("noreply@mail.acme.test"), "{from}");

    // Gone: mail leaves by the platform again, the provider has it no more, and the name is free after a while.
    stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
    stack.domain_in(run, "deactivated").await;
    assert!(!sender(&stack, tenant, "after@customer.test").await.contains(NAME));
    assert!(stack.resend().domains().is_empty());
    let gone = stack.domain(run).await;
    assert!(!gone.sends && gone.released_at.is_some());
    let tier: String =
        sqlx::query_scalar("select tier from tenant_email_settings").fetch_one(&stack.sql).await.unwrap();
    assert_eq!(tier, "platform");

    // It comes back as another one, with another key.
    let again = stack.bring(tenant, NAME).await;
    assert_ne!(again, run);
    let new = stack.wanted(again).await;
    assert!(new[0].value != wanted[0].value && new[3].value != wanted[3].value);
}

#[tokio::test]
async fn a_second_start_is_a_signal_to_the_first() {
    let stack = TestStack::with(&DOMAINS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let run = stack.bring(tenant, NAME).await;
    assert_eq!(stack.add_domain(tenant, NAME).await, run);
    assert_eq!(stack.resend().requests(Route::CreateDomain), 1);
}
