//! `tenantry local dns`: zones and records of the local stack's DNS server.

use serde_json::json;

use crate::{
    args::{DnsCommand, Paging, ZoneCommand},
    client::Client,
    failure::Failure,
    output::{Output, printable},
    view::zone::{self, RecordSet},
};

pub(super) async fn run(command: DnsCommand, server: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        DnsCommand::Zone(command) => zone(command, server, output).await,
        DnsCommand::Set { name, kind, values, ttl, add } => {
            let mut body = json!({ "values": in_one_value(&kind, values) });
            if let Some(ttl) = ttl {
                body["ttl"] = ttl.into();
            }
            set(&name, &kind, &body.to_string(), add, server).await?;
            get(&name, &kind, server, output).await
        }
        DnsCommand::Get { name, kind } => get(&name, &kind, server, output).await,
        DnsCommand::Unset { name, kind, value } => {
            let answer = server.delete_where(&["records", &name, &kind], &[("value", value)]).await?;
            output.answer(&answer.body, |_| format!("{} has these no more.", printable(&name)))
        }
        // It speaks to the API too, and is done elsewhere.
        DnsCommand::Publish { .. } => Ok(()),
    }
}

/// Records in the place of those there are, or besides them.
pub(super) async fn set(name: &str, kind: &str, body: &str, add: bool, server: &Client) -> Result<(), Failure> {
    let path = ["records", name, kind];
    let answered = if add {
        server.post(&path, body, &uuid::Uuid::new_v4().to_string()).await
    } else {
        server.put(&path, body).await
    };
    answered.map(drop).map_err(|failure| match failure {
        Failure::Refused(problem) if problem.status == 404 => {
            Failure::Refused(problem).besides("Make a zone with: tenantry local dns zone add ZONE".to_owned())
        }
        other => other,
    })
}

async fn get(name: &str, kind: &str, server: &Client, output: &Output) -> Result<(), Failure> {
    let answer = server.get(&["records", name, kind], &[]).await?;
    let set: RecordSet = answer.read()?;
    output.answer(&answer.body, |paint| zone::records(&[set], paint))
}

async fn zone(command: ZoneCommand, server: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        ZoneCommand::Add { zone } => {
            let answer = server.put(&["zones", &zone], "{}").await?;
            output.answer(&answer.body, |_| format!("There is a zone {}.", printable(&zone)))
        }
        ZoneCommand::List => {
            let zones = zones(server).await?;
            output.answer(&zones.body, |_| zone::zones(&zones.data))
        }
        ZoneCommand::Show { zone } if output.json => {
            output.line(server.get(&["zones", &zone, "records"], &[]).await?.body.trim_end())
        }
        ZoneCommand::Show { zone } => {
            let file = server.get(&["zones", &zone], &[]).await?.body;
            output.line(&file.lines().map(printable).collect::<Vec<_>>().join("\n"))
        }
        ZoneCommand::Remove { zone } => {
            let answer = server.delete(&["zones", &zone]).await?;
            output.answer(&answer.body, |_| format!("There is no zone {} any more.", printable(&zone)))
        }
    }
}

/// All zones there are.
pub(super) async fn zones(server: &Client) -> Result<crate::client::List<String>, Failure> {
    server.list(&["zones"], &[], &Paging { limit: None, after: None, all: false }).await
}

/// An MX record's preference and host may be typed as two words.
fn in_one_value(kind: &str, values: Vec<String>) -> Vec<String> {
    match values.as_slice() {
        [preference, host] if kind.eq_ignore_ascii_case("MX") && preference.parse::<u16>().is_ok() => {
            vec![format!("{preference} {host}")]
        }
        _ => values,
    }
}
