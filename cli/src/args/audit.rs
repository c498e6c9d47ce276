//! `tenantry audit`

use clap::{Args, Subcommand};

use super::Paging;

/// `tenantry audit`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List who did what, newest first
    List(AuditList),
    /// Check that no line was changed or taken out; exit code 1 when one was
    Verify {
        /// The log of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
    },
}

/// `tenantry audit list`
#[derive(Debug, Args)]
pub struct AuditList {
    /// The log of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Only this action, such as tenant.onboard
    #[arg(long)]
    pub action: Option<String>,
    /// Only by this actor
    #[arg(long)]
    pub actor: Option<String>,
    /// Only about this id
    #[arg(long, value_name = "ID")]
    pub subject: Option<String>,
    /// Which part.
    #[command(flatten)]
    pub paging: Paging,
}
