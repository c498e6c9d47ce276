//! Every answer that the provider can give about a domain.

use std::time::Duration;

use local::Run;
use reqwest::Method;
use serde_json::json;
use tenantry_events::signature::Secrets;
use tenantry_model::RunId;
use tenantry_standins::resend::{Fault, Route, Rule, Status};
use tenantry_tests::{
    TestStack,
    domains::DOMAINS,
    rivals::Rivals,
    wait::{PATIENCE, until},
};

use crate::api::Caller;

const ZONE: &str = "acme.test";
const NAME: &str = "mail.acme.test";
const HOUR: Duration = Duration::from_secs(3600);

async fn stack() -> TestStack {
    TestStack::with(&DOMAINS, Run::ALL).await
}

/// A tenant that wants the name.
async fn one(stack: &TestStack) -> Rivals<'_> {
    let tenants = stack.tenants(2).await;
    Rivals::new(stack, ZONE, [tenants[0], tenants[1]])
}

/// What stands in the way, as the tenant reads it.
async fn told(stack: &TestStack, run: RunId) -> String {
    let error = stack.domain(run).await.error.expect("something in the way");
    error["message"].as_str().unwrap().to_owned()
}

/// Publishes everything and says so; nobody waits for what comes of it.
async fn published(stack: &TestStack, run: RunId) {
    stack.publish(ZONE, &stack.wanted(run).await);
    stack.signal(run, "dnsConfigured", json!({})).await.unwrap();
}

#[tokio::test]
async fn a_domain_that_was_left_at_the_provider_is_taken_over_by_who_shows_the_zone_whatever_its_status() {
    let stack = stack().await;
    let tenants = stack.tenants(12).await;
    let statuses = [
        (Status::NotStarted, true),
        (Status::Pending, false),
        (Status::Verified, false),
        (Status::Failed, true),
        (Status::PartiallyVerified, false),
        (Status::PartiallyFailed, false),
    ];
    for (number, (status, is_asked)) in statuses.into_iter().enumerate() {
        let two = [tenants[2 * number], tenants[2 * number + 1]];
        let mut rivals = Rivals::new(&stack, &format!("{}.test", status.word().replace('_', "-")), two);
        let left = stack.resend().add_domain(&rivals.name, status).unwrap();
        let before = stack.resend().requests(Route::VerifyDomain);
        rivals.adds(0).await;
        let run = rivals.run(0);
        assert_eq!(stack.wanted(run).await.len(), 1, "{status:?}: nothing of it is told to who has not shown the zone");
        if status == Status::Pending {
            rivals.puts(&stack.wanted(run).await);
            rivals.refreshes(0).await;
            rivals.puts(&stack.wanted(run).await);
            stack.signal(run, "dnsConfigured", json!({})).await.unwrap();
            until("the provider to be looked at", || async { (stack.state(run).await == "verifying").then_some(()) })
                .await;
            assert!(stack.resend().finish_verification(&rivals.name, Status::Verified));
            rivals.rests("the provider has looked").await;
        } else {
            rivals.publishes(0).await;
        }
        assert_eq!(rivals.state(0).await, "verified", "{status:?}");
        assert_eq!(stack.resend().requests(Route::VerifyDomain) - before, u64::from(is_asked), "{status:?}");
        let there: Vec<_> = stack.resend().domains().into_iter().filter(|domain| domain.name == rivals.name).collect();
        assert_eq!((there.len(), &there[0].id), (1, &left.id), "{status:?}");
    }
}

#[tokio::test]
async fn a_no_is_told_in_words_and_mended_by_the_tenant() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    rivals.adds(0).await;
    let run = rivals.run(0);
    // All is there for us, and the provider sees something else.
    stack.resend().misbehave(1, [Rule::on(Route::VerifyDomain, Fault::HoldVerification)]);
    published(&stack, run).await;
    until("the provider to be asked", || async { (stack.resend().requests(Route::VerifyDomain) == 1).then_some(()) })
        .await;
    assert!(stack.resend().finish_verification(NAME, Status::Failed));
    rivals.rests("the provider says no").await;
    assert_eq!(rivals.state(0).await, "refused");
    let words = told(&stack, run).await;
    assert!(words.contains("TXT resend._domainkey.mail.acme.test"), "{words}");
    assert!(!words.contains("esend ") && !words.contains("Resend"), "{words}");
    stack.resend().behave();
    stack.resend().release();
    stack.answer(run, json!({ "action": "retry_verification" })).await;
    rivals.rests("again").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().requests(Route::VerifyDomain)), ("verified", 2));
}

