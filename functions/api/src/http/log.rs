//! The outermost layer: a request gets its ids, one line in the log, and its problem's last fields.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument as _, field::Empty};

use crate::{call::Call, problem::Problem};

/// Names the request, answers, and writes one line. Never a body, a query or a token.
pub(crate) async fn observe(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let call = Call::read(request.headers(), request.extensions());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let span =
        tracing::info_span!("request", request_id = %call.request_id, trace_id = call.trace.trace_id(), actor = Empty);
    request.extensions_mut().insert(call.clone());

    let mut response = next.run(request).instrument(span.clone()).await;

    let code = response.extensions_mut().remove::<Problem>().map(|problem| {
        complete(&mut response, &problem, &call, &path);
        problem.code().as_str()
    });
    if let Ok(id) = HeaderValue::from_str(&call.request_id) {
        response.headers_mut().insert("x-request-id", id);
    }
    let headers = response.headers_mut();
    // Answers hold what only the caller may see.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    let status = response.status().as_u16();
    let ms = began.elapsed().as_secs_f64() * 1000.0;
    // An unknown path may hold anything, so it is not logged.
    let route = route.as_deref().unwrap_or("-");
    span.in_scope(|| {
        if status >= 500 {
            tracing::warn!(%method, route, status, code, ms, "answered");
        } else {
            tracing::info!(%method, route, status, code, ms, "answered");
        }
    });
    response
}

/// Writes a problem's body again, now that it is known whose it is. Headers that other layers set stay.
fn complete(response: &mut Response, problem: &Problem, call: &Call, path: &str) {
    let whole = problem.answer(Some(&call.request_id), Some(path));
    let (parts, body) = whole.into_parts();
    *response.body_mut() = body;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().extend(parts.headers);
}
