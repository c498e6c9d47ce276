//! `tenantry webhook`

use clap::{Args, Subcommand};

use super::{Paging, Repeat};

/// `tenantry webhook`
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// List a tenant's endpoints
    List {
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// Which part.
        #[command(flatten)]
        paging: Paging,
    },
    /// Add an endpoint; its secret is shown once
    Add(WebhookAdd),
    /// Show an endpoint: what it asks for, whether it takes what it is told
    Show(WhichEndpoint),
    /// Change an endpoint; switch it off and on
    Update(WebhookUpdate),
    /// Delete an endpoint, and its secret with it
    Remove(WhichEndpoint),
    /// Give an endpoint a new secret; for 24 hours both sign
    Rotate(EndpointTurn),
    /// Send a test event, and wait for how it is taken
    Test(WebhookTest),
    /// What an endpoint was told, or one delivery with every try
    Deliveries(WebhookDeliveries),
    /// Send an event once more, or everything that an endpoint has missed
    Replay(WebhookReplay),
    /// List the types of events that there are
    Types,
}

/// An endpoint.
#[derive(Debug, Args)]
pub struct WhichEndpoint {
    /// Its id (`whe_...`)
    pub id: String,
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
}

/// An endpoint, and a request that is made once.
#[derive(Debug, Args)]
pub struct EndpointTurn {
    /// Which.
    #[command(flatten)]
    pub which: WhichEndpoint,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry webhook add`
#[derive(Debug, Args)]
pub struct WebhookAdd {
    /// Where events are to be sent, such as: <https://hooks.example.com/tenantry>
    pub endpoint: String,
    /// A type it is told of; repeat it or separate by commas [default: all]
    #[arg(long = "event", visible_alias = "events", value_name = "TYPE", value_delimiter = ',')]
    pub events: Vec<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry webhook update`
#[derive(Debug, Args)]
pub struct WebhookUpdate {
    /// Which.
    #[command(flatten)]
    pub which: WhichEndpoint,
    /// Send events there from now on
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
    /// The types it is told of, instead of those before; repeat it or separate by commas; `*` for all
    #[arg(long = "event", visible_alias = "events", value_name = "TYPE", value_delimiter = ',')]
    pub events: Vec<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Tell it of events (again)
    #[arg(long, conflicts_with = "disable")]
    pub enable: bool,
    /// Tell it nothing any more
    #[arg(long)]
    pub disable: bool,
}

/// `tenantry webhook test`
#[derive(Debug, Args)]
pub struct WebhookTest {
    /// Which.
    #[command(flatten)]
    pub which: WhichEndpoint,
    /// Wait at most this long for the first answer; exit code 3 when there is none by then
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub wait: u64,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// `tenantry webhook deliveries`
#[derive(Debug, Args)]
pub struct WebhookDeliveries {
    /// An endpoint (`whe_...`), or one delivery (`whd_...`)
    pub id: String,
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Only with this status: pending, delivered, failed, dropped
    #[arg(long)]
    pub status: Option<String>,
    /// Only of events of this type
    #[arg(long = "event", value_name = "TYPE")]
    pub event: Option<String>,
    /// Which part.
    #[command(flatten)]
    pub paging: Paging,
}

/// `tenantry webhook replay`
#[derive(Debug, Args)]
pub struct WebhookReplay {
    /// A delivery (`whd_...`), or with --since an endpoint (`whe_...`)
    pub id: String,
    /// Everything that the endpoint has missed since then: a time such as 2026-11-21T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<String>,
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

/// A moment that has been, as it was typed.
fn moment(text: &str) -> Result<String, String> {
    let read = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339);
    read.map(|_| text.to_owned()).map_err(|_| "write a time such as 2026-11-21T09:00:00Z".to_owned())
}
