//! `tenantry audit`

use clap::{Args, Subcommand, ValueEnum};

use super::Paging;

/// `tenantry audit`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List who did what, newest first
    List(AuditList),
    /// Check that no line was changed or taken out; exit code 1 when one was
    Verify {
        /// The log of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID", conflicts_with = "all")]
        tenant: Option<String>,
        /// Every log you may see: the platform's own, and each tenant's
        #[arg(long)]
        all: bool,
    },
    /// Write a whole log into a file, oldest line first
    Export(AuditExport),
}

/// `tenantry audit export`
#[derive(Debug, Args)]
pub struct AuditExport {
    /// The log of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// How lines are written
    #[arg(long, value_enum, default_value_t = ExportFormat::Ndjson)]
    pub format: ExportFormat,
    /// The file, which must not be there yet; `-` writes to standard output
    #[arg(long, value_name = "FILE")]
    pub out: String,
}

/// How lines of a log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A JSON object in each line
    Ndjson,
    /// A table for spreadsheets
    Csv,
}

impl ExportFormat {
    /// As the API calls it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }
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
