//! `tenantry run`

use clap::{Args, Subcommand};

use super::{Json, Paging, Repeat, RunSelection};

/// `tenantry run`
#[derive(Debug, Subcommand)]
pub enum RunCommand {
    /// List runs, newest first
    List(RunList),
    /// Show one run and its timeline (with --json: the run)
    Show {
        /// Its id (`run_...`)
        id: String,
    },
    /// Show what happened in a run, and what it waits for
    Timeline {
        /// Its id (`run_...`)
        id: String,
    },
    /// Follow a run until it has ended or a person is asked
    Watch(RunWatch),
    /// Tell a run something, such as: update '{"field":"contractLine","value":"pro"}'
    Signal(RunSignal),
    /// Make retries that wait for their time due now
    Retry(RunSelection),
    /// Cancel: what a run has made is removed, unless its tenant is active already
    Cancel(RunCancel),
    /// Pause: nothing of a run is begun until it is resumed
    Pause(RunTurn),
    /// Let paused runs go on: what came due meanwhile happens now
    Resume(RunTurn),
    /// Read the temporary password an onboarding has made; it can be read only once
    Credential {
        /// Its id (`run_...`)
        id: String,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
}

/// `tenantry run list`
#[derive(Debug, Args)]
pub struct RunList {
    /// Only of this tenant (`ten_...`)
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Only of this kind, such as tenant_onboarding, email_domain, drill
    #[arg(long)]
    pub kind: Option<String>,
    /// Only with this status: running, waiting, completed, failed, rolled_back, cancelled
    #[arg(long)]
    pub status: Option<String>,
    /// Only in this state
    #[arg(long)]
    pub state: Option<String>,
    /// Only with an error of this class, such as EmailError
    #[arg(long, value_name = "CLASS")]
    pub error_class: Option<String>,
    /// Only with this key of yours
    #[arg(long, value_name = "KEY")]
    pub external_key: Option<String>,
    /// Only about what begins like this: a domain, a hostname, a tenant's name or slug; or the id of a run
    #[arg(long, value_name = "TEXT")]
    pub entity: Option<String>,
    /// Only those that are paused
    #[arg(long)]
    pub paused: bool,
    /// Which part.
    #[command(flatten)]
    pub paging: Paging,
}

/// `tenantry run pause` and `tenantry run resume`
#[derive(Debug, Args)]
pub struct RunTurn {
    /// Which runs.
    #[command(flatten)]
    pub selection: RunSelection,
    /// Why, for the history
    #[arg(long)]
    pub reason: Option<String>,
}

/// `tenantry run cancel`
#[derive(Debug, Args)]
pub struct RunCancel {
    /// Which runs.
    #[command(flatten)]
    pub selection: RunSelection,
    /// Why, for the history
    #[arg(long)]
    pub reason: Option<String>,
    /// Only say whether it would be accepted, and what would be removed; exit code 1 when it would not
    #[arg(long, conflicts_with = "reason")]
    pub preview: bool,
}

/// `tenantry run watch`
#[derive(Debug, Args)]
pub struct RunWatch {
    /// Its id (`run_...`)
    pub id: String,
    /// Watch at most this long; exit code 3 when the run has not ended [default: as long as it takes]
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
    /// Go on watching while a person is asked
    #[arg(long)]
    pub past_tasks: bool,
}

/// `tenantry run signal`
#[derive(Debug, Args)]
pub struct RunSignal {
    /// Its id (`run_...`)
    pub id: String,
    /// The signal, such as: update
    pub name: String,
    /// What goes with it
    #[arg(value_name = "JSON", default_value = "{}")]
    pub body: Json,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}
