//! What people are asked about a domain, each with each of its answers; and what nobody but an operator sees.

use std::time::Duration;

use local::Run;
use serde_json::json;
use tenantry_model::{RunId, TenantId};
use tenantry_standins::resend::{Fault, Route, Rule, Status};
use tenantry_store::{
    Clock, Db, DbOptions, DbRole, Scope,
    runs::{self, TaskFilter},
};
use tenantry_tests::{TestStack, domains::DOMAINS, rivals::Rivals, wait::until};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

async fn stack() -> TestStack {
    TestStack::with(&DOMAINS, Run::ALL).await
}

async fn one(stack: &TestStack) -> Rivals<'_> {
    let tenants = stack.tenants(2).await;
    let mut rivals = Rivals::new(stack, "acme.test", [tenants[0], tenants[1]]);
    rivals.adds(0).await;
    rivals
}

/// The open question, by its name, and whether the tenant is asked; a word that is none of its answers is refused with those that are.
async fn asked(stack: &TestStack, run: RunId) -> (String, bool) {
    let task = stack.task(run).await;
    let kind = tenantry_workflows::kind("email_domain").unwrap();
    let refused = kind.answered(&task.task, json!({ "action": "whatever" }), "ada").unwrap_err();
    for choice in task.schema["properties"]["action"]["oneOf"].as_array().unwrap() {
        assert!(refused.contains(choice["const"].as_str().unwrap()), "{refused}");
    }
    let operators: bool = sqlx::query_scalar("select operators_only from tasks where id = $1")
        .bind(task.id.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    (task.name, !operators)
}

/// How the tasks of a run ended: name and status, oldest first.
async fn ends(stack: &TestStack, run: RunId) -> Vec<(String, String)> {
    sqlx::query_as("select name, status from tasks where run_id = $1 order by created_at, id")
        .bind(run.0)
        .fetch_all(&stack.sql)
        .await
        .unwrap()
}

fn answered(name: &str, times: usize) -> Vec<(String, String)> {
    vec![(name.to_owned(), "answered".to_owned()); times]
}

/// The provider is asked, and does not look; then `then` is what it says.
async fn asks_the_provider(rivals: &mut Rivals<'_>, then: Option<Status>) {
    let (stack, run) = (rivals.stack, rivals.run(0));
    stack.resend().misbehave(1, [Rule::on(Route::VerifyDomain, Fault::HoldVerification)]);
    stack.publish(&rivals.zone, &stack.wanted(run).await);
    stack.signal(run, "dnsConfigured", json!({})).await.unwrap();
    if let Some(status) = then {
        is_told(rivals, 1, status).await;
    } else {
        rivals.rests("nothing is said").await;
    }
}

/// The provider was asked so often in all, and now says this.
async fn is_told(rivals: &mut Rivals<'_>, times: u64, status: Status) {
    let stack = rivals.stack;
    until("the provider to be asked", || async {
        (stack.resend().requests(Route::VerifyDomain) == times).then_some(())
    })
    .await;
    assert!(stack.resend().finish_verification(&rivals.name, status));
    rivals.rests("it says so").await;
}

#[tokio::test]
async fn whether_to_go_on_waiting() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    let run = rivals.run(0);
    rivals.waits(HOUR).await;
    assert_eq!(asked(&stack, run).await, ("StillWaiting".to_owned(), true));
    rivals.is_answered(0, "contact_support").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.notices(run, "OperatorAsked").await), ("awaiting_dns", 1));
    rivals.waits(DAY).await;
    rivals.is_answered(0, "continue_waiting").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.notices(run, "OperatorAsked").await), ("awaiting_dns", 1));
    rivals.waits(DAY).await;
    rivals.is_answered(0, "cancel_setup").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("deactivated", 0));
    assert_eq!(ends(&stack, run).await, answered("StillWaiting", 3));
}

