//! The page for the person who manages the DNS. The token in the link is the credential, and it opens nothing else.

mod frame;
mod html;
mod marks;

use std::time::Duration;

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::html;
use serde_json::json;
use tenantry_model::{EmailDomainId, RunId, TenantId};
use tenantry_store::{
    Scope, StoreError, Tx,
    domains::{DomainRow, domain},
    platform::{AuditEntry, Rate, append_audit, take},
    tenancy::tenant,
};

use self::frame::page;
use super::email_domains::{in_this_edition, tell};
use crate::{
    call::Call,
    error::{Error, Result},
    http::take_as_stranger,
    problem::Code,
    state::ApiState,
    write::{commit, retrying},
};

/// Looks of one domain, whoever asks for them by its page.
const LOOKS: Rate = Rate { quota: 4, window: Duration::from_secs(60) };

/// Show how an email domain stands
///
/// A page for the person who manages the DNS: the records, how they stand, and what to do. Changes nothing.
#[utoipa::path(get, path = "/dns/{token}", tag = "Email domains", operation_id = "showEmailDomainPage",
    params(("token" = String, Path, description = "The last part of the link.")),
    responses(
        (status = 200, description = "The page.", content_type = "text/html", body = String),
        (status = 403, description = "A page that says that the edition has no email domains.", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link has expired, or is not one of ours.", content_type = "text/html", body = String),
    ))]
pub(crate) async fn show_page(
    State(state): State<ApiState>,
    call: Call,
    Path(token): Path<String>,
) -> Result<Response> {
    if in_this_edition(&state).is_err() {
        return Ok(unavailable());
    }
    match found(&state, &token).await? {
        Some(Found { mut tx, row, tenant: id }) => {
            let name = tenant(&mut tx, id).await?.name;
            commit(tx).await?;
            Ok(page(StatusCode::OK, &row.name.clone(), html::is_live(&row), &html::body(&token, &name, row)))
        }
        None => unknown(&state, &call).await,
    }
}

/// Look at an email domain now
///
/// The button of the page. Asks for a look at the DNS, and leads back to the page.
#[utoipa::path(post, path = "/dns/{token}/check", tag = "Email domains", operation_id = "checkEmailDomainByPage",
    params(("token" = String, Path, description = "The part of the link before `/check`.")),
    responses(
        (status = 303, description = "It is looked at; back to the page.", headers(("Location" = String, description = "The page."))),
        (status = 403, description = "A page that says that the edition has no email domains.", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link has expired, or is not one of ours.", content_type = "text/html", body = String),
        (status = 429, description = "A page that says to wait a little.", content_type = "text/html", body = String),
    ))]
pub(crate) async fn look_now(State(state): State<ApiState>, call: Call, Path(token): Path<String>) -> Result<Response> {
    if in_this_edition(&state).is_err() {
        return Ok(unavailable());
    }
    let Some(Found { row, tx, .. }) = found(&state, &token).await? else { return unknown(&state, &call).await };
    drop(tx);
    let id = RunId(row.id);
    if !take(&state.db, &format!("dns-page:{}", id.0), LOOKS).await?.allowed {
        return Ok(too_often(&token));
    }
    match retrying(|| look(&state, &call, &token)).await {
        // It cannot be looked at right now, which the page says in its own words.
        Ok(()) => {}
        Err(error) => refused_is_fine(error)?,
    }
    let back = HeaderValue::from_str(&format!("../{token}")).unwrap_or(HeaderValue::from_static(".."));
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response())
}

fn refused_is_fine(error: Error) -> Result<()> {
    let problem = error.into_problem();
    if [Code::SignalRefused, Code::RunEnded, Code::NotFound].contains(&problem.code()) {
        Ok(())
    } else {
        Err(problem.into())
    }
}

/// A domain that a link opens, and a transaction that sees its tenant's rows and no others.
struct Found {
    tx: Tx,
    tenant: TenantId,
    row: DomainRow,
}

/// None: the link is not one of ours, or has expired, or its domain is removed.
async fn found(state: &ApiState, token: &str) -> Result<Option<Found>> {
    let Some(id) = state.domains.links.open(token, state.db.clock().now()) else { return Ok(None) };
    // Whose it is shows only when it is found; everything else is read with that tenant's eyes.
    let mut tx = state.db.begin_as(Scope::Platform).await?;
    let tenant = match domain(&mut tx, id).await {
        Ok(row) => TenantId(row.tenant_id),
        Err(StoreError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    commit(tx).await?;
    let mut tx = state.db.begin_as(Scope::Tenant(tenant)).await?;
    let row = domain(&mut tx, id).await?;
    Ok((row.status != "deactivated").then_some(Found { tx, tenant, row }))
}

async fn look(state: &ApiState, call: &Call, token: &str) -> Result<()> {
    let timing = state.db.timing();
    let Some(Found { mut tx, tenant, row }) = found(state, token).await? else { return Ok(()) };
    let told = tell(&mut tx, RunId(row.id), "refreshStatus", "the domain's page", timing).await?;
    let subject = EmailDomainId(row.id).to_string();
    let address = call.source_ip.map(|ip| ip.to_string());
    let line = AuditEntry {
        tenant: Some(tenant),
        run: Some(RunId(row.id)),
        actor: "domain page",
        action: "email_domain.check",
        subject: &subject,
        after: Some(json!({ "signal": "refreshStatus" })),
        request_id: Some(&call.request_id),
        source_ip: address.as_deref(),
        ..AuditEntry::default()
    };
    append_audit(&mut tx, &line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(told.hints).await;
    Ok(())
}

/// Guessing links is slowed down; who has one does not guess.
async fn unknown(state: &ApiState, call: &Call) -> Result<Response> {
    take_as_stranger(state, call, "dns-page").await?;
    let body = html! {
        h1 { "This link does not work" }
        p { "It has expired, the domain was removed, or the link is not complete. Ask whoever sent it to you for a new one." }
    };
    Ok(page(StatusCode::NOT_FOUND, "Unknown link", false, &body))
}

fn unavailable() -> Response {
    let body = html! {
        h1 { "This is not available here" }
        p { "Email domains are not part of this edition. Nothing has to be done." }
    };
    page(StatusCode::FORBIDDEN, "Not available", false, &body)
}

fn too_often(token: &str) -> Response {
    let body = html! {
        h1 { "A little slower, please" }
        p { "This domain was looked at several times within a minute. Wait a minute, then try again; we also look by ourselves." }
        p { a href={ "../" (token) } { "Back to the records" } }
    };
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, "A little slower", false, &body);
    response.headers_mut().insert(header::RETRY_AFTER, LOOKS.window.as_secs().into());
    response
}
