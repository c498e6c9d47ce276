//! One cluster: made, started, stopped, killed. Everything here blocks; the front door wraps it.

use super::account::Account;
use super::find::{self, Binaries};
use super::folder::{self, Folder};
use super::process::Process;
use super::{Durability, Error, Options, pidfile};
use nix::sys::signal::Signal;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

/// The superuser of the cluster.
pub(super) const USER: &str = "tenantry";
/// How long a start may take. A crash recovery counts, so this is long.
const START: Duration = Duration::from_secs(120);
/// How long an orderly stop may take before it is forced.
const STOP: Duration = Duration::from_secs(20);
/// How long the processes of a predecessor are waited for.
const PREDECESSOR: Duration = Duration::from_secs(20);

/// A cluster this process holds, running or not.
pub(super) struct Cluster {
    options: Options,
    account: Account,
    binaries: Binaries,
    folder: Folder,
    process: Option<Process>,
    pub(super) port: u16,
    pub(super) password: String,
}

impl Cluster {
    /// Takes the folder, makes the cluster on first use, and starts it.
    pub(super) fn open(options: Options) -> Result<Cluster, Error> {
        let account = Account::choose()?;
        if options.remove_on_drop {
            folder::sweep_temporary();
        }
        let folder = Folder::hold(&options.data_dir, &account)?;
        let binaries = find::find(options.bin.as_deref(), folder.written_by(), &account, folder.path())?;
        let password = folder.password()?;
        if folder.written_by().is_none() {
            super::initdb::make(&binaries, &account, &folder, &password)?;
        }
        let mut cluster = Cluster { options, account, binaries, folder, process: None, port: 0, password };
        cluster.settle_predecessor()?;
        cluster.start()?;
        Ok(cluster)
    }

    /// Starts Postgres, on the port it had before where that is free.
    pub(super) fn start(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + PREDECESSOR;
        loop {
            let wanted = self.options.port.or(Some(self.port).filter(|port| *port != 0)).or(self.folder.port());
            let port = self.choose_port(wanted)?;
            let process = self.launch(port)?;
            let Some(words) = self.until_ready(&process)? else {
                self.process = Some(process);
                self.port = port;
                self.folder.announce(Some(port))?;
                return self.folder.keep_port(port);
            };
            match Refusal::read(&words) {
                Refusal::DiskFull => return Err(Error::full(self.folder.path())),
                // On a full disk some of its processes die before they can say why.
                _ if folder::free_mib(self.folder.path()).is_some_and(|free| free < 1) => {
                    return Err(Error::full(self.folder.path()));
                }
                // What a killed postmaster leaves behind ends by itself, a moment later; and a port that was free a
                // moment ago may be taken by somebody else.
                Refusal::Predecessor | Refusal::Port if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Refusal::Port => return Err(Error::PortTaken { port }),
                _ => return Err(Error::Failed { doing: "start", words: last_lines(&words) }),
            }
        }
    }

    /// A fast shutdown: open transactions are rolled back, everything committed is on disk.
    pub(super) fn stop(&mut self) -> Result<(), Error> {
        let Some(process) = self.process.take() else { return Ok(()) };
        process.signal(Signal::SIGINT);
        if process.wait(STOP).is_some() {
            return Ok(());
        }
        process.signal(Signal::SIGQUIT);
        if process.wait(Duration::from_secs(5)).is_none() {
            process.signal(Signal::SIGKILL);
            process.wait(Duration::from_secs(5));
        }
        Err(Error::Failed { doing: "stop in time and was made to", words: last_lines(&process.words()) })
    }

