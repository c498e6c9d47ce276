//! `tenantry local`

use clap::{Args, Subcommand, ValueEnum};

use super::WhichDomain;

/// `tenantry local`
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Mails that the local stack has accepted
    Mail(Mailbox),
    /// The local stack's DNS: its zones and their records
    Dns(LocalDns),
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

/// `tenantry local dns`
#[derive(Debug, Args)]
pub struct LocalDns {
    /// Address of the DNS server's zones over HTTP [default: the one the local stack wrote down]
    #[arg(long, global = true, env = "TENANTRY_ZONES_URL", hide_env_values = true, value_name = "URL")]
    pub zones_url: Option<String>,
    /// What shall be done.
    #[command(subcommand)]
    pub command: DnsCommand,
}

/// `tenantry local dns ...`
#[derive(Debug, Subcommand)]
pub enum DnsCommand {
    /// Zones: add, list, show, remove
    #[command(subcommand)]
    Zone(ZoneCommand),
    /// Set the records of a name and type, such as: send.mail.acme.test MX 10 mx.example.net
    Set {
        /// Their name, absolute
        name: String,
        /// Their type: TXT, MX, CNAME, A, AAAA, NS, CAA
        #[arg(value_name = "TYPE")]
        kind: String,
        /// Their values, as in a zone file; a TXT's needs no quotes of its own
        #[arg(value_name = "VALUE", required = true)]
        values: Vec<String>,
        /// How many seconds they may be remembered
        #[arg(long, value_name = "SECONDS")]
        ttl: Option<u32>,
        /// Besides those there are, instead of in their place
        #[arg(long)]
        add: bool,
    },
    /// Show the records of a name and type
    Get {
        /// Their name
        name: String,
        /// Their type
        #[arg(value_name = "TYPE")]
        kind: String,
    },
    /// Remove the records of a name and type, or one of them
    Unset {
        /// Their name
        name: String,
        /// Their type
        #[arg(value_name = "TYPE")]
        kind: String,
        /// Only the one with this value
        value: Option<String>,
    },
    /// Publish all records that a domain, or a portal's hostname, needs; its zone is made where there is none
    Publish {
        /// Which domain or hostname.
        #[command(flatten)]
        which: WhichDomain,
        /// All but these, to see what is then said
        #[arg(long, value_name = "PURPOSE", value_enum, value_delimiter = ',')]
        without: Vec<Purpose>,
    },
}

/// `tenantry local dns zone ...`
#[derive(Debug, Subcommand)]
pub enum ZoneCommand {
    /// Make a zone; one that is there stays as it is
    Add {
        /// Its name, such as: acme.test
        zone: String,
    },
    /// List zones
    List,
    /// Show a zone as a zone file (with --json: its records)
    Show {
        /// Its name
        zone: String,
    },
    /// Remove a zone with all its records
    Remove {
        /// Its name
        zone: String,
    },
}

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Purpose {
    /// It shows whose the domain is.
    Ownership,
    /// The key that mail is signed with.
    Dkim,
    /// Who may send for the return path.
    Spf,
    /// Where bounces go.
    ReturnPath,
    /// What receivers are to do with mail that fails.
    Dmarc,
    /// Where a portal answers.
    Portal,
}

impl Purpose {
    /// The API's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ownership => "ownership",
            Self::Dkim => "dkim",
            Self::Spf => "spf",
            Self::ReturnPath => "return_path",
            Self::Dmarc => "dmarc",
            Self::Portal => "portal",
        }
    }
}
