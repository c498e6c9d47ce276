//! Two providers: Resend first, a mail server behind it.

use std::time::Duration;

use tenantry_standins::resend::{Fault, Options, Resend, Rule};
use tenantry_tests::TestStack;

async fn with_resend(options: Options, more: &[(&'static str, &str)]) -> (TestStack, Resend) {
    let resend = Resend::start(Options { any_domain: true, ..options }).await.unwrap();
    let (url, key) = (resend.url().to_owned(), resend.key().to_owned());
    let mut settings = vec![
        ("EMAIL_PROVIDER", "resend"),
        ("RESEND_BASE_URL", url.as_str()),
        ("RESEND_API_KEY", key.as_str()),
        ("RESEND_VERIFIED_DOMAINS", "tenantry.test,*.tenantry.test"),
        ("EMAIL_FALLBACK_PROVIDER", "smtp"),
        ("EMAIL_TENANT_PER_MINUTE", "0"),
    ];
    settings.extend(more);
    (TestStack::with(&settings, local::Run::ALL).await, resend)
}

#[tokio::test]
async fn messages_go_together_and_each_is_accepted_once() {
    let (stack, resend) = with_resend(Options::default(), &[]).await;
    let tenant = stack.tenants(1).await[0];
    let (ids, hints) =
        stack.store((0..20).map(|n| stack.draft(tenant, &format!("user{n}@x.example"))).collect(), 0).await;
    stack.hint(hints.into_iter().take(1).collect()).await;
    for id in &ids {
        stack.settles(*id, "sent").await;
    }
    assert_eq!(resend.accepted().len(), 20);
    assert_eq!(stack.count("sends where provider = 'resend' and provider_message_id is not null").await, 20);
    assert!(stack.count("mail_batches").await >= 1);
}

#[tokio::test]
async fn what_happened_and_was_not_heard_is_asked_again_and_sent_once() {
    let (stack, resend) = with_resend(Options::default(), &[]).await;
    resend.misbehave(1, [Rule::on_sending(Fault::Reset).after().times(1)]);
    let tenant = stack.tenants(1).await[0];
    let ids = stack.post((0..3).map(|n| stack.draft(tenant, &format!("user{n}@x.example"))).collect()).await;
    for id in &ids {
        stack.pass(Duration::from_secs(30));
        stack.settles(*id, "sent").await;
    }
    assert_eq!(resend.accepted().len(), 3, "told again under the same key");
    assert!(stack.mail().mailbox().messages().is_empty(), "what may have been accepted is never given to another");
}

#[tokio::test]
async fn an_account_that_is_refused_leaves_its_mail_to_the_other() {
    let (stack, resend) = with_resend(Options::default(), &[]).await;
    resend.misbehave(1, [Rule::on_sending(Fault::Error(403, "suspended_api_key".into()))]);
    let tenant = stack.tenants(1).await[0];
    let ids = stack.post((0..3).map(|n| stack.draft(tenant, &format!("user{n}@x.example"))).collect()).await;
    for id in &ids {
        stack.settles(*id, "sent").await;
    }
    assert_eq!(stack.mail().mailbox().messages().len(), 3);
    assert_eq!(stack.count("sends where provider = 'smtp'").await, 3);
    assert_eq!(
        stack
            .count("mail_providers where name = 'resend' and health #>> '{breaker,is}' in ('open', 'half_open')")
            .await,
        1
    );
}

#[tokio::test]
async fn a_provider_that_wants_patience_gets_it_and_nothing_is_lost() {
    let (stack, resend) = with_resend(Options::default(), &[]).await;
    resend.misbehave(1, [Rule::on_sending(Fault::RateLimited(5)).times(1)]);
    let tenant = stack.tenants(1).await[0];
    let ids = stack.post((0..3).map(|n| stack.draft(tenant, &format!("user{n}@x.example"))).collect()).await;
    for id in &ids {
        stack.settles(*id, "deferred").await;
    }
    stack.pass(Duration::from_secs(10));
    for id in &ids {
        stack.settles(*id, "sent").await;
    }
    assert_eq!(resend.accepted().len(), 3);
    assert_eq!(
        stack.count("runs where kind = 'email_delivery' and life #> '{data,tries}' is not null").await,
        0,
        "that was no failure"
    );
}

#[tokio::test]
async fn one_bad_address_does_not_keep_a_batch_from_leaving() {
    let (stack, resend) = with_resend(Options::default(), &[("EMAIL_FALLBACK_PROVIDER", "discard")]).await;
    let tenant = stack.tenants(1).await[0];
    let (ids, hints) = stack
        .store(
            vec![
                stack.draft(tenant, "a@x.example"),
                stack.draft(tenant, "no@example.com"),
                stack.draft(tenant, "b@x.example"),
            ],
            0,
        )
        .await;
    stack.hint(hints.into_iter().take(1).collect()).await;
    stack.settles(ids[0], "sent").await;
    stack.settles(ids[2], "sent").await;
    let failed = stack.settles(ids[1], "failed").await;
    assert_eq!(failed.error.unwrap()["class"], "EmailRefused");
    assert_eq!(resend.accepted().len(), 2);
}
