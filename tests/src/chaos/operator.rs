//! The person who answers tasks: at random, sometimes twice at once, and some never.

use std::{collections::HashMap, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tenantry_model::{RunId, TaskId};
use tenantry_store::{
    Db, Result, StoreError,
    runs::{self, Hint, TaskFilter, TaskRow},
};
use tokio::{sync::oneshot, task::JoinHandle};

use super::{
    callers::{Callers, patiently},
    world::World,
};

/// How often the operator looks.
const LOOKS: Duration = Duration::from_millis(300);
/// Tasks of one run that are answered at random; afterwards it is given up, so that every run comes to an end.
const MOST_ANSWERS: u32 = 4;

/// The operator at work.
pub(super) struct Operator {
    stop: oneshot::Sender<()>,
    work: JoinHandle<()>,
}

impl Operator {
    pub(super) fn start(world: &Arc<World>, callers: Arc<Callers>, seed: u64) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let (db, world) = (world.db(), world.clone());
        let work = tokio::spawn(async move {
            let mut desk = Desk { db, world, callers, seed, seen: HashMap::new(), answered: HashMap::new() };
            while stopped.try_recv().is_err() {
                desk.look().await;
                tokio::time::sleep(LOOKS).await;
            }
        });
        Self { stop, work }
    }

    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        self.work.await.expect("the operator does not panic");
    }
}

struct Desk {
    db: Db,
    world: Arc<World>,
    callers: Arc<Callers>,
    seed: u64,
    seen: HashMap<TaskId, Option<Value>>,
    answered: HashMap<RunId, u32>,
}

impl Desk {
    async fn look(&mut self) {
        let Ok(open) = self.open().await else { return };
        for task in open {
            let (seed, world, answered) = (self.seed, &self.world, &mut self.answered);
            let choice = self.seen.entry(task.id).or_insert_with(|| {
                let nth = answered.entry(task.run).or_default();
                *nth += 1;
                match offers(&task, "send_again") {
                    true => settle(seed, &task, world, *nth),
                    false => choose(seed, &task, *nth),
                }
            });
            let Some(answer) = choice.clone() else { continue };
            // Two people at once, sometimes: one of them is told that it is answered already.
            if answer["action"] == "resend" {
                tokio::join!(self.answer(&task, answer.clone()), self.answer(&task, answer.clone()));
            } else {
                self.answer(&task, answer).await;
            }
        }
    }

    async fn open(&self) -> Result<Vec<TaskRow>> {
        let filter = TaskFilter { status: Some("open".to_owned()), limit: 1_000, ..TaskFilter::default() };
        runs::tasks(&mut self.db.begin().await?, &filter).await
    }

    async fn answer(&self, task: &TaskRow, answer: Value) {
        let told = patiently("answer a task", || self.try_to_answer(task, &answer)).await;
        if let Some(told) = told.transpose() {
            self.callers.settle(told, |told| told.answered.push(task.id.0)).await;
        }
    }

    /// None: somebody has answered it already, or nobody needs the answer any more.
    async fn try_to_answer(&self, task: &TaskRow, answer: &Value) -> Result<Option<Vec<Hint>>> {
        let mut tx = self.db.begin().await?;
        if runs::task(&mut tx, task.id).await?.status != "open" {
            return Ok(None);
        }
        let run = runs::run(&mut tx, task.run).await?;
        let kind = tenantry_workflows::kind(&run.kind).ok_or(StoreError::NotFound("kind"))?;
        let event = kind.answered(&task.task, answer.clone(), "operator").expect("an answer that fits");
        let (answer, timing) = (answer.clone(), self.db.timing());
        let hints = runs::answer_task(&mut tx, &run, task, event, answer, "operator", timing).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(Some(hints))
    }
}

/// What the operator does about a run's `nth` task; nothing for those that nobody answers.
fn choose(seed: u64, task: &TaskRow, nth: u32) -> Option<Value> {
    if offers(task, "retry") {
        return Some(json!({ "action": "retry" }));
    }
    let name = task.context["tenantName"].as_str().unwrap_or_default();
    let of_name = name.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let mut rng = fastrand::Rng::with_seed(seed ^ of_name.rotate_left(20) ^ u64::from(nth));
    let only_resend = !offers(task, "give_up");
    match rng.u32(0..20) {
        0 => None,
        _ if only_resend => Some(json!({ "action": "resend" })),
        _ if nth > MOST_ANSWERS => Some(json!({ "action": "give_up" })),
        1..4 => Some(json!({ "action": "give_up" })),
        // One of the addresses that others may have, too.
        4 => Some(json!({ "action": "correct_address", "email": "corrected@shared.example" })),
        5..9 => {
            let email = format!("corrected-{:x}@elsewhere.example", rng.u64(..));
            Some(json!({ "action": "correct_address", "email": email }))
        }
        _ => Some(json!({ "action": "resend" })),
    }
}

fn offers(task: &TaskRow, action: &str) -> bool {
    let offered = task.schema["properties"]["action"]["enum"].as_array();
    offered.is_some_and(|offered| offered.iter().any(|one| one == action))
}

/// What the operator says became of a message: after a look at the log of the mail server, and not always right about it.
fn settle(seed: u64, task: &TaskRow, world: &World, nth: u32) -> Option<Value> {
    let mut rng = fastrand::Rng::with_seed(seed ^ (task.run.0.as_u128() as u64) ^ u64::from(nth));
    let arrived = world.accepted().keys().any(|(_, id)| id.0 == task.run.0);
    let action = match rng.u32(0..20) {
        0 => return None,
        1 if nth <= MOST_ANSWERS => "send_again",
        2 => "give_up",
        _ if arrived => "sent",
        3..12 if nth <= MOST_ANSWERS => "send_again",
        _ => "give_up",
    };
    Some(json!({ "action": action }))
}
