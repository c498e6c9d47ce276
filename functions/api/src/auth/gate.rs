//! Whether the caller's tenant is at work. Looked at for each request, so that a suspension holds from its commit on.

use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use tenantry_store::tenancy::standing;

use super::Principal;
use crate::{
    error::Result,
    problem::{Code, Problem},
    state::ApiState,
};

/// Lets pass whoever belongs to no tenant, or to one that is neither suspended nor leaving. Who they are is told to anybody.
///
/// A tenant that is still being set up has nothing to show, and one that is not there has nothing either.
pub(crate) async fn admit(State(state): State<ApiState>, request: Request, next: Next) -> Result<Response> {
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| request.uri().path(), MatchedPath::as_str);
    let asks_for_itself = request.method() == Method::GET && route == "/v1/me";
    let tenant = request.extensions().get::<Principal>().and_then(Principal::tenant);
    if let Some(tenant) = tenant.filter(|_| !asks_for_itself) {
        open_to(standing(&state.db, tenant).await?.as_deref())?;
    }
    Ok(next.run(request).await)
}

/// Refused while a tenant's people and keys are not let in.
pub(crate) fn open_to(standing: Option<&str>) -> Result<(), Problem> {
    match standing {
        Some("suspended") => {
            let words = "Your tenant is suspended: nobody of it is let in, and its mail waits. Nothing is lost.";
            Err(Problem::new(Code::TenantSuspended, words))
        }
        Some("offboarding") => {
            let words = "Your tenant is leaving the platform: nobody of it is let in, and its mail has stopped.";
            Err(Problem::new(Code::TenantOffboarding, words))
        }
        Some("offboarded") => Err(Problem::new(Code::TenantOffboarding, "Your tenant has left the platform.")),
        _ => Ok(()),
    }
}
