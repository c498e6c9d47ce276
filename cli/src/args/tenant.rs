//! `tenantry tenant`

use clap::{Args, Subcommand, ValueEnum};

use super::{Await, Paging, Repeat, TenantExport, TenantOffboard};

/// `tenantry tenant`
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Create a tenant with its administrator, and welcome them by mail
    Onboard(Box<Onboard>),
    /// Show one tenant
    Show {
        /// Its id (`ten_...`)
        id: String,
    },
    /// List tenants
    List(TenantList),
    /// Let nobody of it in and stop its mail, until it is resumed
    Suspend {
        /// Its id (`ten_...`)
        id: String,
        /// Why, for whoever looks at it later
        #[arg(long, value_name = "WHY")]
        reason: String,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Let its people in again; mail that waited leaves
    Resume {
        /// Its id (`ten_...`)
        id: String,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Give it another name, contact or plan
    Change(TenantChange),
    /// Have it leave: export, grace period, removal; begin with --dry-run
    Offboard(TenantOffboard),
    /// Show how it leaves
    Offboarding {
        /// Its id (`ten_...`)
        id: String,
    },
    /// Bring it back while it is leaving
    Restore {
        /// Its id (`ten_...`)
        id: String,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Do not wait for the end of the grace period: it cannot come back from then on
    RemoveNow {
        /// Its id (`ten_...`)
        id: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Write everything that is its own into a file, or verify such a file
    Export(Box<TenantExport>),
    /// Onboard a file of tenants, CSV or one JSON object per line
    Import(TenantImport),
    /// Imports: list, show, rows
    #[command(subcommand)]
    Imports(ImportsCommand),
}

/// `tenantry tenant import`
#[derive(Debug, Args)]
pub struct TenantImport {
    /// The file; `-` reads standard input. CSV has a header row: tenantName, firstName, lastName, email, and where wanted companyName,
    /// contractLine, externalKey
    pub file: String,
    /// What the file is written in [default: as its name ends: .csv, or .ndjson and .jsonl]
    #[arg(long, value_enum)]
    pub format: Option<FileFormat>,
    /// Only say what the file holds, and what of it cannot be used; exit code 1 when there is any
    #[arg(long)]
    pub dry_run: bool,
    /// Follow it until every row has come to its end; exit code 1 when one was not onboarded
    #[arg(long, conflicts_with = "dry_run")]
    pub watch: bool,
    /// Follow it at most this long; exit code 3 when it has not ended [default: as long as it takes]
    #[arg(long, value_name = "SECONDS", requires = "watch")]
    pub wait: Option<u64>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// Comma-separated values.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

/// `tenantry tenant imports`
#[derive(Debug, Subcommand)]
pub enum ImportsCommand {
    /// List imports, newest first
    List {
        /// Which part.
        #[command(flatten)]
        paging: Paging,
    },
    /// Show an import, and how its rows stand
    Show {
        /// Its run (`run_...`)
        id: String,
    },
    /// List the rows of an import, and what became of each
    Rows {
        /// The import's run (`run_...`)
        id: String,
        /// Only with this status: waiting, running, succeeded, failed, invalid, duplicate, cancelled
        #[arg(long)]
        status: Option<String>,
        /// Which part.
        #[command(flatten)]
        paging: Paging,
    },
}

/// `tenantry tenant onboard`
#[derive(Debug, Args)]
pub struct Onboard {
    /// The tenant's name
    #[arg(long, required_unless_present = "file")]
    pub name: Option<String>,
    /// Given name of its first administrator
    #[arg(long, value_name = "NAME", required_unless_present = "file")]
    pub admin_first_name: Option<String>,
    /// Family name of its first administrator
    #[arg(long, value_name = "NAME", required_unless_present = "file")]
    pub admin_last_name: Option<String>,
    /// Address of its first administrator, who gets the welcome mail
    #[arg(long, value_name = "ADDRESS", required_unless_present = "file")]
    pub admin_email: Option<String>,
    /// Name of its first company
    #[arg(long, value_name = "NAME")]
    pub company: Option<String>,
    /// Its plan [default: basic]
    #[arg(long, value_name = "PLAN")]
    pub contract_line: Option<String>,
    /// Your own key of this tenant: the same key again is the same run
    #[arg(long, value_name = "KEY")]
    pub external_key: Option<String>,
    /// All of the above from a JSON file as the API takes it; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "name", "admin_first_name", "admin_last_name", "admin_email", "company", "contract_line", "external_key",
    ])]
    pub file: Option<String>,
    /// Show the temporary password at the end; it can be read only once
    #[arg(long, conflicts_with = "no_wait")]
    pub reveal_password: bool,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Await,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry tenant change`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub struct TenantChange {
    /// Its id (`ten_...`)
    pub id: String,
    /// Its name; its hosts and addresses stay
    #[arg(long, group = "what")]
    pub name: Option<String>,
    /// Its contact address
    #[arg(long, value_name = "ADDRESS", group = "what")]
    pub email: Option<String>,
    /// Its plan
    #[arg(long, value_name = "PLAN", group = "what")]
    pub contract_line: Option<String>,
}

/// `tenantry tenant list`
#[derive(Debug, Args)]
pub struct TenantList {
    /// Only with this status: provisioning, active, suspended, offboarding, offboarded
    #[arg(long)]
    pub status: Option<String>,
    /// Only with this key of yours
    #[arg(long, value_name = "KEY")]
    pub external_key: Option<String>,
    /// Only with this text in name or address
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// Which part.
    #[command(flatten)]
    pub paging: Paging,
}
