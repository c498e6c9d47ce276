//! Nobody sends as another: what is asked for, what is stored, and what the mail server really saw.

use std::time::Duration;

use serde_json::json;
use tenantry_mail::{Draft, Mailbox};
use tenantry_model::TenantId;
use tenantry_standins::smtp::Message;
use tenantry_tests::TestStack;

use crate::api::Caller;

/// Brings a domain into a tenant's settings.
async fn domain(stack: &TestStack, tenant: TenantId, domain: &str, verified: bool, tier: &str) {
    let changed = sqlx::query(
        "update tenant_email_settings set custom_domain = $2, domain_verified = $3, domain_provider = 'smtp', tier = $4 where tenant_id = $1",
    )
    .bind(tenant.0)
    .bind(domain)
    .bind(verified)
    .bind(tier)
    .execute(&stack.sql)
    .await
    .unwrap();
    assert_eq!(changed.rows_affected(), 1);
}

/// The address in the header From, of which there is one.
fn header_from(message: &Message) -> String {
    let raw = String::from_utf8_lossy(&message.raw).replace("\r\n ", " ").replace("\r\n\t", " ");
    let head = raw.split("\r\n\r\n").next().unwrap();
    let named = |name: &str| head.lines().filter(|line| line.to_lowercase().starts_with(name)).count();
    assert_eq!((named("from:"), named("sender:"), named("resent-")), (1, 0, 0), "{head}");
    let line = head.lines().find(|line| line.to_lowercase().starts_with("from:")).unwrap();
    let (_, address) = line.rsplit_once(['<', ' ']).unwrap();
    address.trim_end_matches('>').to_owned()
}

/// From where the only message so far came, by its envelope and by its header, which are the same.
fn came_from(stack: &TestStack) -> String {
    let messages = stack.mail().mailbox().messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].from, header_from(&messages[0]), "envelope and header");
    messages[0].from.clone()
}

/// Sends a message, and says from where it came.
async fn sent_from(stack: &TestStack, draft: Draft) -> String {
    stack.mail().mailbox().clear();
    let id = stack.post(vec![draft]).await[0];
    stack.pass(Duration::from_secs(2));
    stack.settles(id, "sent").await;
    came_from(stack)
}

/// A draft that wants to come from somewhere.
fn wants(stack: &TestStack, tenant: TenantId, from: &str, insist: bool) -> Draft {
    let mut draft = stack.draft(tenant, "ada@customer.example");
    draft.from = Some(from.parse::<Mailbox>().unwrap_or_else(|error| panic!("{from}: {error}")));
    draft.insist_from = insist;
    draft
}

/// What belongs to the other tenant, to the platform, to nobody, or to nobody yet.
const NOT_MINE: [&str; 20] = [
    "ceo@acme-2.tenantry.test",
    "ceo@ACME-2.Tenantry.TEST",
    "ceo@victim.example",
    "ceo@Victim.Example",
    "ceo@sub.victim.example",
    "ceo@xvictim.example",
    "ceo@victim.example.attacker.net",
    "ceo@victim-example.net",
    "ceo@acme-2.tenantry.test.attacker.net",
    "ceo@acme-1.tenantry.test.attacker.net",
    "ceo@evil.acme-1.tenantry.test",
    "ceo@acme-2.acme-1.tenantry.test",
    "ceo@evil.acme-2.tenantry.test",
    "ceo@evil-acme-1.tenantry.test",
    "hello@tenantry.test",
    "ceo@test.tenantry.test",
    // Cyrillic а and і, full-width letters (which are the plain ones), a Greek omicron.
    "ceo@\u{430}cme-2.tenantry.test",
    "ceo@v\u{456}ctim.example",
    "ceo@\u{ff41}cme-2.tenantry.test",
    "ceo@mine-unverified.example",
];

