//! `tenantry mail provider`, `stats`, `pause` and `resume`

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
        ProviderCommand::Validate { name, repeat } => {
            let path = ["v1", "mail", "providers", &name, "validate"];
            let answer = client.post(&path, "{}", &repeat.key()).await?;
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
    let body = reason.map_or(json!({}), |reason| json!({ "reason": reason })).to_string();
    let answer = client.post(&["v1", "tenants", &tenant, "sending", wish], &body, &repeat.key()).await?;
    output.answer(&answer.body, |_| match wish {
        "pause" => "Nothing of this tenant's mail leaves; it waits.".to_owned(),
        _ => "This tenant's mail leaves again.".to_owned(),
    })?;
    if wish == "pause" {
        output.aside(&format!("Let it leave again with: tenantry mail resume {tenant}"));
    }
    Ok(())
}