#[tokio::test]
async fn a_question_whose_time_is_over_is_withdrawn_and_the_life_goes_on() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    let run = rivals.run(0);
    rivals.waits(HOUR).await;
    let task = stack.task(run).await;
    rivals.waits(DAY).await;
    let withdrawn = vec![("StillWaiting".to_owned(), "withdrawn".to_owned())];
    until("the sweeper to withdraw it", || async { (ends(&stack, run).await == withdrawn).then_some(()) }).await;
    assert_eq!(rivals.state(0).await, "awaiting_dns");
    // Whoever has the page open still is too late.
    let (row, timing) = (stack.run(run).await, stack.db().timing());
    let event = tenantry_workflows::kind("email_domain").unwrap();
    let event = event.answered(&task.task, json!({ "action": "cancel_setup" }), "ada").unwrap();
    let mut tx = stack.db().begin().await.unwrap();
    assert!(runs::answer_task(&mut tx, &row, &task, event, json!({}), "ada", timing).await.is_err());
    drop(tx);
    rivals.publishes(0).await;
    assert_eq!(rivals.state(0).await, "verified");
    assert_eq!(ends(&stack, run).await, withdrawn);
}

#[tokio::test]
async fn what_to_do_when_the_provider_says_no() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    let run = rivals.run(0);
    asks_the_provider(&mut rivals, Some(Status::Failed)).await;
    assert_eq!(asked(&stack, run).await, ("VerificationFailed".to_owned(), true));
    rivals.is_answered(0, "contact_support").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.notices(run, "OperatorAsked").await), ("refused", 1));
    stack.answer(run, json!({ "action": "retry_verification" })).await;
    is_told(&mut rivals, 2, Status::Failed).await;
    rivals.is_answered(0, "cancel_setup").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("deactivated", 0));
    assert_eq!(ends(&stack, run).await, answered("VerificationFailed", 3));
}

#[tokio::test]
async fn what_to_do_when_the_provider_says_nothing() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    let run = rivals.run(0);
    asks_the_provider(&mut rivals, None).await;
    assert_eq!(asked(&stack, run).await, ("VerificationUndecided".to_owned(), false));
    rivals.is_answered(0, "escalate").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.notices(run, "OperatorAsked").await), ("undecided", 2));
    rivals.is_answered(0, "retry").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.notices(run, "OperatorAsked").await), ("undecided", 3));
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 1, "it is looking already");
    rivals.is_answered(0, "cancel_setup").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("deactivated", 0));
    assert_eq!(ends(&stack, run).await, answered("VerificationUndecided", 3));
}

#[tokio::test]
async fn an_operator_may_say_that_a_domain_is_verified() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    let run = rivals.run(0);
    asks_the_provider(&mut rivals, None).await;
    stack.answer(run, json!({ "action": "override" })).await;
    stack.rest(&rivals.name).await;
    assert_eq!(rivals.state(0).await, "verified");
    let domain = stack.domain(run).await;
    assert!(domain.sends && domain.is_default);
    assert_eq!(stack.resend().domains()[0].status, Status::Pending, "whatever the provider says");
}

#[tokio::test]
async fn what_to_do_when_something_broke() {
    let stack = stack().await;
    stack.resend().registered_elsewhere("mail.acme.test");
    let mut rivals = one(&stack).await;
    let run = rivals.run(0);
    assert_eq!(asked(&stack, run).await, ("SomethingBroke".to_owned(), true));
    rivals.is_answered(0, "escalate").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.notices(run, "OperatorAsked").await), ("broken", 2));
    rivals.is_answered(0, "retry").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().requests(Route::CreateDomain)), ("broken", 2));
    rivals.is_answered(0, "cancel_setup").await;
    assert_eq!(rivals.state(0).await, "deactivated");
    assert_eq!(ends(&stack, run).await, answered("SomethingBroke", 3));
}

#[tokio::test]
async fn what_to_do_when_the_records_never_came() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    let run = rivals.run(0);
    // Seven days are over: `domains::watch` lives through them look by look.
    let failed = async || {
        sqlx::query("update timers set due_at = $2 where run_id = $1 and name = 'GuardOver'")
            .bind(run.0)
            .bind(stack.db().clock().now())
            .execute(&stack.sql)
            .await
            .unwrap();
        stack.domain_in(run, "failed").await;
    };
    failed().await;
    assert_eq!(asked(&stack, run).await, ("SetupFailed".to_owned(), true));
    let before = stack.notices(run, "OperatorAsked").await;
    rivals.is_answered(0, "contact_support").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.notices(run, "OperatorAsked").await), ("failed", before + 1));
    rivals.is_answered(0, "try_again").await;
    assert_eq!(rivals.state(0).await, "awaiting_dns");
    failed().await;
    rivals.is_answered(0, "cancel_setup").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("deactivated", 0));
    let ends: Vec<_> = ends(&stack, run).await.into_iter().filter(|(name, _)| name == "SetupFailed").collect();
    assert_eq!(ends, answered("SetupFailed", 3));
}

