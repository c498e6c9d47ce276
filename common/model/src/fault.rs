//! Why an operation did not succeed, in the words that decide what happens next.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// The class of a fault. It alone says whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorClass {
    /// The input cannot be worked with: malformed address, empty name.
    ValidationError,
    /// What should be created exists already; the message names which.
    DuplicateError,
    /// The database did not answer, or undid the transaction.
    DatabaseError,
    /// The mail provider is down, throttles us, or answered "later".
    EmailError,
    /// The mail provider wants this very message later: greylisting, a mailbox that is full. It says nothing of others.
    EmailDeferred,
    /// The mail provider refused for good: no such mailbox, message too large.
    EmailRefused,
    /// The mail provider refuses our account, or we refuse it: a wrong key, a suspension, a quota that is used up, a
    /// certificate that does not hold. It concerns every message. Nothing was accepted; another provider may carry the
    /// message.
    AccountRefused,
    /// The mail provider takes our account, but not from this From domain: it has not verified it. It concerns this
    /// domain's messages only. Nothing was accepted; another provider may carry the message, or this one later.
    SenderRefused,
    /// The mail provider wants to be asked less often. Nothing was accepted.
    RateLimited,
    /// The effect may or may not have happened. Never tried again blindly, never failed over.
    UnknownOutcome,
    /// A peer took longer than it may; the operation can be run twice, so it is.
    TimeoutError,
    /// Our own mistake: a panic, a row that cannot be read.
    InternalError,
}

/// What a fault's class says about another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retryable {
    /// The same command may succeed later.
    Yes,
    /// It never will.
    No,
    /// Nobody knows whether it succeeded already.
    Unknown,
}

impl ErrorClass {
    /// Whether another try can help.
    #[must_use]
    pub fn retryable(self) -> Retryable {
        match self {
            Self::ValidationError | Self::DuplicateError | Self::EmailRefused => Retryable::No,
            Self::DatabaseError
            | Self::EmailError
            | Self::EmailDeferred
            | Self::AccountRefused
            | Self::SenderRefused
            | Self::RateLimited
            | Self::TimeoutError
            | Self::InternalError => Retryable::Yes,
            Self::UnknownOutcome => Retryable::Unknown,
        }
    }

    /// The class as it is written in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ValidationError => "ValidationError",
            Self::DuplicateError => "DuplicateError",
            Self::DatabaseError => "DatabaseError",
            Self::EmailError => "EmailError",
            Self::EmailDeferred => "EmailDeferred",
            Self::EmailRefused => "EmailRefused",
            Self::AccountRefused => "AccountRefused",
            Self::SenderRefused => "SenderRefused",
            Self::RateLimited => "RateLimited",
            Self::UnknownOutcome => "UnknownOutcome",
            Self::TimeoutError => "TimeoutError",
            Self::InternalError => "InternalError",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What went wrong, for the retry policy and for people.
///
/// `message` is shown to people and kept in history: it says what happened, what we saw and what to do. It never holds
/// a secret, another tenant's data, or a library's raw error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// Decides about another try.
    pub class: ErrorClass,
    /// For people.
    pub message: String,
    /// The peer asked to be left alone for this many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Fault {
    /// A fault of a class, with words for people.
    #[must_use]
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), retry_after: None }
    }

    /// The same fault, with the peer's wish not to be asked again before `wait` (rounded up to whole seconds).
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        self
    }
}
