//! A bare repository, somebody else who works with it, and us.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;
use tenantry_git::{Credentials, GitError, Pushed, Repository, Settings, Target, Unguarded};
use time::{OffsetDateTime, macros::datetime};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00:00 UTC);
pub(crate) const ROOT: &str = "clusters/production/portal-domains";
pub(crate) const TOKEN: &str = "s3cr3t-t0k3n";

/// A bare repository in a folder that goes away with it.
pub(crate) struct Remote {
    pub(crate) folder: TempDir,
}

impl Remote {
    /// An empty one.
    pub(crate) fn empty() -> Self {
        let remote = Self { folder: TempDir::new().unwrap() };
        remote.git(&["init", "-q", "--bare", "-b", "main", "."]);
        remote.git(&["config", "receive.fsckObjects", "true"]);
        remote
    }

    /// One with files of others: two commits.
    pub(crate) fn with_others() -> Self {
        let remote = Self::empty();
        remote.other("README.md", "hello");
        remote.other(&format!("{ROOT}/others/readme.txt"), "theirs");
        remote
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("remote.git")
    }

    /// Real git in the bare repository.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        std::fs::create_dir_all(self.path()).unwrap();
        git(&self.path(), arguments)
    }

    /// Somebody else pushes one file to `main`.
    pub(crate) fn other(&self, path: &str, content: &str) {
        self.other_on("main", path, content);
    }

    /// Somebody else pushes one file to a branch (made from nothing where it is not there).
    pub(crate) fn other_on(&self, branch: &str, path: &str, content: &str) {
        push_to(&self.path(), branch, path, content);
    }

    /// A hook of the server.
    pub(crate) fn hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path().join("hooks").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The subjects on a branch, newest first.
    pub(crate) fn subjects(&self, branch: &str) -> Vec<String> {
        self.git(&["log", "--format=%s", branch]).lines().map(str::to_owned).collect()
    }

    pub(crate) fn show(&self, path: &str) -> String {
        self.git(&["show", &format!("main:{path}")])
    }

    pub(crate) fn count(&self, branch: &str) -> usize {
        self.subjects(branch).len()
    }

    /// Nothing is broken in it, by git's own strictest view.
    pub(crate) fn assert_sound(&self) {
        self.git(&["fsck", "--strict", "--full"]);
    }
}

/// Somebody else clones, commits, and pushes.
pub(crate) fn push_to(remote: &Path, branch: &str, path: &str, content: &str) {
    let work = TempDir::new().unwrap();
    git(work.path(), &["clone", "-q", remote.to_str().unwrap(), "."]);
    let there = git(work.path(), &["branch", "-r", "--list", &format!("origin/{branch}")]);
    let checkout: &[&str] = if there.is_empty() { &["checkout", "-q", "--orphan"] } else { &["checkout", "-q"] };
    git(work.path(), &[checkout, &[branch]].concat());
    let file = work.path().join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
    git(work.path(), &["add", "-A"]);
    git(work.path(), &["commit", "-q", "-m", &format!("other: {path}")]);
    git(work.path(), &["push", "-q", "origin", branch]);
}

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new("git")
        .args(["-c", "user.name=Other", "-c", "user.email=other@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env_remove("GIT_DIR")
        .output()
        .unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim_end().to_owned()
}

/// Us, with a cache of our own.
pub(crate) struct Us {
    pub(crate) repository: Repository,
    pub(crate) cache: PathBuf,
    _folder: TempDir,
}

impl Us {
    pub(crate) fn at(url: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let cache = folder.path().join("cache");
        Self { repository: Repository::new(settings(url, &cache)).unwrap(), cache, _folder: folder }
    }

    pub(crate) fn beside(remote: &Remote) -> Self {
        Self::at(remote.path().to_str().unwrap())
    }

    /// Another process of ours, with the same cache.
    pub(crate) fn again(&self, url: &str) -> Repository {
        Repository::new(settings(url, &self.cache)).unwrap()
    }

    pub(crate) fn mirror(&self) -> PathBuf {
        self.cache.join("mirror.git")
    }

    /// Commits onto the branch, with nothing that could stop us.
    pub(crate) async fn sync(&self, files: &[(&str, Option<&str>)]) -> Result<Pushed, GitError> {
        self.repository.commit(ROOT, &changes(files), MESSAGE, &Target::Branch, NOW, Unguarded).await
    }
}

pub(crate) const MESSAGE: &str = "chore(portal-domains): sync acme";

pub(crate) fn settings(url: &str, cache: &Path) -> Settings {
    Settings {
        url: url.to_owned(),
        branch: "main".into(),
        credentials: Some(Credentials { user: "x-access-token".into(), token: TOKEN.into() }),
        author_name: "Tenantry".into(),
        author_email: "tenantry@example.com".into(),
        cache: cache.to_owned(),
        timeout: Duration::from_secs(20),
    }
}

pub(crate) fn changes(files: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<Vec<u8>>> {
    files.iter().map(|(path, content)| ((*path).to_owned(), content.map(|text| text.as_bytes().to_vec()))).collect()
}
