//! Which repository, as whom, and where its copy is kept.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;

/// Which repository is read and changed, as whom, and where its copy is kept.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `https://host/path.git`, `http://` on a loopback address, `file:///path`, or an absolute path. Never with a user
    /// name or a password in it.
    pub url: String,
    /// The branch that is read and pushed to, without `refs/heads/`.
    pub branch: String,
    /// Who we are to the remote; a repository in a folder needs none.
    pub credentials: Option<Credentials>,
    /// The name that our commits carry.
    pub author_name: String,
    /// The address that our commits carry. Name and address together tell our commits on a pull request's branch from
    /// those of others, so they should be ours alone.
    pub author_email: String,
    /// A folder of ours for the copy. It may vanish, or hold anything at all, at any moment; only `mirror.git` and
    /// `mirror.in-use` in it are ever touched.
    pub cache: PathBuf,
    /// How long one exchange with the remote may take.
    pub timeout: Duration,
}

impl Settings {
    /// How long one exchange with the remote may take where nobody says otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(60);
}

/// A user and its token, for HTTP's basic authentication (RFC 7617).
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user; most servers of git take any name next to a token (`x-access-token`, `oauth2`, `git`).
    pub user: String,
    /// The token. It leaves this process in one header only.
    pub token: SecretString,
}
