//! `tenantry webhook`

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Map, json};

use super::{show_list, whose};
use crate::{
    args::{
        EndpointTurn, WebhookAdd, WebhookCommand, WebhookDeliveries, WebhookReplay, WebhookTest, WebhookUpdate,
        WhichEndpoint,
    },
    client::{Answer, Client},
    failure::Failure,
    output::Output,
    view::webhook::{self, Delivery, Endpoint},
};

/// Between two looks at a test.
const REST: Duration = Duration::from_millis(300);

pub(super) async fn run(command: WebhookCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        WebhookCommand::List { tenant, paging } => {
            let tenant = whose::tenant(tenant, client).await?;
            let path = ["v1", "tenants", &tenant, "webhook-endpoints"];
            let list = client.list::<Endpoint>(&path, &[], &paging).await?;
            show_list(&list, output, webhook::endpoints)
        }
        WebhookCommand::Add(given) => add(given, client, output).await,
        WebhookCommand::Show(WhichEndpoint { id, tenant }) => {
            let tenant = whose::tenant(tenant, client).await?;
            shown(&client.get(&path(&tenant, &id), &[]).await?, output)
        }
        WebhookCommand::Update(given) => update(given, client, output).await,
        WebhookCommand::Remove(WhichEndpoint { id, tenant }) => {
            let tenant = whose::tenant(tenant, client).await?;
            let answer = client.delete(&path(&tenant, &id)).await?;
            output.answer(&answer.body, |_| "The endpoint is deleted; it is told nothing any more.".to_owned())
        }
        WebhookCommand::Rotate(EndpointTurn { which, repeat }) => {
            let tenant = whose::tenant(which.tenant, client).await?;
            let path = [&path(&tenant, &which.id)[..], &["rotate-secret"]].concat();
            let answer = client.post(&path, "{}", &repeat.key()).await?;
            with_secret(&answer, output)
        }
        WebhookCommand::Test(given) => test(given, client, output).await,
        WebhookCommand::Deliveries(given) => deliveries(given, client, output).await,
        WebhookCommand::Replay(given) => replay(given, client, output).await,
        WebhookCommand::Types => {
            let answer = client.get(&["v1", "webhook-event-types"], &[]).await?;
            let types = answer.read()?;
            output.answer(&answer.body, |paint| webhook::types(&types, paint))
        }
    }
}

fn path<'a>(tenant: &'a str, id: &'a str) -> [&'a str; 5] {
    ["v1", "tenants", tenant, "webhook-endpoints", id]
}

fn shown(answer: &Answer, output: &Output) -> Result<(), Failure> {
    let endpoint = answer.read()?;
    output.answer(&answer.body, |paint| webhook::endpoint(&endpoint, paint))
}

async fn add(given: WebhookAdd, client: &Client, output: &Output) -> Result<(), Failure> {
    let tenant = whose::tenant(given.tenant, client).await?;
    let mut body = json!({ "url": given.endpoint });
    if !given.events.is_empty() {
        body["events"] = json!(given.events);
    }
    if let Some(description) = given.description {
        body["description"] = json!(description);
    }
    let path = ["v1", "tenants", &tenant, "webhook-endpoints"];
    let answer = client.post(&path, &body.to_string(), &given.repeat.key()).await?;
    with_secret(&answer, output)
}

/// A secret is in one answer, and in no other.
fn with_secret(answer: &Answer, output: &Output) -> Result<(), Failure> {
    let endpoint: Endpoint = answer.read()?;
    output.answer(&answer.body, |paint| webhook::endpoint(&endpoint, paint))?;
    if endpoint.secret.is_some() {
        output.aside("Keep the secret now: it is shown this once.");
        return Ok(());
    }
    // The first answer was lost, and no other one holds the secret.
    Err(Failure::Ended {
        what: "The secret was made by an earlier request with this idempotency key, and is not shown again".to_owned(),
        detail: String::new(),
        next: format!("If nobody has it: tenantry webhook rotate {}", endpoint.id),
        code: "secret_not_shown_again",
    })
}

