//! `tenantry api-key`

use clap::{Args, Subcommand};

use super::{Paging, Repeat};

/// `tenantry api-key`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key; its secret is shown once
    Create(KeyCreate),
    /// List keys, without their secrets
    List {
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// Which part.
        #[command(flatten)]
        paging: Paging,
    },
    /// Revoke a key, at once and for good
    Revoke {
        /// Its id (`key_...`)
        id: String,
    },
}

/// `tenantry api-key create`
#[derive(Debug, Args)]
pub struct KeyCreate {
    /// What it is for
    #[arg(long)]
    pub name: String,
    /// What it may do, such as tenants.read; repeat it or separate by commas
    #[arg(
        long = "permission",
        visible_alias = "permissions",
        value_name = "PERMISSION",
        value_delimiter = ',',
        required = true
    )]
    pub permissions: Vec<String>,
    /// How long it works [default: until it is revoked]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub expires_in_days: Option<u32>,
    /// For this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}
