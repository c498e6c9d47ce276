//! Which mail a tenant's users get, unless they say otherwise.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::Method,
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{api_of, change::done, page_of, show::Part};
use crate::{
    form::{Fields, Sent},
    page::Refusal,
    parts::{Field, csrf, hidden, input, trouble_card},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// A tenant's choices.
#[derive(Debug, Deserialize)]
pub(super) struct Defaults {
    data: Vec<Choice>,
    known: Vec<Known>,
}

/// A choice.
#[derive(Debug, Deserialize)]
struct Choice {
    category: String,
    subtype: Option<String>,
    enabled: bool,
    locked: bool,
}

/// A category that the platform knows.
#[derive(Debug, Deserialize)]
struct Known {
    category: String,
    locked: bool,
}

/// A line of the form.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    enabled: bool,
    locked: bool,
}

/// A category, and a subtype of it or nothing.
type Which = (String, String);

impl Defaults {
    /// Reads them.
    pub(super) async fn read(visit: &Visit, tenant: &str) -> Result<Self, Refusal> {
        visit.get(&api_of(tenant, "notification-defaults")).await
    }

    /// The categories that the platform knows.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|known| known.category.as_str())
    }

    /// What is known, and what the tenant has spoken about.
    fn lines(&self) -> BTreeMap<Which, Line> {
        let known = self
            .known
            .iter()
            .map(|known| ((known.category.clone(), String::new()), Line { enabled: true, locked: known.locked }));
        let chosen = self.data.iter().map(|choice| {
            let which = (choice.category.clone(), choice.subtype.clone().unwrap_or_default());
            (which, Line { enabled: choice.enabled || choice.locked, locked: choice.locked })
        });
        known.chain(chosen).collect()
    }
}

/// The form was sent.
pub(super) async fn choose(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let told =
        visit.ask().send(Method::PUT, &api_of(&tenant, "notification-defaults"), Some(&wanted(&fields)), &[]).await;
    done(&visit, &tenant, Part::Notifications, &fields, told.map(drop)).await
}

/// What a form wants. What is wanted anyway is not named, except for a subtype, whose category may be off.
fn wanted(fields: &Fields) -> Value {
    let ticked = fields.all("on");
    let mut data: Vec<Value> = fields
        .all("line")
        .into_iter()
        .filter(|line| line.contains('/') || !ticked.contains(line))
        .map(|line| choice(line, ticked.contains(&line)))
        .collect();
    if let Some(category) = fields.some("more") {
        data.push(choice(&format!("{category}/{}", fields.text("moreSubtype")), false));
    }
    json!({ "data": data })
}

fn choice(line: &str, enabled: bool) -> Value {
    let (category, subtype) = line.split_once('/').unwrap_or((line, ""));
    json!({ "category": category, "subtype": Some(subtype).filter(|subtype| !subtype.is_empty()), "enabled": enabled })
}

/// The form.
pub(super) fn form(
    visit: &Visit,
    tenant: &str,
    defaults: &Defaults,
    may: bool,
    sent: Option<(&Fields, &Trouble)>,
) -> Markup {
    let trouble = sent.map(|(_, trouble)| trouble);
    let typed = |name: &str| sent.map_or("", |(fields, _)| fields.text(name));
    html! {
        section.card aria-label="Notifications" {
            h2 { "Which mail users get" }
            p {
                "Unless they say otherwise themselves. Mail that an account would be lost or unsafe without cannot be switched off."
            }
            @if let Some(trouble) = trouble { (trouble_card(trouble)) }
            form method="post" action={ (page_of(tenant)) "/notifications" } #notifications-form {
                (csrf(&visit.person))
                fieldset disabled[!may] {
                    legend { "Categories" }
                    div.choices { @for ((category, subtype), line) in defaults.lines() { (tick(&category, &subtype, &line, sent)) } }
                    @if may {
                        p.help { "Switch off another category, or one kind of mail of a category:" }
                        div.row {
                            (input(&Field {
                                name: "more", id: Some("notification-category"), label: "Category", value: typed("more"),
                                autocomplete: Some("off"), ..Field::default()
                            }))
                            (input(&Field {
                                name: "moreSubtype", id: Some("notification-subtype"), label: "Subtype", value: typed("moreSubtype"),
                                autocomplete: Some("off"), ..Field::default()
                            }))
                        }
                    }
                }
                @if may { button.main type="submit" #notifications-save { "Save" } }
            }
        }
    }
}

fn tick(category: &str, subtype: &str, line: &Line, sent: Option<(&Fields, &Trouble)>) -> Markup {
    let name = if subtype.is_empty() { category.to_owned() } else { format!("{category}/{subtype}") };
    let on = line.locked || sent.map_or(line.enabled, |(fields, _)| fields.all("on").contains(&name.as_str()));
    html! {
        label.tick {
            @if !line.locked { (hidden("line", &name)) }
            input type="checkbox" name="on" value=(name) checked[on] disabled[line.locked];
            span { (category) @if !subtype.is_empty() { ": " (subtype) } @if line.locked { span.help { " (always on)" } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_is_named_and_a_subtype_always() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = Fields(vec![
            field("line", "digests"),
            field("line", "notifications"),
            field("line", "notifications/mentions"),
            field("on", "notifications/mentions"),
            field("on", "digests"),
            field("more", "surveys"),
        ]);
        let off = |category: &str| json!({ "category": category, "subtype": null, "enabled": false });
        let mentions = json!({ "category": "notifications", "subtype": "mentions", "enabled": true });
        assert_eq!(wanted(&fields), json!({ "data": [off("notifications"), mentions, off("surveys")] }));
    }
}
