//! What is asked of whoever adds or changes an endpoint.

use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    form::Fields,
    page::Refusal,
    parts::{Field, input},
    trouble::Trouble,
    visit::Visit,
};

/// What endpoints may ask for when they ask for everything.
const ALL: &str = "*";

/// A type of events.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct EventType {
    name: String,
    help: String,
}

#[derive(Debug, Deserialize)]
struct EventTypes {
    data: Vec<EventType>,
}

/// The types of events that there are.
pub(super) async fn types(visit: &Visit) -> Result<Vec<EventType>, Refusal> {
    Ok(visit.get::<EventTypes>("/v1/webhook-event-types").await?.data)
}

/// The fields of an endpoint, as a form sends them.
pub(super) fn fields(url: &str, description: &str, events: &[String]) -> Fields {
    let all = events.iter().any(|event| event == ALL);
    let mut fields = vec![
        ("url".to_owned(), url.to_owned()),
        ("description".to_owned(), description.to_owned()),
        ("which".to_owned(), if all { "all" } else { "some" }.to_owned()),
    ];
    fields.extend(events.iter().filter(|event| *event != ALL).map(|event| ("events".to_owned(), event.clone())));
    Fields(fields)
}

/// What a form wants.
pub(super) fn wish(fields: &Fields) -> Value {
    let events = if fields.text("which") == "some" { fields.all("events") } else { vec![ALL] };
    json!({ "url": fields.text("url"), "description": fields.text("description"), "events": events })
}

/// The fields.
pub(super) fn draw(types: &[EventType], fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let some = fields.text("which") == "some";
    let wrong: Vec<&str> = trouble
        .into_iter()
        .flat_map(|trouble| &trouble.fields)
        .filter(|(place, _)| place.starts_with("/events"))
        .map(|(_, words)| words.as_str())
        .collect();
    html! {
        (input(&Field {
            name: "url", id: Some("webhook-url"), label: "URL", value: fields.text("url"), kind: Some("url"),
            example: Some("https://hooks.yourcompany.com/tenantry"), help: Some("https, and on the public Internet."), autocomplete: Some("off"),
            required: true, ..Field::default()
        }.judged(trouble, "url")))
        (input(&Field {
            name: "description", id: Some("webhook-description"), label: "What it is for", value: fields.text("description"),
            ..Field::default()
        }.judged(trouble, "description")))
        fieldset #webhook-events {
            legend { "What it is told of" }
            @for words in wrong { p.wrong { (words) } }
            label.tick { input type="radio" name="which" value="all" checked[!some]; span { "Everything, also what there will be later" } }
            label.tick { input type="radio" name="which" value="some" checked[some]; span { "Only these:" } }
            @for group in groups(types) {
                fieldset {
                    legend { (group.0.replace('_', " ")) }
                    @for one in group.1 {
                        label.tick {
                            input type="checkbox" name="events" value=(one.name) checked[fields.all("events").contains(&one.name.as_str())];
                            span { code { (one.name) } " " span.help { (one.help) } }
                        }
                    }
                }
            }
        }
    }
}

/// The types by the thing that they happen to, in the API's order. A test needs no asking for.
fn groups(types: &[EventType]) -> Vec<(&str, Vec<&EventType>)> {
    let mut groups: Vec<(&str, Vec<&EventType>)> = Vec::new();
    for one in types.iter().filter(|one| one.name != "webhook.test") {
        let thing = one.name.split('.').next().unwrap_or_default();
        match groups.last_mut() {
            Some((last, all)) if *last == thing => all.push(one),
            _ => groups.push((thing, vec![one])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_shown_and_sent_is_the_same() {
        let named = ["tenant.created".to_owned(), "portal_domain.active".to_owned()];
        let wanted = wish(&fields("https://a.example/", "For us", &named));
        assert_eq!(wanted, json!({ "url": "https://a.example/", "description": "For us", "events": named }));
        assert_eq!(wish(&fields("https://a.example/", "", &[ALL.to_owned()]))["events"], json!([ALL]));
        assert_eq!(wish(&Fields::default())["events"], json!([ALL]));
    }
}
