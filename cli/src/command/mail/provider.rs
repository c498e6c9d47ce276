//! `tenantry mail provider`, `stats`, `pause` and `resume`

use serde::Deserialize;
use serde_json::json;

use super::super::{now, show_list};
use crate::{
    args::{Paging, ProviderCommand, SendingSwitch},
    client::Client,
    failure::Failure,
    output::Output,
    view::mail::{
        provider::{self, Checked},
        stats,
    },
};

pub(super) async fn run(command: ProviderCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        ProviderCommand::List => {
            let paging = Paging { limit: None, after: None, all: false };
            let providers = client.list(&["v1", "mail", "providers"], &[], &paging).await?;
            show_list(&providers, output, |providers, paint| provider::providers(providers, now(), paint))
        }
        ProviderCommand::Validate { name } => {
            let path = ["v1", "mail", "providers", &name, "validate"];
            let answer = client.post(&path, "{}", &uuid::Uuid::new_v4().to_string()).await?;
            let checked: Checked = answer.read()?;
            output.answer(&answer.body, |paint| provider::checked(&name, &checked, paint))?;
            checked.succeeded(&name)
        }
    }
}

pub(super) async fn stats(
    tenant: Option<String>,
    days: Option<u16>,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let query = [("tenantId", tenant), ("days", days.map(|days| days.to_string()))];
    let paging = Paging { limit: None, after: None, all: false };
    show_list(&client.list(&["v1", "mail", "stats"], &query, &paging).await?, output, stats::stats)
}

/// Stops a tenant's mail, or lets it leave again.
pub(super) async fn sending(
    wish: &str,
    switch: SendingSwitch,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let SendingSwitch { tenant, reason, repeat } = switch;
    #[derive(Deserialize)]
    struct Sending {
        changed: bool,
    }
    let body = json!({ "reason": reason }).to_string();
    let answer = client.post(&["v1", "tenants", &tenant, "sending", wish], &body, &repeat.key()).await?;
    let Sending { changed } = answer.read()?;
    output.answer(&answer.body, |_| {
        let words = match (wish, changed) {
            ("pause", true) => "Nothing of this tenant's mail leaves any more; it waits.",
            ("pause", false) => "This tenant's mail was paused before; the earlier reason stays.",
            (_, true) => "This tenant's mail leaves again.",
            (_, false) => "This tenant's mail was not paused.",
        };
        words.to_owned()
    })?;
    if wish == "pause" {
        output.aside(&format!("Let it leave again with: tenantry mail resume {tenant} --reason WHY"));
    }
    Ok(())
}
