//! `tenantry domain add`

use std::time::Duration;

use serde_json::json;

use super::{
    super::whose,
    follow::{Follow, Seen, until_there_are_records},
    place::Place,
};
use crate::{
    args::DomainAdd,
    client::Client,
    failure::Failure,
    output::Output,
    view::domain::{self, Domain},
};

pub(super) async fn run(given: DomainAdd, client: &Client, output: &Output) -> Result<(), Failure> {
    // Whoever had to name the tenant has to do so again.
    let of = given.tenant.as_ref().map(|tenant| format!(" --tenant {tenant}")).unwrap_or_default();
    let tenant = whose::tenant(given.tenant.clone(), client).await?;
    let wait = given.wait.map(Duration::from_secs);
    let seen = Seen::new(begin(given, &tenant, client).await?)?;
    let place = Place { tenant, domain: seen.domain.id.clone() };
    // Nobody can do anything before the records are there.
    let seen =
        if seen.domain.status == "created" { until_there_are_records(&place, client, output).await? } else { seen };
    if let Some(patience) = wait {
        if !output.json && !seen.domain.records.is_empty() && !seen.domain.rests() {
            output.aside(&domain::to_publish(&seen.domain, output.error_paint()));
        }
        let follow = Follow { patience: Some(patience), aloud: true };
        let seen = follow.until(Domain::rests, &place, client, output).await?;
        seen.show(output)?;
        return seen.domain.is_verified();
    }
    seen.show(output)?;
    let name = &seen.domain.name;
    output.aside(&match seen.domain.status.as_str() {
        "created" => format!("The records to publish are shown in a moment by: tenantry domain records {name}{of}"),
        "awaiting_dns" => {
            format!(
                "Publish these records (in full: tenantry domain records {name}{of}), then: tenantry domain check {name}{of} --configured"
            )
        }
        _ => format!("Follow it with: tenantry domain watch {name}{of}"),
    });
    Ok(())
}

async fn begin(given: DomainAdd, tenant: &str, client: &Client) -> Result<crate::client::Answer, Failure> {
    let mut body = json!({ "name": given.name });
    for (name, value) in [("mailbox", given.mailbox), ("region", given.region)] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    if given.confirm_apex {
        body["confirmApex"] = true.into();
    }
    let path = ["v1", "tenants", tenant, "email-domains"];
    match client.post(&path, &body.to_string(), &given.repeat.key()).await {
        Err(Failure::Refused(problem)) if problem.code.as_deref() == Some("apex_not_confirmed") => {
            Err(Failure::Refused(problem).besides("To use the domain itself, add --confirm-apex.".to_owned()))
        }
        answered => answered,
    }
}
