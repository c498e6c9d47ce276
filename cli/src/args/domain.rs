//! `tenantry domain`

use clap::{Args, Subcommand, ValueEnum};

use super::{Paging, Repeat};

/// `tenantry domain`
#[derive(Debug, Subcommand)]
pub enum DomainCommand {
    /// Add a domain that mail is to be sent from, and show the DNS records it needs
    Add(DomainAdd),
    /// List a tenant's domains; operators: everybody's
    List(DomainList),
    /// Show one domain: how it stands, what is missing, what to do
    Show(WhichDomain),
    /// Look at its DNS now, and say what is missing
    Check(DomainCheck),
    /// Follow a domain until it is verified, or cannot be
    Watch(DomainWatch),
    /// The DNS records it needs
    Records(DomainRecords),
    /// A link for the person who manages the DNS; it needs no login, and expires
    Link(DomainLink),
    /// Remove a domain: new mail leaves from the platform's domain at once
    Remove(DomainRemove),
    /// Domains at the mail service that no tenant has (operators)
    Orphans,
}

/// A domain of a tenant.
#[derive(Debug, Args)]
pub struct WhichDomain {
    /// The domain: its name, or its id (`dom_...`)
    pub domain: String,
    /// Whose (`ten_...`) [default: your own; for operators: whoever alone has that name]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
}

/// `tenantry domain add`
#[derive(Debug, Args)]
pub struct DomainAdd {
    /// The domain, such as: mail.example.com
    pub name: String,
    /// For this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// What stands in front of the @ of its mail [default: noreply]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// The region it is to be sent from, such as: eu-west-1
    #[arg(long)]
    pub region: Option<String>,
    /// Take the domain itself although a subdomain of it would be safer
    #[arg(long)]
    pub confirm_apex: bool,
    /// Wait until it is verified, at most so many seconds; exit code 3 when it is not
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "300")]
    pub wait: Option<u64>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry domain list`
#[derive(Debug, Args)]
pub struct DomainList {
    /// Only of this tenant (`ten_...`) [default: your own; for operators: of all]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Only with this status: created, awaiting_dns, verifying, verified, degraded, failed, deactivated
    #[arg(long)]
    pub status: Option<String>,
    /// Only of this name (operators)
    #[arg(long)]
    pub name: Option<String>,
    /// Those that are gone, too
    #[arg(long)]
    pub gone: bool,
    /// Which part.
    #[command(flatten)]
    pub paging: Paging,
}

/// `tenantry domain check`
#[derive(Debug, Args)]
pub struct DomainCheck {
    /// Which.
    #[command(flatten)]
    pub which: WhichDomain,
    /// Say that the records are in place
    #[arg(long)]
    pub configured: bool,
    /// Wait at most this long for what was seen; exit code 3 when nobody has looked by then
    #[arg(long, value_name = "SECONDS", default_value_t = 45)]
    pub wait: u64,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry domain watch`
#[derive(Debug, Args)]
pub struct DomainWatch {
    /// Which.
    #[command(flatten)]
    pub which: WhichDomain,
    /// Watch at most this long; exit code 3 when it is not verified [default: as long as it takes]
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
}

/// `tenantry domain records`
#[derive(Debug, Args)]
pub struct DomainRecords {
    /// Which.
    #[command(flatten)]
    pub which: WhichDomain,
    /// As a table for people, JSON, a BIND zone file, or lines for dig
    #[arg(long, value_enum, default_value_t)]
    pub format: RecordsFormat,
}

/// How records are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum RecordsFormat {
    /// For people.
    #[default]
    Table,
    /// The API's.
    Json,
    /// A zone file.
    Bind,
    /// Lines that ask for them.
    Dig,
}

/// `tenantry domain link`
#[derive(Debug, Args)]
pub struct DomainLink {
    /// Which.
    #[command(flatten)]
    pub which: WhichDomain,
    /// How long it is good [default: 168, a week]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=720))]
    pub hours: Option<u16>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry domain remove`
#[derive(Debug, Args)]
pub struct DomainRemove {
    /// Which.
    #[command(flatten)]
    pub which: WhichDomain,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Wait until it is gone, at most so many seconds; exit code 3 when it is not
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1200")]
    pub wait: Option<u64>,
}
