//! Those who start onboardings, change their minds, and read the credential: as the API would, over the same shaky line.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tenantry_kernel::{Workflow as _, advance, line::Lined};
use tenantry_model::{MessageId, RunId, TenantId};
use tenantry_outbox::Outbox;
use tenantry_runtime::{Hints as _, Queues};
use tenantry_store::{
    Db, Result, StoreError,
    runs::{self, Hint, NewRun, Started},
    tenancy::{self, Revealed},
};
use tenantry_workflows::{
    drill::{self, Drill},
    tenant_onboarding::{Data, Input, TenantOnboarding},
};
use tokio::task::JoinSet;

use super::{
    plan::{Guest, Plan, Wish},
    world::World,
};

/// Between two tries of a caller whose request failed.
const AGAIN: Duration = Duration::from_millis(100);
/// After this many tries a caller has lost patience, and the harness its sense.
const MOST_TRIES: u32 = 600;

/// The callers, and what they were told.
pub(super) struct Callers {
    pub(super) db: Db,
    pub(super) hints: Queues,
    pub(super) outbox: Outbox,
    told: Mutex<Told>,
}

/// What callers were told: a promise that must be kept.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Runs that were said to have begun.
    pub begun: Vec<RunId>,
    /// Messages that were said to be stored, and to be sent whatever happens.
    pub acknowledged: Vec<MessageId>,
    /// Wishes that were said to be accepted, with the key that each was told under.
    pub accepted: Vec<(RunId, String)>,
    /// Tasks that were said to be answered.
    pub answered: Vec<uuid::Uuid>,
    /// How often a run's credential was given out.
    pub revealed: HashMap<RunId, u32>,
    /// Wishes and answers that were refused, which is an answer too.
    pub refused: u32,
    /// What a caller could make nothing of.
    pub puzzled: Vec<String>,
}

impl Callers {
    pub(super) async fn new(world: &World) -> Self {
        Self { db: world.db(), hints: world.hints(), outbox: world.outbox(), told: Mutex::default() }
    }

    /// Tenants that are there before anything is broken.
    pub(super) async fn found(&self, number: usize) -> Vec<TenantId> {
        let found = (1..=number).map(|number| self.begin(onboarding(&Guest::house(number))));
        let mut houses = Vec::new();
        for run in futures::future::join_all(found).await {
            houses.push(self.ended(run).await);
        }
        houses
    }

    /// The tenant of a run that nothing stands in the way of.
    async fn ended(&self, run: RunId) -> TenantId {
        for _ in 0..MOST_TRIES {
            let row = patiently("look at a run", async || runs::run(&mut self.db.begin().await?, run).await).await;
            match row.expect("a run that was begun") {
                row if row.status == "completed" => return row.tenant.expect("an onboarding has a tenant"),
                _ => tokio::time::sleep(AGAIN).await,
            }
        }
        panic!("in vain waited for {run} to complete while everything was well");
    }

    /// Everybody comes when the plan says so.
    pub(super) fn come(self: &Arc<Self>, plan: &Plan) -> JoinSet<()> {
        let mut coming = JoinSet::new();
        for guest in plan.guests.clone() {
            let this = self.clone();
            coming.spawn(async move {
                tokio::time::sleep(guest.at).await;
                this.guest(&guest).await;
            });
        }
        for at in plan.drills.clone() {
            let this = self.clone();
            coming.spawn(async move {
                tokio::time::sleep(at).await;
                let change = advance::start::<Drill>(drill::Data::default());
                this.begin(NewRun { change, ..blank(Drill::KIND) }).await;
            });
        }
        coming
    }

    async fn guest(&self, guest: &Guest) {
        let started = if guest.twice {
            let (one, other) = tokio::join!(self.begin(onboarding(guest)), self.begin(onboarding(guest)));
            vec![one, other]
        } else {
            vec![self.begin(onboarding(guest)).await]
        };
        let run = started[0];
        let wishes = async {
            let mut passed = Duration::ZERO;
            for (after, wish) in &guest.wishes {
                tokio::time::sleep(*after - passed).await;
                passed = *after;
                self.wish(run, wish).await;
            }
        };
        let reads = async {
            let Some(after) = guest.read else { return };
            tokio::time::sleep(after).await;
            tokio::join!(self.read_credential(run), self.read_credential(run));
        };
        tokio::join!(wishes, reads);
    }

    /// Begins a run. A caller who heard no answer asks again under the same id, and the same key.
    async fn begin(&self, new: NewRun) -> RunId {
        let begun = patiently("begin a run", || self.try_to_begin(&new)).await;
        let (run, hints) = begun.expect("a run is never refused");
        self.note(|told| told.begun.push(run));
        self.hints.send(hints).await;
        run
    }

    async fn try_to_begin(&self, new: &NewRun) -> Result<(RunId, Vec<Hint>)> {
        let mut tx = self.db.begin().await?;
        let started = match runs::start(&mut tx, new, self.db.timing()).await {
            // It was begun before, and we did not hear.
            Err(error) if error.constraint() == Some("runs_pkey") => return Ok((new.id, Vec::new())),
            started => started?,
        };
        tx.commit().await.map_err(StoreError::from)?;
        Ok(match started {
            Started::New(hints) => (new.id, hints),
            Started::Existing(id) => (id, Vec::new()),
        })
    }

