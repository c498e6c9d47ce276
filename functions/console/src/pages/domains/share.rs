//! A link for the person who manages the DNS. It is shown once, and kept nowhere.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::{api_of, show};
use crate::{
    form::Sent,
    page::Refusal,
    parts::{Field, copyable, csrf, segment, select, when},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// A link.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Link {
    url: String,
    expires_at: String,
}

/// Makes one, and shows it.
pub(super) async fn make(
    State(console): State<Console>,
    Path((tenant, domain)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let hours = sent.fields.text("hours");
    let body = hours.parse::<i64>().map_or_else(|_| json!({ "hours": hours }), |hours| json!({ "hours": hours }));
    let made = visit.ask().post(&format!("{}/{}/links", api_of(&tenant), segment(&domain)), &body).await;
    let made = match made {
        Ok(link) => serde_json::from_value(link).map_err(|_| Trouble::ours("The link could not be read.")),
        Err(trouble) => Err(trouble),
    };
    let (status, trouble, link): (_, _, Option<Link>) = match made {
        Ok(link) => (StatusCode::CREATED, None, Some(link)),
        Err(trouble) if trouble.is_about_the_form() => (trouble.status, Some(trouble), None),
        Err(trouble) => return Err(visit.refused(trouble)),
    };
    let page = show::draw(&visit, &tenant, &domain, None, trouble.as_ref(), link.as_ref()).await?;
    Ok(page.with(status).into_response())
}

/// The form, and the link that was just made. `page` is the domain's.
pub(super) fn form(visit: &Visit, page: &str, link: Option<&Link>) -> Markup {
    html! {
        details #share-domain open[link.is_some()] {
            summary { "Somebody else manages the DNS" }
            p {
                "Make a link for them. It opens one page without signing in: the records and how they stand, and nothing else of yours. \
                 Whoever has the link can see it until it ends."
            }
            @if let Some(link) = link {
                div.card.pleased #domain-link {
                    p { "The link; copy it now, since it is shown only once:" }
                    p { (copyable(&link.url, "the link")) }
                    p.help { "It works until " (when(&link.expires_at)) "." }
                }
            }
            form method="post" action={ (page) "/link" } {
                (csrf(&visit.person))
                (select(
                    &Field { name: "hours", id: Some("link-hours"), label: "It works for", value: "168", required: true, ..Field::default() },
                    &[("24", "a day"), ("168", "a week"), ("720", "thirty days")],
                ))
                button type="submit" #domain-share { "Make a link" }
            }
        }
    }
}
