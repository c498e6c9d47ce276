//! Pauses at the very moment of everything else.

use std::collections::HashSet;

use futures::future::{join, join_all};
use tenantry_model::{CommandId, RunId};
use tenantry_store::{StoreError, runs};
use tenantry_tests::{Onboard, TestStack};

use super::{STILL, claim, drill, echo, pause, resume};

#[tokio::test]
async fn of_a_pause_and_a_claim_at_the_same_moment_nothing_is_lost_and_nothing_is_begun_afterwards() {
    let stack = TestStack::with(&[], STILL).await;
    for _ in 0..5 {
        let mut begun: Vec<(RunId, CommandId)> = Vec::new();
        for _ in 0..16 {
            begun.push(drill(&stack).await);
        }
        let ids: Vec<CommandId> = begun.iter().map(|(_, command)| *command).collect();
        let claims = join_all(ids.chunks(4).map(|some| claim(&stack, "onboard-tenant", some)));
        let (claimed, _) = join(claims, join_all(begun.iter().map(|(run, _)| pause(&stack, *run)))).await;
        let claimed: Vec<_> = claimed.into_iter().flatten().collect();
        // Once the pauses are there, nobody begins anything.
        assert!(claim(&stack, "onboard-tenant", &ids).await.is_empty());
        // Whoever was faster may end what they have.
        for one in &claimed {
            assert!(echo(&stack, one).await.hints.is_empty());
        }
        let mut hinted = HashSet::new();
        for (run, _) in &begun {
            let hints = resume(&stack, *run).await;
            assert_eq!(hints.len(), 1, "each run goes on with one command");
            hinted.insert(hints[0].command);
        }
        let answered: HashSet<CommandId> = claimed.iter().map(|one| one.lease.command).collect();
        let left: HashSet<CommandId> = ids.iter().copied().collect();
        assert_eq!(left.intersection(&hinted).count(), ids.len() - answered.len(), "what was not begun is begun now");
        assert_eq!(hinted.len(), ids.len());
        for (run, _) in begun {
            stack.signal(run, "cancel", serde_json::json!({})).await.unwrap();
        }
    }
}

#[tokio::test]
async fn onboardings_that_are_paused_and_resumed_all_the_time_are_done_once() {
    let stack = TestStack::start().await;
    let began: Vec<RunId> = join_all((0..8).map(|_| async { stack.onboard(&Onboard::another()).await })).await;
    join_all(began.iter().map(|run| async {
        for _ in 0..6 {
            let mut tx = stack.db().begin().await.unwrap();
            match runs::pause(&mut tx, *run, "ada", None, stack.db().clock().now()).await {
                Ok(()) => tx.commit().await.unwrap(),
                // It has ended.
                Err(StoreError::Changed) => return,
                Err(error) => panic!("{error}"),
            }
            let mut tx = stack.db().begin().await.unwrap();
            match runs::resume(&mut tx, *run, "ada", stack.db().timing()).await {
                Ok(hints) => {
                    tx.commit().await.unwrap();
                    stack.hint(hints).await;
                }
                // What was under way has ended it, and so the pause.
                Err(StoreError::Changed) => return,
                Err(error) => panic!("{error}"),
            }
        }
    }))
    .await;
    for run in &began {
        stack.ends(*run, "completed").await;
        let places: Vec<i32> = stack.history(*run).await.iter().map(|line| line.seq).collect();
        assert_eq!(places, (1..=i32::try_from(places.len()).unwrap()).collect::<Vec<_>>(), "without gaps");
    }
    assert_eq!(stack.count("tenants where status = 'active'").await, 8);
    assert_eq!(stack.mail().mailbox().total(), 8, "each welcome once");
    assert_eq!(stack.count("history where outcome = 'unexpected'").await, 0);
}
