//! What operators do to runs: they look for them, hold them, turn many at once, and take the tasks they ask.

mod bulk;
mod inbox;
mod log;
mod pause;
mod race;
mod search;

use serde_json::json;
use tenantry_kernel::{EntryKind, Input, advance, workflow::Heard};
use tenantry_model::{CommandId, RunId};
use tenantry_store::runs::{self, Ahead, Claimed, Committed, Hint, NewRun, Of, Source, Started};
use tenantry_tests::TestStack;
use tenantry_workflows::drill::{Data, Drill};

/// A stack in which nothing happens by itself.
const STILL: local::Run = local::Run { workers: false, sweeper: false, ..local::Run::ALL };

/// A drill that was begun, and its first command.
async fn drill(stack: &TestStack) -> (RunId, CommandId) {
    let id = RunId::new();
    let new = NewRun {
        id,
        kind: "drill",
        tenant: None,
        external_key: None,
        started_by: "test".to_owned(),
        trace: None,
        change: advance::start::<Drill>(Data::default()),
    };
    let mut tx = stack.db().begin().await.unwrap();
    let Started::New(hints) = runs::start(&mut tx, &new, stack.db().timing()).await.unwrap() else {
        panic!("it has no key");
    };
    tx.commit().await.unwrap();
    (id, hints[0].command)
}

/// Takes what is due of these commands, for half a minute.
async fn claim(stack: &TestStack, performer: &str, ids: &[CommandId]) -> Vec<Claimed> {
    runs::claim(stack.db(), performer, ids, std::time::Duration::from_secs(30)).await.unwrap()
}

async fn pause(stack: &TestStack, run: RunId) {
    let mut tx = stack.db().begin().await.unwrap();
    runs::pause(&mut tx, run, "ada", Some("to look at it"), stack.db().clock().now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn resume(stack: &TestStack, run: RunId) -> Vec<Hint> {
    let mut tx = stack.db().begin().await.unwrap();
    let hints = runs::resume(&mut tx, run, "ada", stack.db().timing()).await.unwrap();
    tx.commit().await.unwrap();
    hints
}

/// Whoever has claimed a drill's echo answers it, and would go on with the next command at once.
async fn echo(stack: &TestStack, claimed: &Claimed) -> Committed {
    let mut claimed = claimed.clone();
    claimed.refresh(stack.db()).await.unwrap();
    let kind = tenantry_workflows::kind("drill").unwrap();
    let heard = Heard::Event(json!({ "name": "Echoed" }));
    let input = Input { kind: EntryKind::Answer, epoch: Some(claimed.epoch), heard };
    let change = kind.advance(&claimed.life, input).unwrap();
    let of = Of { run: claimed.run, seq: claimed.seq, kind: "drill", tenant: None, trace: None };
    let source = Source::Command { lease: claimed.lease, attempt: claimed.attempt, ended: "done" };
    let next = change.commands.first().map_or("none", |command| command.performer);
    let ahead = Ahead { performer: next, lease: std::time::Duration::from_secs(30) };
    let mut tx = stack.db().begin().await.unwrap();
    let committed = runs::advance(&mut tx, &of, &source, &change, Some(ahead), stack.db().timing()).await.unwrap();
    tx.commit().await.unwrap();
    committed
}
