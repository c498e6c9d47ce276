//! Why somebody could not sign in, in words, with the way to try again.

use axum::http::StatusCode;
use maud::html;

use crate::{
    page::{Place, Refusal, frame},
    parts::trouble_card,
    trouble::Trouble,
};

/// This browser did not begin it: the answer is to another's sign-in, or to one that is over.
pub(super) fn not_begun(back: &str) -> Refusal {
    let detail = "The answer of the identity provider does not belong to a sign-in that this browser has begun last.";
    page(StatusCode::BAD_REQUEST, "sign_in_unknown", "This sign-in is not yours to finish", detail, AGAIN, back)
}

/// It took too long, or was finished before.
pub(super) fn too_late(back: &str) -> Refusal {
    let detail = "It took longer than ten minutes, or was finished before.";
    page(StatusCode::BAD_REQUEST, "sign_in_over", "This sign-in is over", detail, AGAIN, back)
}

/// The provider says no, by one of the errors of RFC 6749, section 4.1.2.1, and OpenID Connect Core 1.0, section 3.1.2.6.
pub(super) fn refused(error: &str, back: &str) -> Refusal {
    let error = plain(error);
    tracing::info!(error, "the identity provider let nobody in");
    match error {
        "access_denied" | "consent_required" => {
            let detail = "Your identity provider did not let you in, or you did not agree.";
            let next = "Sign in again; if you should have access, ask your administrator.";
            page(StatusCode::FORBIDDEN, "sign_in_refused", "You were not let in", detail, next, back)
        }
        "temporarily_unavailable" | "server_error" => away(back),
        "login_required" | "interaction_required" | "account_selection_required" => too_late(back),
        _ => set_up_wrongly(back),
    }
}

/// The person is known to the provider, and nobody here.
pub(super) fn nobody_here(back: &str) -> Refusal {
    let detail = "Your identity provider knows you, but does not say to which tenant you belong.";
    let next = "Ask your administrator to give you access, then sign in again.";
    page(StatusCode::FORBIDDEN, "tenant_claim_missing", "You have no access here", detail, next, back)
}

/// The ID token is not good.
pub(super) fn not_accepted(back: &str) -> Refusal {
    let detail = "What the identity provider said about you could not be believed.";
    page(StatusCode::BAD_REQUEST, "token_invalid", "You could not be signed in", detail, AGAIN, back)
}

/// The provider does not answer.
pub(super) fn away(back: &str) -> Refusal {
    let detail = "The identity provider does not answer.";
    let next = "Try again in a minute; nothing is lost.";
    page(StatusCode::SERVICE_UNAVAILABLE, "issuer_unavailable", "You cannot be signed in now", detail, next, back)
}

/// The console and the provider do not fit together.
pub(super) fn set_up_wrongly(back: &str) -> Refusal {
    let detail = "The identity provider and the console are not set up for one another.";
    let next = "Tell the platform's operators; the log says what is wrong.";
    page(StatusCode::BAD_GATEWAY, "sign_in_set_up", "You could not be signed in", detail, next, back)
}

/// Our own mistake.
pub(super) fn ours(back: &str) -> Refusal {
    let detail = "Something went wrong here.";
    page(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "You could not be signed in", detail, AGAIN, back)
}

/// A word of the provider that may stand in a log: as OAuth's errors are, or none.
pub(super) fn plain(error: &str) -> &str {
    let is_plain = error.len() <= 64 && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_plain { error } else { "something else" }
}

const AGAIN: &str = "Sign in again.";

fn page(status: StatusCode, code: &str, title: &str, detail: &str, next_action: &str, back: &str) -> Refusal {
    let trouble = Trouble {
        status,
        code: code.to_owned(),
        title: title.to_owned(),
        detail: detail.to_owned(),
        next_action: next_action.to_owned(),
        request_id: String::new(),
        fields: Vec::new(),
    };
    let again = format!("/sign-in?{}", serde_urlencoded::to_string([("back", back)]).unwrap_or_default());
    let body = html! { (trouble_card(&trouble)) p { a.button href=(again) { "Sign in" } } };
    Refusal::Shown(Box::new(frame(None, Place::None, None, title, &body).with(status)))
}