    /// Kills the postmaster with SIGKILL, as a machine out of memory would.
    pub(super) fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.signal(Signal::SIGKILL);
            process.wait(Duration::from_secs(5));
        }
    }

    /// Whether the postmaster runs.
    pub(super) fn runs(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.ended().is_none())
    }

    /// The postmaster's process id, while it runs.
    pub(super) fn pid(&self) -> Option<i32> {
        self.process.as_ref().filter(|process| process.ended().is_none()).map(Process::pid)
    }

    /// Why it ended or cannot write, where its last words tell.
    pub(super) fn trouble(&self) -> Option<Error> {
        let process = self.process.as_ref()?;
        let words = process.words();
        match (Refusal::read(&words), process.ended()) {
            (Refusal::DiskFull, _) => Some(Error::full(self.folder.path())),
            (_, Some(_)) => Some(Error::Failed { doing: "keep running", words: last_lines(&words) }),
            _ => None,
        }
    }

    /// A Postgres that still runs here although nobody holds the folder belonged to a Tenantry that died. It is
    /// stopping already (or, where the system has no parent-death signal, is told to); a file that only looks like one
    /// is removed, because its number now belongs to another process.
    fn settle_predecessor(&self) -> Result<(), Error> {
        let cluster = self.folder.cluster();
        let deadline = Instant::now() + PREDECESSOR;
        while let Some(seen) = pidfile::read(&cluster) {
            if !seen.runs() {
                let path = cluster.join("postmaster.pid");
                return match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        Err(Error::io("remove", &path)(error))
                    }
                    _ => Ok(()),
                };
            }
            if Instant::now() > deadline {
                let folder = self.folder.path().to_owned();
                return Err(Error::AlreadyRunning { folder, pid: seen.pid, port: seen.port });
            }
            if cfg!(not(target_os = "linux")) {
                let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(seen.pid), Signal::SIGINT);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The wanted port if it is free; another one, unless the caller insists.
    fn choose_port(&self, wanted: Option<u16>) -> Result<u16, Error> {
        if let Some(port) = wanted {
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(port);
            }
            // Clients of a running stack know the port: a restart waits for it in `start` instead of moving.
            if self.port == port {
                return Ok(port);
            }
            if self.options.port == wanted {
                return Err(Error::PortTaken { port });
            }
            tracing::info!(port, "the database's port of last time is taken: another one is chosen");
        }
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        bound.map(|address| address.port()).map_err(Error::io("find a free port for", self.folder.path()))
    }

    fn launch(&self, port: u16) -> Result<Process, Error> {
        let mut command = self.binaries.program("postgres", &self.account);
        command.arg("-D").arg(self.folder.cluster());
        let mut set = |setting: String| {
            command.arg("-c").arg(setting);
        };
        set("listen_addresses=127.0.0.1".to_owned());
        set(format!("port={port}"));
        set("unix_socket_directories=".to_owned());
        set(format!("max_connections={}", self.options.max_connections));
        set("logging_collector=off".to_owned());
        set("log_destination=stderr".to_owned());
        set("timezone=UTC".to_owned());
        set("jit=off".to_owned());
        if self.options.durability == Durability::Ephemeral {
            // `synchronous_commit` stays on: a commit that was answered must survive a killed Postgres.
            set("fsync=off".to_owned());
            set("full_page_writes=off".to_owned());
        }
        Process::spawn(command).map_err(Error::io("run", &self.binaries.folder.join("postgres")))
    }

    /// Waits until it takes connections: `None`; or its last words when it ended instead.
    fn until_ready(&self, process: &Process) -> Result<Option<String>, Error> {
        let deadline = Instant::now() + START;
        let cluster = self.folder.cluster();
        loop {
            if pidfile::read(&cluster).is_some_and(|seen| seen.ready && seen.pid == process.pid()) {
                return Ok(None);
            }
            if process.wait(Duration::from_millis(5)).is_some() {
                return Ok(Some(process.words()));
            }
            if Instant::now() > deadline {
                process.signal(Signal::SIGQUIT);
                process.wait(Duration::from_secs(5));
                return Err(Error::Failed {
                    doing: "become ready in two minutes",
                    words: last_lines(&process.words()),
                });
            }
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.options.remove_on_drop {
            if let Some(process) = self.process.take() {
                process.signal(Signal::SIGQUIT);
                process.wait(Duration::from_secs(5));
            }
            remove(self.folder.path());
        } else if let Err(error) = self.stop() {
            tracing::warn!(%error, "stopping the database");
        }
    }
}

/// Processes of the postmaster may write their last file while the folder is being removed.
fn remove(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(2);
    while std::fs::remove_dir_all(folder).is_err() && folder.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Why Postgres would not start, read from its log. Its messages are English: `initdb` sets the locale `C`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    DiskFull,
    Port,
    Predecessor,
    Other,
}

impl Refusal {
    pub(super) fn read(words: &str) -> Refusal {
        let says = |what: &str| words.contains(what);
        if says("No space left on device") || says("Disk quota exceeded") {
            Refusal::DiskFull
        } else if says("could not bind IPv4 address") || says("Address already in use") {
            Refusal::Port
        } else if says("pre-existing shared memory block") || says("lock file \"postmaster.pid\" already exists") {
            Refusal::Predecessor
        } else {
            Refusal::Other
        }
    }
}

/// The end of a log, on one line.
pub(super) fn last_lines(words: &str) -> String {
    let lines: Vec<&str> = words.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" / ")
}