#[tokio::test]
async fn a_no_that_nobody_answers_is_asked_again_thrice_and_is_then_a_failure() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    rivals.adds(0).await;
    // The provider looks where the records are not.
    let other = stack.resend();
    other.misbehave(1, [Rule::on(Route::VerifyDomain, Fault::HoldVerification)]);
    published(&stack, rivals.run(0)).await;
    for refusal in 1..=3 {
        until("the provider to be asked", || async { (other.requests(Route::VerifyDomain) == refusal).then_some(()) })
            .await;
        assert!(other.finish_verification(NAME, Status::Failed));
        rivals.rests("no").await;
        assert_eq!(rivals.state(0).await, "refused", "after {refusal}");
        assert_eq!(stack.task(rivals.run(0)).await.name, "VerificationFailed");
        stack.pass(2 * HOUR);
        let state = if refusal < 3 { "awaiting_dns" } else { "failed" };
        until("the answer's time to be over", || async { (stack.state(rivals.run(0)).await == state).then_some(()) })
            .await;
        // An hour later the records are looked for again.
        if refusal < 3 {
            stack.pass(HOUR);
        }
    }
    assert_eq!(stack.notices(rivals.run(0), "DomainFailed").await, 1);
}

#[tokio::test]
async fn a_provider_that_does_not_decide_is_asked_for_six_hours_and_then_an_operator_is() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    rivals.adds(0).await;
    stack.resend().misbehave(1, [Rule::on(Route::VerifyDomain, Fault::HoldVerification)]);
    rivals.publishes(0).await;
    let run = rivals.run(0);
    assert_eq!(
        (rivals.state(0).await.as_str(), stack.task(run).await.name.as_str()),
        ("undecided", "VerificationUndecided")
    );
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 1, "asked once; a second time would begin anew");
    assert!(stack.resend().requests(Route::GetDomain) >= 32);
    // It does, in the end, and tells.
    assert!(stack.resend().finish_verification(NAME, Status::Verified));
    let about = updated(&stack.resend().domains()[0].id, "verified");
    assert_eq!(tells(&stack, "msg_1", &about).await, 200);
    rivals.rests("it says yes").await;
    assert_eq!(rivals.state(0).await, "verified");
    let open: i64 =
        sqlx::query_scalar("select count(*) from tasks where ended_at is null").fetch_one(&stack.sql).await.unwrap();
    assert_eq!(open, 0);
}

#[tokio::test]
async fn a_name_that_another_account_has_is_told_in_words_and_made_once_it_is_given_up() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    stack.resend().registered_elsewhere(NAME);
    rivals.adds(0).await;
    assert_eq!(rivals.state(0).await, "broken");
    let words = told(&stack, rivals.run(0)).await;
    assert!(words.contains("registered at the mail service by another account"), "{words}");
    assert!(words.contains("set the domain up again"), "{words}");
    rivals.is_answered(0, "retry").await;
    assert_eq!(rivals.state(0).await, "broken");
    stack.resend().given_up_elsewhere(NAME);
    rivals.is_answered(0, "retry").await;
    assert_eq!(rivals.state(0).await, "awaiting_dns");
    rivals.publishes(0).await;
    assert_eq!(rivals.state(0).await, "verified");
}

#[tokio::test]
async fn a_domain_that_the_provider_lost_is_made_anew_and_mail_leaves_by_the_platform_meanwhile() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    rivals.adds(0).await;
    let run = rivals.run(0);
    let key = async || stack.wanted(run).await[3].value.clone();
    let first = key().await;
    // While it is verified for the first time.
    stack.resend().misbehave(1, [Rule::on(Route::VerifyDomain, Fault::HoldVerification).times(1)]);
    published(&stack, run).await;
    until("the provider to be asked", || async { (stack.resend().requests(Route::VerifyDomain) == 1).then_some(()) })
        .await;
    assert!(stack.resend().remove_domain(NAME));
    stack.domain_in(run, "awaiting_dns").await;
    rivals.rests("lost before it was verified").await;
    let second = key().await;
    assert_ne!(second, first, "the new one has another key");
    rivals.publishes(0).await;
    assert_eq!(rivals.state(0).await, "verified");

    // While mail leaves from it. `rests` sends a message, and looks from where it came.
    assert!(stack.resend().remove_domain(NAME));
    stack.domain_in(run, "degraded").await;
    rivals.rests("lost while in use").await;
    let domain = stack.domain(run).await;
    assert!(!domain.sends && domain.status == "degraded");
    assert_ne!(key().await, second);
    assert_eq!(stack.notices(run, "DomainDegraded").await, 1);
    rivals.publishes(0).await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("verified", 1));
}

