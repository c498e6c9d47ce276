//! `tenantry domain records` and `link`

use serde::Deserialize;
use serde_json::json;

use super::{
    follow::{Seen, until_there_are_records},
    place::find,
};
use crate::{
    args::{DomainLink, DomainRecords, RecordsFormat},
    client::Client,
    failure::Failure,
    output::{Output, printable},
    view::{domain, moment::Moment},
};

pub(super) async fn records(given: DomainRecords, client: &Client, output: &Output) -> Result<(), Failure> {
    let place = find(given.which, client).await?;
    let format = match given.format {
        // What --json promises holds for every command.
        _ if output.json => "json",
        RecordsFormat::Table => {
            let seen = until_there_are_records(&place, client, output).await?;
            known(&seen)?;
            return output.line(&domain::to_publish(&seen.domain, output.paint()));
        }
        RecordsFormat::Json => "json",
        RecordsFormat::Bind => "bind",
        RecordsFormat::Dig => "dig",
    };
    let seen = until_there_are_records(&place, client, output).await?;
    known(&seen)?;
    let answer = client.get(&place.path(&["records"]), &[("format", Some(format.to_owned()))]).await?;
    output.line(answer.body.trim_end())
}

fn known(seen: &Seen) -> Result<(), Failure> {
    if !seen.domain.records.is_empty() {
        return Ok(());
    }
    let name = printable(&seen.domain.name);
    Err(Failure::NotReady {
        what: format!("The records of {name} are not known yet: {}", printable(&seen.domain.standing())),
        next: format!("Follow it with: tenantry domain watch {name}"),
    })
}

pub(super) async fn link(given: DomainLink, client: &Client, output: &Output) -> Result<(), Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Link {
        url: String,
        #[serde(default)]
        expires_at: Option<Moment>,
    }
    let place = find(given.which, client).await?;
    let body = given.hours.map_or_else(|| json!({}), |hours| json!({ "hours": hours }));
    let answer = client.post(&place.path(&["links"]), &body.to_string(), &given.repeat.key()).await?;
    let link: Link = answer.read()?;
    output.answer(&answer.body, |_| printable(&link.url))?;
    if let Some(until) = link.expires_at {
        output
            .aside(&format!("Whoever has it sees the records and how they stand, until {} UTC.", until.day_and_time()));
    }
    Ok(())
}
