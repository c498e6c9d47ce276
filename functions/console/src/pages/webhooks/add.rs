//! An endpoint is added. Its secret is in the answer and nowhere else.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::html;

use super::{
    api_of,
    endpoint::{Shown, draw, secret_of},
    form, page_of,
};
use crate::{
    form::{Fields, Sent},
    page::{Page, Place, Refusal, Tab},
    parts::{csrf, once, trouble_card},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// The form.
pub(super) async fn show(visit: Visit, Path(tenant): Path<String>) -> Result<Page, Refusal> {
    again(&visit, &tenant, &Fields::default(), None).await
}

/// The form was sent. Sent twice it is one endpoint; only the first answer has the secret.
pub(super) async fn add(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    match visit.ask().post(&api_of(&tenant), &form::wish(&fields)).await {
        Ok(made) => {
            let which = (tenant, made["id"].as_str().unwrap_or_default().to_owned());
            let secret = secret_of(&made);
            let shown = Shown { secret: secret.as_ref(), fresh: true, ..Shown::default() };
            Ok(draw(&visit, &which, &shown).await?.with(StatusCode::CREATED).into_response())
        }
        Err(trouble) if trouble.is_about_the_form() => {
            Ok(again(&visit, &tenant, &fields, Some(&trouble)).await?.with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

async fn again(visit: &Visit, tenant: &str, fields: &Fields, trouble: Option<&Trouble>) -> Result<Page, Refusal> {
    let head = visit.tenant(tenant).await?;
    let types = form::types(visit).await?;
    let body = html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        form method="post" action=(page_of(tenant)) #webhook-form {
            (csrf(&visit.person))
            (once())
            (form::draw(&types, fields, trouble))
            p { "The next page shows the secret that its deliveries are signed with. It is shown only there: have a place for it at hand." }
            div.row {
                button.main type="submit" #webhook-submit { "Add the endpoint" }
                a.button href=(page_of(tenant)) { "Back" }
            }
        }
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Webhooks), &head, "Add a webhook endpoint", &body))
}