    pub(super) async fn wish(&self, run: RunId, wish: &Wish) {
        let (name, body) = match wish {
            Wish::Cancel => ("cancel", json!({ "reason": "chaos", "cancelledBy": "a caller" })),
            Wish::CallOff => ("cancel", json!({ "by": "a caller" })),
            Wish::Reschedule { wait } => ("reschedule", json!({ "wait": wait, "by": "a caller" })),
            Wish::Update { field, value } => ("update", json!({ "field": field, "value": value })),
        };
        let key = format!("wish-{}", uuid::Uuid::new_v4());
        let told = patiently("tell a wish", || self.try_to_wish(run, name, &body, &key)).await;
        self.settle(told, |told| told.accepted.push((run, key))).await;
    }

    async fn try_to_wish(&self, run: RunId, name: &str, body: &Value, key: &str) -> Result<Vec<Hint>> {
        let mut tx = self.db.begin().await?;
        let row = runs::run(&mut tx, run).await?;
        let kind = tenantry_workflows::kind(&row.kind).ok_or(StoreError::NotFound("kind"))?;
        let event = kind.signal(name, body.clone()).expect("a signal that is known");
        match runs::signal(&mut tx, &row, event, key.to_owned(), self.db.timing()).await {
            // It was told before, and we did not hear.
            Err(error) if error.constraint() == Some("history_key") => Ok(Vec::new()),
            Err(error) => Err(error),
            Ok(hints) => {
                tx.commit().await.map_err(StoreError::from)?;
                Ok(hints)
            }
        }
    }

    /// Two callers may try at once; one of them gets it, once.
    async fn read_credential(&self, run: RunId) {
        // Who did not hear the answer does not get another: that is the price of "once".
        if let Ok(Revealed::Now { .. }) = self.try_to_read(run).await {
            self.note(|told| *told.revealed.entry(run).or_default() += 1);
        }
    }

    async fn try_to_read(&self, run: RunId) -> Result<Revealed> {
        let mut tx = self.db.begin().await?;
        let revealed = tenancy::reveal(&mut tx, run, self.db.clock().now()).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(revealed)
    }

    /// Notes what a caller was told, and sends the hints that follow.
    pub(super) async fn settle(&self, told: Result<Vec<Hint>>, accepted: impl FnOnce(&mut Told)) {
        match told {
            Ok(hints) => {
                self.note(accepted);
                self.hints.send(hints).await;
            }
            Err(StoreError::Deaf(_)) => self.note(|told| told.refused += 1),
            Err(error) => self.note(|told| told.puzzled.push(format!("{error:?}"))),
        }
    }

    /// Makes everything that waits in these runs due now, as a person does who has no patience.
    pub(super) async fn retry_now(&self, run: RunId) {
        let hints = patiently("retry now", || self.try_to_retry(run)).await;
        self.hints.send(hints.expect("nobody refuses that")).await;
    }

    async fn try_to_retry(&self, run: RunId) -> Result<Vec<Hint>> {
        let mut tx = self.db.begin().await?;
        let hints = runs::retry_now(&mut tx, run, self.db.clock().now()).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(hints)
    }

    pub(super) fn note(&self, what: impl FnOnce(&mut Told)) {
        what(&mut self.told.lock().expect("no panic while it is held"));
    }

    /// Everything that callers were told.
    pub(super) fn told(&self) -> Told {
        self.told.lock().expect("no panic while it is held").clone()
    }
}

/// Asks again while the database is away, or somebody else was quicker.
pub(super) async fn patiently<T, F: Future<Output = Result<T>>>(what: &str, mut ask: impl FnMut() -> F) -> Result<T> {
    for _ in 0..MOST_TRIES {
        match ask().await {
            Err(error) if error.is_transient() => tokio::time::sleep(AGAIN).await,
            answer => return answer,
        }
    }
    panic!("in vain tried {MOST_TRIES} times to {what}");
}

fn onboarding(guest: &Guest) -> NewRun {
    let data = Data::new(input(guest), guest.credential);
    let tenant: TenantId = data.own.tenant;
    NewRun {
        tenant: Some(tenant),
        external_key: guest.external_key.clone(),
        change: advance::start::<Lined<TenantOnboarding>>(data),
        ..blank("tenant_onboarding")
    }
}

fn input(guest: &Guest) -> Input {
    let input: Value = json!({
        "tenantName": guest.name,
        "adminUser": { "firstName": "Ada", "lastName": "Lovelace", "email": guest.email },
        "companyName": guest.company,
        "externalKey": guest.external_key,
    });
    serde_json::from_value(input).expect("valid input")
}

fn blank(kind: &'static str) -> NewRun {
    NewRun {
        id: RunId::new(),
        kind,
        tenant: None,
        external_key: None,
        started_by: "chaos".to_owned(),
        trace: None,
        change: advance::start::<Drill>(drill::Data::default()),
    }
}
