//! A process dies at the worst moment of a domain's life, or is told twice, or answers too late. All of it by hand: nobody works but
//! whom the test starts, and no hint arrives.

use std::time::{Duration, Instant};

use local::Run;
use serde_json::json;
use tenantry_model::{RunId, TenantId};
use tenantry_runtime::Message;
use tenantry_standins::resend::{Fault, Route, Rule, Status};
use tenantry_tests::{
    TestStack,
    domains::by_hand::{BY_HAND, How, LEASE, Open},
    wait::{PATIENCE, until},
};

const NAME: &str = "mail.acme.test";
const ZONE: &str = "acme.test";
const EFFECTS: [Route; 3] = [Route::CreateDomain, Route::VerifyDomain, Route::DeleteDomain];
const NOBODY: Run = Run { workers: false, sweeper: false, api: false };

async fn stack() -> (TestStack, TenantId) {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let tenant = stack.tenants(1).await[0];
    (stack, tenant)
}

/// From added to gone, with a loss and a recovery between.
async fn lives(stack: &TestStack, tenant: TenantId, how: How) -> RunId {
    let run = stack.add_domain(tenant, NAME).await;
    stack.play(run, "awaiting_dns", how).await;
    let wanted = stack.wanted(run).await;
    stack.publish(ZONE, &wanted);
    stack.play(run, "verified", how).await;
    let domain = stack.domain(run).await;
    assert!(domain.sends && domain.is_default);
    let key = &wanted[3];
    stack.dns().remove(&key.name, "TXT").unwrap();
    stack.play(run, "degraded", how).await;
    assert!(!stack.domain(run).await.sends);
    stack.dns().set(&key.name, "TXT", 300, [key.value.clone()]).unwrap();
    stack.play(run, "verified", how).await;
    assert!(stack.domain(run).await.sends);
    stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
    stack.play(run, "deactivated", how).await;
    run
}

