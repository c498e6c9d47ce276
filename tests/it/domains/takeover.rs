//! Two tenants, one name: what becomes of the second, whatever the first has done.

use std::time::Duration;

use local::Run;
use serde_json::json;
use tenantry_model::TenantId;
use tenantry_standins::resend::{Fault, Route, Rule, Status};
use tenantry_tests::{TestStack, domains::DOMAINS, rivals::Rivals, wait::PATIENCE};

/// Whoever adds the name first, and whoever wants it too.
const FIRST: usize = 0;
const SECOND: usize = 1;
const DAY: Duration = Duration::from_secs(86_400);

async fn stack() -> (TestStack, [TenantId; 2]) {
    let stack = TestStack::with(&DOMAINS, Run::ALL).await;
    let tenants = stack.tenants(2).await;
    (stack, [tenants[0], tenants[1]])
}

/// A name that the first tenant sends from.
async fn taken<'a>(stack: &'a TestStack, tenants: [TenantId; 2]) -> Rivals<'a> {
    let mut rivals = Rivals::new(stack, "acme.test", tenants);
    rivals.adds(FIRST).await;
    rivals.publishes(FIRST).await;
    assert_eq!(rivals.state(FIRST).await, "verified");
    rivals
}

/// Which records somebody is shown, and of the provider's domain of the name, which id.
async fn shown(rivals: &Rivals<'_>, who: usize) -> usize {
    rivals.stack.wanted(rivals.run(who)).await.len()
}

#[tokio::test]
async fn who_adds_a_name_first_and_has_not_the_zone_loses_it_to_whoever_has() {
    let (stack, tenants) = stack().await;
    let mut rivals = Rivals::new(&stack, "acme.test", tenants);
    rivals.adds(FIRST).await;
    assert_eq!(shown(&rivals, FIRST).await, 5);
    let key = stack.wanted(rivals.run(FIRST)).await[3].value.clone();

    // The owner is shown its own text and nothing of what the other was told.
    rivals.adds(SECOND).await;
    assert_eq!((rivals.state(SECOND).await.as_str(), shown(&rivals, SECOND).await), ("awaiting_dns", 1));
    rivals.publishes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "verified");
    assert_eq!(stack.wanted(rivals.run(SECOND)).await[3].value, key, "the provider has one domain of a name");

    // The other is shown its own text again, and cannot be verified by records that are there for the owner.
    assert_eq!(shown(&rivals, FIRST).await, 1);
    rivals.refreshes(FIRST).await;
    rivals.waits(DAY).await;
    assert_eq!(rivals.state(FIRST).await, "awaiting_dns");
    // Its leaving takes nothing away.
    rivals.removes(FIRST).await;
    assert_eq!(rivals.state(FIRST).await, "deactivated");
    assert_eq!((rivals.state(SECOND).await.as_str(), stack.resend().requests(Route::DeleteDomain)), ("verified", 0));
}

#[tokio::test]
async fn the_records_of_sending_verify_nobody_whose_own_text_is_not_there() {
    let (stack, tenants) = stack().await;
    let mut rivals = Rivals::new(&stack, "acme.test", tenants);
    rivals.adds(FIRST).await;
    let mut records = stack.wanted(rivals.run(FIRST)).await;
    let text = records.remove(0);
    // Somebody talked the owner of the zone into publishing these, or published a text of that name that is another's.
    rivals.puts(&records);
    stack.dns().add(&text.name, "TXT", 300, "tenantry-verify=00000000000000000000000000").unwrap();
    stack.dns().add(&text.name, "TXT", 300, &format!("{}x", text.value)).unwrap();
    stack.dns().add(&text.name, "TXT", 300, text.value.trim_start_matches("tenantry-verify=")).unwrap();
    rivals.refreshes(FIRST).await;
    let report = stack.domain(rivals.run(FIRST)).await.report.unwrap();
    let statuses: Vec<_> = report["records"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses[1..4], ["detected"; 3], "{report}");
    assert_eq!(rivals.state(FIRST).await, "awaiting_dns");
    for _ in 0..6 {
        rivals.waits(DAY).await;
        assert_eq!(rivals.state(FIRST).await, "awaiting_dns");
    }
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 0, "nobody asks for what is not proven");
    rivals.waits(DAY).await;
    assert_eq!(rivals.state(FIRST).await, "failed");
    // With its own text it is verified.
    rivals.publishes(FIRST).await;
    assert_eq!(rivals.state(FIRST).await, "verified");
}

