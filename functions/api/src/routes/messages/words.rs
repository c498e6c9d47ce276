//! What is said of messages to whom: a tenant never reads a provider's name, nor what one said of the platform's account.

use serde::Serialize;
use serde_json::{Value, json};
use tenantry_mail::Reason;
use tenantry_model::{ErrorClass, Fault};
use tenantry_store::Scope;
use tenantry_workflows::email_delivery::{State, word};
use utoipa::ToSchema;

use crate::auth::Caller;

/// Whether the caller is of the platform.
pub(super) fn is_operator(caller: &Caller) -> bool {
    caller.scope() == Scope::Platform
}

/// A state in the words of the API; what this version does not know stays as it is.
pub(super) fn status_of(state: &str) -> String {
    serde_json::from_value::<State>(json!(state)).map_or_else(|_| state.to_owned(), |state| word(state).to_owned())
}

/// The states behind a word of the API.
pub(super) fn states_of(status: Status) -> (String, Option<String>) {
    let one = |state: &str| (state.to_owned(), None);
    match status {
        Status::Scheduled => one("scheduled"),
        Status::Queued => one("queued"),
        Status::Sending => one("sending"),
        Status::Deferred => ("deferred".to_owned(), Some("delayed".to_owned())),
        Status::Sent => one("sent"),
        Status::Delivered => one("delivered"),
        Status::Bounced => one("bounced"),
        Status::Complained => one("complained"),
        Status::Failed => one("failed"),
        Status::Suppressed => one("suppressed"),
        Status::Cancelled => one("cancelled"),
        Status::Unknown => one("unknown"),
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It is to leave later.
    Scheduled,
    /// It waits for its turn.
    Queued,
    /// It is being handed over.
    Sending,
    /// It was not taken yet, and is tried again.
    Deferred,
    /// It has left.
    Sent,
    /// The recipient's server has it.
    Delivered,
    /// The recipient's server has refused it.
    Bounced,
    /// The recipient has called it spam.
    Complained,
    /// It could not be sent.
    Failed,
    /// It was not to be sent.
    Suppressed,
    /// It was called off.
    Cancelled,
    /// It may have been sent; a person is asked.
    Unknown,
}

/// Why a message failed, or what is in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct MessageError {
    /// In one word that programs decide by.
    #[schema(example = "EmailRefused")]
    class: String,
    /// What happened, what was seen, what to do.
    message: String,
}

/// A fault as this caller may read it.
pub(super) fn error_of(caller: &Caller, error: Option<&Value>) -> Option<MessageError> {
    let fault: Fault = serde_json::from_value(error?.clone()).ok()?;
    let message = if is_operator(caller) { fault.message.clone() } else { for_tenants(&fault).to_owned() };
    Some(MessageError { class: fault.class.as_str().to_owned(), message })
}

/// What concerns the message is said as it was seen; what concerns the platform is the operators' affair.
fn for_tenants(fault: &Fault) -> &str {
    match fault.class {
        ErrorClass::EmailRefused | ErrorClass::ValidationError => &fault.message,
        ErrorClass::UnknownOutcome => {
            "The message was handed over, and no answer came: nobody knows yet whether it has left."
        }
        ErrorClass::RateLimited => "Mail goes out more slowly right now; this message goes on by itself.",
        _ => "The message could not leave yet for a reason on our side; the operators see it.",
    }
}

/// Removes what only operators read: providers by name, and what they answered.
pub(crate) fn without_providers(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["provider", "avoid", "response", "domain_provider"] {
                fields.remove(name);
            }
            if let Some(message) = fields.get("class").is_some().then(|| fields.get("message")).flatten().cloned() {
                let of = json!({ "class": fields["class"], "message": message });
                if let Ok(fault) = serde_json::from_value::<Fault>(of) {
                    fields.insert("message".to_owned(), json!(for_tenants(&fault)));
                }
            }
            fields.values_mut().for_each(without_providers);
        }
        Value::Array(items) => items.iter_mut().for_each(without_providers),
        _ => {}
    }
}

/// A step of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    /// In one word that programs decide by.
    #[schema(example = "tier_platform")]
    code: String,
    /// In a sentence.
    text: String,
    /// More, for operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
}

impl Step {
    pub(super) fn of(reason: &Reason, operator: bool) -> Self {
        let words = reason.operator.clone().filter(|_| operator);
        Self { code: reason.code.clone().into_owned(), text: reason.text.clone(), operator: words }
    }

    pub(super) fn new(code: &str, text: &str) -> Self {
        Self { code: code.to_owned(), text: text.to_owned(), operator: None }
    }

    /// A step of which only the code was kept.
    pub(super) fn kept(code: &str) -> Self {
        let text = match code {
            "from_allowed" => "The From address is at a domain of this tenant.",
            "from_replaced" => "The default address was used instead of the one asked for, which was not the tenant's.",
            "tier_platform" => "The settings sent this category from the platform domain.",
            "tier_custom" => "The settings sent this category from the tenant's own domain.",
            "custom_domain_not_verified" => "The own domain was not verified, so the platform domain was used.",
            "custom_domain_not_sendable" => "Nothing could send for the own domain, so the platform domain was used.",
            "no_fallback_for_domain" => "Not every way could send for this domain.",
            "cannot_carry" => "Not every way could carry a message of this size.",
            "provider" => "The usual way was used.",
            "fallback" => "The usual way was out of order; another one was used.",
            "shared_domain" => "The platform's shared address was used, with the tenant's name beside it.",
            "provider_unavailable" => "One way could not be used at that moment.",
            "again" => "The outcome of an attempt was unknown; the very same attempt was made again.",
            _ => "This was a step of the decision.",
        };
        Self::new(code, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_api_has_its_states_and_every_state_its_word() {
        for status in [
            "scheduled",
            "queued",
            "sending",
            "deferred",
            "sent",
            "delivered",
            "bounced",
            "complained",
            "failed",
            "suppressed",
            "cancelled",
            "unknown",
        ] {
            let read: Status = serde_json::from_value(json!(status)).expect("a status");
            let (state, other) = states_of(read);
            assert_eq!(status_of(&state), status);
            assert!(other.is_none_or(|other| status_of(&other) == status));
        }
    }

    #[test]
    fn nothing_of_a_provider_is_left_for_a_tenant() {
        let mut detail = json!({
            "plan": { "provider": "resend", "from": "a@b.example", "why": ["fallback"] }, "avoid": "smtp",
            "fault": { "class": "AccountRefused", "message": "the mail provider answered 403: the key of Resend" },
            "other": { "class": "EmailRefused", "message": "no such mailbox" },
        });
        without_providers(&mut detail);
        let text = detail.to_string();
        assert!(!text.to_lowercase().contains("resend") && !text.contains("smtp"), "{text}");
        assert!(text.contains("no such mailbox") && text.contains("a@b.example"), "{text}");
    }
}
