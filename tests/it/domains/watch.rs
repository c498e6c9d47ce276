//! A domain in use is watched: what is lost for a moment, for good, or not at all; and the time that everything may take.

use std::time::{Duration, Instant};

use local::Run;
use serde_json::json;
use tenantry_model::{CommandId, RunId, TenantId};
use tenantry_runtime::Message;
use tenantry_standins::{
    dns,
    resend::{Fault, Route, Rule, Status},
};
use tenantry_store::mail::{change_settings, settings};
use tenantry_tests::{
    TestStack,
    domains::by_hand::{BY_HAND, How},
    wait::PATIENCE,
};
use time::OffsetDateTime;

const NAME: &str = "mail.acme.test";
const ZONE: &str = "acme.test";
const NOBODY: Run = Run { workers: false, sweeper: false, api: false };
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

async fn stack() -> (TestStack, TenantId) {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let tenant = stack.tenants(1).await[0];
    (stack, tenant)
}

/// So much time passes, and whatever is due every hour is done.
async fn passes(stack: &TestStack, run: RunId, long: Duration) {
    let end = stack.db().clock().now() + long;
    while stack.db().clock().now() < end {
        stack.pass(HOUR.min((end - stack.db().clock().now()).unsigned_abs()));
        stack.settle(run).await;
    }
}

fn times(told: &[String], name: &str) -> usize {
    told.iter().filter(|told| *told == name).count()
}

/// The tenant's record with its key, away from the zone and back.
async fn key_of(stack: &TestStack, run: RunId) -> (String, String) {
    let key = stack.wanted(run).await.swap_remove(3);
    assert!(key.name.contains("_domainkey"));
    (key.name, key.value)
}

/// When this was first heard in the domain's life.
async fn heard(stack: &TestStack, run: RunId, to: &str) -> OffsetDateTime {
    sqlx::query_scalar("select min(at) from history where run_id = $1 and to_state = $2")
        .bind(run.0)
        .bind(to)
        .fetch_one(&stack.sql)
        .await
        .unwrap()
}

