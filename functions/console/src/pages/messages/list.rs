//! The search for messages.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;

use super::Message;
use crate::{
    page::{Page, Place, Refusal},
    parts::{Field, List, empty, input, pager, segment, select, status, trouble_card, when},
    trouble::Trouble,
    visit::Visit,
};

/// Which messages.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Wanted {
    recipient: String,
    status: String,
    category: String,
    template: String,
    tag: String,
    tenant: String,
    from: String,
    to: String,
    after: Option<String>,
}

const STATUSES: [(&str, &str); 13] = [
    ("", "Any"),
    ("queued", "Queued"),
    ("scheduled", "Scheduled"),
    ("sending", "Being sent"),
    ("deferred", "Deferred"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("bounced", "Bounced"),
    ("complained", "Complained about"),
    ("failed", "Failed"),
    ("unknown", "Nobody knows"),
    ("suppressed", "Suppressed"),
    ("cancelled", "Cancelled"),
];

impl Wanted {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        // A day is meant from its beginning, in UTC.
        let day = |text: &str| if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        let all = [
            ("recipient", self.recipient.clone()),
            ("status", self.status.clone()),
            ("category", self.category.clone()),
            ("template", self.template.clone()),
            ("tag", self.tag.clone()),
            ("tenantId", self.tenant.clone()),
            ("from", day(&self.from)),
            ("to", day(&self.to)),
        ];
        all.into_iter()
            .map(|(name, value)| (name, value.trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    /// The form's own names, for the pages of the list.
    fn again(&self) -> [(&'static str, &str); 8] {
        [
            ("recipient", &self.recipient),
            ("status", &self.status),
            ("category", &self.category),
            ("template", &self.template),
            ("tag", &self.tag),
            ("tenant", &self.tenant),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }
}

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let mut pairs = wanted.pairs();
    pairs.push(("limit", "50".to_owned()));
    pairs.extend(wanted.after.clone().map(|after| ("after", after)));
    let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    let found = visit.ask().get::<List<Message>>(&format!("/v1/messages?{query}")).await;
    let (list, trouble) = match found {
        Ok(list) => (Some(list), None),
        // What cannot be looked for is said above the form, with what was typed still in it.
        Err(trouble) if trouble.is_about_the_form() => (None, Some(trouble)),
        Err(trouble) => return Err(visit.refused(trouble)),
    };
    let body = html! {
        (filters(&wanted, visit.person.is_operator(), trouble.as_ref()))
        @match &list {
            None => {}
            Some(list) if list.data.is_empty() => (empty("No message is like that.", &html! { p { "A message is found by a whole address, not by a part of one." } })),
            Some(list) => {
                (table(&list.data))
                (pager(list, "/messages", &wanted.again(), wanted.after.as_deref()))
            }
        }
    };
    Ok(visit.page(Place::Messages, "Messages", &body))
}

fn filters(wanted: &Wanted, operator: bool, trouble: Option<&Trouble>) -> Markup {
    html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        form.filters method="get" action="/messages" role="search" aria-label="Find messages" {
            (input(&Field { name: "recipient", label: "To", value: &wanted.recipient, kind: Some("search"), example: Some("ada@example.com"), autocomplete: Some("off"), ..Field::default() }.judged(trouble, "recipient")))
            (select(&Field { name: "status", label: "Status", value: &wanted.status, ..Field::default() }.judged(trouble, "status"), &STATUSES))
            (input(&Field { name: "category", label: "Category", value: &wanted.category, ..Field::default() }.judged(trouble, "category")))
            (input(&Field { name: "template", label: "Template", value: &wanted.template, ..Field::default() }.judged(trouble, "template")))
            (input(&Field { name: "tag", label: "Tag", value: &wanted.tag, example: Some("order=7"), ..Field::default() }.judged(trouble, "tag")))
            (input(&Field { name: "from", label: "From", value: &wanted.from, kind: Some("date"), ..Field::default() }.judged(trouble, "from")))
            (input(&Field { name: "to", label: "Before", value: &wanted.to, kind: Some("date"), ..Field::default() }.judged(trouble, "to")))
            @if operator { (input(&Field { name: "tenant", label: "Tenant's id", value: &wanted.tenant, example: Some("ten_…"), ..Field::default() }.judged(trouble, "tenantId"))) }
            button type="submit" { "Find" }
        }
    }
}

fn table(messages: &[Message]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Messages" { table #messages {
            thead { tr { th scope="col" { "Subject" } th scope="col" { "To" } th scope="col" { "Status" } th scope="col" { "Category" } th scope="col" { "Accepted" } } }
            tbody { @for message in messages { tr {
                th scope="row" { a href={ "/messages/" (segment(&message.id)) } { @if message.subject.is_empty() { "(no subject)" } @else { (message.subject) } } }
                td { (to(&message.recipients)) }
                td { (status(&message.status)) }
                td { (message.category) }
                td { (when(&message.created_at)) }
            } } }
        } }
    }
}

fn to(recipients: &[String]) -> String {
    match recipients {
        [] => String::new(),
        [one] => one.clone(),
        [one, more @ ..] => format!("{one} and {} more", more.len()),
    }
}
