//! An address is put on the list, or taken off.

use axum::{
    extract::{Path, State},
    http::Method,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{api_of, list, page_of};
use crate::{
    form::{Fields, Sent},
    page::{Refusal, see_other},
    parts::segment,
    state::Console,
    visit::Visit,
};

/// It is put on the list.
pub(super) async fn add(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    match visit.ask().post(&api_of(&tenant), &wish(&fields)).await {
        Ok(_) => Ok(see_other(&format!("{}?said=saved", page_of(&tenant)))),
        Err(trouble) if trouble.is_about_the_form() => {
            let page = list::draw(&visit, &tenant, &list::Wanted::default(), &fields, Some(&trouble)).await?;
            Ok(page.with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

/// It is taken off.
pub(super) async fn remove(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let path = format!("{}/{}", api_of(&tenant), segment(sent.fields.text("address")));
    match visit.ask().send(Method::DELETE, &path, None, &[]).await {
        Ok(_) => Ok(see_other(&format!("{}?said=taken-off", page_of(&tenant)))),
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

fn wish(fields: &Fields) -> Value {
    // What a browser gives for a moment has no seconds and no zone; the label says which zone is meant.
    let until = fields.some("expiresAt").map(|at| if at.len() == 16 { format!("{at}:00Z") } else { format!("{at}Z") });
    json!({ "address": fields.text("address"), "note": fields.json("note"), "expiresAt": until })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_of_a_browser_is_one_of_the_api() {
        let fields = |at: &str| Fields(vec![("address".into(), "a@b.example".into()), ("expiresAt".into(), at.into())]);
        assert_eq!(wish(&fields("2026-02-03T04:05"))["expiresAt"], "2026-02-03T04:05:00Z");
        assert_eq!(wish(&fields("2026-02-03T04:05:06"))["expiresAt"], "2026-02-03T04:05:06Z");
        assert_eq!(wish(&fields(""))["expiresAt"], Value::Null);
    }
}
