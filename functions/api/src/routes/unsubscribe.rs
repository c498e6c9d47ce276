//! One-click unsubscribe (RFC 8058). The token in the link is the credential.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;
use tenantry_mail::UnsubscribeToken;
use tenantry_store::{
    Scope,
    mail::{NewSuppression, has_tenant, suppress},
    platform::{AuditEntry, append_audit, take},
};
use utoipa::ToSchema;

use super::suppressions::fingerprint;
use crate::{
    call::Call,
    error::Result,
    http::take_as_stranger,
    problem::{Code, Problem},
    state::ApiState,
    write::{commit, retrying},
};

/// Nothing but what stands in the page itself; its form may only be sent here.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}";

/// What a mail program sends.
#[derive(Debug, Deserialize, ToSchema)]
#[allow(dead_code, reason = "describes the form to OpenAPI")]
pub(crate) struct OneClick {
    /// `One-Click`.
    #[serde(rename = "List-Unsubscribe")]
    list_unsubscribe: String,
}

/// Show whether to unsubscribe
///
/// Changes nothing: programs that look behind links do not unsubscribe anybody.
#[utoipa::path(get, path = "/v1/unsubscribe/{token}", tag = "Mail", operation_id = "showUnsubscribe",
    params(("token" = String, Path, description = "The last part of the link.")),
    responses(
        (status = 200, description = "A page with a button.", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not one of ours.", content_type = "text/html", body = String),
    ))]
pub(crate) async fn show_unsubscribe(
    State(state): State<ApiState>,
    call: Call,
    Path(token): Path<String>,
) -> Result<Response> {
    let Some(read) = state.mail.unsubscribe.read(&token) else { return unknown(&state, &call).await };
    let category = read.category.as_str();
    let body = format!(
        "<h1>Unsubscribe</h1><p>You will get no more mail of the kind <b>{category}</b> from this sender at this address.</p>\
         <form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\"><button>Unsubscribe</button></form>"
    );
    Ok(page(StatusCode::OK, "Unsubscribe", &body))
}

/// Unsubscribe
///
/// Needs no credentials and no confirmation; said again, it is as it was.
#[utoipa::path(post, path = "/v1/unsubscribe/{token}", tag = "Mail", operation_id = "unsubscribe",
    params(("token" = String, Path, description = "The last part of the link.")),
    request_body(content = OneClick, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page that says so.", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not one of ours.", content_type = "text/html", body = String),
        (status = 429, description = "`rate_limited`."),
    ))]
pub(crate) async fn unsubscribe(
    State(state): State<ApiState>,
    call: Call,
    Path(token): Path<String>,
    form: Bytes,
) -> Result<Response> {
    let Some(read) = state.mail.unsubscribe.read(&token) else { return unknown(&state, &call).await };
    if !is_one_click(&form) {
        let detail = "The form must say List-Unsubscribe=One-Click (RFC 8058).";
        return Err(Problem::new(Code::InvalidBody, detail).into());
    }
    // Whoever has a link has it from a mail. A large mailbox provider unsubscribes thousands from one address of its own, so it is
    // the link that is counted, and not where the request comes from.
    let name = hex::encode(&digest(&SHA256, token.as_bytes()).as_ref()[..16]);
    if !take(&state.db, &format!("unsubscribe:{name}"), state.limits.stranger).await?.allowed {
        return Err(Problem::new(Code::RateLimited, "This link was used many times just now.").after(60).into());
    }
    if !retrying(|| leave(&state, &call, &read)).await? {
        return unknown(&state, &call).await;
    }
    let category = read.category.as_str();
    let body = format!(
        "<h1>Unsubscribed</h1><p>You will get no more mail of the kind <b>{category}</b> from this sender.</p>"
    );
    Ok(page(StatusCode::OK, "Unsubscribed", &body))
}

/// Whether the tenant is there; what is unsubscribed already stays so, without another line in the log.
async fn leave(state: &ApiState, call: &Call, token: &UnsubscribeToken) -> Result<bool> {
    let now = state.db.clock().now();
    let mut tx = state.db.begin_as(Scope::Tenant(token.tenant)).await?;
    if has_tenant(&mut tx, token.tenant).await.is_err() {
        return Ok(false);
    }
    let new = NewSuppression {
        tenant: token.tenant,
        address: token.recipient.key(),
        reason: "unsubscribe",
        category: Some(token.category.as_str().to_owned()),
        note: None,
        message: None,
        by: "recipient".to_owned(),
        until: None,
    };
    if suppress(&mut tx, &new, now).await? {
        let subject = fingerprint(token.tenant, &new.address);
        let address = call.source_ip.map(|ip| ip.to_string());
        let line = AuditEntry {
            tenant: Some(token.tenant),
            actor: "recipient",
            action: "suppression.unsubscribe",
            subject: &subject,
            after: Some(json!({ "category": token.category })),
            request_id: Some(&call.request_id),
            source_ip: address.as_deref(),
            ..AuditEntry::default()
        };
        append_audit(&mut tx, &line, now).await?;
    }
    commit(tx).await?;
    Ok(true)
}

/// `List-Unsubscribe=One-Click`, as a form in a line or in parts (RFC 8058, section 3.2).
fn is_one_click(form: &[u8]) -> bool {
    let says = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        name.eq_ignore_ascii_case("List-Unsubscribe") && value.trim().eq_ignore_ascii_case("One-Click")
    };
    let text = String::from_utf8_lossy(form);
    let in_parts = text.contains("name=\"List-Unsubscribe\"") && text.contains("One-Click");
    in_parts || url::form_urlencoded::parse(form).any(says)
}

/// Guessing links is slowed down; who has one does not guess.
async fn unknown(state: &ApiState, call: &Call) -> Result<Response> {
    take_as_stranger(state, call, "unsubscribe").await?;
    let body = "<h1>This link does not work</h1><p>It is not complete, or not one of ours. Use the link in the mail as it is.</p>";
    Ok(page(StatusCode::NOT_FOUND, "Unknown link", body))
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_click_is_said_in_a_line_or_in_parts_and_not_otherwise() {
        let parts = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        for form in ["List-Unsubscribe=One-Click", "a=b&list-unsubscribe=one-click", parts] {
            assert!(is_one_click(form.as_bytes()), "{form}");
        }
        for form in ["", "One-Click", "List-Unsubscribe=no", "x=List-Unsubscribe"] {
            assert!(!is_one_click(form.as_bytes()), "{form}");
        }
    }
}
