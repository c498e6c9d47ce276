//! `tenantry local`

use clap::{Args, Subcommand};

/// `tenantry local`
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Mails that the local stack has accepted
    Mail(Mailbox),
}

/// `tenantry local mail`
#[derive(Debug, Args)]
pub struct Mailbox {
    /// Address of the mailbox [default: the one the local stack wrote down]
    #[arg(long, global = true, env = "TENANTRY_MAIL_URL", hide_env_values = true, value_name = "URL")]
    pub mail_url: Option<String>,
    /// What shall be done.
    #[command(subcommand)]
    pub command: MailboxCommand,
}

/// `tenantry local mail ...`
#[derive(Debug, Subcommand)]
pub enum MailboxCommand {
    /// List mails, newest first
    List {
        /// Only to addresses with this in them
        #[arg(long, value_name = "TEXT")]
        to: Option<String>,
    },
    /// Show one mail
    Show {
        /// Its id, from the list
        id: String,
    },
}