#[tokio::test]
async fn both_texts_in_a_zone_leave_the_name_to_whoever_came_first_and_ask_an_operator() {
    let (stack, tenants) = stack().await;
    let mut rivals = Rivals::new(&stack, "acme.test", tenants);
    rivals.adds(FIRST).await;
    rivals.adds(SECOND).await;
    // The first one's text is there, its other records are not: nothing is decided yet.
    rivals.puts(&stack.wanted(rivals.run(FIRST)).await[..1]);
    rivals.refreshes(FIRST).await;
    assert!(stack.domain(rivals.run(FIRST)).await.proven_at.is_some());
    rivals.publishes(SECOND).await;
    assert_eq!((rivals.state(FIRST).await.as_str(), rivals.state(SECOND).await.as_str()), ("awaiting_dns", "disputed"));
    assert_eq!(stack.task(rivals.run(SECOND)).await.name, "SettleDispute");
    assert_eq!(stack.notices(rivals.run(SECOND), "OperatorAsked").await, 1);
    rivals.publishes(FIRST).await;
    assert_eq!(rivals.state(FIRST).await, "verified");
    for _ in 0..3 {
        rivals.refreshes(SECOND).await;
        assert_eq!(rivals.state(SECOND).await, "disputed");
    }
    assert_eq!(stack.notices(rivals.run(SECOND), "OperatorAsked").await, 1, "who insists does not write again");
    // The tenant reads of another account, and not of whose.
    let error = stack.domain(rivals.run(SECOND)).await.error.unwrap();
    assert!(error["message"].as_str().unwrap().contains("another account of this platform"), "{error}");
    assert!(!error.to_string().contains(&tenants[FIRST].to_string()));
}

#[tokio::test]
async fn nobody_gets_a_name_that_another_tenant_sends_from_or_did() {
    let (stack, tenants) = stack().await;
    let mut rivals = taken(&stack, tenants).await;
    rivals.adds(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "disputed");
    // Not even with its own text in the zone, nor by an operator's word as long as the other has it.
    rivals.publishes(SECOND).await;
    rivals.is_answered(SECOND, "allow").await;
    assert_eq!((rivals.state(FIRST).await.as_str(), rivals.state(SECOND).await.as_str()), ("verified", "disputed"));

    // Degraded: it is the first one's all the same.
    assert!(stack.resend().finish_verification(&rivals.name, Status::Failed));
    rivals.refreshes(FIRST).await;
    assert_eq!(rivals.state(FIRST).await, "degraded");
    rivals.is_answered(SECOND, "allow").await;
    rivals.publishes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "disputed");
    rivals.is_answered(SECOND, "refuse").await;
    assert_eq!(rivals.state(SECOND).await, "deactivated");
    assert_eq!(stack.resend().requests(Route::DeleteDomain), 0, "who never had it deletes nothing");
    rivals.publishes(FIRST).await;
    assert_eq!(rivals.state(FIRST).await, "verified");
}

#[tokio::test]
async fn a_name_that_was_released_cools_down_and_is_then_free_by_itself() {
    let (stack, tenants) = stack().await;
    let mut rivals = taken(&stack, tenants).await;
    // While it is being removed.
    stack.resend().misbehave(1, [Rule::on(Route::DeleteDomain, Fault::Hold)]);
    stack.signal(rivals.run(FIRST), "remove", json!({})).await.unwrap();
    assert!(stack.resend().wait_for_held(1, PATIENCE).await, "the provider is asked to delete it");
    assert_eq!(rivals.state(FIRST).await, "deleting");
    let second = stack.add_domain(tenants[SECOND], &rivals.name).await;
    rivals.runs[SECOND] = Some(second);
    stack.domain_in(second, "disputed").await;
    stack.resend().behave();
    stack.resend().release();
    rivals.rests("the deletion ends").await;
    assert_eq!(rivals.state(FIRST).await, "deactivated");

    // Within the time of the first.
    rivals.refreshes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "disputed");
    rivals.waits(DAY * 6).await;
    rivals.publishes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "disputed", "its text is no reason");
    // The first may come back to its own at once.
    rivals.adds(FIRST).await;
    assert_eq!((rivals.state(FIRST).await.as_str(), shown(&rivals, FIRST).await), ("awaiting_dns", 5));
    rivals.removes(FIRST).await;
    // Its time is over.
    rivals.forgets_texts();
    rivals.waits(DAY + Duration::from_secs(60)).await;
    assert_eq!((rivals.state(SECOND).await.as_str(), shown(&rivals, SECOND).await), ("awaiting_dns", 5));
    rivals.publishes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "verified");
}

