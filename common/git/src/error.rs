//! Why a repository could not be read or changed.

use std::time::Duration;

use tenantry_model::{ErrorClass, Fault};

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a repository could not be read or changed. Its words are for people, and hold no credentials; what the remote
/// said is quoted without control characters and cut short.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The address (or the branch's name) cannot be used at all.
    #[error("The git repository's settings cannot be used: {saw}. {todo}")]
    Unusable {
        /// What is wrong with it.
        saw: String,
        /// What to enter instead.
        todo: &'static str,
    },
    /// A path that we were asked to change cannot be written as a file.
    #[error("The file {path:?} cannot be written to the git repository: {why}. Choose another path.")]
    UnusablePath {
        /// The path below the root.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The remote did not answer, or answered that it cannot now. Nothing has changed there.
    #[error(
        "The git repository at {remote} cannot be reached: {saw}. It is tried again; look at the address and at that server's state."
    )]
    Unreachable {
        /// Host and path.
        remote: String,
        /// What was seen.
        saw: String,
        /// When the remote wants to be asked again.
        retry_after: Option<Duration>,
        /// The library's words, for a log.
        source: Option<Source>,
    },
    /// Something answers at the address, but no git repository that we can use.
    #[error(
        "There is no git repository for us at {remote}: {saw}. Look at the address, and whether our account may see it."
    )]
    NoRepository {
        /// Host and path.
        remote: String,
        /// What was seen.
        saw: String,
    },
    /// The remote does not take our credentials, or they may not do this.
    #[error(
        "The git server at {remote} refuses our credentials for {access} (HTTP {status}). Enter a token that is valid and may read and write this repository."
    )]
    CredentialsRefused {
        /// Host and path.
        remote: String,
        /// `reading` or `pushing`.
        access: &'static str,
        /// 401 or 403.
        status: u16,
    },
    /// The remote understood the push and does not want it: a protected branch, a hook, a quota.
    #[error(
        "The git server refused the push to branch {branch:?}: {sentence}. Allow our account to push there, or use a pull request."
    )]
    Refused {
        /// The branch.
        branch: String,
        /// What the server said.
        sentence: String,
    },
    /// The branch of our pull request has commits that are not ours, and we do not overwrite them.
    #[error(
        "The branch {branch:?} of our pull request ends in a commit of somebody else, which we do not overwrite. Merge or delete that branch."
    )]
    BranchOfOthers {
        /// The branch.
        branch: String,
    },
    /// Others pushed before us, every time.
    #[error("Others kept pushing to branch {branch:?}: {tries} tries were overtaken. It is tried again later.")]
    StillMoving {
        /// The branch.
        branch: String,
        /// How often we tried.
        tries: u32,
    },
    /// The connection ended after the commit was sent, so nobody knows whether it was taken. The next run reads the
    /// remote and finds out; to push twice does no harm.
    #[error(
        "The git server did not say whether it took our push to branch {branch:?}: the connection ended, or it failed. The next run finds out."
    )]
    UnknownOutcome {
        /// The branch.
        branch: String,
        /// The library's words, for a log.
        source: Option<Source>,
    },
    /// The guard did not let us push; nothing was sent.
    #[error("{0}")]
    Stopped(Fault),
    /// This machine: the disk is full, the folder cannot be written.
    #[error(
        "The local copy of the git repository cannot be kept: {saw}. Look at the folder for it and the space there."
    )]
    Local {
        /// What was seen.
        saw: String,
        /// The library's words, for a log.
        source: Option<Source>,
    },
}

impl From<GitError> for Fault {
    fn from(error: GitError) -> Self {
        let (class, wait) = match error {
            GitError::Stopped(fault) => return fault,
            GitError::Unreachable { retry_after: Some(wait), .. } => (ErrorClass::RateLimited, Some(wait)),
            GitError::Unreachable { .. } | GitError::StillMoving { .. } | GitError::UnknownOutcome { .. } => {
                (ErrorClass::TimeoutError, None)
            }
            GitError::Unusable { .. } | GitError::UnusablePath { .. } => (ErrorClass::ValidationError, None),
            GitError::NoRepository { .. }
            | GitError::CredentialsRefused { .. }
            | GitError::Refused { .. }
            | GitError::BranchOfOthers { .. } => (ErrorClass::AccountRefused, None),
            GitError::Local { .. } => (ErrorClass::InternalError, None),
        };
        let fault = Self::new(class, error.to_string());
        match wait {
            Some(wait) => fault.after(wait),
            None => fault,
        }
    }
}

/// What a remote said, fit to be shown: one line, no control characters, at most 300 characters.
pub(crate) fn quoted(said: &str) -> String {
    let words: Vec<&str> =
        said.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(300).collect::<String>().trim_end_matches('.').to_owned()
}
