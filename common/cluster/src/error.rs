//! Why the cluster did not do what was asked.

use std::{fmt, time::Duration};

use tenantry_model::{ErrorClass, Fault};

/// What went wrong, told apart by what has to happen next.
///
/// `Display` is for operators: it names the cluster's own words. What a tenant may read is [`ClusterError::fault`].
/// Neither ever holds a token, a key, or the body of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// The settings or credentials cannot be used: no such file, no such context, no credentials to be had.
    #[error("the cluster cannot be asked: {why}")]
    Access {
        /// What is wrong with them.
        why: String,
    },
    /// There is no connection, or it broke off before the answer. What was asked may have happened.
    #[error("the API server cannot be reached: {why}")]
    Unreachable {
        /// As far as it is known.
        why: String,
    },
    /// There was no answer in time, or the server gave up waiting (504). What was asked may have happened.
    #[error("the API server did not answer in time")]
    TimedOut,
    /// 401: it does not know us, or no longer.
    #[error("the API server does not accept our credentials (401)")]
    Unauthorized,
    /// 403: it knows us, and we may not.
    #[error("the API server does not permit it (403): {what}")]
    Forbidden {
        /// In its words: who may not do what with which resource.
        what: String,
    },
    /// 404, not of an object: the kind itself is not there; its CRD is not installed.
    #[error("the cluster does not know the kind {kind}; its CustomResourceDefinition is not installed")]
    KindUnknown {
        /// `certificates.cert-manager.io/v1`.
        kind: String,
    },
    /// The namespace in which an object should be is not there.
    #[error("the cluster has no namespace {namespace}")]
    NamespaceUnknown {
        /// Its name.
        namespace: String,
    },
    /// 429.
    #[error("the API server wants to be asked less often (429)")]
    TooManyRequests {
        /// Not before this; none: it did not say.
        retry_after: Option<Duration>,
    },
    /// 5xx: it cannot now.
    #[error("the API server failed ({status}): {message}")]
    Server {
        /// 500 to 599.
        status: u16,
        /// In its words, cleaned.
        message: String,
        /// Not before this; none: it did not say.
        retry_after: Option<Duration>,
    },
    /// Something answered, but not as this API answers: a page instead of JSON, a list without items.
    #[error("that is no answer of an API server: {why}")]
    Unreadable {
        /// What was expected and not seen.
        why: String,
    },
    /// 409: fields of the object belong to other managers, and they differ.
    #[error("other managers own fields of it: {}", list(conflicts))]
    Conflict {
        /// Each of them, as the server names them.
        conflicts: Vec<FieldConflict>,
    },
    /// 409: it is not the version (any more) that we expected. To be read again.
    #[error("it has been changed since it was read")]
    Changed,
    /// 400, 403 of an admission check, 413, 422, or 500 about a field that the schema does not have: never again so.
    #[error("the API server refuses it: {reason}")]
    Refused {
        /// In the server's words, cleaned: `spec.dnsNames[0]: Invalid value: ...`, several separated by `; `.
        reason: String,
    },
    /// The object that should be worked on is not there.
    #[error("it is not there")]
    NotThere,
}

/// A field of an object that another manager owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    /// Who owns it: `kubectl-client-side-apply`, `argocd-controller`; empty: the server did not say.
    pub manager: String,
    /// Which: `.spec.http`; empty: the server did not say.
    pub field: String,
}

impl fmt::Display for FieldConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.field.as_str(), self.manager.as_str()) {
            ("", manager) => f.write_str(manager),
            (field, "") => f.write_str(field),
            (field, manager) => write!(f, "{field} ({manager})"),
        }
    }
}

fn list(conflicts: &[FieldConflict]) -> String {
    conflicts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl ClusterError {
    /// Whether it is about this one object, so that the next one may well succeed. False: it concerns the whole
    /// cluster, or our access to it; asking for the next object now is in vain.
    #[must_use]
    pub fn is_about_the_object(&self) -> bool {
        match self {
            Self::Conflict { .. } | Self::Changed | Self::Refused { .. } | Self::NotThere => true,
            Self::Access { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut
            | Self::Unauthorized
            | Self::Forbidden { .. }
            | Self::KindUnknown { .. }
            | Self::NamespaceUnknown { .. }
            | Self::TooManyRequests { .. }
            | Self::Server { .. }
            | Self::Unreadable { .. } => false,
        }
    }

    /// Whether the same call, unchanged, may succeed later without anybody doing anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TimedOut
                | Self::TooManyRequests { .. }
                | Self::Server { .. }
                | Self::Unreadable { .. }
        )
    }

    /// The server's wish not to be asked again before so long.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyRequests { retry_after } | Self::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The fault of a command that failed so, in words that a tenant may read: they name neither the cluster's software
    /// nor an object. Every call of this crate can be repeated, so a call without an answer is a time-out, never an
    /// unknown outcome.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (class, message) = match self {
            Self::Unreachable { .. } | Self::Unreadable { .. } | Self::Server { .. } => (
                ErrorClass::TimeoutError,
                "Our gateway could not take the settings just now. We try again; nothing needs to be done.",
            ),
            Self::TimedOut => (
                ErrorClass::TimeoutError,
                "Our gateway did not answer in time. We try again; nothing needs to be done.",
            ),
            Self::TooManyRequests { .. } => (
                ErrorClass::RateLimited,
                "Our gateway is busy and asked us to come back later. We do; nothing needs to be done.",
            ),
            Self::Changed => (
                ErrorClass::TimeoutError,
                "The settings at our gateway were changed while we looked at them. We look again; nothing needs to be done.",
            ),
            Self::Access { .. }
            | Self::Unauthorized
            | Self::Forbidden { .. }
            | Self::KindUnknown { .. }
            | Self::NamespaceUnknown { .. } => (
                ErrorClass::InternalError,
                "Our gateway does not let us in as it is set up now. Our operators have to look at it.",
            ),
            Self::Conflict { .. } => (
                ErrorClass::ValidationError,
                "Somebody else maintains these settings at our gateway, and they differ from ours. Our operators have to decide.",
            ),
            Self::Refused { .. } => (
                ErrorClass::ValidationError,
                "Our gateway refuses the settings for this hostname. Our operators have to look at it.",
            ),
            Self::NotThere => (
                ErrorClass::ValidationError,
                "What should be renewed at our gateway is not there. Our operators have to look at it.",
            ),
        };
        match self.retry_after() {
            Some(wait) => Fault::new(class, message).after(wait),
            None => Fault::new(class, message),
        }
    }
}

impl From<&ClusterError> for Fault {
    fn from(error: &ClusterError) -> Self {
        error.fault()
    }
}

impl From<ClusterError> for Fault {
    fn from(error: ClusterError) -> Self {
        error.fault()
    }
}
