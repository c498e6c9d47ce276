//! The settings are changed.

use axum::{
    extract::{Path, State},
    http::Method,
    response::{IntoResponse as _, Response},
};

use super::{
    api_of, page_of,
    settings::patch,
    show::{More, Part, draw},
};
use crate::{
    form::{Fields, Sent},
    page::{Refusal, see_other},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// The form was sent, with the version that it was drawn from.
pub(super) async fn change(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let wanted = patch(&fields, visit.person.is_operator());
    let version = [("if-match", fields.text("version"))];
    let told = visit.ask().send(Method::PATCH, &api_of(&tenant, "email-settings"), Some(&wanted), &version).await;
    done(&visit, &tenant, Part::Settings, &fields, told.map(drop)).await
}

/// Back to the page; or the page with the form once more, and what is wrong with it.
pub(super) async fn done(
    visit: &Visit,
    tenant: &str,
    part: Part,
    fields: &Fields,
    told: Result<(), Trouble>,
) -> Result<Response, Refusal> {
    match told {
        Ok(()) => Ok(see_other(&format!("{}?said=saved", page_of(tenant)))),
        Err(trouble) if trouble.is_about_the_form() => {
            let more = More { refused: Some((part, fields, &trouble)), ..More::default() };
            Ok(draw(visit, tenant, &more).await?.with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}
