//! A repository for others to push to.

use std::path::Path;

use git2::{Repository, RepositoryInitOptions};

use crate::GitError;

/// Makes an empty bare repository in a folder, unless there is one. For laptops and tests: a deployment's repository is at a server.
///
/// # Errors
/// The folder cannot be written.
pub fn make_bare(folder: &Path) -> Result<(), GitError> {
    let mut options = RepositoryInitOptions::new();
    options.bare(true).mkpath(true).external_template(false).initial_head("main");
    match Repository::open_bare(folder) {
        Ok(_) => Ok(()),
        Err(_) => match Repository::init_opts(folder, &options) {
            Ok(_) => Ok(()),
            Err(error) => Err(GitError::Local {
                saw: "no repository can be made in the folder".to_owned(),
                source: Some(Box::new(error)),
            }),
        },
    }
}
