//! `tenantry portal`

mod follow;
mod sync;

use serde_json::json;

use super::{show_list, sure::sure, whose};
use crate::{
    args::{PortalCommand, PortalList, PortalRemove, PortalSet, PortalStatus, WhichPortal},
    client::Client,
    failure::Failure,
    output::{Output, printable},
    view::portal::{self, Hostname},
};
use follow::Seen;

pub(super) use follow::look;

pub(super) async fn run(command: PortalCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        PortalCommand::Set(given) => set(given, client, output).await,
        PortalCommand::Status(given) => status(given, client, output).await,
        PortalCommand::Refresh(which) => turn("refresh", which, client, output).await,
        PortalCommand::Retry(which) => turn("retry", which, client, output).await,
        PortalCommand::Remove(given) => remove(given, client, output).await,
        PortalCommand::List(given) => list(given, client, output).await,
        PortalCommand::Sync(given) => sync::run(given, client, output).await,
        PortalCommand::Reconcile(given) => sync::reconcile(given, client, output).await,
    }
}

/// The path to a tenant's portal, and further.
fn path<'a>(tenant: &'a str, further: &[&'a str]) -> Vec<&'a str> {
    [&["v1", "tenants", tenant, "portal-domain"][..], further].concat()
}

async fn set(given: PortalSet, client: &Client, output: &Output) -> Result<(), Failure> {
    // Whoever had to name the tenant has to do so again.
    let of = given.tenant.as_ref().map(|tenant| format!(" --tenant {tenant}")).unwrap_or_default();
    let tenant = whose::tenant(given.tenant.clone(), client).await?;
    let body = json!({ "domain": given.hostname.trim().trim_end_matches('.') });
    let seen = Seen::new(client.put(&path(&tenant, &[]), &body.to_string()).await?)?;
    seen.show(output)?;
    output.aside(&format!("Follow it with: tenantry portal status{of} --watch"));
    Ok(())
}

async fn status(given: PortalStatus, client: &Client, output: &Output) -> Result<(), Failure> {
    let tenant = whose::tenant(given.tenant, client).await?;
    if !given.watch {
        return look(&tenant, client).await?.show(output);
    }
    let seen = follow::until_it_rests(&tenant, given.wait, client, output).await?;
    seen.show(output)?;
    match seen.portal.awaited() {
        Some(hostname) => hostname.is_active(),
        None => Ok(()),
    }
}

async fn turn(route: &str, which: WhichPortal, client: &Client, output: &Output) -> Result<(), Failure> {
    let tenant = whose::tenant(which.tenant, client).await?;
    let body = which.domain.map_or_else(|| json!({}), |domain| json!({ "domain": domain }));
    let answer = client.post(&path(&tenant, &[route]), &body.to_string(), &which.repeat.key()).await?;
    Seen::new(answer)?.show(output)?;
    output.aside("What is found is there in a moment; follow it with: tenantry portal status --watch");
    Ok(())
}

async fn remove(given: PortalRemove, client: &Client, output: &Output) -> Result<(), Failure> {
    let tenant = whose::tenant(given.tenant, client).await?;
    if !given.yes {
        let which = given.domain.as_deref().map_or_else(|| "the portal's hostname".to_owned(), printable);
        let question = format!("Remove {which}? Visitors of it find nothing any more");
        sure("A hostname would be taken down", &question, output)?;
    }
    let answered = client.delete_where(&path(&tenant, &[]), &[("domain", given.domain)]).await;
    let answer = answered.map_err(|failure| match failure {
        Failure::Refused(problem) if problem.code.as_deref() == Some("hostname_not_named") => {
            Failure::Refused(problem).besides("Name the one that goes with --domain.".to_owned())
        }
        other => other,
    })?;
    Seen::new(answer)?.show(output)?;
    output.aside("It is taken down in a minute; the portal goes on answering at its canonical host.");
    Ok(())
}

async fn list(given: PortalList, client: &Client, output: &Output) -> Result<(), Failure> {
    let gone = given.gone.then(|| "true".to_owned());
    let filters = [("status", given.status), ("domain", given.domain), ("tenant", given.tenant), ("gone", gone)];
    let list = client.list::<Hostname>(&["v1", "portal-domains"], &filters, &given.paging).await?;
    show_list(&list, output, portal::hostnames)
}
