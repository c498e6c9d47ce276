//! What can be typed.

mod audit;
mod bulk;
mod doctor;
mod domain;
mod key;
mod leaving;
mod local;
mod mail;
mod portal;
mod run;
mod shared;
mod task;
mod tenant;
mod webhook;
mod when;

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;

pub use audit::{AuditCommand, AuditExport, AuditList, ExportFormat};
pub use bulk::RunSelection;
pub use doctor::Doctor;
pub use domain::{
    DomainAdd, DomainCheck, DomainCommand, DomainLink, DomainList, DomainRecords, DomainRemove, DomainWatch,
    RecordsFormat, WhichDomain,
};
pub use key::{KeyCommand, KeyCreate};
pub use leaving::{ExportCommand, TenantExport, TenantOffboard};
pub use local::{DnsCommand, LocalCommand, LocalDns, Mailbox, MailboxCommand, Purpose, ZoneCommand};
pub use mail::{
    Clearable, Letter, MailBatch, MailCommand, MailExplain, MailList, MailSend, MailWatch, PreferenceCommand,
    ProviderCommand, SendingSwitch, SettingsCommand, SettingsSet, SuppressionCommand, Switch, TemplateCommand,
    TemplateName, TemplatePut, Variables, WhichWords,
};
pub use portal::{
    PortalCommand, PortalList, PortalReconcile, PortalRemove, PortalSet, PortalStatus, PortalSync, WhichPortal,
};
pub use run::{RunCancel, RunCommand, RunList, RunSignal, RunTurn, RunWatch};
use shared::assignment;
pub use shared::{Await, Json, Paging, Repeat};
pub use task::{TaskAnswer, TaskCommand, TaskList};
pub use tenant::{FileFormat, ImportsCommand, Onboard, TenantChange, TenantCommand, TenantImport, TenantList};
pub use webhook::{
    EndpointTurn, WebhookAdd, WebhookCommand, WebhookDeliveries, WebhookReplay, WebhookTest, WebhookUpdate,
    WhichEndpoint,
};
pub use when::When;

/// Exit codes, as `--help` tells them.
const EXIT_CODES: &str = "Exit codes: 0 done; 1 error, or a run that ended other than completed; 2 wrong usage; \
                          3 not ready yet; 4 not allowed; 130 interrupted.";

/// Onboard tenants, follow their runs, answer what the platform asks.
#[derive(Debug, Parser)]
#[command(name = "tenantry", version, after_help = EXIT_CODES, max_term_width = 120)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What shall be done.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Address of the API [default: the configuration file's, else the local stack's]
    #[arg(long, global = true, env = "TENANTRY_URL", hide_env_values = true, value_name = "URL", help_heading = "API")]
    pub url: Option<String>,
    /// Bearer token or API key; better in the environment or the configuration file than typed
    #[arg(
        long,
        global = true,
        env = "TENANTRY_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        help_heading = "API"
    )]
    pub token: Option<SecretString>,
    /// Print the API's JSON, and problems as JSON on standard error
    #[arg(long, global = true, help_heading = "API")]
    pub json: bool,
}

/// What shall be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tenants: onboard, show, list, import
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Runs: list, show, watch, signal; retry, cancel, pause, resume, one or many
    #[command(subcommand)]
    Run(RunCommand),
    /// Questions to people: list, show, claim, release, answer
    #[command(subcommand)]
    Task(TaskCommand),
    /// Mail: send, list, show, explain; settings, suppressions, templates
    #[command(subcommand)]
    Mail(MailCommand),
    /// Sending domains of tenants' own: add, list, show, check, watch, records, link, remove, orphans
    #[command(subcommand)]
    Domain(DomainCommand),
    /// Hostnames of portals: set, status, refresh, retry, remove, list; and how they come into the cluster: sync, reconcile
    #[command(subcommand)]
    Portal(PortalCommand),
    /// Where tenants are told of events: list, add, show, update, remove, rotate, test, deliveries, replay, types
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Look at the DNS of a sending domain: what is there, what is wrong, what to do; needs no account
    Doctor(Doctor),
    /// A health run through every queue, a timer and the database
    Drill {
        /// How long to wait.
        #[command(flatten)]
        wait: Await,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// The audit log: list, verify, export
    #[command(subcommand)]
    Audit(AuditCommand),
    /// API keys: create, list, revoke
    #[command(subcommand)]
    ApiKey(KeyCommand),
    /// Who I am to the API, and what I may do
    Me,
    /// The local stack's mailbox and DNS
    #[command(subcommand)]
    Local(LocalCommand),
    /// Print the completion script of a shell
    Completion {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_token_is_in_no_debug_output() {
        let cli = Cli::try_parse_from(["tenantry", "--token", "tk_hidden", "me"]).unwrap();
        assert!(cli.global.token.is_some());
        assert!(!format!("{cli:?}").contains("tk_hidden"));
    }
}
