//! Every way a request can fail, as a fault: the API's error names (its page "Errors"), and what they mean for a message.

use std::time::Duration;

use tenantry_model::{ErrorClass, Fault};

use super::http::{Failure, Refusal};
use crate::words;

/// What a request is for: the same answer means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To send a message, once.
    Send,
    /// To look, or to change what can be changed twice.
    Manage,
}

/// The fault of a failed request.
pub(super) fn fault(failure: &Failure, purpose: Purpose) -> Fault {
    match failure {
        Failure::NotSent(seen) => {
            Fault::new(ErrorClass::EmailError, format!("the mail provider {seen}; nothing was sent, it may work later"))
        }
        Failure::TimedOut => match purpose {
            Purpose::Send => unknown("did not answer in time"),
            Purpose::Manage => Fault::new(ErrorClass::TimeoutError, "the mail provider did not answer in time"),
        },
        Failure::Unclear(seen) => unclear(seen, purpose),
        Failure::Refused(refusal) => refused(refusal, purpose),
    }
}

fn unknown(seen: &str) -> Fault {
    let message = format!(
        "the message was handed over, but the mail provider {seen}; whether it was accepted is unknown, and only this \
         provider may be asked again, under the same idempotency key"
    );
    Fault::new(ErrorClass::UnknownOutcome, message)
}

fn unclear(seen: &str, purpose: Purpose) -> Fault {
    match purpose {
        Purpose::Send => unknown(seen),
        Purpose::Manage => Fault::new(ErrorClass::EmailError, format!("the mail provider {seen}; it may work later")),
    }
}

fn refused(refusal: &Refusal, purpose: Purpose) -> Fault {
    let code = match refusal.name.as_str() {
        "" => refusal.status.to_string(),
        name => format!("{} {}", refusal.status, words(name)),
    };
    let seen = format!("answered {code}");
    let of = |class, advice: &str| Fault::new(class, format!("the mail provider {seen}: {advice}"));
    let account = |advice: &str| of(ErrorClass::AccountRefused, &format!("{advice}; nothing was accepted"));
    let wait = |fault: Fault| fault.after(Duration::from_secs(refusal.retry_after.unwrap_or(1).max(1)));
    match (refusal.status, refusal.name.as_str()) {
        (_, "daily_quota_exceeded") => account("our account's messages of the day are used up; raise its plan or wait"),
        (_, "monthly_quota_exceeded" | "email_above_quota") => {
            account("our account's messages of the month are used up; raise its plan")
        }
        (429, _) => wait(of(ErrorClass::RateLimited, "we ask too often; nothing was accepted, it is asked later")),
        (_, "restricted_api_key") => account("our API key may not do this; use one with more rights"),
        (_, "suspended_api_key") => account("our account is suspended; ask the provider why"),
        (403, "validation_error") => forbidden(&seen, &refusal.message, purpose),
        (401 | 403, _) => account("it refuses our API key; check that it is right and of this account"),
        (404 | 405, _) if purpose == Purpose::Send => account("there is no such API; check the base URL"),
        // Another request under this key is being worked on, and may be accepted: so this is no "not accepted".
        (409, "concurrent_idempotent_requests") if purpose == Purpose::Send => {
            wait(unknown("is still at work on the same message"))
        }
        (409, "invalid_idempotent_request") if purpose == Purpose::Send => {
            unknown("knows another message under the same idempotency key")
        }
        (409, "resource_locked") => {
            wait(of(ErrorClass::EmailError, "it is busy with the same thing; it may work later"))
        }
        (408 | 409, _) => unclear(&seen, purpose),
        (400..=499, _) => {
            let class = if purpose == Purpose::Send { ErrorClass::EmailRefused } else { ErrorClass::ValidationError };
            of(class, &format!("it does not take this{}", explained(&refusal.message)))
        }
        _ => unclear(&seen, purpose),
    }
}

/// 403 `validation_error` has several meanings that only its explanation tells apart.
fn forbidden(seen: &str, message: &str, purpose: Purpose) -> Fault {
    let said = |word: &str| message.to_ascii_lowercase().contains(word);
    let (class, advice) = match purpose {
        Purpose::Send => (
            ErrorClass::SenderRefused,
            "our account may not send from this From domain; check that the domain is verified there; nothing was \
             accepted",
        ),
        Purpose::Manage if said("registered") || said("already") || said("exists") => {
            (ErrorClass::DuplicateError, "the domain is registered already")
        }
        Purpose::Manage if said("plan") || said("limit") || said("upgrade") => {
            (ErrorClass::AccountRefused, "our account may have no more domains; raise its plan")
        }
        Purpose::Manage => (ErrorClass::ValidationError, "it does not take this domain"),
    };
    Fault::new(class, format!("the mail provider {seen}: {advice}"))
}

/// The provider's explanation for people: without addresses, and left out where it speaks of itself, since a tenant is
/// shown no vendor's name.
fn explained(message: &str) -> String {
    match words(message) {
        said if said.is_empty() || said.to_ascii_lowercase().contains("resend") => String::new(),
        said => format!(": {said}"),
    }
}
