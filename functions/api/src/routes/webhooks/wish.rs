//! What may be said about an endpoint.

use serde_json::{Value, json};
use tenantry_fetch::FetchError;
use tenantry_model::TenantId;
use tenantry_store::{Tx, tenancy::tenant, webhooks::EndpointRow};
use tenantry_workflows::webhook_events::{ALL, is_known};
use url::Url;

use crate::{
    error::Result,
    extract::Fields,
    problem::{Code, Problem},
    state::ApiState,
};

/// Endpoints of a tenant.
pub(super) const MOST_ENDPOINTS: i64 = 20;
const MOST_EVENTS: usize = 100;
const LONGEST_URL: usize = 2048;
const LONGEST_DESCRIPTION: usize = 500;

/// The URL as it is stored; what is wrong with it is noted.
pub(super) fn url(state: &ApiState, fields: &mut Fields, text: &str) -> Option<String> {
    if text.len() > LONGEST_URL {
        fields.wrong("/url", "the URL may have 2048 characters at most");
        return None;
    }
    match state.webhooks.check(text) {
        Ok(url) if url.fragment().is_some() => {
            fields.wrong("/url", "the URL must have no # in it: what follows it is sent to nobody");
            None
        }
        Ok(url) => Some(url.to_string()),
        Err(error) => {
            fields.wrong("/url", words(&error));
            None
        }
    }
}

fn words(error: &FetchError) -> &'static str {
    match error {
        FetchError::NotAUrl => "this is not a URL; it looks like https://hooks.example.com/tenantry",
        FetchError::NotPublic => "the host is not on the public Internet, and events are sent to no other place",
        _ => "the URL must begin with https://, without a user name, on port 443 or one above 1023",
    }
}

/// The types without doubles, in the order in which they are named; what is wrong with them is noted.
pub(super) fn events(fields: &mut Fields, named: &[String]) -> Vec<String> {
    if named.is_empty() {
        fields.wrong("/events", "an endpoint that asks for no event is told nothing; [\"*\"] asks for all");
    }
    if named.len() > MOST_EVENTS {
        fields.wrong("/events", "there may be 100 types at most; [\"*\"] asks for all");
        return Vec::new();
    }
    let mut events: Vec<String> = Vec::with_capacity(named.len());
    for (at, name) in named.iter().enumerate() {
        if name != ALL && !is_known(name) {
            fields.wrong(&format!("/events/{at}"), "there is no such type; GET /v1/webhook-event-types lists them");
        } else if !events.contains(name) {
            events.push(name.clone());
        }
    }
    events
}

/// The words; what is wrong with them is noted.
pub(super) fn description(fields: &mut Fields, text: &str) -> String {
    let text = text.trim();
    if text.chars().count() > LONGEST_DESCRIPTION || text.chars().any(char::is_control) {
        fields.wrong("/description", "the description may have 500 characters at most, and no line break");
    }
    text.to_owned()
}

/// Refused unless the tenant is one that stays: what is set up may vanish again, and what leaves takes its endpoints with it.
pub(super) async fn stays(tx: &mut Tx, id: TenantId) -> Result<()> {
    let row = tenant(tx, id).await?;
    if ["active", "suspended"].contains(&row.status.as_str()) {
        return Ok(());
    }
    let words =
        "Webhook endpoints can be set up while the tenant is active or suspended; this one is being set up, or leaves.";
    Err(Problem::new(Code::TenantStatusUnfit, words).into())
}

/// What the audit log keeps of an endpoint: of its URL the host alone, for the rest may be a secret and the log can never be changed.
pub(super) fn kept(row: &EndpointRow) -> Value {
    let host = Url::parse(&row.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    json!({
        "host": host, "events": row.events, "description": row.description, "status": row.status, "version": row.version,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn wrong(told: impl FnOnce(&mut Fields)) -> Vec<String> {
        let mut fields = Fields::default();
        told(&mut fields);
        let Err(problem) = fields.finish(Some(())) else { return Vec::new() };
        let body = problem.body(None, None);
        body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_types_that_there_are_can_be_asked_for() {
        let mut fields = Fields::default();
        let events_of = events(&mut fields, &named(&["tenant.created", "*", "tenant.created"]));
        assert_eq!(events_of, ["tenant.created", "*"]);
        assert_eq!(wrong(|fields| drop(events(fields, &named(&["*", "tenant.exploded"])))), ["/events/1"]);
        assert_eq!(wrong(|fields| drop(events(fields, &[]))), ["/events"]);
        assert_eq!(wrong(|fields| drop(events(fields, &vec!["*".to_owned(); 101]))), ["/events"]);
        assert_eq!(wrong(|fields| drop(events(fields, &named(&["task.opened"])))), ["/events/0"]);
    }

    #[test]
    fn a_description_is_a_line() {
        assert_eq!(description(&mut Fields::default(), "  billing "), "billing");
        assert_eq!(wrong(|fields| drop(description(fields, "a\nb"))), ["/description"]);
        assert_eq!(wrong(|fields| drop(description(fields, &"x".repeat(501)))), ["/description"]);
    }
}
