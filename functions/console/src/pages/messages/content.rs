//! The words of a message, in a frame of their own.

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use maud::{DOCTYPE, PreEscaped, html};
use serde::Deserialize;

use crate::{page::Refusal, parts::segment, visit::Visit};

/// What a mail may do here: show itself with its own styles. No script, no form, nothing from elsewhere (pictures that tell who looks
/// included), and no name of ours: `sandbox` gives it an origin of its own.
pub(crate) const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

#[derive(Deserialize)]
struct Content {
    html: Option<String>,
    text: Option<String>,
}

pub(super) async fn words(visit: Visit, Path(id): Path<String>) -> Result<Response, Refusal> {
    let content: Content = visit.get(&format!("/v1/messages/{}/content", segment(&id))).await?;
    Ok(framed(content.html.as_deref(), content.text.as_deref()))
}

/// A mail's HTML as it is, or else its text, under [`POLICY`].
pub(crate) fn framed(html_part: Option<&str>, text_part: Option<&str>) -> Response {
    let body = match html_part {
        Some(words) => words.to_owned(),
        None => html! { (DOCTYPE) html lang="en" { head { title { "Message" } } body { pre { (text_part.unwrap_or_default()) } } } }.into_string(),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    (headers, PreEscaped(body).into_string()).into_response()
}
