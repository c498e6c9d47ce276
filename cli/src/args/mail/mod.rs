//! `tenantry mail`

mod letter;
mod settings;
mod template;

use clap::{Args, Subcommand};

use super::{Paging, Repeat, When, assignment};
pub use letter::{Letter, Variables};
pub use settings::{Clearable, PreferenceCommand, SettingsCommand, SettingsSet, SuppressionCommand, Switch};
pub use template::{TemplateCommand, TemplateName, TemplatePut, WhichWords};

/// `tenantry mail`
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Send a message
    Send(Box<MailSend>),
    /// Send up to 100 messages from a file, one JSON object per line, as the API takes them
    Batch(MailBatch),
    /// List messages, newest first; search by whatever is known of them
    #[command(visible_alias = "search")]
    List(MailList),
    /// Show one message: what became of it, and what happens next
    Show {
        /// Its id (`msg_...`)
        id: String,
        /// What happened to it, too
        #[arg(long)]
        timeline: bool,
        /// Its words, too
        #[arg(long)]
        content: bool,
    },
    /// Follow a message until it has left, or cannot
    Watch(MailWatch),
    /// Call a message off before it leaves
    Cancel {
        /// Its id (`msg_...`)
        id: String,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Have a message leave at another time
    Reschedule {
        /// Its id (`msg_...`)
        id: String,
        /// When: 2026-11-21T09:00:00Z, or +2h
        time: When,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Why a message goes as it goes: one that is there, or (with the options of `send`) one that is not sent
    Explain(Box<MailExplain>),
    /// How a tenant's mail looks: show, set
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Addresses that are not written to: list, add, remove
    #[command(subcommand)]
    Suppression(SuppressionCommand),
    /// What people want to get: show, set
    #[command(subcommand)]
    Preference(PreferenceCommand),
    /// Words of mails: list, show, put, publish, preview, test, versions, restore, reset
    #[command(subcommand)]
    Template(TemplateCommand),
    /// What carries mail: list, validate
    #[command(subcommand)]
    Provider(ProviderCommand),
    /// What became of a tenant's mail, by day
    Stats {
        /// Of this tenant (`ten_...`) [default: your own; for operators: all together]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// The last so many days
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=366))]
        days: Option<u16>,
    },
    /// Let nothing of a tenant's mail leave; it waits
    Pause(SendingSwitch),
    /// Let a tenant's mail leave again
    Resume(SendingSwitch),
}

/// `tenantry mail send`
#[derive(Debug, Args)]
pub struct MailSend {
    /// The message.
    #[command(flatten)]
    pub letter: Letter,
    /// Wait until it has left, at most so many seconds; exit code 3 when it has not
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "300")]
    pub wait: Option<u64>,
    /// Send nothing: say which way it would go, and why
    #[arg(long, conflicts_with = "wait")]
    pub dry_run: bool,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry mail explain`
#[derive(Debug, Args)]
pub struct MailExplain {
    /// The id of a message that is there (`msg_...`)
    #[arg(conflicts_with_all = ["to", "cc", "bcc", "user", "subject", "template", "file"])]
    pub id: Option<String>,
    /// A message that is not sent.
    #[command(flatten)]
    pub letter: Letter,
}

/// `tenantry mail batch`
#[derive(Debug, Args)]
pub struct MailBatch {
    /// The messages; `-` reads standard input
    pub file: String,
    /// Send what can be sent; else one message that cannot be sent stops them all
    #[arg(long)]
    pub permissive: bool,
    /// The tenant of lines that name none (`ten_...`)
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry mail list`
#[derive(Debug, Args)]
pub struct MailList {
    /// Only of this tenant (`ten_...`)
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Only with this status: scheduled, queued, sending, sent, deferred, delivered, bounced, complained, failed,
    /// suppressed, cancelled, unknown
    #[arg(long)]
    pub status: Option<String>,
    /// Only to this address
    #[arg(long, value_name = "ADDRESS")]
    pub recipient: Option<String>,
    /// Only with this tag, such as: order=17
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub tag: Option<(String, String)>,
    /// Only of this category
    #[arg(long)]
    pub category: Option<String>,
    /// Only of this template
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// Only the one that its provider knows by this id (operators)
    #[arg(long, value_name = "ID")]
    pub provider_id: Option<String>,
    /// Only from this time on: 2026-11-21T09:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Which part.
    #[command(flatten)]
    pub paging: Paging,
}

/// `tenantry mail watch`
#[derive(Debug, Args)]
pub struct MailWatch {
    /// Its id (`msg_...`)
    pub id: String,
    /// Watch at most this long; exit code 3 when it has not left [default: as long as it takes]
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
    /// Go on until it is known whether it was delivered; not every provider tells
    #[arg(long)]
    pub past_sent: bool,
}

/// `tenantry mail provider`
#[derive(Debug, Subcommand)]
pub enum ProviderCommand {
    /// List what carries mail, and how it is
    List,
    /// Try whether a provider accepts our account, without sending anything
    Validate {
        /// Its name, such as: smtp
        name: String,
    },
}

/// `tenantry mail pause`, `tenantry mail resume`
#[derive(Debug, Args)]
pub struct SendingSwitch {
    /// Whose mail (`ten_...`)
    pub tenant: String,
    /// Why; the tenant reads it while its mail is paused
    #[arg(long)]
    pub reason: String,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}
