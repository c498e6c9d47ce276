//! Commands in, rows and answers out.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tenantry_model::{ErrorClass, Fault, RunId, TenantId};
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{
    Timing, Tx,
    export::{self, NewPage},
    offboard::{self, Removed, Withdrawal},
    runs::Hint,
};
use tenantry_workflows::{
    tenant_export::{self, Written},
    tenant_offboarding::{Command, Event},
};

use crate::export::Pages;

/// About so many rows are removed by one transaction.
const BATCH: u32 = 2_000;
/// Longer than a page takes.
const PAGE: Duration = Duration::from_secs(25);
/// As [`tenantry_store::Db::timing`] has it, which an operation does not see: the sweeper looks at a hint that was lost after so long.
const HINT_PATIENCE: Duration = Duration::from_secs(60);

async fn write(tx: &mut Tx, job: &Job, page: &NewPage) -> Result<(Written, bool), Fault> {
    if export::too_late(tx, job.run).await? {
        return Err(Fault::new(
            ErrorClass::ValidationError,
            "the tenant's rows are being removed, and some would be missing",
        ));
    }
    let written = export::write_page(tx, job.run, page, job.now).await?;
    Ok((written, page.place.is_none()))
}

/// The commands of an export alone.
#[derive(Debug, Clone)]
pub struct Exports {
    pages: Pages,
}

impl Exports {
    /// Exports by these pages.
    #[must_use]
    pub fn new(pages: Pages) -> Self {
        Self { pages }
    }
}

impl Operation for Exports {
    type Command = tenant_export::Command;
    type Event = tenant_export::Event;
    type Seen = NewPage;

    fn effect(&self, _: &Self::Command) -> Effect {
        Effect::Rows
    }

    fn time_out(&self) -> Duration {
        PAGE
    }

    async fn perform(&self, job: &Job, command: &Self::Command) -> Result<NewPage, Fault> {
        let tenant_export::Command::ExportPage { tenant, page } = command;
        self.pages.read(job.run, *tenant, *page).await
    }

    async fn record(&self, tx: &mut Tx, job: &Job, _: &Self::Command, page: &NewPage) -> Result<Self::Event, Fault> {
        let (written, complete) = write(tx, job, page).await?;
        Ok(tenant_export::Event::PageWritten { written, complete })
    }
}

/// The commands of an offboarding.
#[derive(Debug, Clone)]
pub struct Offboardings {
    pages: Pages,
}

impl Offboardings {
    /// Offboardings that export by these pages.
    #[must_use]
    pub fn new(pages: Pages) -> Self {
        Self { pages }
    }
}

/// What is written, or the hints of what was.
pub enum Seen {
    /// A page of the export.
    Page(NewPage),
    /// Hints that follow from rows.
    Rows(Mutex<Vec<Hint>>),
}

impl Seen {
    fn leave(&self, hints: Vec<Hint>) {
        if let Self::Rows(left) = self {
            *left.lock().unwrap_or_else(PoisonError::into_inner) = hints;
        }
    }
}

impl Operation for Offboardings {
    type Command = Command;
    type Event = Event;
    type Seen = Seen;

    fn effect(&self, _: &Command) -> Effect {
        Effect::Rows
    }

    fn time_out(&self) -> Duration {
        PAGE
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<Seen, Fault> {
        match command {
            Command::ExportPage { tenant, page } => Ok(Seen::Page(self.pages.read(job.run, *tenant, *page).await?)),
            _ => Ok(Seen::Rows(Mutex::default())),
        }
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, seen: &Seen) -> Result<Event, Fault> {
        let timing = Timing { now: job.now, hint_patience: HINT_PATIENCE };
        match (command, seen) {
            (Command::ExportPage { .. }, Seen::Page(page)) => {
                let (written, complete) = write(tx, job, page).await?;
                Ok(Event::PageWritten { written, complete })
            }
            (Command::ExportPage { .. }, Seen::Rows(_)) => {
                unreachable!("a page is performed for the command that asks for it")
            }
            (Command::RestoreTenant { tenant }, seen) => {
                seen.leave(offboard::restore(tx, *tenant, job.run, job.now).await?);
                Ok(Event::Restored)
            }
            (Command::Withdraw { tenant }, seen) => {
                let Withdrawal { left, hints } = offboard::withdraw(tx, *tenant, job.run, timing).await?;
                seen.leave(hints);
                Ok(Event::Withdrawn { left })
            }
            (Command::RemoveRows { tenant, .. }, _) => remove(tx, *tenant, job.run, timing).await,
        }
    }

    fn hints(&self, seen: &Seen) -> Vec<Hint> {
        match seen {
            Seen::Page(_) => Vec::new(),
            Seen::Rows(hints) => std::mem::take(&mut *hints.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

async fn remove(tx: &mut Tx, tenant: TenantId, run: RunId, timing: Timing) -> Result<Event, Fault> {
    Ok(match offboard::remove_rows(tx, tenant, run, BATCH, timing).await? {
        Removed::Some(rows) => Event::RowsRemoved { rows, complete: false },
        Removed::All(rows) => Event::RowsRemoved { rows, complete: true },
        Removed::Open(name) => Event::Withdrawn { left: vec![name] },
    })
}
