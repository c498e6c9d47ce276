//! An answer, or none, as the life hears it and as its tenant reads it. Pure.

use tenantry_fetch::{FetchError, Posted};
use tenantry_model::{ErrorClass, Fault};

use crate::operation::TIME_OUT;

/// What an endpoint has made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Made {
    /// It has taken it.
    Taken,
    /// It has not; it may later.
    NotTaken(Fault),
    /// It wants nothing any more.
    Gone,
}

/// By what it has answered, or why it has not.
pub(crate) fn made(answer: &Result<Posted, FetchError>) -> Made {
    let posted = match answer {
        Ok(posted) => posted,
        Err(error) => return Made::NotTaken(silent(error)),
    };
    let status = posted.status;
    let fault =
        |class, words: String| Made::NotTaken(Fault { retry_after: posted.retry_after, ..Fault::new(class, words) });
    match status {
        200..=299 => Made::Taken,
        410 => Made::Gone,
        300..=399 => fault(
            ErrorClass::ValidationError,
            format!("The endpoint answered {status}, a redirect, which is not followed. Set the final URL."),
        ),
        429 => fault(ErrorClass::RateLimited, "The endpoint answered 429: it is told too much at once.".to_owned()),
        500..=599 => fault(
            ErrorClass::TimeoutError,
            format!("The endpoint answered {status} and not 2xx. Look at its logs at that time."),
        ),
        _ => fault(
            ErrorClass::ValidationError,
            format!(
                "The endpoint answered {status} and not 2xx. Look at how it checks the signature, and at its logs."
            ),
        ),
    }
}

/// Why there was no answer. The words tell nothing of networks behind us.
fn silent(error: &FetchError) -> Fault {
    let (class, words) = match error {
        FetchError::TimedOut => {
            let seconds = TIME_OUT.as_secs();
            (
                ErrorClass::TimeoutError,
                format!("The endpoint did not answer within {seconds} seconds. It may have got it."),
            )
        }
        FetchError::NotResolved => {
            (ErrorClass::TimeoutError, "The name of the endpoint's host cannot be resolved. Check its DNS.".to_owned())
        }
        FetchError::NotPublic => (
            ErrorClass::ValidationError,
            "The endpoint's host is not on the public Internet, and nothing was sent to it. Check its DNS.".to_owned(),
        ),
        FetchError::NotAUrl | FetchError::NotAllowed => (
            ErrorClass::ValidationError,
            "The endpoint's URL cannot be used any more: it must begin with https://. Set another one.".to_owned(),
        ),
        _ => (
            ErrorClass::TimeoutError,
            "The endpoint does not take a secure connection. Check that it runs, and its certificate.".to_owned(),
        ),
    };
    Fault::new(class, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Made {
        made(&Ok(Posted { status, retry_after: Some(7) }))
    }

    #[test]
    fn only_2xx_is_success_and_410_is_the_end() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(answered(status), Made::Taken, "{status}");
        }
        assert_eq!(answered(410), Made::Gone);
        for (status, class) in [
            (301, ErrorClass::ValidationError),
            (302, ErrorClass::ValidationError),
            (400, ErrorClass::ValidationError),
            (401, ErrorClass::ValidationError),
            (404, ErrorClass::ValidationError),
            (429, ErrorClass::RateLimited),
            (500, ErrorClass::TimeoutError),
            (503, ErrorClass::TimeoutError),
            (999, ErrorClass::ValidationError),
        ] {
            let Made::NotTaken(fault) = answered(status) else { panic!("{status} is no success") };
            assert_eq!((fault.class, fault.retry_after), (class, Some(7)), "{status}");
            assert!(fault.message.contains(&status.to_string()), "{fault}");
        }
    }

    #[test]
    fn silence_has_words_that_tell_nothing_of_us() {
        for error in [
            FetchError::TimedOut,
            FetchError::NotResolved,
            FetchError::NotPublic,
            FetchError::NotAllowed,
            FetchError::Unreachable,
        ] {
            let Made::NotTaken(fault) = made(&Err(error.clone())) else { panic!("{error:?} is no success") };
            assert!(fault.message.starts_with("The ") && fault.message.ends_with('.'), "{fault}");
            assert!(!fault.message.contains("file"), "{fault}");
        }
    }
}
