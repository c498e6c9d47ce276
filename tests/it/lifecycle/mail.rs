//! Mail of a tenant that is suspended stops, and goes on.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use tenantry_model::{RunId, TenantId};
use tenantry_standins::smtp::{Fault, Rule, Stage};
use tenantry_tests::{TestStack, wait::until};

use super::{resume, suspend};
use crate::api::Caller;

/// A message of another tenant has left: whoever gives turns has looked at every lane that is open since it was accepted.
async fn the_lanes_were_looked_at(stack: &TestStack, other: TenantId) {
    let id = stack.post(vec![stack.draft(other, "barrier@x.example")]).await[0];
    stack.settles(id, "sent").await;
}

/// Every recipient of a mail that has left, the barrier's left out; each must have got one.
fn recipients(stack: &TestStack) -> BTreeSet<String> {
    let all: Vec<String> = stack.mail().mailbox().messages().iter().flat_map(|mail| mail.to.clone()).collect();
    let ours: Vec<String> = all.into_iter().filter(|to| !to.starts_with("barrier")).collect();
    let each: BTreeSet<String> = ours.iter().cloned().collect();
    assert_eq!(each.len(), ours.len(), "somebody got it twice: {ours:?}");
    each
}

async fn states(stack: &TestStack, ids: &[RunId]) -> Vec<String> {
    let mut states = Vec::new();
    for id in ids {
        states.push(stack.run(*id).await.state);
    }
    states
}

#[tokio::test]
async fn what_was_accepted_before_waits_and_leaves_once_when_the_tenant_is_resumed() {
    let stack = TestStack::start().await;
    let tenants = stack.tenants(2).await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "451 4.7.1 later").to("busy").times(1)]);
    let deferred = stack.post(vec![stack.draft(tenants[0], "busy@x.example")]).await;
    stack.settles(deferred[0], "deferred").await;
    let drafts = |from: u32| (from..from + 3).map(|n| stack.draft(tenants[0], &format!("user{n}@x.example"))).collect();
    let (scheduled, _) = stack.store(drafts(0), 600).await;

    suspend(&stack, tenants[0]).await;
    // Not by the API, which would refuse it: what was under way to be accepted.
    let (late, hints) = stack.store(drafts(3), 0).await;
    stack.hint(hints).await;
    stack.pass(Duration::from_secs(86_400));
    let waiting = [deferred, scheduled, late].concat();
    until("all of them to wait for their turns", || async {
        states(&stack, &waiting).await.iter().all(|state| state == "queued").then_some(())
    })
    .await;
    the_lanes_were_looked_at(&stack, tenants[1]).await;
    assert_eq!(states(&stack, &waiting).await, vec!["queued"; 7]);
    assert_eq!(recipients(&stack), BTreeSet::new());
    let seen = Caller::operator(&stack).get(&format!("/v1/messages/msg_{}", waiting[1].0.simple())).await;
    assert_eq!(seen.body["next"]["code"], "suspended", "{seen:?}");

    resume(&stack, tenants[0]).await;
    for id in &waiting {
        // The tenant's usual limit lets a tenth of a minute's messages leave at once.
        stack.settles(*id, "sent").await;
    }
    assert_eq!(recipients(&stack).len(), 7);
}

#[tokio::test]
async fn a_message_that_is_being_handed_over_may_finish() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    stack.mail().misbehave(1, [Rule::at(Stage::BeforeAccept, Fault::Slow(Duration::from_secs(1)))]);
    let id = stack.post(vec![stack.draft(tenant, "ada@x.example")]).await[0];
    stack.settles(id, "sending").await;
    suspend(&stack, tenant).await;
    assert_eq!(stack.run(id).await.state, "sending", "the suspension did not wait for it");
    stack.settles(id, "sent").await;
    assert_eq!(recipients(&stack).len(), 1);
}

