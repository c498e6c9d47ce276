//! What an offboarding knows, hears, asks and tells.

use serde::{Deserialize, Serialize};
use tenantry_model::{Fault, TenantId};

use super::State;
use crate::tenant_export::Written;

/// What an offboarding knows. No address: it outlives its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Who leaves.
    pub tenant: TenantId,
    /// Its name, for whoever looks for this run.
    #[serde(default)]
    pub name: String,
    /// Why, in the words of whoever began it.
    pub reason: String,
    /// Days in which the tenant may come back, 0 to 90.
    pub grace_days: u32,
    /// Nobody was told of it yet.
    #[serde(default)]
    pub fresh: bool,
    /// What was exported.
    #[serde(default)]
    pub written: Written,
    /// It goes without an export: a person has decided so.
    #[serde(default)]
    pub without_export: bool,
    /// Nobody waits for the end of the grace period: a person has decided so.
    #[serde(default)]
    pub hurried_by: Option<String>,
    /// Who has called it off.
    #[serde(default)]
    pub restored_by: Option<String>,
    /// Looks at what is still to be taken down, as far as it matters for the next wait.
    #[serde(default)]
    pub looks: u32,
    /// Names that are still being taken down.
    #[serde(default)]
    pub left: Vec<String>,
    /// Batches of rows that were removed.
    #[serde(default)]
    pub batches: u32,
    /// Rows that were removed.
    #[serde(default)]
    pub removed: u64,
    /// What to go back to when what went wrong is mended.
    #[serde(default)]
    pub stuck_in: Option<State>,
    /// What stands in the way.
    #[serde(default)]
    pub fault: Option<Fault>,
}

impl Data {
    /// An offboarding that has just begun.
    #[must_use]
    pub fn new(tenant: TenantId, name: String, reason: String, grace_days: u32) -> Self {
        Self {
            tenant,
            name,
            reason,
            grace_days,
            fresh: true,
            written: Written::default(),
            without_export: false,
            hurried_by: None,
            restored_by: None,
            looks: 0,
            left: Vec::new(),
            batches: 0,
            removed: 0,
            stuck_in: None,
            fault: None,
        }
    }
}

/// What an offboarding hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// A page of the export is written.
    PageWritten {
        /// All that is written by now.
        written: Written,
        /// It was the last one.
        complete: bool,
    },
    /// Every domain and hostname of the tenant was asked to go; these are not gone yet.
    Withdrawn {
        /// Their names.
        left: Vec<String>,
    },
    /// A batch of rows is removed.
    RowsRemoved {
        /// How many.
        rows: u64,
        /// Nothing is left but what stays.
        complete: bool,
    },
    /// The tenant stands as it did before.
    Restored,
    /// A person wants the tenant back.
    RestoreAsked {
        /// Who.
        by: String,
    },
    /// A person wants the grace period to be over.
    RemoveNowAsked {
        /// Who.
        by: String,
    },
    /// A person wants it tried again.
    RetryChosen {
        /// Who.
        by: String,
    },
    /// A person wants to go on without the export.
    GoOnChosen {
        /// Who.
        by: String,
    },
}

/// What an offboarding asks. All of it is asked of `offboard-tenant`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// Read a page of rows, and write it as parts; answers [`Event::PageWritten`].
    ExportPage {
        /// Whose.
        tenant: TenantId,
        /// Which page, counted from 1.
        page: u32,
    },
    /// Give the tenant the status back that it had; answers [`Event::Restored`].
    RestoreTenant {
        /// Whose.
        tenant: TenantId,
    },
    /// Ask the lives of the tenant's domains and hostnames to take them down; answers [`Event::Withdrawn`]. Nothing is deleted by this.
    Withdraw {
        /// Whose.
        tenant: TenantId,
    },
    /// Remove a batch of rows, children first; answers [`Event::RowsRemoved`], or [`Event::Withdrawn`] where something is not gone.
    RemoveRows {
        /// Whose.
        tenant: TenantId,
        /// Which batch, counted from 1.
        batch: u32,
    },
}

/// What an offboarding waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// The tenant does not come back any more.
    GraceOver,
    /// It is time to remind of that.
    Reminder,
    /// What is still to be taken down is looked at again.
    LookAgain,
    /// Something has not been taken down for a day.
    TooLong,
}

/// What somebody is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Notice {
    /// A tenant is leaving: no mail, no logins.
    OffboardingStarted {
        /// Who.
        tenant: TenantId,
        /// Days in which it may come back.
        days: u32,
    },
    /// It is removed soon.
    OffboardingReminder {
        /// Who.
        tenant: TenantId,
        /// Days that are left.
        days: u32,
    },
    /// It has come back.
    TenantRestored {
        /// Who.
        tenant: TenantId,
    },
    /// It is gone.
    TenantOffboarded {
        /// Who.
        tenant: TenantId,
    },
    /// The platform's operators are told of something.
    OperatorAsked {
        /// What.
        title: String,
        /// In full.
        text: String,
    },
}

/// What an operator is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Task {
    /// The export cannot be made. What now?
    ExportStuck,
    /// Rows cannot be changed. Again?
    RowsStuck,
}
