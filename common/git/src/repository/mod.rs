//! Reading, and changing under the eyes of others who push as well.

mod commit;
mod copy;
mod guard;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::Mutex;

pub use self::{
    commit::{Pushed, Target},
    guard::{Guard, Unguarded},
};
use crate::{
    GitError, Settings,
    place::Place,
    store::{Cache, files, steps},
    wire::{Service, Wire},
};

/// How often a commit is put on the newest head before we give up for this time.
pub const TRIES: u32 = 8;
/// The wait before the second try; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The files below a root at a branch's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The commit they are of; `None` when the branch does not exist.
    pub head: Option<String>,
    /// By their path below the root. Links, submodules and names that are not UTF-8 are left out.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A branch of a git repository at a remote. One call at a time works with the copy; others wait.
#[derive(Debug)]
pub struct Repository {
    settings: Settings,
    wire: Wire,
    cache: Cache,
    busy: Mutex<()>,
}

impl Repository {
    /// Looks at the settings only; nothing is read or written yet.
    ///
    /// # Errors
    /// [`GitError::Unusable`]: the address or the branch's name.
    pub fn new(settings: Settings) -> Result<Self, GitError> {
        let place = Place::parse(&settings.url)?;
        check_branch(&settings.branch)?;
        let signature = git2::Signature::new(&settings.author_name, &settings.author_email, &git2::Time::new(0, 0));
        if signature.is_err() {
            return Err(unusable(
                "the author's name or address cannot stand in a commit",
                "Enter a plain name and address.",
            ));
        }
        let wire = Wire::new(&place, settings.credentials.as_ref(), settings.timeout)?;
        let cache = Cache::new(settings.cache.clone(), place.shown());
        Ok(Self { settings, wire, cache, busy: Mutex::default() })
    }

    /// Reads the files below `root` (`""`: the whole repository) at the head of the branch. A branch or a root that is
    /// not there has no files.
    ///
    /// # Errors
    /// [`GitError`]; the remote has not changed.
    pub async fn read(&self, root: &str) -> Result<Files, GitError> {
        let root = Arc::new(steps(root)?);
        let _held = self.hold().await?;
        for tries in 1..=TRIES {
            pause(tries).await;
            let advert = self.wire.advert(Service::UploadPack).await?;
            let Some(head) = advert.branch(&self.settings.branch) else {
                return Ok(Files { head: None, files: BTreeMap::new() });
            };
            let (tips, root) = (vec![(self.settings.branch.clone(), head)], Arc::clone(&root));
            if let Some(files) = self.with(&advert, tips, move |copy| files(copy, head, &root)).await? {
                return Ok(Files { head: Some(head.to_string()), files });
            }
        }
        Err(GitError::StillMoving { branch: self.settings.branch.clone(), tries: TRIES })
    }
}

async fn pause(tries: u32) {
    if tries > 1 {
        tokio::time::sleep(FIRST_WAIT * 2_u32.pow(tries - 2)).await;
    }
}

fn unusable(saw: &str, todo: &'static str) -> GitError {
    GitError::Unusable { saw: saw.to_owned(), todo }
}

fn check_branch(branch: &str) -> Result<(), GitError> {
    if git2::Branch::name_is_valid(branch).unwrap_or(false) && !branch.starts_with("refs/") {
        return Ok(());
    }
    Err(unusable(
        "that is no name of a branch",
        "Enter the branch's name as the git server shows it, for example main.",
    ))
}
