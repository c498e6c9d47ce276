//! Every way a request can fail, as a fault: SES's error names (its API v2 reference), and what they mean for a message.

use std::{error::Error, time::Duration};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sesv2::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use tenantry_model::{ErrorClass, Fault};
use tenantry_provider::words;

/// What a request is for: the same answer means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To send a message, once.
    Send,
    /// To look, or to change what can be changed twice.
    Manage,
}

/// The fault of a failed request.
pub(crate) fn fault<E>(error: &SdkError<E, HttpResponse>, purpose: Purpose) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let said = context.err();
            let (status, code) = (context.raw().status().as_u16(), said.code().unwrap_or_default());
            answered(status, code, said.message().unwrap_or_default(), purpose)
        }
        SdkError::ConstructionFailure(_) => not_sent("could not be asked"),
        SdkError::DispatchFailure(_) if never_connected(error) => {
            not_sent("could not be reached, or we have no credentials for it")
        }
        SdkError::DispatchFailure(broken) if !broken.is_timeout() => {
            no_answer("closed the connection without an answer", purpose)
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) if purpose == Purpose::Manage => {
            Fault::new(ErrorClass::TimeoutError, "the mail provider did not answer in time")
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => no_answer("did not answer in time", purpose),
        _ => no_answer("answered something that is not its own", purpose),
    }
}

fn not_sent(seen: &str) -> Fault {
    Fault::new(ErrorClass::EmailError, format!("the mail provider {seen}; nothing was sent, it may work later"))
}

fn no_answer(seen: &str, purpose: Purpose) -> Fault {
    match purpose {
        Purpose::Send => {
            let message = format!(
                "the message was handed over, but the mail provider {seen}; whether it was accepted is unknown, so it is \
                 not sent again by itself"
            );
            Fault::new(ErrorClass::UnknownOutcome, message)
        }
        Purpose::Manage => Fault::new(ErrorClass::EmailError, format!("the mail provider {seen}; it may work later")),
    }
}

/// Whether the failure shows that there never was a connection, or that there was nothing to sign a request with. What
/// it does not show is not assumed.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    // The client's own types for these are not public; their words are all there is to tell them by.
    const SAID: &[&str] = &["client error (Connect)", "HTTP connect timeout", "failed to select an auth scheme"];
    let mut next = Some(error);
    while let Some(error) = next {
        let said = error.to_string();
        if error.is::<CredentialsError>() || SAID.iter().any(|words| said.starts_with(words)) {
            return true;
        }
        next = error.source();
    }
    false
}

/// The fault of a negative answer.
fn answered(status: u16, code: &str, message: &str, purpose: Purpose) -> Fault {
    let seen = format!("answered {status} {}", words(code)).trim_end().to_owned();
    let of = |class, advice: &str| Fault::new(class, format!("the mail provider {seen}: {advice}"));
    let said = |word: &str| message.to_ascii_lowercase().contains(word);
    let account = |advice: &str| of(ErrorClass::AccountRefused, &format!("{advice}; nothing was accepted"));
    match code {
        _ if said("quota exceeded") || code == "LimitExceededException" => {
            account("our account's limit is used up; have it raised, or wait")
        }
        "TooManyRequestsException" | "ThrottlingException" | "Throttling" => {
            of(ErrorClass::RateLimited, "we ask too often; nothing was accepted, it is asked later")
                .after(Duration::from_secs(1))
        }
        "AccountSuspendedException" => account("our account is suspended; ask the provider why"),
        "SendingPausedException" => account("our account's sending is paused; look at its reputation there"),
        "MailFromDomainNotVerifiedException" => of(ErrorClass::SenderRefused, UNVERIFIED),
        // In an account that may not yet write to everybody, the same words speak of the recipient.
        "MessageRejected" if said("not verified") => of(ErrorClass::SenderRefused, UNVERIFIED),
        "NotFoundException" if purpose == Purpose::Send => {
            account("it does not know the configuration set; check its name and region")
        }
        "ConcurrentModificationException" | "ConflictException" => {
            of(ErrorClass::EmailError, "it is busy with the same thing; it may work later")
        }
        "UnrecognizedClientException"
        | "ExpiredTokenException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => account(CREDENTIALS),
        _ => match status {
            401 | 403 => account(CREDENTIALS),
            429 => of(ErrorClass::RateLimited, "we ask too often; nothing was accepted").after(Duration::from_secs(1)),
            400..=499 if status != 408 => {
                let class =
                    if purpose == Purpose::Send { ErrorClass::EmailRefused } else { ErrorClass::ValidationError };
                of(class, &format!("it does not take this{}", explained(message)))
            }
            _ => no_answer(&seen, purpose),
        },
    }
}

const UNVERIFIED: &str =
    "our account may not send from this From domain; check that the domain is verified there; nothing was accepted";
const CREDENTIALS: &str = "it refuses our credentials; check them and what they allow";

/// The provider's explanation for people: without addresses, and left out where it speaks of itself, since a tenant is
/// shown no vendor's name.
fn explained(message: &str) -> String {
    let said = words(message);
    let lower = said.to_ascii_lowercase();
    if said.is_empty() || ["amazon", "aws", "arn:"].iter().any(|word| lower.contains(word)) {
        return String::new();
    }
    format!(": {said}")
}