async fn update(given: WebhookUpdate, client: &Client, output: &Output) -> Result<(), Failure> {
    let mut body = Map::new();
    if let Some(to) = given.to {
        body.insert("url".to_owned(), json!(to));
    }
    if !given.events.is_empty() {
        body.insert("events".to_owned(), json!(given.events));
    }
    if let Some(description) = given.description {
        body.insert("description".to_owned(), json!(description));
    }
    if given.enable || given.disable {
        body.insert("status".to_owned(), json!(if given.enable { "enabled" } else { "disabled" }));
    }
    if body.is_empty() {
        return Err(Failure::Usage {
            what: "It is not said what to change".to_owned(),
            next: "Look at what there is with: tenantry webhook update --help".to_owned(),
        });
    }
    let tenant = whose::tenant(given.which.tenant, client).await?;
    let path = path(&tenant, &given.which.id);
    // Just the version that was read is changed.
    let read = client.get(&path, &[]).await?;
    shown(&client.patch(&path, &json!(body).to_string(), read.version).await?, output)
}

async fn test(given: WebhookTest, client: &Client, output: &Output) -> Result<(), Failure> {
    let tenant = whose::tenant(given.which.tenant, client).await?;
    let route = [&path(&tenant, &given.which.id)[..], &["test"]].concat();
    let begun: Delivery = client.post(&route, "{}", &given.repeat.key()).await?.read()?;
    let (until, place) = (Instant::now() + Duration::from_secs(given.wait), one(&tenant, &begun.id));
    let (answer, delivery) = loop {
        let answer = client.get(&place, &[]).await?;
        let delivery: Delivery = answer.read()?;
        if delivery.status != "pending" || delivery.attempts > 0 || Instant::now() >= until {
            break (answer, delivery);
        }
        tokio::time::sleep(REST).await;
    };
    output.answer(&answer.body, |paint| webhook::delivery(&delivery, paint))?;
    match delivery.log.last() {
        _ if delivery.status == "delivered" => Ok(()),
        None if delivery.status == "pending" => Err(Failure::NotReady {
            what: "The test was not tried yet".to_owned(),
            next: format!("Look again with: tenantry webhook deliveries {} --tenant {tenant}", delivery.id),
        }),
        last => Err(Failure::Ended {
            what: "The endpoint has not taken the test".to_owned(),
            detail: last.and_then(|last| last.error.clone()).or(delivery.reason).unwrap_or_default(),
            next: "Mend what is said there, then test it again.".to_owned(),
            code: "webhook_not_taken",
        }),
    }
}

fn one<'a>(tenant: &'a str, id: &'a str) -> [&'a str; 5] {
    ["v1", "tenants", tenant, "webhook-deliveries", id]
}

async fn deliveries(given: WebhookDeliveries, client: &Client, output: &Output) -> Result<(), Failure> {
    let tenant = whose::tenant(given.tenant, client).await?;
    if given.id.starts_with("whd_") {
        let answer = client.get(&one(&tenant, &given.id), &[]).await?;
        let delivery = answer.read()?;
        return output.answer(&answer.body, |paint| webhook::delivery(&delivery, paint));
    }
    let path = [&path(&tenant, &given.id)[..], &["deliveries"]].concat();
    let filters = [("status", given.status), ("type", given.event)];
    let list = client.list::<Delivery>(&path, &filters, &given.paging).await?;
    show_list(&list, output, webhook::deliveries)
}

async fn replay(given: WebhookReplay, client: &Client, output: &Output) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Replayed {
        deliveries: u64,
        more: bool,
    }
    let tenant = whose::tenant(given.tenant, client).await?;
    let key = given.repeat.key();
    let Some(since) = given.since else {
        if !given.id.starts_with("whd_") {
            return Err(Failure::Usage {
                what: "It is not said what to send once more".to_owned(),
                next: "Name a delivery (whd_...), or say --since when the endpoint has missed something.".to_owned(),
            });
        }
        let route = [&one(&tenant, &given.id)[..], &["replay"]].concat();
        let answer = client.post(&route, "{}", &key).await?;
        let delivery = answer.read()?;
        return output.answer(&answer.body, |paint| webhook::delivery(&delivery, paint));
    };
    let route = [&path(&tenant, &given.id)[..], &["replay"]].concat();
    let answer = client.post(&route, &json!({ "since": since }).to_string(), &key).await?;
    let replayed: Replayed = answer.read()?;
    output.answer(&answer.body, |_| format!("{} events are sent once more.", replayed.deliveries))?;
    if replayed.more {
        output.aside("There are more: once these are delivered, ask again.");
    }
    Ok(())
}
