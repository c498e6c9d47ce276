//! `tenantry tenant`

use clap::{Args, Subcommand};

use super::{Await, Paging, Repeat};

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

/// `tenantry tenant list`
#[derive(Debug, Args)]
pub struct TenantList {
    /// Only with this status: provisioning, active, suspended, offboarded
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
