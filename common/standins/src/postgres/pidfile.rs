//! `postmaster.pid`: who runs on a cluster and how far it has come.

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::path::Path;

/// The lines of `postmaster.pid` that matter here (`src/include/utils/pidfile.h`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PidFile {
    /// Line 1: the postmaster's process id.
    pub(super) pid: i32,
    /// Line 4: the port.
    pub(super) port: Option<u16>,
    /// Line 8: `starting`, `stopping`, `ready` or `standby`.
    pub(super) ready: bool,
}

/// Reads the file of this cluster; `None` where there is none or it is unfinished.
pub(super) fn read(cluster: &Path) -> Option<PidFile> {
    parse(&std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?)
}

fn parse(words: &str) -> Option<PidFile> {
    let lines: Vec<&str> = words.lines().collect();
    let pid = lines.first()?.trim().parse::<i32>().ok()?.abs();
    let port = lines.get(3).and_then(|line| line.trim().parse().ok());
    let ready = lines.get(7).is_some_and(|line| line.trim() == "ready");
    Some(PidFile { pid, port, ready })
}

impl PidFile {
    /// Whether that process is alive and is a Postgres. After a crash its number may belong to somebody else.
    pub(super) fn runs(&self) -> bool {
        is_alive(self.pid) && is_postgres(self.pid)
    }
}

/// Whether a process has this number.
pub(super) fn is_alive(pid: i32) -> bool {
    pid > 0 && !matches!(kill(Pid::from_raw(pid), None), Err(Errno::ESRCH))
}

#[cfg(target_os = "linux")]
fn is_postgres(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let is = |key: &str, wanted: &dyn Fn(&str) -> bool| {
        status.lines().find_map(|line| line.strip_prefix(key)).is_some_and(|value| wanted(value.trim()))
    };
    // A zombie is dead: it only waits for its parent to ask how it ended.
    is("Name:", &|name| name == "postgres" || name == "postmaster") && !is("State:", &|state| state.starts_with('Z'))
}

#[cfg(not(target_os = "linux"))]
fn is_postgres(_pid: i32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eighth_line_says_ready() {
        let words = "4711\n/data\n1700000000\n5433\n\n127.0.0.1\n  65538\nready   \n";
        assert_eq!(parse(words), Some(PidFile { pid: 4711, port: Some(5433), ready: true }));
        assert_eq!(parse(&words.replace("ready", "starting")).map(|seen| seen.ready), Some(false));
        assert_eq!(parse("4711\n/data\n"), Some(PidFile { pid: 4711, port: None, ready: false }));
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_living_process_that_is_no_postgres_does_not_hold_a_cluster() {
        let own = PidFile { pid: i32::try_from(std::process::id()).expect("small"), port: None, ready: true };
        assert!(is_alive(own.pid));
        assert_eq!(own.runs(), !cfg!(target_os = "linux"));
    }
}
