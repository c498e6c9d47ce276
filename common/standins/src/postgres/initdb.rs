//! Makes a new cluster: UTF-8, locale `C.UTF-8` (or `C`), and a random password for its one superuser.

use super::account::Account;
use super::cluster::{Refusal, USER, last_lines};
use super::find::Binaries;
use super::folder::Folder;
use super::{Error, process, scram};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Runs `initdb` beside the final place and moves the result there, so that a cluster is whole or absent.
pub(super) fn make(binaries: &Binaries, account: &Account, folder: &Folder, password: &str) -> Result<(), Error> {
    tracing::info!(folder = %folder.path().display(), version = binaries.major, "making a new database cluster");
    let fresh = folder.path().join("cluster.new");
    let secret = folder.path().join("verifier");
    clear(&fresh)?;
    std::fs::create_dir(&fresh).map_err(Error::io("make the folder", &fresh))?;
    std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o700)).map_err(Error::io("protect", &fresh))?;
    account.own(&fresh)?;
    super::folder::write_private(&secret, &scram::verifier(password))?;
    account.own(&secret)?;
    let made = ["C.UTF-8", "C"].iter().try_fold(None, |last: Option<String>, locale| match last {
        None => initdb(binaries, account, &fresh, &secret, locale, folder.path()),
        done => Ok(done),
    });
    let _ = std::fs::remove_file(&secret);
    let locale = match made {
        Ok(Some(locale)) => locale,
        Ok(None) => {
            return Err(Error::Failed { doing: "prepare its data folder", words: "no usable locale".to_owned() });
        }
        Err(error) => {
            // The first error is the one to tell.
            let _ = clear(&fresh);
            return Err(error);
        }
    };
    tracing::debug!(locale, "database cluster made");
    std::fs::rename(&fresh, folder.cluster()).map_err(Error::io("move into place", &fresh))
}

/// `Some` with the locale used; `None` when this system does not know the locale.
fn initdb(
    binaries: &Binaries,
    account: &Account,
    fresh: &Path,
    secret: &Path,
    locale: &str,
    data: &Path,
) -> Result<Option<String>, Error> {
    let mut command = binaries.program("initdb", account);
    command.arg("-D").arg(fresh).arg("--username").arg(USER).arg("--pwfile").arg(secret);
    command.args(["--encoding=UTF8", "--auth-host=scram-sha-256", "--auth-local=reject", "--no-sync"]);
    command.arg(format!("--locale={locale}")).arg("--lc-messages=C");
    process::die_with_parent(&mut command);
    let output = command.output().map_err(Error::io("run", &binaries.folder.join("initdb")))?;
    if output.status.success() {
        return Ok(Some(locale.to_owned()));
    }
    let words = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match Refusal::read(&words) {
        Refusal::DiskFull => Err(Error::full(data)),
        _ if words.contains("invalid locale name") => Ok(None),
        _ => Err(Error::Failed { doing: "prepare its data folder", words: last_lines(&words) }),
    }
}

fn clear(folder: &Path) -> Result<(), Error> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", folder)(error)),
        _ => Ok(()),
    }
}