#[tokio::test]
async fn whatever_is_asked_for_mail_comes_from_ones_own_place_or_not_at_all() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0")], local::Run::ALL).await;
    let tenants = stack.tenants(2).await;
    domain(&stack, tenants[0], "mine-unverified.example", false, "custom").await;
    domain(&stack, tenants[1], "victim.example", true, "custom").await;
    let mut drafts: Vec<Draft> = NOT_MINE.iter().map(|from| wants(&stack, tenants[0], from, false)).collect();
    drafts.extend(NOT_MINE.iter().map(|from| wants(&stack, tenants[0], from, true)));
    let ids = stack.post(drafts).await;
    let (meek, insistent) = ids.split_at(NOT_MINE.len());
    for (id, from) in insistent.iter().zip(NOT_MINE) {
        let run = stack.settles(*id, "failed").await;
        let error = run.error.unwrap();
        assert_eq!(error["class"], "EmailRefused", "{from}");
        assert!(error["message"].as_str().unwrap().starts_with("The From address cannot be used"), "{from}: {error}");
    }
    for id in meek {
        stack.settles(*id, "sent").await;
    }
    let messages = stack.mail().mailbox().messages();
    assert_eq!(messages.len(), NOT_MINE.len(), "the insistent have not left");
    for message in &messages {
        assert_eq!((message.from.as_str(), header_from(message).as_str()), (OWN, OWN));
        let raw = String::from_utf8_lossy(&message.raw).to_lowercase();
        assert!(!raw.contains("ceo@") && !raw.contains("hello@"), "not in any other header either: {raw}");
    }
    assert_eq!(stack.count("sends where sender <> 'noreply@acme-1.tenantry.test'").await, 0);

    // What is one's own may be asked for, however it is written.
    for own in ["billing@acme-1.tenantry.test", "billing@ACME-1.tenantry.TEST", "billing@\u{ff41}cme-1.tenantry.test"] {
        assert_eq!(sent_from(&stack, wants(&stack, tenants[0], own, true)).await, "billing@acme-1.tenantry.test");
    }
    assert_eq!(sent_from(&stack, wants(&stack, tenants[1], "ceo@victim.example", true)).await, "ceo@victim.example");
}

const OWN: &str = "noreply@acme-1.tenantry.test";

#[tokio::test]
async fn the_api_refuses_who_insists_and_tells_everybody_else_what_it_took() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0")], local::Run::ALL).await;
    let tenants = stack.tenants(2).await;
    domain(&stack, tenants[1], "victim.example", true, "custom").await;
    let admin = Caller::of(&stack, tenants[0], "tenant_admin");
    let message = |from: &str, insist: bool| json!({"to": "ada@customer.example", "subject": "Hello", "text": "Hello.", "from": from, "insistFrom": insist, "category": "invoices"});
    for from in NOT_MINE {
        let got = admin.post("/v1/messages", message(from, true)).await;
        assert_eq!((got.status, got.pointers()), (422, vec!["/from"]), "{from}: {got:?}");
    }
    assert_eq!(stack.count("messages").await, 0);
    let got = admin.post("/v1/messages", message("Boss <ceo@victim.example>", false)).await;
    assert_eq!(got.status, 202, "{got:?}");
    let run = got.body["id"].as_str().unwrap().replace("msg_", "run_").parse().unwrap();
    stack.settles(run, "sent").await;
    assert_eq!(came_from(&stack), OWN);
    // Whoever names another tenant speaks for nobody.
    let mut foreign = message("ceo@acme-2.tenantry.test", false);
    foreign["tenantId"] = json!(tenants[1]);
    let got = admin.post("/v1/messages", foreign).await;
    assert!(matches!(got.status, 403 | 404), "{got:?}");
    assert_eq!(stack.count("messages").await, 1);
}

#[tokio::test]
async fn what_stands_in_a_row_and_should_not_is_not_used() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0")], local::Run::ALL).await;
    let tenant = stack.tenants(2).await[0];
    for planted in
        ["ceo@acme-2.tenantry.test", "ceo@evil.acme-1.tenantry.test", "not an address", "a@b\r\nBcc: c@d.example"]
    {
        sqlx::query("update tenant_email_settings set default_from_address = $2 where tenant_id = $1")
            .bind(tenant.0)
            .bind(planted)
            .execute(&stack.sql)
            .await
            .unwrap();
        assert_eq!(sent_from(&stack, stack.draft(tenant, "ada@customer.example")).await, OWN, "{planted}");
    }
    let planted = "update tenant_email_settings set custom_domain = 'mine.example', custom_from = 'ceo@victim.example' where tenant_id = $1";
    let refused = sqlx::query(planted).bind(tenant.0).execute(&stack.sql).await.unwrap_err().to_string();
    assert!(refused.contains("an_address_is_at_its_domain"), "{refused}");
}

#[tokio::test]
async fn the_name_of_the_settings_stands_beside_the_address() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0")], local::Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let named = wants(&stack, tenant, "Billing <billing@acme-1.tenantry.test>", true);
    for (stored, usual) in
        [(Some("Acme Office"), "Acme Office"), (Some("a\r\nBcc: c@d.example"), "Acme 1"), (None, "Acme 1")]
    {
        let set = sqlx::query("update tenant_email_settings set from_name = $2 where tenant_id = $1");
        set.bind(tenant.0).bind(stored).execute(&stack.sql).await.unwrap();
        for (draft, name) in [
            (stack.draft(tenant, "ada@customer.example"), usual),
            (wants(&stack, tenant, "billing@acme-1.tenantry.test", true), usual),
            (named.clone(), "Billing"),
        ] {
            sent_from(&stack, draft).await;
            let raw = String::from_utf8_lossy(&stack.mail().mailbox().messages()[0].raw).into_owned();
            assert!(
                raw.contains(&format!("From: \"{name}\" <")) || raw.contains(&format!("From: {name} <")),
                "{name}: {raw}"
            );
        }
    }
}

