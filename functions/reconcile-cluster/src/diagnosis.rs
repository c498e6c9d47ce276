//! How far a certificate is, and why it is no further: from a certificate and what was made to issue it.

use time::OffsetDateTime;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// There is no certificate object.
    Absent,
    /// Nothing has been sent to the authority yet, or it waits for us: our side, no fault of the tenant's.
    Waiting,
    /// The authority is being asked.
    Issuing,
    /// The last attempt failed; it is tried again at [`Progress::next_try`].
    Failed,
    /// There is a valid certificate. A renewal may be under way, or have failed: [`Progress::why`] says so.
    Ready,
}

/// What can be said about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How far it is.
    pub phase: Phase,
    /// Why, in a sentence or two for the tenant: what happened, and what to do. Empty when there is nothing to say.
    pub why: String,
    /// The same for an operator: objects, conditions, and the authority's own words.
    pub detail: String,
    /// Since when it is so.
    pub since: Option<OffsetDateTime>,
    /// When the present certificate ends.
    pub not_after: Option<OffsetDateTime>,
    /// When it is to be renewed.
    pub renewal: Option<OffsetDateTime>,
    /// SHA-256 over the present certificate as DER, in hexadecimal.
    pub fingerprint: Option<String>,
    /// When another attempt is made after a failed one; may have passed.
    pub next_try: Option<OffsetDateTime>,
}