/// Whatever was done to it: it is gone everywhere, and everybody was told once.
async fn is_gone(stack: &TestStack, run: RunId) {
    let domain = stack.domain(run).await;
    assert!(!domain.sends && domain.released_at.is_some() && !domain.is_default, "{domain:?}");
    assert!(stack.resend().domains().is_empty());
    assert_eq!(stack.count("provider_domains").await, 0);
    assert_eq!(stack.count("email_domains where holds or sends").await, 0);
    assert_eq!(stack.count("timers t join runs r on r.id = t.run_id where r.kind = 'email_domain'").await, 0);
    let begun: i64 =
        sqlx::query_scalar("select count(*) from commands where run_id = $1 and role = 'command' and ended_at is null")
            .bind(run.0)
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    assert_eq!(begun, 0, "nothing is left to do");
    let told = stack.told(run).await;
    let ways = ["DomainVerified", "DomainRecordsVanished", "DomainDegraded", "DomainVerified", "DomainDeactivated"];
    assert_eq!(
        told.iter().filter(|name| *name != "DomainRecordsReady").collect::<Vec<_>>(),
        ways.iter().collect::<Vec<_>>()
    );
    assert_eq!(stack.run(run).await.status, "completed");
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn a_process_that_ends_after_each_commit_and_hints_that_are_all_lost_change_nothing() {
    let (stack, tenant) = stack().await;
    let run = lives(&stack, tenant, How::Alone).await;
    is_gone(&stack, run).await;
    assert_eq!(EFFECTS.map(|route| stack.resend().requests(route)), [1; 3]);
}

#[tokio::test]
async fn a_process_that_dies_with_each_command_in_its_hands_changes_nothing() {
    let (stack, tenant) = stack().await;
    let run = lives(&stack, tenant, How::AfterADeath).await;
    is_gone(&stack, run).await;
    assert_eq!(EFFECTS.map(|route| stack.resend().requests(route)), [1; 3]);
}

#[tokio::test]
async fn each_hint_told_twice_to_two_processes_and_once_more_has_one_effect() {
    let (stack, tenant) = stack().await;
    let run = lives(&stack, tenant, How::Twice).await;
    is_gone(&stack, run).await;
    assert_eq!(EFFECTS.map(|route| stack.resend().requests(route)), [1; 3]);
    let answers: i64 =
        sqlx::query_scalar("select count(*) - count(distinct key) from history where kind = 'answer' and run_id = $1")
            .bind(run.0)
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    assert_eq!(answers, 0, "no answer is written twice");
}

/// Works one command in a process that dies as soon as `then` is true; false when it ended before.
async fn dies_when(stack: &TestStack, open: &Open, then: impl Fn() -> bool) -> bool {
    let (worker, body) = (stack.fresh(&open.performer).await, Message::new(open.id.into(), None).body());
    let life = tokio::spawn(async move { worker.handle(&[&body], Instant::now()).await });
    until("the process to end, or the moment to die", || async { (life.is_finished() || then()).then_some(()) }).await;
    life.abort();
    life.await.is_err_and(|error| error.is_cancelled())
}

/// Plays the life until it is in this state; the first process in which `then` is true dies at that moment.
async fn plays_and_dies(stack: &TestStack, run: RunId, state: &str, then: impl Fn() -> bool) -> bool {
    let mut died = false;
    for _ in 0..100 {
        if stack.run(run).await.state == state {
            return died;
        }
        match stack.open(run).await {
            Some(open) if !died => {
                died = dies_when(stack, &open, &then).await;
                if died {
                    stack.resend().behave();
                    assert_eq!(stack.open(run).await.map(|open| open.name), None, "the dead one still has it");
                    stack.pass(LEASE);
                }
            }
            _ => stack.step(run, How::Alone).await,
        }
    }
    panic!("it never is {state}");
}

/// Whether the process that the provider has answered so far has done what it came for.
fn had_its_effect(stack: &TestStack, route: Route) -> bool {
    let domains = stack.resend().domains();
    match route {
        Route::CreateDomain => domains.len() == 1,
        Route::VerifyDomain => domains.iter().any(|domain| domain.status != Status::NotStarted),
        Route::DeleteDomain => domains.is_empty(),
        _ => true,
    }
}

#[tokio::test]
async fn a_process_that_dies_while_the_provider_is_told_something_is_followed_by_one_that_finds_out_how_far_it_came() {
    let cases = [
        (Route::ListDomains, "awaiting_dns"),
        (Route::CreateDomain, "awaiting_dns"),
        (Route::GetDomain, "verified"),
        (Route::VerifyDomain, "verified"),
        (Route::DeleteDomain, "deactivated"),
    ];
    for (route, during) in cases {
        for heard in [false, true] {
            let (stack, tenant) = stack().await;
            let run = stack.add_domain(tenant, NAME).await;
            let silence = Rule::on(route, Fault::Silence).times(1);
            for state in ["awaiting_dns", "verified", "deactivated"] {
                match state {
                    "verified" => stack.publish(ZONE, &stack.wanted(run).await),
                    "deactivated" => stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap(),
                    _ => {}
                }
                if state != during {
                    stack.play(run, state, How::Alone).await;
                    continue;
                }
                let before = stack.resend().requests(route);
                stack.resend().misbehave(1, [if heard { silence.clone().after() } else { silence.clone() }]);
                let moment = || stack.resend().requests(route) > before && (!heard || had_its_effect(&stack, route));
                assert!(plays_and_dies(&stack, run, state, moment).await, "it died at {route:?}, heard: {heard}");
            }
            let case = format!("{route:?}, heard: {heard}");
            assert!(stack.resend().domains().is_empty(), "{case}");
            assert_eq!(stack.count("provider_domains").await, 0, "{case}");
            assert_eq!(stack.told(run).await, ["DomainRecordsReady", "DomainVerified", "DomainDeactivated"], "{case}");
            stack.nothing_unexpected().await;
            let asked = |asked| stack.resend().requests(asked);
            // The stand-in counts what it was asked and did not do, too.
            let again =
                |of: Route, told_again_when_done: bool| u64::from(of == route && (!heard || told_again_when_done));
            assert_eq!(asked(Route::VerifyDomain), 1 + again(Route::VerifyDomain, false), "{case}");
            assert_eq!(asked(Route::CreateDomain), 1 + again(Route::CreateDomain, true), "{case}");
            assert_eq!(asked(Route::DeleteDomain), 1 + again(Route::DeleteDomain, true), "{case}");
        }
    }
}

/// Holds the first request of this route, lets somebody else have the command meanwhile, and lets go when `meanwhile` is done.
async fn answers_late(stack: &TestStack, run: RunId, route: Route, meanwhile: impl AsyncFnOnce()) {
    stack.resend().misbehave(1, [Rule::on(route, Fault::Hold).times(1)]);
    let open = stack.open(run).await.unwrap();
    let (slow, body) = (stack.fresh(&open.performer).await, Message::new(open.id.into(), None).body());
    let told = [body.as_str()];
    let other = async {
        assert!(stack.resend().wait_for_held(1, PATIENCE).await, "{open:?} asks {route:?}");
        stack.pass(LEASE);
        meanwhile().await;
        stack.resend().release();
    };
    tokio::join!(slow.handle(&told, Instant::now()), other);
    stack.resend().behave();
}

#[tokio::test]
async fn an_answer_that_comes_after_another_ones_changes_nothing() {
    let (stack, tenant) = stack().await;
    let run = stack.add_domain(tenant, NAME).await;
    answers_late(&stack, run, Route::ListDomains, async || stack.play(run, "creating", How::Alone).await).await;
    answers_late(&stack, run, Route::CreateDomain, async || stack.play(run, "awaiting_dns", How::Alone).await).await;
    assert_eq!(stack.resend().domains().len(), 1);
    let wanted = stack.wanted(run).await;
    stack.publish(ZONE, &wanted);
    stack.play(run, "verifying", How::Alone).await;
    answers_late(&stack, run, Route::VerifyDomain, async || stack.play(run, "verified", How::Alone).await).await;
    assert_eq!(stack.wanted(run).await, wanted);
    // The provider is still looking again; that is no reason to stop.
    assert!(stack.look(run, None).await.sends);
    assert_eq!(stack.run(run).await.state, "verified");
    stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
    stack.play(run, "deleting", How::Alone).await;
    answers_late(&stack, run, Route::DeleteDomain, async || stack.play(run, "deactivated", How::Alone).await).await;
    assert!(stack.resend().domains().is_empty());
    assert_eq!(stack.told(run).await, ["DomainRecordsReady", "DomainVerified", "DomainDeactivated"]);
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn who_claims_a_name_so_slowly_that_the_domain_is_gone_meanwhile_leaves_no_claim_behind() {
    let (stack, tenant) = stack().await;
    let run = stack.add_domain(tenant, NAME).await;
    answers_late(&stack, run, Route::ListDomains, async || {
        stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
        stack.play(run, "deactivated", How::Alone).await;
    })
    .await;
    assert_eq!(stack.count("provider_domains").await, 0, "nobody has the name");
    // Whoever comes next has it like any other.
    stack.pass(Duration::from_secs(3600));
    let again = stack.verify_by_hand(tenant, NAME, ZONE).await;
    assert!(stack.domain(again).await.sends);
    stack.nothing_unexpected().await;
}
