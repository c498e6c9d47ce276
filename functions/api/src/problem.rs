//! What went wrong, as `application/problem+json` (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal $status:literal $title:literal $retryable:literal $next:literal;)+) => {
        /// What went wrong, in one word that programs decide by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as callers read it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The HTTP status it comes with.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// One line for people, always the same for a code.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// Whether the very same request may succeed later.
            #[must_use]
            pub fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable),+ }
            }

            /// What to do, unless the problem knows better.
            #[must_use]
            pub fn next_action(self) -> &'static str {
                match self { $(Self::$name => $next),+ }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson = "malformed_json" 400 "The body is not JSON" false "Send a JSON object.";
    /// A path or query parameter cannot be used.
    InvalidParameter = "invalid_parameter" 400 "A parameter cannot be used" false "Correct the parameters named in errors.";
    /// A header cannot be used.
    InvalidHeader = "invalid_header" 400 "A header cannot be used" false "Correct the header named in errors.";
    /// `Idempotency-Key` is required here.
    IdempotencyKeyMissing = "idempotency_key_missing" 400 "An Idempotency-Key is required" false
        "Send an Idempotency-Key header of your own choosing, the same one for every retry of this request.";
    /// Nobody says who is asking.
    Unauthenticated = "unauthenticated" 401 "No credentials" false
        "Send Authorization: Bearer with a token of your identity provider, or with an API key.";
    /// The token cannot be accepted.
    TokenInvalid = "token_invalid" 401 "The token is not accepted" false "Sign in again and send the new token.";
    /// The token was good once.
    TokenExpired = "token_expired" 401 "The token has expired" false "Sign in again and send the new token.";
    /// The API key is unknown, expired or revoked.
    KeyInvalid = "key_invalid" 401 "The API key is not accepted" false "Make a new key, or ask whoever manages yours.";
    /// The caller may not do this.
    PermissionMissing = "permission_missing" 403 "A permission is missing" false "Ask an administrator for the permission named.";
    /// A role within a tenant needs the tenant's id in the token.
    TenantClaimMissing = "tenant_claim_missing" 403 "The token names no tenant" false
        "Have your identity provider put the tenant's id into the token.";
    /// An event that a provider did not sign.
    EventRefused = "event_refused" 401 "The event is not believed" false "Compare the endpoint's secret with the one configured here.";
    /// Only the platform's own people and keys may do this.
    PlatformOnly = "platform_only" 403 "Only the platform's operators may do this" false "Ask the platform's operators.";
    /// What is asked is not part of this edition.
    FeatureNotAvailable = "feature_not_available" 403 "This is not part of this edition" false
        "Ask the platform's operators about the edition for enterprises.";
    /// There is no such object, as far as the caller may see.
    NotFound = "not_found" 404 "There is no such object" false "Check the id.";
    /// There is no such route.
    RouteNotFound = "route_not_found" 404 "There is no such route" false "See /v1/openapi.json for what there is.";
    /// The route does not know this method.
    MethodNotAllowed = "method_not_allowed" 405 "The route does not know this method" false "See the Allow header.";
    /// The first request with this key is under way.
    IdempotencyInFlight = "idempotency_in_flight" 409 "The first request with this Idempotency-Key is under way" true
        "Send the same request again after Retry-After.";
    /// The run does not accept the signal.
    SignalRefused = "signal_refused" 409 "The run does not accept this" false "Look at the run's state before trying anything else.";
    /// The run is over.
    RunEnded = "run_ended" 409 "The run has ended" false "Start a new run.";
    /// The task was answered or withdrawn.
    TaskClosed = "task_closed" 409 "The task is closed" false "Look at the task: somebody has answered, or the run went on.";
    /// Somebody else has claimed the task.
    TaskClaimed = "task_claimed" 409 "Somebody else is at this task" false
        "Talk to whoever is named, or take it over with force: true; anybody may answer it all the same.";
    /// What it needs is not configured.
    NotConfigured = "not_configured" 409 "What this needs is not configured here" false "Ask the platform's operators.";
    /// The tenant has as many domains as it may.
    DomainLimitReached = "domain_limit_reached" 409 "The tenant has as many email domains as it may have" false
        "Remove one that is not used any more, or ask the platform's operators for more.";
    /// The tenant has as many webhook endpoints as it may.
    WebhookLimitReached = "webhook_limit_reached" 409 "The tenant has as many webhook endpoints as it may have" false
        "Remove one that is not used any more.";
    /// The endpoint is told of nothing.
    WebhookDisabled = "webhook_disabled" 409 "The webhook endpoint is switched off" false
        "Remove the cause, switch it on with status: enabled, and try again.";
    /// There are two hostnames, and it is not said which is meant.
    HostnameNotNamed = "hostname_not_named" 409 "It is not said which hostname is meant" false
        "Name it with ?domain=, as it is shown.";
    /// There is nothing to publish.
    NoDraft = "no_draft" 409 "There is no draft" false "Write a draft first, then publish it.";
    /// The draft is not the one that was checked.
    DraftChanged = "draft_changed" 409 "The draft has changed at this moment" false
        "Look at the draft and at what is published, then decide again.";
    /// Nobody of the tenant is let in, and it sends nothing.
    TenantSuspended = "tenant_suspended" 403 "The tenant is suspended" false "Ask the platform's operators.";
    /// Nobody of the tenant is let in, and it sends nothing, since it leaves or has left.
    TenantOffboarding = "tenant_offboarding" 403 "The tenant is leaving, or has left" false "Ask the platform's operators.";
    /// This can be done to a tenant in another status only.
    TenantStatusUnfit = "tenant_status_unfit" 409 "The tenant's status does not allow this" false
        "Look at the tenant's status; what can be done in it is said in detail.";
    /// Another object has what can be had once.
    Duplicate = "duplicate" 409 "Another one has it already" false "Use another value, or change the other one first.";
    /// The words of the message are not kept any more.
    ContentErased = "content_erased" 410 "The content was erased" false "Ask whoever sent the message; what became of it is still here.";
    /// What endpoints were told is not kept any more.
    WebhookEventErased = "webhook_event_erased" 410 "The event is not kept any more" false
        "Read the present state instead; events are kept for 30 days.";
    /// The words of the message are shown to nobody.
    ContentSensitive = "content_sensitive" 403 "The content is shown to nobody" false "Ask the recipient; the message holds a credential.";
    /// The temporary password was read before.
    CredentialAlreadyRead = "credential_already_read" 410 "The temporary password was read before" false
        "Use the one in the welcome mail, or send the welcome again.";
    /// The temporary password has expired.
    CredentialExpired = "credential_expired" 410 "The temporary password has expired" false "Send the welcome again.";
    /// The invitation does not exist, was used, or has expired.
    InvitationUnusable = "invitation_unusable" 410 "The invitation cannot be used" false "Ask for a new invitation.";
    /// The object has changed since it was read.
    PreconditionFailed = "precondition_failed" 412 "It has changed since it was read" false
        "Read it again, and send the change with the new ETag as If-Match.";
    /// The body is too large.
    BodyTooLarge = "body_too_large" 413 "The body is too large" false "Send less at once.";
    /// The body is not labelled as JSON.
    UnsupportedMediaType = "unsupported_media_type" 415 "The body must be JSON" false "Send Content-Type: application/json.";
    /// The file is in no format that can be imported.
    UnsupportedFile = "unsupported_file" 415 "The file must be CSV or NDJSON" false
        "Send Content-Type: text/csv or application/x-ndjson.";
    /// The body has fields that cannot be used.
    InvalidBody = "invalid_body" 422 "The body has fields that cannot be used" false "Correct the fields named in errors.";
    /// The domain is one of a registrar, and nobody has said that this is meant.
    ApexNotConfirmed = "apex_not_confirmed" 422 "The domain is not a subdomain" false
        "Add a subdomain such as mail.yourcompany.com, or send confirmApex: true.";
    /// The signal does not exist, or its body cannot be used.
    InvalidSignal = "invalid_signal" 422 "The signal cannot be used" false "Correct what errors names.";
    /// The key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused" 422 "The Idempotency-Key was used for another request" false
        "Use a new key for a new request.";
    /// A change must say which version it changes.
    PreconditionRequired = "precondition_required" 428 "If-Match is required" false
        "Read the object, and send its ETag as If-Match.";
    /// Too many requests.
    RateLimited = "rate_limited" 429 "Too many requests" true "Wait for Retry-After, then go slower.";
    /// Our own mistake.
    InternalError = "internal_error" 500 "Something went wrong here" true
        "Try again; if it stays, tell the operators the request_id.";
    /// Somebody else keeps changing the same thing.
    Busy = "busy" 503 "The same thing is being changed by others" true "Send the same request again after Retry-After.";
    /// The database cannot be reached.
    DatabaseUnavailable = "database_unavailable" 503 "The database cannot be reached" true
        "Send the same request again after Retry-After.";
    /// The database's schema is older than this code.
    DatabaseBehind = "database_behind" 503 "The database is behind this version" true
        "Deploy the migrations first, then send the request again.";
    /// The identity provider's keys cannot be had.
    IssuerUnavailable = "issuer_unavailable" 503 "The identity provider cannot be reached" true
        "Send the same request again after Retry-After.";
    /// An event cannot be checked right now.
    EventUnavailable = "event_unavailable" 503 "The event cannot be checked now" true "Send the same event again later.";
    /// A newer version of the software wrote this row.
    NewerVersion = "newer_version" 503 "A newer version wrote this" true "Wait until the deployment is complete.";
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where in the body (a JSON Pointer, RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/adminUser/email")]
    pub pointer: Option<String>,
    /// Which path or query parameter, or which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong, in one word: `unknown_field`, `missing_field`, `wrong_type`, `invalid_value`.
    pub code: String,
    /// What is wrong, for people.
    pub detail: String,
}

