//! Our copy of the repository, and what is read from and built in it. Everything here blocks.

mod build;
mod cache;
mod path;
mod read;

pub(crate) use build::{Author, Built, Former, Plan, build};
pub(crate) use cache::Cache;
pub(crate) use path::{folder, steps};
pub(crate) use read::files;

use crate::GitError;

/// Why work on our copy came to nothing.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The copy is damaged, locked, half-written, or of something else: a new one will do.
    Damaged(Box<dyn std::error::Error + Send + Sync>),
    /// A new copy would not help.
    Said(GitError),
}

impl From<git2::Error> for Trouble {
    fn from(error: git2::Error) -> Self {
        Self::Damaged(error.into())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Damaged(error.into())
    }
}

impl From<GitError> for Trouble {
    fn from(error: GitError) -> Self {
        Self::Said(error)
    }
}
