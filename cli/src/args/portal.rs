//! `tenantry portal`

use clap::{Args, Subcommand};

use super::{Paging, Repeat};

/// `tenantry portal`
#[derive(Debug, Subcommand)]
pub enum PortalCommand {
    /// Set the hostname of a tenant's portal, and show the DNS record it needs
    Set(PortalSet),
    /// Show a portal: how its hostname stands, what was seen, what to do
    Status(PortalStatus),
    /// Look at its hostname now
    Refresh(WhichPortal),
    /// Try once more what has failed
    Retry(WhichPortal),
    /// Take its hostname down; the portal goes on answering at its canonical host
    Remove(PortalRemove),
    /// List all tenants' hostnames (operators)
    List(PortalList),
    /// Compare the cluster with the hostnames that are wanted, and show the plan (operators)
    Sync(PortalSync),
    /// Have the standing reconcile look now, and wait for it (operators)
    Reconcile(PortalReconcile),
}

/// `tenantry portal set`
#[derive(Debug, Args)]
pub struct PortalSet {
    /// The hostname, such as: portal.example.com
    pub hostname: String,
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
}

/// A portal.
#[derive(Debug, Args)]
pub struct WhichPortal {
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Only this hostname, where one is on its way while another serves
    #[arg(long, value_name = "HOSTNAME")]
    pub domain: Option<String>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry portal status`
#[derive(Debug, Args)]
pub struct PortalStatus {
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Follow it until nothing happens by itself any more
    #[arg(long)]
    pub watch: bool,
    /// Follow it at most this long; exit code 3 when it is not active by then
    #[arg(long, value_name = "SECONDS", requires = "watch")]
    pub wait: Option<u64>,
}

/// `tenantry portal remove`
#[derive(Debug, Args)]
pub struct PortalRemove {
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// This hostname; needed where one is on its way while another serves
    #[arg(long, value_name = "HOSTNAME")]
    pub domain: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// `tenantry portal list`
#[derive(Debug, Args)]
pub struct PortalList {
    /// Only of this tenant (`ten_...`)
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Only with this status: `pending_dns`, `verifying_dns`, `dns_failed`, `pending_certificate`, `certificate_issuing`,
    /// `certificate_failed`, deploying, active, disabled
    #[arg(long)]
    pub status: Option<String>,
    /// Only of this name
    #[arg(long, value_name = "HOSTNAME")]
    pub domain: Option<String>,
    /// Those that are over, too
    #[arg(long)]
    pub gone: bool,
    /// Which part.
    #[command(flatten)]
    pub paging: Paging,
}

/// `tenantry portal sync`
#[derive(Debug, Args)]
pub struct PortalSync {
    /// Commit the manifests, and push them
    #[arg(long)]
    pub commit: bool,
    /// Push them to a branch of their own, for a pull request
    #[arg(long)]
    pub pull_request: bool,
    /// Apply them to the cluster, and delete what is retired; without, the commands that do it are printed
    #[arg(long)]
    pub apply: bool,
    /// Wait at most this long for it
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub wait: u64,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry portal reconcile`
#[derive(Debug, Args)]
pub struct PortalReconcile {
    /// Wait at most this long for it
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub wait: u64,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}
