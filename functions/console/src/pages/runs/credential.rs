//! The temporary password of an onboarding, once.

use axum::extract::{Path, State};
use maud::html;
use serde_json::json;

use crate::{
    form::Sent,
    page::{Page, Place, Refusal},
    parts::{copyable, segment, when},
    state::Console,
    visit::Visit,
};

/// Shows it. The page is the only place where it ever stands.
pub(super) async fn reveal(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Page, Refusal> {
    let (id, visit) = (segment(&id), Visit::of(&console, sent.person));
    let shown = visit
        .ask()
        .post(&format!("/v1/runs/{id}/credential"), &json!({}))
        .await
        .map_err(|trouble| visit.refused(trouble))?;
    let text = |name: &str| shown[name].as_str().unwrap_or_default();
    let body = html! {
        div.card.warned {
            p { strong { "This is shown once." } " When you leave this page, nobody can read it again; the welcome mail holds it too." }
            p { (copyable(text("temporaryPassword"), "the temporary password")) }
            p { "It has to be changed at the first sign-in, and expires " (when(text("expiresAt"))) "." }
        }
        p { a.button href={ "/runs/" (id) } { "Back to the run" } }
    };
    Ok(visit.page(Place::Runs, "Temporary password", &body))
}
