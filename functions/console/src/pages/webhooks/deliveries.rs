//! What an endpoint was told.

use maud::{Markup, html};
use serde::Deserialize;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Which, api_of_one, page_of};
use crate::{
    page::Refusal,
    parts::{Field, List, pager, segment, select, status, when},
    visit::Visit,
};

/// A delivery that is tried so soon is worth waiting for.
const SOON: Duration = Duration::minutes(1);
/// How a delivery may stand, for the filter.
const STATUSES: [(&str, &str); 5] =
    [("", "any"), ("pending", "on its way"), ("delivered", "delivered"), ("failed", "failed"), ("dropped", "dropped")];

/// Which deliveries are shown.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Listed {
    #[serde(default)]
    status: String,
    after: Option<String>,
}

impl Listed {
    /// Whether these are not simply the latest.
    pub(super) fn narrows(&self) -> bool {
        !self.status.is_empty() || self.after.is_some()
    }
}

/// A delivery.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delivery {
    pub(super) id: String,
    pub(super) endpoint_id: String,
    pub(super) event_id: String,
    #[serde(rename = "type")]
    pub(super) what: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) attempts: i64,
    pub(super) next_attempt_at: Option<String>,
    pub(super) replay: bool,
    pub(super) created_at: String,
}

impl Delivery {
    /// Whether something happens to it soon.
    pub(super) fn is_moving(&self, now: OffsetDateTime) -> bool {
        let next = self.next_attempt_at.as_deref().and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok());
        self.status == "pending" && next.is_none_or(|next| next <= now + SOON)
    }
}

/// Reads them.
pub(super) async fn read(visit: &Visit, which: &Which, listed: &Listed) -> Result<List<Delivery>, Refusal> {
    let status = Some(listed.status.as_str()).filter(|status| !status.is_empty());
    let pairs = [("status", status), ("after", listed.after.as_deref())];
    let pairs: Vec<(&str, &str)> = pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    visit.get(&format!("{}/deliveries?{query}", api_of_one(which))).await
}

/// Whether the list changes soon.
pub(super) fn is_moving(list: &List<Delivery>, now: OffsetDateTime) -> bool {
    list.data.iter().any(|delivery| delivery.is_moving(now))
}

/// The filter.
pub(super) fn filters(page: &str, listed: &Listed) -> Markup {
    html! {
        form.filters method="get" action=(page) aria-label="Which deliveries" {
            (select(&Field { name: "status", id: Some("delivery-status"), label: "Status", value: &listed.status, ..Field::default() }, &STATUSES))
            button type="submit" { "Show" }
        }
    }
}

/// The pages of the list.
pub(super) fn pages(page: &str, list: &List<Delivery>, listed: &Listed) -> Markup {
    pager(list, page, &[("status", &listed.status)], listed.after.as_deref())
}

/// The list.
pub(super) fn table(tenant: &str, list: &List<Delivery>) -> Markup {
    html! {
        @if list.data.is_empty() { p { "There is none." } } @else {
            div.scroll tabindex="0" role="region" aria-label="Deliveries" { table {
                caption.unseen { "Deliveries, newest first" }
                thead { tr {
                    th scope="col" { "Event" }
                    th scope="col" { "Status" }
                    th.number scope="col" { "Tries" }
                    th scope="col" { "Next try" }
                    th scope="col" { "Begun" }
                } }
                tbody { @for one in &list.data {
                    tr data-status=(one.status) {
                        th scope="row" {
                            a id={ "delivery-" (one.id) } href={ (page_of(tenant)) "/deliveries/" (segment(&one.id)) } { (one.what) }
                            @if one.replay { br; span.help { "sent by hand" } }
                        }
                        td { (status(&one.status)) @if let Some(reason) = &one.reason { br; span.help { (reason) } } }
                        td.number { (one.attempts) }
                        td { @match &one.next_attempt_at { Some(at) => { (when(at)) } None => { "–" } } }
                        td { (when(&one.created_at)) }
                    }
                } }
            } }
        }
    }
}
