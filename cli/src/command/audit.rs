//! `tenantry audit`

use std::{
    fs::File,
    io::{self, Write},
};

use serde::Deserialize;
use serde_json::json;

use super::show_list;
use crate::{
    args::{AuditCommand, AuditExport, Paging},
    client::Client,
    failure::Failure,
    output::Output,
    view::access::{self, Verified},
};

pub(super) async fn run(command: AuditCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        AuditCommand::List(list) => {
            let filters =
                [("tenant", list.tenant), ("action", list.action), ("actor", list.actor), ("subject", list.subject)];
            show_list(&client.list(&["v1", "audit"], &filters, &list.paging).await?, output, access::audit)
        }
        AuditCommand::Verify { all: true, .. } => verify_all(client, output).await,
        AuditCommand::Verify { tenant, .. } => verify(tenant, client, output).await,
        AuditCommand::Export(export) => self::export(export, client, output).await,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    intact: bool,
    #[serde(default)]
    first_broken: Option<i64>,
}

async fn verify(tenant: Option<String>, client: &Client, output: &Output) -> Result<(), Failure> {
    let answer = client.get(&["v1", "audit", "verification"], &[("tenant", tenant)]).await?;
    let Verification { intact, first_broken } = answer.read()?;
    let words = if intact { "The audit log is intact." } else { "" };
    output.answer(&answer.body, |paint| paint.good(words))?;
    if intact {
        return Ok(());
    }
    let first = first_broken.map(|seq| format!("The first line that was changed or follows a gap: {seq}"));
    Err(broken("The audit log is not what was written".to_owned(), first.unwrap_or_default()))
}

fn broken(what: String, detail: String) -> Failure {
    let next = "Keep a copy of the database as it is and find out who could write to it.".to_owned();
    Failure::Ended { what, detail, next, code: "audit_broken" }
}

/// Every chain that there is, also those of tenants that are gone.
async fn verify_all(client: &Client, output: &Output) -> Result<(), Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Chain {
        #[serde(default)]
        tenant_id: Option<String>,
        lines: i64,
    }
    let every = Paging { limit: None, after: None, all: true };
    let chains = client.list::<Chain>(&["v1", "audit", "chains"], &[], &every).await?.data;
    let mut verified = Vec::with_capacity(chains.len());
    for Chain { tenant_id, lines } in chains {
        let whose = [("tenant", tenant_id.clone())];
        let Verification { first_broken, .. } = client.get(&["v1", "audit", "verification"], &whose).await?.read()?;
        verified.push(Verified { tenant_id, lines, first_broken });
    }
    let rows: Vec<_> = verified
        .iter()
        .map(|one| {
            json!({ "tenantId": one.tenant_id, "lines": one.lines, "intact": one.first_broken.is_none(), "firstBroken": one.first_broken })
        })
        .collect();
    output.answer(&json!({ "data": rows }).to_string(), |paint| access::verified(&verified, paint))?;
    match verified.iter().filter(|one| one.first_broken.is_some()).count() {
        0 => Ok(()),
        many => Err(broken(format!("{many} of {} audit logs are not what was written", verified.len()), String::new())),
    }
}

async fn export(export: AuditExport, client: &Client, output: &Output) -> Result<(), Failure> {
    let format = export.format.as_str();
    let mut file = match export.out.as_str() {
        "-" => None,
        name => Some(create(name)?),
    };
    let (mut after, mut bytes) = (None, 0);
    loop {
        let query = [("tenant", export.tenant.clone()), ("format", Some(format.to_owned())), ("after", after.clone())];
        let page = client.get(&["v1", "audit", "export"], &query).await?;
        bytes += page.body.len();
        match &mut file {
            None => io::stdout().lock().write_all(page.body.as_bytes())?,
            Some(file) => file.write_all(page.body.as_bytes()).map_err(|error| unwritable(&export.out, &error))?,
        }
        // A cursor that leads to itself would lead there for ever.
        match page.next {
            next @ Some(_) if next != after => after = next,
            _ => break,
        }
    }
    if file.is_none() {
        return Ok(());
    }
    let told = json!({ "file": export.out, "format": format, "bytes": bytes });
    output.answer(&told.to_string(), |_| format!("{bytes} bytes written to {}", export.out))
}

/// A file of that name; one that is there already is somebody's.
fn create(name: &str) -> Result<File, Failure> {
    File::create_new(name).map_err(|error| unwritable(name, &error))
}

fn unwritable(name: &str, error: &io::Error) -> Failure {
    Failure::Input {
        what: format!("{name} cannot be written: {}", error.kind()),
        next: "Name another file that is not there yet, in a folder that you may write to.".to_owned(),
    }
}