#[tokio::test]
async fn what_is_gone_at_the_provider_already_is_deleted() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    rivals.adds(0).await;
    rivals.publishes(0).await;
    // Nobody tells us.
    stack.resend().send_webhooks_to(None);
    assert!(stack.resend().remove_domain(NAME));
    stack.signal(rivals.run(0), "remove", json!({})).await.unwrap();
    rivals.rests("removed").await;
    assert_eq!(rivals.state(0).await, "deactivated");
    assert_eq!((stack.resend().requests(Route::DeleteDomain), stack.count("tasks").await), (1, 0));
}

/// Every route of the API that a domain's life uses.
const ROUTES: [Route; 5] =
    [Route::ListDomains, Route::CreateDomain, Route::GetDomain, Route::VerifyDomain, Route::DeleteDomain];

/// A whole life while each route misbehaves; what it was like at the end.
async fn lives(stack: &TestStack, rules: impl Fn(Route) -> Rule) {
    let mut rivals = one(stack).await;
    stack.resend().misbehave(1, ROUTES.map(rules));
    rivals.adds(0).await;
    rivals.publishes(0).await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("verified", 1));
    rivals.removes(0).await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("deactivated", 0));
    assert_eq!(stack.count("tasks").await, 0, "nobody was asked anything");
}

#[tokio::test]
async fn too_many_requests_are_waited_for_as_long_as_the_provider_says() {
    let stack = stack().await;
    stack.resend().misbehave(1, [Rule::on(Route::CreateDomain, Fault::RateLimited(70)).times(1)]);
    let run = stack.add_domain(stack.tenants(1).await[0], "waits.acme.test").await;
    let due = until("a try that is put off", || async {
        let row: Option<(time::OffsetDateTime,)> = sqlx::query_as(
            "select due_at from commands where run_id = $1 and name = 'CreateDomain' and status = 'open' and last_error is not null and lease_token is null",
        )
        .bind(run.0)
        .fetch_optional(&stack.sql)
        .await
        .unwrap();
        row.map(|(due,)| due)
    })
    .await;
    let wait = due - stack.db().clock().now();
    assert!(wait > time::Duration::seconds(60) && wait <= time::Duration::seconds(90), "{wait}");
    stack.rest("waits.acme.test").await;
    assert_eq!(stack.state(run).await, "awaiting_dns");
}

#[tokio::test]
async fn a_provider_that_is_busy_now_and_then_stands_in_nobodys_way() {
    let stack = stack().await;
    lives(&stack, |route| Rule::on(route, Fault::RateLimited(7)).times(3)).await;
}

#[tokio::test]
async fn a_provider_that_breaks_now_and_then_stands_in_nobodys_way() {
    let stack = stack().await;
    lives(&stack, |route| Rule::on(route, Fault::Error(500, "application_error".to_owned())).times(3)).await;
}

#[tokio::test]
async fn what_was_done_and_not_told_is_found_and_not_done_twice() {
    let stack = stack().await;
    lives(&stack, |route| Rule::on(route, Fault::Reset).after().times(1)).await;
    assert_eq!(
        stack.resend().requests(Route::CreateDomain),
        3,
        "asked again and found, and its records were not told once"
    );
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 1, "it was looking already");
}

#[tokio::test]
async fn a_page_instead_of_an_answer_is_no_answer() {
    let stack = stack().await;
    lives(&stack, |route| Rule::on(route, Fault::Garbage).after().times(1)).await;
}