#[tokio::test]
async fn an_operators_word_shortens_the_time_and_lasts_until_the_zone_is_shown() {
    let (stack, tenants) = stack().await;
    let mut rivals = taken(&stack, tenants).await;
    rivals.removes(FIRST).await;
    rivals.forgets_texts();
    // Somebody has put a domain of that name into the account by hand: the zone has to be shown first.
    let left = stack.resend().add_domain(&rivals.name, Status::NotStarted).unwrap();
    rivals.adds(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "disputed");
    rivals.is_answered(SECOND, "allow").await;
    assert_eq!((rivals.state(SECOND).await.as_str(), shown(&rivals, SECOND).await), ("awaiting_dns", 1));
    rivals.publishes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "verified");
    assert_eq!(stack.resend().domains()[0].id, left.id);

    // Who has it keeps it, also when the provider loses it while the other's time still runs.
    assert!(stack.resend().remove_domain(&rivals.name));
    stack.domain_in(rivals.run(SECOND), "degraded").await;
    rivals.rests("the provider has lost it").await;
    rivals.publishes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "verified");
    assert_eq!(stack.resend().domains().len(), 1);
}

#[tokio::test]
async fn a_deletion_that_fails_leaves_the_name_where_it_is() {
    let (stack, tenants) = stack().await;
    let mut rivals = taken(&stack, tenants).await;
    stack.breaks_at(Route::DeleteDomain, None);
    rivals.removes(FIRST).await;
    assert_eq!(rivals.state(FIRST).await, "deletion_stuck");
    rivals.forgets_texts();
    rivals.adds(SECOND).await;
    rivals.publishes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "disputed", "the first has it until it is gone");
    rivals.is_answered(SECOND, "allow").await;
    assert_eq!(rivals.state(SECOND).await, "disputed");

    stack.breaks_at(Route::DeleteDomain, Some(3));
    rivals.is_answered(FIRST, "retry").await;
    assert_eq!((rivals.state(FIRST).await.as_str(), stack.resend().domains().len()), ("deactivated", 0));
    rivals.is_answered(SECOND, "allow").await;
    rivals.publishes(SECOND).await;
    assert_eq!(rivals.state(SECOND).await, "verified");
}

#[tokio::test]
async fn what_an_unproven_tenant_could_not_delete_goes_to_whoever_shows_the_zone() {
    let (stack, tenants) = stack().await;
    let mut rivals = Rivals::new(&stack, "acme.test", tenants);
    rivals.adds(FIRST).await;
    stack.breaks_at(Route::DeleteDomain, None);
    rivals.removes(FIRST).await;
    assert_eq!(rivals.state(FIRST).await, "deletion_stuck");
    let left = stack.resend().domains()[0].id.clone();
    rivals.adds(SECOND).await;
    rivals.publishes(SECOND).await;
    assert_eq!((rivals.state(SECOND).await.as_str(), &stack.resend().domains()[0].id), ("verified", &left));
    // The deletion is tried again, and there is nothing to delete any more for the one who asked for it.
    stack.resend().behave();
    rivals.is_answered(FIRST, "retry").await;
    assert_eq!((rivals.state(FIRST).await.as_str(), rivals.state(SECOND).await.as_str()), ("deactivated", "verified"));
    assert_eq!(stack.resend().domains().len(), 1);
}
