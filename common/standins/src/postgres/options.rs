//! How the embedded Postgres is to run.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the data lies and how careful Postgres is with it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder for everything: the cluster, its password, its port and its lock. Made when absent.
    pub data_dir: PathBuf,
    /// What a commit is worth.
    pub durability: Durability,
    /// The port on 127.0.0.1; `None` keeps the one used last time in this folder, else a free one.
    pub port: Option<u16>,
    /// Connections the server accepts (1 to 1000).
    pub max_connections: u32,
    /// The folder with `initdb` and `postgres`; `None` looks for one.
    pub bin: Option<PathBuf>,
    /// Removes `data_dir` when the last handle is dropped.
    pub remove_on_drop: bool,
}

/// What a commit is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Survives a power cut: `fsync` on. For a stack whose data is kept.
    Kept,
    /// Survives a killed Postgres but not a crash of the operating system: `fsync` off, while an acknowledged commit
    /// still has reached the kernel (`synchronous_commit` stays on). For tests, chaos included.
    Ephemeral,
}

impl Options {
    /// A cluster whose data is kept in this folder.
    pub fn kept(data_dir: impl Into<PathBuf>) -> Options {
        Options {
            data_dir: data_dir.into(),
            durability: Durability::Kept,
            port: None,
            max_connections: 100,
            bin: None,
            remove_on_drop: false,
        }
    }

    /// A cluster for this process alone, in a fresh folder below the system's folder for temporary files; removed on
    /// drop. What a killed process left there is removed by the next one that starts such a cluster.
    pub fn temporary() -> Options {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("{}{}-{}", super::folder::TEMPORARY, std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Options {
            data_dir: super::folder::temporary_root().join(name),
            durability: Durability::Ephemeral,
            max_connections: 300,
            remove_on_drop: true,
            ..Options::kept("")
        }
    }
}