#[tokio::test]
async fn a_provider_that_stays_broken_is_a_case_for_people_and_goes_on_where_it_stood() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    let stays = |route| stack.breaks_at(route, None);
    stays(Route::ListDomains);
    rivals.adds(0).await;
    for (next, then) in [(Some(Route::CreateDomain), "broken"), (None, "awaiting_dns")] {
        assert_eq!(rivals.state(0).await, "broken");
        assert_eq!(stack.task(rivals.run(0)).await.name, "SomethingBroke");
        match next {
            Some(route) => stays(route),
            None => stack.resend().behave(),
        }
        rivals.is_answered(0, "retry").await;
        assert_eq!(rivals.state(0).await, then);
    }
    stays(Route::GetDomain);
    rivals.publishes(0).await;
    assert_eq!(rivals.state(0).await, "broken");
    stays(Route::VerifyDomain);
    rivals.is_answered(0, "retry").await;
    assert_eq!(rivals.state(0).await, "broken");
    stack.resend().behave();
    rivals.is_answered(0, "retry").await;
    assert_eq!(rivals.state(0).await, "verified");
    // A domain in use is not touched by a provider that cannot be asked.
    stays(Route::GetDomain);
    rivals.refreshes(0).await;
    assert_eq!(rivals.state(0).await, "verified");
    stays(Route::DeleteDomain);
    rivals.removes(0).await;
    assert_eq!(rivals.state(0).await, "deletion_stuck");
    stack.resend().behave();
    rivals.waits(24 * HOUR).await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("deactivated", 0));
}

/// What a webhook says of a domain.
fn updated(id: &str, status: &str) -> serde_json::Value {
    let at = "2026-01-01T00:00:00Z";
    json!({ "type": "domain.updated", "created_at": at,
        "data": { "id": id, "name": NAME, "status": status, "created_at": at, "region": "us-east-1", "records": [] } })
}

/// Posts a webhook with the right signature, whatever it says.
async fn tells(stack: &TestStack, id: &str, body: &serde_json::Value) -> u16 {
    let body = body.to_string().into_bytes();
    let secrets = Secrets::parse(&stack.resend().webhook_secret().to_owned().into()).unwrap();
    let headers = secrets.sign(id, stack.db().clock().now(), &body).unwrap().headers();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Caller::stranger(stack).ask(Method::POST, "/v1/provider-events/resend", Some(body), &headers).await.status
}

#[tokio::test]
async fn a_webhook_makes_it_look_at_once_and_what_it_says_is_not_believed() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    rivals.adds(0).await;
    let run = rivals.run(0);
    stack.resend().misbehave(1, [Rule::on(Route::VerifyDomain, Fault::HoldVerification)]);
    published(&stack, run).await;
    assert!(stack.resend().wait_for_domain(NAME, Status::Pending, PATIENCE).await);
    stack.idle(NAME).await;
    let id = stack.resend().domains()[0].id.clone();
    let looks = async || {
        let heard = |line: &&tenantry_store::runs::HistoryRow| line.name == "ProviderSeen";
        stack.history(run).await.iter().filter(heard).count()
    };
    let before = looks().await;
    let claims = updated(&id, "verified");
    assert_eq!(tells(&stack, "msg_1", &claims).await, 200);
    until("a look", || async { (looks().await > before).then_some(()) }).await;
    stack.idle(NAME).await;
    assert_eq!(stack.state(run).await, "verifying", "it says verified, and is not");
    // Told again, nothing is done; told of one that is nobody's, nothing happens.
    let after = looks().await;
    assert_eq!(tells(&stack, "msg_1", &claims).await, 200);
    let nobodys = updated("00000000-0000-0000-0000-000000000000", "verified");
    assert_eq!(tells(&stack, "msg_2", &nobodys).await, 200);
    stack.idle(NAME).await;
    assert_eq!(looks().await, after);

    // The provider's own comes when it has looked: no timer has to run out.
    let now = stack.db().clock().now();
    assert!(stack.resend().finish_verification(NAME, Status::Verified));
    until("it to be verified", || async { (stack.state(run).await == "verified").then_some(()) }).await;
    assert!(stack.db().clock().now() - now < time::Duration::seconds(30), "nobody has turned the clock");

    // One that says "failed" of a domain in use takes nothing away.
    let before = looks().await;
    assert_eq!(tells(&stack, "msg_3", &updated(&id, "failed")).await, 200);
    until("a look", || async { (looks().await > before).then_some(()) }).await;
    assert_eq!(stack.state(run).await, "verified");
    assert!(stack.domain(run).await.sends);
}
