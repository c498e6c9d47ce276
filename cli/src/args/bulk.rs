//! Which runs are meant: one by its id, or those that a filter finds.

use clap::Args;

use super::Repeat;

/// One run, or those that the filters find together.
#[derive(Debug, Args)]
pub struct RunSelection {
    /// Its id (`run_...`); without one, the filters say which runs
    pub id: Option<String>,
    /// All of this tenant (`ten_...`)
    #[arg(long, value_name = "ID", conflicts_with = "id", help_heading = "Instead of an id")]
    pub tenant: Option<String>,
    /// All of this kind, such as email_domain
    #[arg(long, conflicts_with = "id", help_heading = "Instead of an id")]
    pub kind: Option<String>,
    /// All with this status: running, waiting
    #[arg(long, conflicts_with = "id", help_heading = "Instead of an id")]
    pub status: Option<String>,
    /// All in this state
    #[arg(long, conflicts_with = "id", help_heading = "Instead of an id")]
    pub state: Option<String>,
    /// All with an error of this class, such as EmailError
    #[arg(long, value_name = "CLASS", conflicts_with = "id", help_heading = "Instead of an id")]
    pub error_class: Option<String>,
    /// All about what begins like this: a domain, a hostname, a tenant's name
    #[arg(long, value_name = "TEXT", conflicts_with = "id", help_heading = "Instead of an id")]
    pub entity: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), default_value_t = 100,
          conflicts_with = "id", help_heading = "Instead of an id")]
    pub cap: u16,
    /// Only say what would be done; so it is without --yes
    #[arg(long, conflicts_with_all = ["id", "yes"], help_heading = "Instead of an id")]
    pub dry_run: bool,
    /// Do it
    #[arg(long, conflicts_with = "id", help_heading = "Instead of an id")]
    pub yes: bool,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}