#[tokio::test]
async fn after_the_suspension_no_turn_is_given_however_the_two_meet() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0"), ("EMAIL_BATCH", "2")], local::Run::ALL).await;
    let tenants = stack.tenants(2).await;
    let turns = "history h join runs r on r.id = h.run_id and r.kind = 'email_delivery'
                 join messages m on m.id = r.id and m.recipients <> '{barrier@x.example}' where h.name = 'Admitted'";
    let mut all = Vec::new();
    for round in 0..8 {
        let drafts = (0..10).map(|n| stack.draft(tenants[0], &format!("user{round}-{n}@x.example"))).collect();
        let (posted, _) = tokio::join!(stack.post(drafts), suspend(&stack, tenants[0]));
        all.extend(posted);
        let given = stack.count(turns).await;
        the_lanes_were_looked_at(&stack, tenants[1]).await;
        assert_eq!(stack.count(turns).await, given, "round {round}: a turn was given to a suspended tenant");
        let (_, drafts) = tokio::join!(resume(&stack, tenants[0]), async {
            (10..15).map(|n| stack.draft(tenants[0], &format!("user{round}-{n}@x.example"))).collect()
        });
        all.extend(stack.post(drafts).await);
    }
    for id in &all {
        stack.settles(*id, "sent").await;
    }
    assert_eq!(recipients(&stack).len(), all.len());
}

#[tokio::test]
async fn a_pause_and_a_suspension_do_not_lift_each_other() {
    let stack = TestStack::start().await;
    let tenants = stack.tenants(2).await;
    let operator = Caller::operator(&stack);
    let sending = |turn: &str| format!("/v1/tenants/{}/sending/{turn}", tenants[0]);
    let why = json!({ "reason": "too many complaints" });
    for pause_first in [true, false] {
        if pause_first {
            assert_eq!(operator.post(&sending("pause"), why.clone()).await.status, 200);
            suspend(&stack, tenants[0]).await;
        } else {
            suspend(&stack, tenants[0]).await;
            assert_eq!(operator.post(&sending("pause"), why.clone()).await.status, 200);
        }
        let id = stack.post(vec![stack.draft(tenants[0], &format!("{pause_first}@x.example"))]).await[0];
        // One of the two is lifted, then the other.
        if pause_first {
            resume(&stack, tenants[0]).await;
        } else {
            assert_eq!(operator.post(&sending("resume"), why.clone()).await.body["changed"], true);
        }
        stack.pass(Duration::from_secs(3600));
        the_lanes_were_looked_at(&stack, tenants[1]).await;
        assert_eq!(stack.run(id).await.state, "queued", "paused first: {pause_first}");
        if pause_first {
            assert_eq!(operator.post(&sending("resume"), why.clone()).await.body["changed"], true);
        } else {
            resume(&stack, tenants[0]).await;
        }
        stack.settles(id, "sent").await;
    }
}

#[tokio::test]
async fn nothing_new_is_accepted_of_a_tenant_that_is_suspended_or_leaving() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    let operator = Caller::operator(&stack);
    let wanted = json!({ "tenantId": tenant, "to": "ada@x.example", "subject": "s", "text": "t" });
    suspend(&stack, tenant).await;
    assert_eq!(operator.post("/v1/messages", wanted.clone()).await.problem(), (403, "tenant_suspended"));
    resume(&stack, tenant).await;
    super::status::leave(&stack, tenant).await;
    let got = operator.post("/v1/messages", wanted).await;
    assert_eq!(got.problem(), (403, "tenant_offboarding"));
    assert!(got.body["detail"].as_str().unwrap().contains("is leaving"), "{got:?}");
    assert_eq!(stack.count("messages").await, 0);
    // What waits in the lane of one that is leaving waits as well.
    let id = stack.post(vec![stack.draft(tenant, "ada@x.example")]).await[0];
    assert_eq!((stack.count("lanes where shut").await, stack.run(id).await.state.as_str()), (1, "queued"));
    assert_eq!(tenantry_store::runs::lanes_ready(stack.db()).await.unwrap(), (0, None));
}
