//! The copy on disk: a bare repository without history, which may be lost at any moment.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use git2::{Oid, Repository, RepositoryInitOptions};

use super::Trouble;
use crate::wire::Have;

/// The repository in the cache's folder. Nothing else there is touched, should the folder be somebody else's by mistake.
const MIRROR: &str = "mirror.git";
/// Which remote it is a copy of. Written last when it is made: without it, the copy is half-made.
const ORIGIN: &str = "tenantry-remote";
/// git's own list of commits whose parents are missing.
const SHALLOW: &str = "shallow";
/// Every fetch adds a pack (two files). With this many files a new copy is smaller and quicker than the old.
const MOST_FILES: usize = 120;

/// The copy on disk.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
    remote: String,
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, remote: String) -> Self {
        Self { folder, remote }
    }

    fn mirror(&self) -> PathBuf {
        self.folder.join(MIRROR)
    }

    /// Throws the copy away.
    pub(crate) fn wipe(&self) -> Result<(), Trouble> {
        let mirror = self.mirror();
        let removed = match fs::symlink_metadata(&mirror) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(&mirror),
            Ok(_) => fs::remove_file(&mirror),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Opens the copy, or makes an empty one where there is none.
    pub(crate) fn open(&self) -> Result<Repository, Trouble> {
        let mirror = self.mirror();
        if fs::symlink_metadata(&mirror).is_err() {
            return self.make(&mirror);
        }
        let origin = fs::read_to_string(mirror.join(ORIGIN))?;
        if origin != self.remote {
            return Err(Trouble::Damaged("the copy is of another remote".into()));
        }
        if fs::read_dir(mirror.join("objects/pack"))?.count() > MOST_FILES {
            return Err(Trouble::Damaged("the copy has grown out of many fetches".into()));
        }
        Ok(Repository::open_bare(mirror)?)
    }

    fn make(&self, mirror: &Path) -> Result<Repository, Trouble> {
        fs::create_dir_all(&self.folder)?;
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false).no_reinit(true);
        let repository = Repository::init_opts(mirror, &options)?;
        fs::create_dir_all(mirror.join("objects/pack"))?;
        replace(mirror, ORIGIN, &self.remote)?;
        Ok(repository)
    }

    /// What the copy has.
    pub(crate) fn have(&self) -> Result<Have, Trouble> {
        let repository = self.open()?;
        let mut have = Have { commits: Vec::new(), shallow: shallow(&repository)? };
        for reference in repository.references()? {
            if let Some(oid) = reference?.target() {
                repository.find_commit(oid)?.tree()?;
                have.commits.push(oid);
            }
        }
        Ok(have)
    }

    /// Keeps what was fetched, or what of ours was pushed. The branches last: they say that all the rest is there.
    pub(crate) fn keep(
        &self,
        pack: Option<&[u8]>,
        without_parents: &[Oid],
        branches: &[(String, Oid)],
    ) -> Result<(), Trouble> {
        let repository = self.open()?;
        if let Some(pack) = pack {
            let odb = repository.odb()?;
            let mut writer = odb.packwriter()?;
            writer.write_all(pack)?;
            writer.commit()?;
        }
        if !without_parents.is_empty() {
            let mut all = shallow(&repository)?;
            all.extend(without_parents.iter().copied());
            all.sort_unstable();
            all.dedup();
            let lines: String = all.iter().map(|oid| format!("{oid}\n")).collect();
            replace(repository.path(), SHALLOW, &lines)?;
        }
        for (branch, oid) in branches {
            repository.reference(&format!("refs/heads/{branch}"), *oid, true, "as at the remote")?;
        }
        Ok(())
    }
}

fn shallow(repository: &Repository) -> Result<Vec<Oid>, Trouble> {
    match fs::read_to_string(repository.path().join(SHALLOW)) {
        Ok(lines) => Ok(lines.lines().map(Oid::from_str).collect::<Result<_, _>>()?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Writes a file whole or not at all.
fn replace(folder: &Path, name: &str, content: &str) -> io::Result<()> {
    let beside = folder.join(format!("{name}.new"));
    fs::write(&beside, content)?;
    fs::rename(beside, folder.join(name))
}