/// How often somebody has looked at its records.
async fn looks(stack: &TestStack, run: RunId) -> i64 {
    sqlx::query_scalar("select count(*) from history where run_id = $1 and name = 'DnsSeen'")
        .bind(run.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_name_server_that_is_down_for_days_takes_nothing_from_a_domain_in_use() {
    let (stack, tenant) = stack().await;
    let run = stack.verify_by_hand(tenant, NAME, ZONE).await;
    for fault in [dns::Fault::ServFail, dns::Fault::Refused] {
        stack.dns().misbehave([dns::Rule::below(".", fault)]);
        // Two days, and five.
        for days in [2, 3] {
            let before = looks(&stack, run).await;
            passes(&stack, run, days * DAY).await;
            let looks = looks(&stack, run).await - before;
            assert!(looks >= 24 * (i64::from(days) - 1), "a day later, then every hour: {looks}");
            let domain = stack.domain(run).await;
            assert_eq!((domain.state.as_str(), domain.status.as_str()), ("verified", "verified"));
            assert!(domain.sends && domain.proven_at.is_some());
            assert_eq!(domain.report.unwrap()["verdict"], "unclear");
        }
        stack.dns().behave();
        assert!(stack.sends_from(tenant).await.contains(NAME));
        assert_eq!(stack.look(run, None).await.report.unwrap()["verdict"], "ready");
    }
    assert_eq!(stack.told(run).await, ["DomainRecordsReady", "DomainVerified"], "nobody is alarmed");
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn a_key_that_vanishes_is_told_at_once_costs_the_domain_after_two_days_and_all_is_well_when_it_is_back() {
    let (stack, tenant) = stack().await;
    let run = stack.verify_by_hand(tenant, NAME, ZONE).await;
    let (name, value) = key_of(&stack, run).await;
    stack.dns().remove(&name, "TXT").unwrap();

    // The daily look finds it, and says so; nothing else changes.
    passes(&stack, run, DAY + HOUR).await;
    assert_eq!(times(&stack.told(run).await, "DomainRecordsVanished"), 1);
    let warned: OffsetDateTime =
        sqlx::query_scalar("select created_at from commands where name = 'DomainRecordsVanished'")
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    let said: serde_json::Value =
        sqlx::query_scalar("select command from commands where name = 'DomainRecordsVanished'")
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    assert_eq!(said["with"]["details"], json!([format!("TXT {name}")]));
    let left = warned + 2 * DAY - stack.db().clock().now();
    passes(&stack, run, left.unsigned_abs() - 10 * MINUTE).await;
    assert_eq!(stack.domain(run).await.status, "verified");
    assert!(stack.sends_from(tenant).await.contains(NAME));

    // Two days after the warning, another look has the last word.
    stack.play(run, "degrading", How::Alone).await;
    assert!(heard(&stack, run, "degrading").await - warned >= 2 * DAY);
    assert!(heard(&stack, run, "degrading").await - warned < 2 * DAY + HOUR);
    stack.play(run, "degraded", How::Alone).await;
    let from = stack.sends_from(tenant).await;
    assert!(!from.contains(NAME), "{from}");
    let domain = stack.domain(run).await;
    assert!(!domain.sends && domain.status == "degraded" && domain.verified_at.is_some());
    let told = stack.told(run).await;
    assert_eq!(
        (times(&told, "DomainRecordsVanished"), times(&told, "DomainDegraded")),
        (1, 1),
        "told once each: {told:?}"
    );

    // Back by itself.
    passes(&stack, run, 6 * HOUR).await;
    assert_eq!(stack.domain(run).await.status, "degraded");
    stack.dns().set(&name, "TXT", 300, [value]).unwrap();
    passes(&stack, run, HOUR).await;
    assert_eq!(stack.domain(run).await.status, "verified");
    assert!(stack.sends_from(tenant).await.contains(NAME));
    assert_eq!(times(&stack.told(run).await, "DomainVerified"), 2);
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 1, "the provider had never changed its mind");
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn a_key_that_is_back_before_the_two_days_are_over_leaves_no_trace() {
    let (stack, tenant) = stack().await;
    let run = stack.verify_by_hand(tenant, NAME, ZONE).await;
    let (name, value) = key_of(&stack, run).await;
    for _ in 0..2 {
        stack.dns().remove(&name, "TXT").unwrap();
        stack.look(run, None).await;
        passes(&stack, run, DAY + 23 * HOUR).await;
        stack.dns().set(&name, "TXT", 300, [value.clone()]).unwrap();
        stack.look(run, None).await;
        assert_eq!(stack.wait_of(run, "VanishedTooLong").await, None, "whatever ran against it is over");
    }
    // A name server that cannot say when the time is over does not cost it the domain either.
    stack.dns().remove(&name, "TXT").unwrap();
    stack.look(run, None).await;
    passes(&stack, run, DAY + 23 * HOUR).await;
    stack.dns().misbehave([dns::Rule::below(".", dns::Fault::ServFail)]);
    passes(&stack, run, DAY).await;
    assert_eq!(stack.domain(run).await.status, "verified");
    stack.dns().set(&name, "TXT", 300, [value]).unwrap();
    stack.dns().behave();
    passes(&stack, run, 3 * DAY).await;
    let told = stack.told(run).await;
    assert_eq!((times(&told, "DomainRecordsVanished"), times(&told, "DomainDegraded")), (3, 0));
    assert!(stack.sends_from(tenant).await.contains(NAME));
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn a_domain_that_the_provider_refuses_is_degraded_at_once_and_one_that_it_has_lost_is_made_again() {
    let (stack, tenant) = stack().await;
    let run = stack.verify_by_hand(tenant, NAME, ZONE).await;
    assert!(stack.resend().finish_verification(NAME, Status::Failed));
    stack.look(run, None).await;
    assert_eq!(stack.domain(run).await.status, "degraded");
    assert!(!stack.sends_from(tenant).await.contains(NAME));
    // Everything is there as far as we can see: it is asked to look again, and finds it so.
    stack.play(run, "verified", How::Alone).await;
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 2);
    assert!(stack.sends_from(tenant).await.contains(NAME));

    // Deleted by hand: the next one has another key, which is to be published.
    let before = stack.wanted(run).await;
    assert!(stack.resend().remove_domain(NAME));
    stack.look(run, None).await;
    let domain = stack.domain(run).await;
    assert_eq!((domain.status.as_str(), domain.sends), ("degraded", false));
    let after = stack.wanted(run).await;
    assert!(after[0] == before[0] && after[3].value != before[3].value, "the same tenant, and another key");
    assert!(!stack.sends_from(tenant).await.contains(NAME));
    stack.publish(ZONE, &after);
    stack.play(run, "verified", How::Alone).await;
    assert!(stack.sends_from(tenant).await.contains(NAME));
    assert_eq!(stack.resend().domains().len(), 1);
    stack.nothing_unexpected().await;
}

/// The tenant chooses mail from the platform's domain, or from another one of its own that is verified.
async fn chooses(stack: &TestStack, tenant: TenantId, custom: Option<&str>) {
    let mut tx = stack.db().begin().await.unwrap();
    let mut row = settings(&mut tx, tenant).await.unwrap();
    match custom {
        None => row.tier = "platform".to_owned(),
        Some(name) => {
            row.custom_domain = Some(name.to_owned());
            row.custom_from = Some(format!("billing@{name}"));
        }
    }
    change_settings(&mut tx, &row, "ada", stack.db().clock().now()).await.unwrap();
    tx.commit().await.unwrap();
    sqlx::query("update tenant_email_settings s set domain_verified = true from email_domains d where d.name = s.custom_domain and d.sends")
        .execute(&stack.sql)
        .await
        .unwrap();
}

#[tokio::test]
async fn who_has_chosen_otherwise_meanwhile_is_not_forced_back() {
    for other in [None, Some("news.acme.test")] {
        let (stack, tenant) = stack().await;
        if let Some(other) = other {
            stack.verify_by_hand(tenant, other, ZONE).await;
        }
        let run = stack.verify_by_hand(tenant, NAME, ZONE).await;
        assert!(stack.sends_from(tenant).await.contains(NAME), "the last one to be verified");
        assert!(stack.resend().finish_verification(NAME, Status::Failed));
        stack.look(run, None).await;
        assert_eq!(stack.domain(run).await.status, "degraded");
        chooses(&stack, tenant, other).await;
        stack.play(run, "verified", How::Alone).await;
        let (domain, from) = (stack.domain(run).await, stack.sends_from(tenant).await);
        assert!(domain.sends && !from.contains(NAME), "{from}");
        assert_eq!(from.contains("news.acme.test"), other.is_some(), "{from}");
    }
}

#[tokio::test]
async fn whoever_removes_the_domain_in_use_goes_back_to_the_one_before_where_that_still_sends() {
    for lost in [false, true] {
        let (stack, tenant) = stack().await;
        let first = stack.verify_by_hand(tenant, "news.acme.test", ZONE).await;
        let second = stack.verify_by_hand(tenant, NAME, ZONE).await;
        assert!(stack.domain(second).await.is_default && !stack.domain(first).await.is_default);
        if lost {
            assert!(stack.resend().finish_verification("news.acme.test", Status::Failed));
            stack.look(first, None).await;
            assert!(!stack.domain(first).await.sends);
        }
        stack.signal(second, "remove", json!({ "by": "ada" })).await.unwrap();
        stack.play(second, "draining", How::Alone).await;
        let from = stack.sends_from(tenant).await;
        assert_eq!((from.contains("noreply@news.acme.test"), from.contains(NAME)), (!lost, false), "{from}");
        assert_eq!(stack.domain(first).await.is_default, !lost);
        stack.play(second, "deactivated", How::Alone).await;
        assert_eq!(stack.resend().domains().len(), 1);
    }
}

/// Hands a message to the provider, which keeps it waiting until told otherwise.
async fn holds(stack: &TestStack, tenant: TenantId) -> (RunId, tokio::task::JoinHandle<()>) {
    stack.resend().misbehave(1, [Rule::on_sending(Fault::Hold).times(1)]);
    let id = stack.store(vec![stack.draft(tenant, "ada@customer.test")], 0).await.0[0];
    let worker = stack.stack.worker("send-email").unwrap();
    let sending = tokio::spawn(async move {
        let soon = Instant::now() + Duration::from_secs(20);
        worker.handle(&[&Message::new(CommandId::new(), None).body()], soon).await;
    });
    assert!(stack.resend().wait_for_held(1, PATIENCE).await, "the provider has it");
    (id, sending)
}

#[tokio::test]
async fn what_was_accepted_before_still_leaves_before_the_domain_goes() {
    let (stack, tenant) = stack().await;
    let run = stack.verify_by_hand(tenant, NAME, ZONE).await;
    let (id, sending) = holds(&stack, tenant).await;
    stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
    stack.play(run, "draining", How::Alone).await;
    for _ in 0..3 {
        stack.settle(run).await;
        assert_eq!(stack.run(run).await.state, "draining", "one message is leaving");
        stack.pass(Duration::from_secs(10));
    }
    assert_eq!(stack.resend().domains().len(), 1);
    stack.resend().release();
    sending.await.unwrap();
    stack.settles(id, "sent").await;
    assert!(stack.resend().accepted().iter().any(|mail| mail.from.contains(NAME)));
    let left = stack.db().clock().now();
    stack.play(run, "deactivated", How::Alone).await;
    assert!(heard(&stack, run, "deactivated").await - left < 2 * MINUTE);
    assert!(stack.resend().domains().is_empty());
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn a_message_that_does_not_leave_holds_a_removal_up_for_a_quarter_of_an_hour() {
    let (stack, tenant) = stack().await;
    let run = stack.verify_by_hand(tenant, NAME, ZONE).await;
    let (id, sending) = holds(&stack, tenant).await;
    stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
    stack.play(run, "draining", How::Alone).await;
    let since = heard(&stack, run, "draining").await;
    stack.play(run, "deleting", How::Alone).await;
    let waited = heard(&stack, run, "deleting").await - since;
    assert!(waited >= 15 * MINUTE && waited < 16 * MINUTE, "{waited}");
    assert_eq!(stack.run(id).await.state, "sending");
    stack.play(run, "deactivated", How::Alone).await;
    stack.resend().release();
    sending.await.unwrap();
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn records_that_never_come_are_reminded_of_twice_and_given_up_after_seven_days_until_somebody_says_they_are_there()
 {
    let (stack, tenant) = stack().await;
    let run = stack.bring_by_hand(tenant, NAME).await;
    stack.dns().add_zone(ZONE).unwrap();
    let began = heard(&stack, run, "awaiting_dns").await;
    // What was told by this hour: reminders to the tenant, words to the operators.
    let told = async |hour: u32| {
        let left = began + hour * HOUR - stack.db().clock().now();
        passes(&stack, run, left.unsigned_abs()).await;
        let told = stack.told(run).await;
        (times(&told, "DomainReminded"), times(&told, "OperatorAsked"), times(&told, "DomainFailed"))
    };
    assert_eq!(told(2).await, (0, 0, 0));
    assert_eq!(stack.task(run).await.name, "StillWaiting");
    assert_eq!(told(23).await, (0, 0, 0));
    assert_eq!(told(25).await, (1, 0, 0));
    assert_eq!(told(71).await, (1, 0, 0));
    assert_eq!(told(73).await, (2, 1, 0));
    assert_eq!(told(7 * 24 - 1).await, (2, 1, 0));
    assert_eq!(stack.domain(run).await.status, "awaiting_dns");
    assert_eq!(told(7 * 24 + 1).await, (2, 2, 1));
    let domain = stack.domain(run).await;
    assert_eq!((domain.status.as_str(), domain.sends), ("failed", false));
    assert!(domain.error.unwrap()["message"].as_str().unwrap().contains("seven days"));
    assert_eq!(stack.task(run).await.name, "SetupFailed");
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 0);

    // Nobody looks any more, until somebody says a word.
    let looked = stack.domain(run).await.looked_at;
    stack.publish(ZONE, &stack.wanted(run).await);
    assert_eq!(told(9 * 24).await, (2, 2, 1));
    assert_eq!(stack.domain(run).await.looked_at, looked);
    stack.signal(run, "dnsConfigured", json!({ "by": "ada" })).await.unwrap();
    stack.play(run, "verified", How::Alone).await;
    assert!(stack.sends_from(tenant).await.contains(NAME));
    assert_eq!(stack.count("tasks where status = 'open'").await, 0);
    stack.nothing_unexpected().await;
}
