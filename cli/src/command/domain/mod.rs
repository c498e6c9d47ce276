//! `tenantry domain`

mod add;
mod follow;
mod place;
mod share;

use std::time::Duration;

use serde_json::json;

use super::{show_list, sure::sure, whose};
use crate::{
    args::{DomainCheck, DomainCommand, DomainList, DomainRemove, DomainWatch},
    client::Client,
    failure::Failure,
    output::{Output, printable},
    view::domain::{self, Domain},
};
use follow::{Follow, Seen};
use place::Place;

pub(super) use follow::until_there_are_records;
pub(super) use place::find;

pub(super) async fn run(command: DomainCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        DomainCommand::Add(given) => add::run(given, client, output).await,
        DomainCommand::List(given) => list(given, client, output).await,
        DomainCommand::Show(which) => {
            let place = find(which, client).await?;
            Seen::look(&place, client).await?.show(output)
        }
        DomainCommand::Check(given) => check(given, client, output).await,
        DomainCommand::Watch(given) => watch(given, client, output).await,
        DomainCommand::Records(given) => share::records(given, client, output).await,
        DomainCommand::Link(given) => share::link(given, client, output).await,
        DomainCommand::Remove(given) => remove(given, client, output).await,
        DomainCommand::Orphans => {
            let answer = client.get(&["v1", "email-domains", "orphans"], &[]).await?;
            let report = answer.read()?;
            output.answer(&answer.body, |paint| domain::orphans(&report, paint))
        }
    }
}

async fn list(given: DomainList, client: &Client, output: &Output) -> Result<(), Failure> {
    let tenant = whose::tenant_if_any(given.tenant, client).await?;
    let gone = given.gone.then(|| "true".to_owned());
    let list = match &tenant {
        Some(tenant) if given.name.is_none() => {
            let path = ["v1", "tenants", tenant, "email-domains"];
            client.list::<Domain>(&path, &[("status", given.status), ("gone", gone)], &given.paging).await?
        }
        // Only the list of all can be asked for a name.
        _ => {
            let filters = [("status", given.status), ("name", given.name), ("tenant", tenant.clone()), ("gone", gone)];
            client.list::<Domain>(&["v1", "email-domains"], &filters, &given.paging).await?
        }
    };
    show_list(&list, output, |domains, paint| domain::domains(domains, tenant.is_none(), paint))
}

async fn check(given: DomainCheck, client: &Client, output: &Output) -> Result<(), Failure> {
    let place = find(given.which, client).await?;
    let before = Seen::look(&place, client).await?;
    let body = if given.configured { json!({ "dnsConfigured": true }) } else { json!({}) };
    client.post(&place.path(&["check"]), &body.to_string(), &given.repeat.key()).await?;
    let looked = |domain: &Domain| domain.looked_at > before.domain.looked_at || domain.status == "deactivated";
    let follow = Follow { patience: Some(Duration::from_secs(given.wait)), aloud: false };
    let seen = follow.until(looked, &place, client, output).await?;
    seen.show(output)?;
    if looked(&seen.domain) {
        return seen.judge();
    }
    Err(Failure::NotReady {
        what: "Nobody has looked yet".to_owned(),
        next: format!("It is looked at soon; see what was seen with: tenantry domain show {}", place.domain),
    })
}

async fn watch(given: DomainWatch, client: &Client, output: &Output) -> Result<(), Failure> {
    let place = find(given.which, client).await?;
    let follow = Follow { patience: given.wait.map(Duration::from_secs), aloud: true };
    let seen = follow.until(Domain::rests, &place, client, output).await?;
    seen.show(output)?;
    seen.domain.is_verified()
}

async fn remove(given: DomainRemove, client: &Client, output: &Output) -> Result<(), Failure> {
    let place = find(given.which, client).await?;
    if !given.yes {
        let question = format!("Remove {}? Mail leaves from the platform's domain at once", printable(&place.domain));
        sure("A domain is removed for good", &question, output)?;
    }
    let mut seen = Seen::new(client.delete(&place.path(&[])).await?)?;
    let Some(seconds) = given.wait else {
        seen.show(output)?;
        output.aside("Nothing new leaves from it. What is under way may still leave, then it is gone.");
        return Ok(());
    };
    let gone = |domain: &Domain| domain.step.as_deref().unwrap_or(&domain.status) == "deactivated";
    // Removed, it has no name any more by which it is found.
    let place = Place { domain: seen.domain.id.clone(), ..place };
    let follow = Follow { patience: Some(Duration::from_secs(seconds)), aloud: true };
    seen = follow.until(gone, &place, client, output).await?;
    seen.show(output)?;
    if gone(&seen.domain) {
        return Ok(());
    }
    Err(Failure::NotReady {
        what: format!("{} is not gone yet: {}", seen.domain.name, seen.domain.standing()),
        next: format!("It goes on; see it with: tenantry domain show {} --tenant {}", place.domain, place.tenant),
    })
}