impl FieldError {
    /// Something wrong in the body.
    pub fn at(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, code: code.to_owned(), detail: detail.into() }
    }

    /// Something wrong with a parameter or a header.
    pub fn parameter(name: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.into()), code: code.to_owned(), detail: detail.into() }
    }
}

/// What went wrong, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    challenge: Option<String>,
}

impl Problem {
    /// A problem; `detail` says what happened this time.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, challenge: None }
    }

    /// With what is wrong where.
    #[must_use]
    pub fn with(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Worth another try after so many seconds.
    #[must_use]
    pub fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// With a `WWW-Authenticate` challenge (RFC 6750).
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// What happened this time.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What is wrong where.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The body, for one request.
    #[must_use]
    pub fn body(&self, request_id: Option<&str>, instance: Option<&str>) -> Value {
        let mut body = json!({
            "type": format!("urn:tenantry:problem:{}", self.code.as_str()),
            "title": self.code.title(),
            "status": self.code.status(),
            "detail": self.detail,
            "code": self.code.as_str(),
            "retryable": self.code.retryable(),
            "next_action": self.code.next_action(),
        });
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        if let Some(instance) = instance {
            body["instance"] = json!(instance);
        }
        if let Some(id) = request_id {
            body["request_id"] = json!(id);
        }
        body
    }

    /// The answer, for one request.
    pub(crate) fn answer(&self, request_id: Option<&str>, instance: Option<&str>) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = self.body(request_id, instance).to_string();
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = self.challenge.as_ref().and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl IntoResponse for Problem {
    /// The outermost layer writes the body again, with the request's id.
    fn into_response(self) -> Response {
        let mut response = self.answer(None, None);
        response.extensions_mut().insert(self);
        response
    }
}

/// The body of every answer that is not a success (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
#[allow(dead_code, reason = "describes Problem::body to OpenAPI")]
pub(crate) struct ProblemBody {
    /// A URI that names the kind of problem.
    #[schema(example = "urn:tenantry:problem:invalid_body")]
    r#type: String,
    /// One line for people, always the same for a code.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened this time.
    detail: String,
    /// The path that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// What went wrong, in one word that programs decide by.
    code: Code,
    /// The request, as in `x-request-id` and in our logs.
    request_id: String,
    /// What is wrong where.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldError>>,
    /// Whether the very same request may succeed later.
    retryable: bool,
    /// What to do.
    next_action: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_code_has_one_name_everywhere_and_says_what_to_do() {
        for code in Code::ALL {
            assert_eq!(json!(code), json!(code.as_str()));
            assert!(code.next_action().ends_with('.'), "{code:?}");
            assert!((400..600).contains(&code.status()), "{code:?}");
        }
    }

    #[test]
    fn a_problem_is_complete_and_carries_its_headers() {
        let error = FieldError::at("/a/b", "wrong_type", "must be text");
        let problem = Problem::new(Code::RateLimited, "slow down").with(vec![error]).after(7).challenge("Bearer");
        let body = problem.body(Some("req_1"), Some("/v1/runs"));
        let expected = json!({
            "type": "urn:tenantry:problem:rate_limited", "title": "Too many requests", "status": 429,
            "detail": "slow down", "instance": "/v1/runs", "code": "rate_limited", "request_id": "req_1",
            "errors": [{"pointer": "/a/b", "code": "wrong_type", "detail": "must be text"}],
            "retryable": true, "next_action": "Wait for Retry-After, then go slower.",
        });
        assert_eq!(body, expected);
        let response = problem.into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["retry-after"], "7");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
}
