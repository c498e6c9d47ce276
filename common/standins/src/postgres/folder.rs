//! The data folder: what lies where, who holds it, and whether there is room.
//!
//! ```text
//! DATA/cluster/        Postgres's own folder
//! DATA/password        the superuser's password, mode 600
//! DATA/port            the port of last time
//! DATA/lock            held by the running process; says its id and its port
//! ```

use super::Error;
use super::account::Account;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// How the folders of temporary clusters begin; the id of their process follows.
pub(super) const TEMPORARY: &str = "tenantry-postgres-";

/// A data folder this process holds.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes the folder where needed and takes its lock.
    pub(super) fn hold(path: &Path, account: &Account) -> Result<Folder, Error> {
        let path = std::path::absolute(path).map_err(Error::io("resolve", path))?;
        account.reaches(&path)?;
        std::fs::create_dir_all(&path).map_err(Error::io("make the folder", &path))?;
        account.reaches(&path)?;
        let lock_path = path.join("lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(Error::io("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(holder(&mut lock, path)),
            Err(TryLockError::Error(source)) => return Err(Error::Io { doing: "lock", path: lock_path, source }),
        }
        let mut folder = Folder { path, lock };
        folder.announce(None)?;
        Ok(folder)
    }

    /// Says in the lock file who holds it, for the one who comes second.
    pub(super) fn announce(&mut self, port: Option<u16>) -> Result<(), Error> {
        let path = self.path.join("lock");
        let port = port.map(|port| port.to_string()).unwrap_or_default();
        let words = format!("{}\n{port}\n", std::process::id());
        let written = self.lock.set_len(0).and_then(|()| self.lock.rewind());
        written.and_then(|()| self.lock.write_all(words.as_bytes())).map_err(Error::io("write", &path))
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Postgres's own folder.
    pub(super) fn cluster(&self) -> PathBuf {
        self.path.join("cluster")
    }

    /// The major version that wrote the cluster; `None` when there is none yet.
    pub(super) fn written_by(&self) -> Option<u32> {
        std::fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// The superuser's password, made on first use.
    pub(super) fn password(&self) -> Result<String, Error> {
        let path = self.path.join("password");
        match std::fs::read_to_string(&path) {
            Ok(password) if !password.is_empty() => return Ok(password),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("read", &path)(error)),
        }
        let password = super::scram::password();
        write_private(&path, &password)?;
        Ok(password)
    }

    /// The port of last time.
    pub(super) fn port(&self) -> Option<u16> {
        std::fs::read_to_string(self.path.join("port")).ok()?.trim().parse().ok()
    }

    /// Keeps the port for next time.
    pub(super) fn keep_port(&self, port: u16) -> Result<(), Error> {
        let path = self.path.join("port");
        std::fs::write(&path, port.to_string()).map_err(Error::io("write", &path))
    }
}

impl Drop for Folder {
    /// Gives the lock back at once. Closing the file would not: a process that is just being started by another thread has it too, until
    /// its program begins.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

/// Writes a file only its owner can read.
pub(super) fn write_private(path: &Path, words: &str) -> Result<(), Error> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::io("make", path))?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(Error::io("protect", path))?;
    file.write_all(words.as_bytes()).and_then(|()| file.sync_all()).map_err(Error::io("write", path))
}

fn holder(lock: &mut File, folder: PathBuf) -> Error {
    let mut words = String::new();
    // Unreadable words only make the message poorer.
    let _ = lock.read_to_string(&mut words);
    let mut lines = words.lines();
    let pid = lines.next().and_then(|line| line.parse().ok()).unwrap_or(0);
    let port = lines.next().and_then(|line| line.parse().ok());
    Error::AlreadyRunning { folder, pid, port }
}

/// What is free for everybody on the disk that holds `path`, in MiB.
pub(super) fn free_mib(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|ancestor| ancestor.exists())?;
    let seen = nix::sys::statvfs::statvfs(existing).ok()?;
    #[allow(clippy::unnecessary_cast)] // The types differ between systems.
    Some(seen.blocks_available() as u64 * seen.fragment_size() as u64 / (1024 * 1024))
}

/// The folder for temporary clusters: the system's, unless Postgres's account cannot enter it.
pub(super) fn temporary_root() -> PathBuf {
    let system = std::env::temp_dir();
    match Account::choose().and_then(|account| account.reaches(&system)) {
        Ok(()) => system,
        Err(_) => PathBuf::from("/tmp"),
    }
}

/// Removes temporary clusters whose process is gone.
pub(super) fn sweep_temporary() {
    let Ok(entries) = std::fs::read_dir(temporary_root()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY)).and_then(|rest| rest.split('-').next());
        let Some(maker) = maker.and_then(|pid| pid.parse().ok()) else { continue };
        let path = entry.path();
        if super::pidfile::is_alive(maker)
            || super::pidfile::read(&path.join("cluster")).is_some_and(|seen| seen.runs())
        {
            continue;
        }
        // Somebody else may be removing the same folder; it only has to be gone in the end.
        let _ = std::fs::remove_dir_all(&path);
    }
}