#[tokio::test]
async fn what_to_do_when_a_domain_cannot_be_removed() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    let run = rivals.run(0);
    stack.breaks_at(Route::DeleteDomain, None);
    rivals.removes(0).await;
    assert_eq!(asked(&stack, run).await, ("RemovalStuck".to_owned(), false));
    rivals.is_answered(0, "escalate").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.notices(run, "OperatorAsked").await), ("deletion_stuck", 2));
    stack.resend().behave();
    rivals.is_answered(0, "retry").await;
    assert_eq!((rivals.state(0).await.as_str(), stack.resend().domains().len()), ("deactivated", 0));
    assert_eq!(ends(&stack, run).await, answered("RemovalStuck", 2));
}

/// The database as the API sees it.
fn api_of(stack: &TestStack) -> Db {
    let options = DbOptions {
        url: stack.database.url.clone().into(),
        max_connections: 2,
        patience: Duration::from_secs(5),
        role: DbRole::Api,
        hint_patience: Duration::from_secs(60),
    };
    Db::new(&options, Clock::default()).unwrap()
}

/// The names of the open tasks that somebody sees.
async fn sees(db: &Db, scope: Scope) -> Vec<String> {
    let mut tx = db.begin_as(scope).await.unwrap();
    let filter = TaskFilter { status: Some("open".into()), limit: 100, ..TaskFilter::default() };
    runs::tasks(&mut tx, &filter).await.unwrap().into_iter().map(|task| task.name).collect()
}

#[tokio::test]
async fn what_operators_are_asked_no_tenant_sees_and_its_own_signal_withdraws_it_all_the_same() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    rivals.publishes(0).await;
    rivals.adds(1).await;
    assert_eq!(rivals.state(1).await, "disputed");
    let [first, second]: [TenantId; 2] = rivals.tenants;
    let api = api_of(&stack);
    assert_eq!(sees(&api, Scope::Platform).await, ["SettleDispute"]);
    for tenant in [first, second] {
        assert!(sees(&api, Scope::Tenant(tenant)).await.is_empty());
    }
    // As the other, it sees no domain either.
    let mut tx = api.begin_as(Scope::Tenant(first)).await.unwrap();
    assert!(runs::run(&mut tx, rivals.run(1)).await.is_err());
    assert!(tenantry_store::domains::domain(&mut tx, rivals.run(1)).await.is_err());
    drop(tx);

    let kind = tenantry_workflows::kind("email_domain").unwrap();
    let event = kind.signal("remove", json!({ "by": "ada" })).unwrap();
    let mut tx = api.begin_as(Scope::Tenant(second)).await.unwrap();
    let run = runs::run(&mut tx, rivals.run(1)).await.unwrap();
    let hints = runs::signal(&mut tx, &run, event, "once".to_owned(), stack.db().timing()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ends(&stack, rivals.run(1)).await, [("SettleDispute".to_owned(), "withdrawn".to_owned())]);
    stack.hint(hints).await;
    rivals.rests("removed by its own tenant").await;
    assert_eq!(rivals.state(1).await, "deactivated");
}

#[tokio::test]
async fn nobody_withdraws_the_tasks_of_another_tenant() {
    let stack = stack().await;
    let mut rivals = one(&stack).await;
    rivals.waits(HOUR).await;
    stack.task(rivals.run(0)).await;
    let api = api_of(&stack);
    let [own, other] = rivals.tenants;
    for (tenant, status) in [(other, "open"), (own, "withdrawn")] {
        let mut tx = api.begin_as(Scope::Tenant(tenant)).await.unwrap();
        sqlx::query("select withdraw_tasks($1, null, null, null, now())")
            .bind(rivals.run(0).0)
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ends(&stack, rivals.run(0)).await, [("StillWaiting".to_owned(), status.to_owned())]);
    }
}
