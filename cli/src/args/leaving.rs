//! `tenantry tenant offboard`, `restore`, `export` and what belongs to them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Await, Repeat};

/// `tenantry tenant offboard`
#[derive(Debug, Args)]
pub struct TenantOffboard {
    /// Its id (`ten_...`)
    pub id: String,
    /// Only say what would happen, and when
    #[arg(long)]
    pub dry_run: bool,
    /// Why, for whoever looks at it later; it outlives the tenant, so no names of people
    #[arg(long, value_name = "WHY", required_unless_present = "dry_run")]
    pub reason: Option<String>,
    /// Days in which it can be brought back
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=90))]
    pub grace_days: u32,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry tenant export`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct TenantExport {
    /// Something with a file that is there.
    #[command(subcommand)]
    pub command: Option<ExportCommand>,
    /// Its id (`ten_...`)
    #[arg(required = true)]
    pub id: Option<String>,
    /// The file to write, gzip: one JSON object per line
    #[arg(long, value_name = "FILE", required = true)]
    pub out: Option<PathBuf>,
    /// Write an export that is there already, such as that of an offboarding (its run, `run_...`)
    #[arg(long, value_name = "RUN")]
    pub of: Option<String>,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Await,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry tenant export verify`
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Read a file back: every row and every byte is there; needs no account
    Verify {
        /// The file
        file: PathBuf,
    },
}
