//! Who Postgres runs as. It refuses to run as root; so, for root, it runs as `postgres` or `nobody`.

use super::Error;
use nix::unistd::{Gid, Uid, User};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The account to change to; `None` inside when this process is not root and everything stays its own.
#[derive(Debug, Clone)]
pub(super) struct Account(Option<User>);

impl Account {
    /// The account for this process: itself, or for root `postgres`, else `nobody`.
    pub(super) fn choose() -> Result<Account, Error> {
        if !Uid::effective().is_root() {
            return Ok(Account(None));
        }
        let known = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
        known.map(|user| Account(Some(user))).ok_or(Error::NoAccount)
    }

    /// Makes the command run as this account, in a folder it can enter.
    pub(super) fn run_as(&self, command: &mut Command) {
        if let Some(user) = &self.0 {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw()).current_dir("/");
            command.env("HOME", "/").env("USER", &user.name).env("LOGNAME", &user.name);
        }
    }

    /// Gives the file or folder to this account.
    pub(super) fn own(&self, path: &Path) -> Result<(), Error> {
        let Some(user) = &self.0 else { return Ok(()) };
        std::os::unix::fs::chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
            .map_err(Error::io("change the owner of", path))
    }

    /// Checks that this account can enter `folder`, judging by the first ancestor that exists where it does not yet.
    pub(super) fn reaches(&self, folder: &Path) -> Result<(), Error> {
        let Some(user) = &self.0 else { return Ok(()) };
        let folder = std::path::absolute(folder).map_err(Error::io("resolve", folder))?;
        let existing = folder.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
        let way: Vec<&Path> = existing.as_deref().map(|path| path.ancestors().collect()).unwrap_or_default();
        for step in way.into_iter().rev() {
            let seen = step.metadata().map_err(Error::io("look at", step))?;
            if !may_enter(&seen, user.uid, user.gid) {
                return Err(Error::Unreachable { account: user.name.clone(), blocked: step.to_owned() });
            }
        }
        Ok(())
    }
}

/// The search bit that counts for this account.
fn may_enter(seen: &std::fs::Metadata, uid: Uid, gid: Gid) -> bool {
    let bit = if seen.uid() == uid.as_raw() {
        0o100
    } else if seen.gid() == gid.as_raw() {
        0o010
    } else {
        0o001
    };
    seen.mode() & bit != 0
}
