//! Why nothing was fetched.

/// Why nothing was fetched. The words may be shown to whoever gave the URL; they repeat nothing of it and tell nothing of
/// networks behind us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is no absolute URL.
    #[error("this is not a URL; it looks like https://files.example.com/terms.pdf")]
    NotAUrl,
    /// Not `https`, or with a user name in it, or on a port that other services have.
    #[error("the URL must begin with https://, without a user name, on port 443 or one above 1023")]
    NotAllowed,
    /// The name leads to an address that is not public.
    #[error("the host is not on the public Internet; give the file's bytes instead")]
    NotPublic,
    /// The name does not exist.
    #[error("the host's name cannot be resolved; check it")]
    NotResolved,
    /// No connection, or not one that is secure.
    #[error("the host does not take a secure connection; check the address and the certificate")]
    Unreachable,
    /// It took too long.
    #[error("the host took too long; try again, or give the file's bytes instead")]
    TimedOut,
    /// It answered with another place.
    #[error("the host answered with a redirect ({0}), which is not followed; give the final URL")]
    Redirected(u16),
    /// It answered, and not with the file.
    #[error("the host answered {0} instead of the file")]
    Status(u16),
    /// It is larger than what is taken.
    #[error("the file is larger than {0} bytes")]
    TooLarge(usize),
    /// The client cannot be made here: a mistake of ours.
    #[error("nothing can be fetched here")]
    Client,
}

impl FetchError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::NotResolved => true,
            Self::Status(status) => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}
