//! What an API server says when it does not do what was asked: `Status` of `v1`, or something less.
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Status, StatusDetails};

use crate::{ClusterError, FieldConflict, cluster::Resource};

/// The longest piece of a server's words that is kept, in characters.
const WORDS: usize = 600;

/// An answer that is not 2xx.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    /// Empty where there was none: some answers of a real server have none.
    reason: String,
    message: String,
    details: StatusDetails,
    retry_after: Option<Duration>,
}

/// Reads it. A body that is no `Status` (a proxy's page, `404 page not found`) leaves the number alone.
pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Refusal {
    let said: Status = serde_json::from_slice(body).unwrap_or_default();
    let details = said.details.unwrap_or_default();
    let header = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let seconds = header.or(details.retry_after_seconds.and_then(|seconds| u64::try_from(seconds).ok()));
    Refusal {
        status,
        reason: said.reason.unwrap_or_default(),
        message: said.message.unwrap_or_default(),
        details,
        retry_after: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
    }
}

impl Refusal {
    /// 410: the snapshot of which the next page was asked is no longer kept.
    pub(crate) fn is_expired(&self) -> bool {
        self.status == StatusCode::GONE
    }

    /// 404, of whatever.
    pub(crate) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    /// Whether it says that **this object** is not there: only a `Status` that names it does. The same number without
    /// one comes from a server that has no such path, for instance while a CRD is being installed anew.
    pub(crate) fn is_not_there(&self, resource: &Resource<'_>, name: &str) -> bool {
        self.status == StatusCode::NOT_FOUND
            && self.reason == "NotFound"
            && self.details.name.as_deref() == Some(name)
            && self.details.kind.as_deref().is_none_or(|kind| kind == resource.plural)
    }

    /// Whether a delete was refused because the object has another uid by now.
    pub(crate) fn is_another_uid(&self) -> bool {
        // "the UID in the precondition (...) does not match the UID in record (...)", "Precondition failed: UID in ..."
        self.status == StatusCode::CONFLICT
            && self.message.contains("UID")
            && !self.message.contains("has been modified")
    }

    pub(crate) fn into_error(self, resource: &Resource<'_>) -> ClusterError {
        match self.status.as_u16() {
            401 => ClusterError::Unauthorized,
            403 if self.denied_by_admission() => self.refused(),
            403 => ClusterError::Forbidden { what: self.words("no reason given") },
            404 if self.details.kind.as_deref() == Some("namespaces") => {
                ClusterError::NamespaceUnknown { namespace: resource.namespace.to_owned() }
            }
            404 if self.reason == "NotFound" && self.details.name.as_deref().is_some_and(|name| !name.is_empty()) => {
                ClusterError::NotThere
            }
            404 | 405 => ClusterError::KindUnknown { kind: format!("{}.{}", resource.plural, resource.api_version) },
            408 | 504 => ClusterError::TimedOut,
            409 => self.conflict(),
            400 | 413 | 422 => self.refused(),
            429 => ClusterError::TooManyRequests { retry_after: self.retry_after },
            500 if self.is_about_the_schema() => self.refused(),
            500 if self.message.contains("resourceVersion should not be set on objects to be created") => {
                ClusterError::Changed
            }
            status @ 500..=599 => {
                ClusterError::Server { status, message: self.words("no reason given"), retry_after: self.retry_after }
            }
            status => ClusterError::Unreadable { why: format!("status {status}: {}", self.words("no reason given")) },
        }
    }

    /// A real server answers an apply that does not fit the schema with 500 and no reason. It fits no better later.
    fn is_about_the_schema(&self) -> bool {
        self.reason.is_empty()
            && (self.message.contains("field not declared in schema")
                || self.message.starts_with("failed to create typed patch object"))
    }

    /// A webhook or policy that looked at the object, not the rules about who may do what.
    fn denied_by_admission(&self) -> bool {
        ["denied the request", "denied request"].iter().any(|words| self.message.contains(words))
    }

    fn conflict(self) -> ClusterError {
        let conflicts: Vec<FieldConflict> = self
            .details
            .causes
            .iter()
            .flatten()
            .filter(|cause| cause.reason.as_deref() == Some("FieldManagerConflict"))
            .map(|cause| FieldConflict {
                manager: cause.message.as_deref().and_then(quoted).unwrap_or_default().to_owned(),
                field: cause.field.clone().unwrap_or_default(),
            })
            .collect();
        if !conflicts.is_empty() {
            return ClusterError::Conflict { conflicts };
        }
        if self.message.starts_with("Apply failed with") {
            let manager = quoted(&self.message).unwrap_or_default().to_owned();
            return ClusterError::Conflict { conflicts: vec![FieldConflict { manager, field: String::new() }] };
        }
        ClusterError::Changed
    }

    fn refused(self) -> ClusterError {
        let causes: Vec<String> = self
            .details
            .causes
            .iter()
            .flatten()
            .filter_map(|cause| match (cause.field.as_deref(), cause.message.as_deref()) {
                // The server puts its name for "the whole object" where there is no field.
                (None | Some("" | "<nil>"), Some(message)) => Some(message.to_owned()),
                (Some(field), Some(message)) => Some(format!("{field}: {message}")),
                _ => None,
            })
            .collect();
        let reason = if causes.is_empty() { self.words("no reason given") } else { clean(&causes.join("; ")) };
        ClusterError::Refused { reason }
    }

    fn words(&self, none: &str) -> String {
        let words = clean(&self.message);
        if words.is_empty() { none.to_owned() } else { words }
    }
}

/// On one line, without what only terminals understand, and not too long.
fn clean(words: &str) -> String {
    let plain: String = words.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}...", plain[..end].trim_end()),
        None => plain,
    }
}

fn quoted(words: &str) -> Option<&str> {
    words.split('"').nth(1)
}

/// Whether a name or namespace can stand in a path: RFC 1123 labels with dots, as the server demands it, too.
pub(crate) fn name_is_usable(name: &str) -> Result<(), ClusterError> {
    let letters = name.bytes().all(|letter| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'));
    if !name.is_empty() && name.len() <= 253 && letters && !name.starts_with('.') && !name.contains("..") {
        return Ok(());
    }
    Err(ClusterError::Refused { reason: format!("{name:?} is no name of an object or namespace") })
}
