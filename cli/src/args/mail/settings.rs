//! `tenantry mail settings`, `suppression` and `preference`

use clap::{Args, Subcommand, ValueEnum};

use super::super::{Paging, Repeat, When, assignment};
use super::letter::header;

/// `tenantry mail settings`
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Show a tenant's settings
    Show {
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
    },
    /// Change some of a tenant's settings; the others stay
    Set(Box<SettingsSet>),
}

/// `tenantry mail settings set`
#[derive(Debug, Args)]
pub struct SettingsSet {
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Which domain mail comes from: platform, custom, hybrid (see --route)
    #[arg(long)]
    pub tier: Option<String>,
    /// The usual address at the platform's domain
    #[arg(long, value_name = "ADDRESS")]
    pub default_from: Option<String>,
    /// The name beside the address
    #[arg(long, value_name = "NAME")]
    pub from_name: Option<String>,
    /// Where answers go
    #[arg(long, value_name = "ADDRESS")]
    pub reply_to: Option<String>,
    /// The tenant's own domain; it has to be verified again
    #[arg(long, value_name = "DOMAIN")]
    pub custom_domain: Option<String>,
    /// The usual address at the tenant's own domain
    #[arg(long, value_name = "ADDRESS")]
    pub custom_from: Option<String>,
    /// For tier hybrid, where a category comes from: invoices=custom, tickets=platform; invoices= takes it back
    #[arg(long, value_name = "CATEGORY=TIER", value_parser = assignment)]
    pub route: Vec<(String, String)>,
    /// A header of every message, such as "X-Brand: Acme"; "X-Brand:" takes it back
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub header: Vec<(String, String)>,
    /// A tag of every message, such as brand=acme; brand= takes it back
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub tag: Vec<(String, String)>,
    /// At most so many messages a minute (operators)
    #[arg(long, value_name = "N")]
    pub per_minute: Option<u32>,
    /// At most so many messages a day (operators)
    #[arg(long, value_name = "N")]
    pub per_day: Option<u32>,
    /// Take a setting back, so that the usual holds: from-name, reply-to, custom-domain, ...
    #[arg(long, value_name = "SETTING", value_enum)]
    pub clear: Vec<Clearable>,
}

/// A setting that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Clearable {
    /// The usual address at the platform's domain
    DefaultFrom,
    /// The name beside the address
    FromName,
    /// Where answers go
    ReplyTo,
    /// The tenant's own domain
    CustomDomain,
    /// The usual address at the tenant's own domain
    CustomFrom,
    /// The limit by minute
    PerMinute,
    /// The limit by day
    PerDay,
}

/// `tenantry mail suppression`
#[derive(Debug, Subcommand)]
pub enum SuppressionCommand {
    /// List addresses that are not written to, newest first
    List {
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// Only this address
        #[arg(long)]
        address: Option<String>,
        /// Only for this reason: `hard_bounce`, `soft_bounces`, complaint, unsubscribe, manual
        #[arg(long)]
        reason: Option<String>,
        /// Which part.
        #[command(flatten)]
        paging: Paging,
    },
    /// Write to an address no more
    Add {
        /// The address
        address: String,
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// Why
        #[arg(long)]
        note: Option<String>,
        /// Until when: 2026-11-21T09:00:00Z, or +30d [default: until it is removed]
        #[arg(long, value_name = "TIME")]
        until: Option<When>,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Write to an address again
    Remove {
        /// The address
        address: String,
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
    },
}

/// `tenantry mail preference`
#[derive(Debug, Subcommand)]
pub enum PreferenceCommand {
    /// Show a tenant's defaults, or what holds for one user
    Show {
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// What holds for this user (`usr_...`)
        #[arg(long, value_name = "ID")]
        user: Option<String>,
    },
    /// Switch a category on or off: a tenant's default, or one user's choice
    Set {
        /// The category, or CATEGORY/SUBTYPE
        category: String,
        /// Wanted or not
        switch: Switch,
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// The choice of this user (`usr_...`)
        #[arg(long, value_name = "ID")]
        user: Option<String>,
    },
}

/// On, off, or as it is without a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Wanted
    On,
    /// Not wanted
    Off,
    /// No choice: as the tenant's default says, or wanted
    Default,
}