#[tokio::test]
async fn a_domain_that_was_verified_is_used_until_it_is_not() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0")], local::Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let invoice = || stack.draft(tenant, "ada@customer.example");
    let ticket = || Draft { category: "tickets".parse().unwrap(), ..invoice() };

    domain(&stack, tenant, "mail.acme.example", false, "custom").await;
    assert_eq!(sent_from(&stack, invoice()).await, OWN, "brought, and not verified");
    domain(&stack, tenant, "mail.acme.example", true, "custom").await;
    assert_eq!(sent_from(&stack, invoice()).await, "noreply@mail.acme.example");
    sqlx::query("update tenant_email_settings set custom_from = 'office@mail.acme.example'")
        .execute(&stack.sql)
        .await
        .unwrap();
    assert_eq!(sent_from(&stack, invoice()).await, "office@mail.acme.example");
    domain(&stack, tenant, "mail.acme.example", true, "platform").await;
    assert_eq!(sent_from(&stack, invoice()).await, OWN, "the tier says so");
    assert_eq!(
        sent_from(&stack, wants(&stack, tenant, "me@mail.acme.example", true)).await,
        "me@mail.acme.example",
        "and a message may want it all the same"
    );

    domain(&stack, tenant, "mail.acme.example", true, "hybrid").await;
    assert_eq!(sent_from(&stack, invoice()).await, OWN, "what is not named takes the platform's");
    sqlx::query("update tenant_email_settings set routing = '{\"invoices\": \"custom\", \"tickets\": \"platform\"}'")
        .execute(&stack.sql)
        .await
        .unwrap();
    assert_eq!(sent_from(&stack, invoice()).await, "office@mail.acme.example");
    assert_eq!(sent_from(&stack, ticket()).await, OWN);

    // Accepted while the domain was the tenant's own, and sent when it is not any more.
    let (waiting, hints) = stack.store(vec![invoice(), wants(&stack, tenant, "me@mail.acme.example", true)], 600).await;
    stack.hint(hints).await;
    domain(&stack, tenant, "mail.acme.example", false, "hybrid").await;
    stack.mail().mailbox().clear();
    stack.pass(Duration::from_secs(601));
    stack.settles(waiting[0], "sent").await;
    stack.settles(waiting[1], "failed").await;
    assert_eq!(came_from(&stack), OWN);
}

#[tokio::test]
async fn two_tenants_do_not_hold_one_verified_domain() {
    let stack = TestStack::start().await;
    let tenants = stack.tenants(2).await;
    domain(&stack, tenants[0], "mail.acme.example", true, "custom").await;
    domain(&stack, tenants[1], "mail.acme.example", false, "custom").await;
    assert_eq!(
        sent_from(&stack, wants(&stack, tenants[1], "ceo@mail.acme.example", false)).await,
        "noreply@acme-2.tenantry.test",
        "to want it is nobody's harm"
    );
    let verify =
        "update tenant_email_settings set domain_verified = true, domain_provider = 'smtp' where tenant_id = $1";
    let refused = sqlx::query(verify).bind(tenants[1].0).execute(&stack.sql).await.unwrap_err().to_string();
    assert!(refused.contains("one_tenant_per_verified_domain"), "{refused}");
    // Nor does writing it otherwise make another domain of it.
    let other = "update tenant_email_settings set custom_domain = 'Mail.Acme.example', domain_verified = true where tenant_id = $1";
    assert!(sqlx::query(other).bind(tenants[1].0).execute(&stack.sql).await.is_err());

    // And no tenant gives its own word, in whatever role the API speaks for it.
    let mut tx = stack.sql.begin().await.unwrap();
    let own = format!("set local role tenantry_tenant; set local app.current_tenant = '{}'", tenants[1].0);
    sqlx::raw_sql(sqlx::AssertSqlSafe(own)).execute(&mut *tx).await.unwrap();
    let word =
        "update tenant_email_settings set custom_domain = 'other.example', domain_verified = true where tenant_id = $1";
    let refused = sqlx::query(word).bind(tenants[1].0).execute(&mut *tx).await.unwrap_err().to_string();
    assert!(refused.contains("verified by looking at it"), "{refused}");
}
