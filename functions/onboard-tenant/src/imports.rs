//! A turn of an import: what has ended is noted, and other rows are begun in their place.

use std::sync::{Mutex, PoisonError};

use tenantry_kernel::{Workflow as _, advance, line::Lined};
use tenantry_model::{Fault, RunId};
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{
    Db, StoreError, Tx,
    imports::{self, Known, Origin, Ready},
    runs::{Hint, NewRun, Started, start},
};
use tenantry_workflows::{
    tenant_import::{Command, Event},
    tenant_onboarding::{Credential, Data, Input, TenantOnboarding},
};

type Onboarding = Lined<TenantOnboarding>;

/// The operation.
pub struct Imports {
    db: Db,
    at_once: u32,
    credential: Credential,
}

impl Imports {
    /// Imports with at most so many onboardings of one file under way at a time.
    #[must_use]
    pub fn new(db: Db, at_once: u32, credential: Credential) -> Self {
        Self { db, at_once, credential }
    }
}

impl Operation for Imports {
    type Command = Command;
    type Event = Event;
    /// The hints of the onboardings that were begun.
    type Seen = Mutex<Vec<Hint>>;

    fn effect(&self, _: &Command) -> Effect {
        Effect::Rows
    }

    async fn perform(&self, _: &Job, _: &Command) -> Result<Self::Seen, Fault> {
        Ok(Mutex::default())
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, seen: &Self::Seen) -> Result<Event, Fault> {
        let Command::ImportRows { begin } = command;
        imports::settle(tx, job.run, job.now).await?;
        let hints = if *begin {
            self.fill(tx, job).await?
        } else {
            imports::withdraw(tx, job.run, job.now).await?;
            Vec::new()
        };
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = hints;
        let asking = imports::pace(tx, job.run).await?.asking;
        let counts = imports::counts_of(tx, &[job.run]).await?.remove(&job.run).unwrap_or_default();
        Ok(Event::RowsImported { counts, asking })
    }

    fn hints(&self, seen: &Self::Seen) -> Vec<Hint> {
        std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Imports {
    /// Begins as many rows as there is room for. Who waits for a person takes no room: one bad address must not hold up the others.
    async fn fill(&self, tx: &mut Tx, job: &Job) -> Result<Vec<Hint>, StoreError> {
        let room = self.at_once.saturating_sub(imports::pace(tx, job.run).await?.under_way);
        let ready = imports::ready(tx, job.run, room).await?;
        if ready.is_empty() {
            return Ok(Vec::new());
        }
        let origin = imports::origin(tx, job.run).await?;
        let rows: Vec<(Ready, Option<Input>)> =
            ready.into_iter().map(|row| (row.clone(), serde_json::from_value(row.input).ok())).collect();
        let inputs = || rows.iter().filter_map(|(_, input)| input.as_ref());
        let emails: Vec<String> = inputs().map(address).collect();
        let keys: Vec<String> = inputs().filter_map(key).collect();
        let known = imports::known(tx, &emails, &keys).await?;
        let mut hints = Vec::new();
        for (row, input) in rows {
            match input {
                Some(input) => hints.extend(self.begin(tx, job, row.line, input, &known, &origin).await?),
                None => {
                    let words = "this version of the platform cannot read the row any more; import it again";
                    imports::not_begun(tx, job.run, row.line, ("invalid", words), None, job.now).await?;
                }
            }
        }
        Ok(hints)
    }

    async fn begin(
        &self,
        tx: &mut Tx,
        job: &Job,
        line: u32,
        input: Input,
        known: &Known,
        origin: &Origin,
    ) -> Result<Vec<Hint>, StoreError> {
        let (import, now) = (job.run, job.now);
        if let Some((words, run)) = known.clash(&address(&input), key(&input).as_deref()) {
            imports::not_begun(tx, import, line, ("duplicate", words), Some(run), now).await?;
            return Ok(Vec::new());
        }
        let given = key(&input);
        let data = Data::new(input, self.credential);
        let new = NewRun {
            id: RunId::new(),
            kind: Onboarding::KIND,
            tenant: Some(data.own.tenant),
            // A row is one onboarding, whatever happens to us.
            external_key: Some(given.clone().unwrap_or_else(|| format!("import:{import}:{line}"))),
            started_by: origin.by.clone(),
            trace: origin.trace.clone(),
            change: advance::start::<Onboarding>(data),
        };
        match start(tx, &new, self.db.timing()).await? {
            Started::New(hints) => {
                imports::begun(tx, import, line, new.id, now).await?;
                Ok(hints)
            }
            Started::Existing(run) if given.is_some() => {
                let words = "an onboarding with this external key is there already";
                imports::not_begun(tx, import, line, ("duplicate", words), Some(run), now).await?;
                Ok(Vec::new())
            }
            Started::Existing(run) => {
                imports::begun(tx, import, line, run, now).await?;
                Ok(Vec::new())
            }
        }
    }
}

/// The contact address, as it is compared.
fn address(input: &Input) -> String {
    input.admin_user.email.as_str().to_lowercase()
}

/// The caller's own key.
fn key(input: &Input) -> Option<String> {
    input.external_key.as_ref().map(|key| key.as_str().to_owned())
}
