//! So many requests, by caller. Every authenticated answer says how many are left
//! (draft-ietf-httpapi-ratelimit-headers).

use axum::{
    extract::{Extension, Request, State},
    http::HeaderValue,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tenantry_store::platform::{Rate, Taken, take};

use crate::{
    auth::Principal,
    call::Call,
    error::Result,
    problem::{Code, Problem},
    state::ApiState,
};

/// Takes one from the caller's rate: 429 when none is left.
pub(crate) async fn limit_rate(
    State(state): State<ApiState>,
    Extension(principal): Extension<Principal>,
    request: Request,
    next: Next,
) -> Result<Response> {
    let rate = state.limits.caller;
    let taken = take(&state.db, &principal.rate_key(), rate).await?;
    let mut response = if taken.allowed { next.run(request).await } else { refused(taken).into_response() };
    let headers = response.headers_mut();
    for (name, value) in [("ratelimit-policy", policy(rate)), ("ratelimit", left(taken))] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// Takes one from the rate of whoever is at the other end, for a route without credentials that costs us work.
pub(crate) async fn take_as_stranger(state: &ApiState, call: &Call, route: &str) -> Result<()> {
    let who = call.source_ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
    let taken = take(&state.db, &format!("stranger:{route}:{who}"), state.limits.stranger).await?;
    if taken.allowed { Ok(()) } else { Err(refused(taken).into()) }
}

fn refused(taken: Taken) -> Problem {
    let seconds = seconds(taken).max(1);
    Problem::new(Code::RateLimited, format!("The next request is welcome in {seconds} s.")).after(seconds)
}

fn policy(rate: Rate) -> String {
    format!(r#""caller";q={};w={}"#, rate.quota, rate.window.as_secs())
}

fn left(taken: Taken) -> String {
    format!(r#""caller";r={};t={}"#, taken.remaining, seconds(taken))
}

fn seconds(taken: Taken) -> u64 {
    taken.reset.as_secs() + u64::from(taken.reset.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn headers_read_as_the_draft_has_them() {
        let rate = Rate { quota: 60, window: Duration::from_secs(60) };
        assert_eq!(policy(rate), r#""caller";q=60;w=60"#);
        let taken = Taken { allowed: true, remaining: 12, reset: Duration::from_millis(29_001) };
        assert_eq!(left(taken), r#""caller";r=12;t=30"#);
    }

    #[test]
    fn a_refused_caller_waits_a_second_at_least() {
        let taken = Taken { allowed: false, remaining: 0, reset: Duration::ZERO };
        assert_eq!(refused(taken).answer(None, None).headers()["retry-after"], "1");
    }
}
