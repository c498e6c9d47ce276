//! Why a request that claims to come from a provider is not believed.

/// A refusal: the variant and its text are for our logs, [`Rejected::word`] for whoever sent it.
///
/// No text here holds a signature, a secret or a piece of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// A header of the signature is not there.
    #[error("the header {0} is missing; this did not come from a provider, or a proxy removed it")]
    MissingHeader(&'static str),
    /// A header of the signature is there and cannot be read.
    #[error("the header {0} is malformed")]
    MalformedHeader(&'static str),
    /// Signed too long ago: a replay, or a clock that is wrong.
    #[error("this was signed {seconds} seconds ago, more than is allowed; look at this machine's clock")]
    TooOld {
        /// Its age.
        seconds: i64,
    },
    /// Signed in the future: a clock is wrong.
    #[error("this was signed {seconds} seconds in the future, more than is allowed; look at this machine's clock")]
    TooNew {
        /// How far ahead.
        seconds: i64,
    },
    /// Well formed, and not signed with any secret or key we know.
    #[error("the signature does not match; if this is a genuine provider, the configured secret is not the endpoint's")]
    WrongSignature,
    /// Not the JSON it has to be.
    #[error("the body cannot be read: {0}")]
    Unreadable(&'static str),
    /// An SNS message of a topic that is not configured.
    #[error("the message belongs to a topic that is not configured here")]
    ForeignTopic,
    /// A URL in an SNS message does not lead to SNS in the topic's region.
    #[error("{0} does not lead to SNS in the region of the topic")]
    ForeignUrl(&'static str),
    /// A version of SNS's signatures that we do not know.
    #[error("the signature version is neither 1 nor 2")]
    UnknownSignatureVersion,
    /// The certificate cannot be the one SNS signs with.
    #[error("the signing certificate is not usable: {0}")]
    Certificate(&'static str),
    /// The certificate could not be fetched now.
    #[error("the signing certificate could not be fetched ({0}); the provider will send the message again")]
    CertificateUnavailable(String),
}

impl Rejected {
    /// What the outside is told: `unavailable` when the same request may succeed later (answer 503), else `refused`
    /// (answer 401). Which check failed is nobody's business but ours.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.is_temporary() { "unavailable" } else { "refused" }
    }

    /// Whether the same request may be believed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::CertificateUnavailable(_))
    }
}
