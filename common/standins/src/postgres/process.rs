//! A child process that dies with this one and whose last words are kept.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// Log lines kept for an error message.
const LINES: usize = 40;

/// The running (or ended) child.
#[derive(Debug)]
pub(super) struct Process {
    pid: Pid,
    seen: Arc<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    ended: Mutex<Option<ExitStatus>>,
    change: Condvar,
    words: Mutex<VecDeque<String>>,
}

impl Process {
    /// Starts the command on a thread of its own.
    ///
    /// That thread lives as long as the child: Linux sends the parent-death signal when the *thread* that made the
    /// child ends, so a thread from a pool would take the child down with it when the pool shrinks.
    pub(super) fn spawn(mut command: Command) -> std::io::Result<Process> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        // A group of its own: Ctrl-C in the terminal reaches Tenantry, which then stops Postgres in order.
        command.process_group(0);
        die_with_parent(&mut command);
        let seen = Arc::new(Seen::default());
        let (report, started) = mpsc::sync_channel(1);
        let shared = Arc::clone(&seen);
        std::thread::Builder::new().name("postgres".to_owned()).spawn(move || {
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(error) => return drop(report.send(Err(error))),
            };
            let listener = child.stderr.take().map(|stderr| listen(stderr, Arc::clone(&shared)));
            let _ = report.send(Ok(child.id()));
            let status = child.wait().unwrap_or_default();
            // A child ends before its last words are read. Orphaned grandchildren may keep the pipe open longer: they
            // are not waited for.
            let patience = Instant::now() + Duration::from_millis(200);
            while listener.as_ref().is_some_and(|thread| matches!(thread, Ok(thread) if !thread.is_finished()))
                && Instant::now() < patience
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            *lock(&shared.ended) = Some(status);
            shared.change.notify_all();
        })?;
        let pid = started.recv().map_err(|_| std::io::Error::other("the thread that starts Postgres ended"))??;
        Ok(Process { pid: Pid::from_raw(i32::try_from(pid).unwrap_or(i32::MAX)), seen })
    }

    /// Its process id.
    pub(super) fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Sends a signal, unless it has ended.
    pub(super) fn signal(&self, signal: Signal) {
        if lock(&self.seen.ended).is_none() {
            // It may end at this very moment; then there is nothing to tell it.
            let _ = kill(self.pid, signal);
        }
    }

    /// How it ended; `None` while it runs.
    pub(super) fn ended(&self) -> Option<ExitStatus> {
        *lock(&self.seen.ended)
    }

    /// Waits until it has ended, up to `patience`.
    pub(super) fn wait(&self, patience: Duration) -> Option<ExitStatus> {
        let guard = lock(&self.seen.ended);
        let waited = self.seen.change.wait_timeout_while(guard, patience, |ended| ended.is_none());
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The end of its log.
    pub(super) fn words(&self) -> String {
        lock(&self.seen.words).iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the last lines of the child's log, and passes them on at the level debug.
fn listen(stderr: impl Read + Send + 'static, seen: Arc<Seen>) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("postgres-log".to_owned()).spawn(move || {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            tracing::debug!(target: "tenantry_standins::postgres::log", "{line}");
            let mut words = lock(&seen.words);
            if words.len() == LINES {
                words.pop_front();
            }
            words.push_back(line);
        }
    })
}

/// Sends the child SIGINT (a fast shutdown, for Postgres) when this process dies, however it dies.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "pre_exec is the one place where the parent-death signal can be set")]
pub(super) fn die_with_parent(command: &mut Command) {
    let parent = nix::unistd::getpid();
    // SAFETY: between fork and exec only async-signal-safe calls are made: prctl and getppid.
    unsafe {
        command.pre_exec(move || {
            nix::sys::prctl::set_pdeathsig(Signal::SIGINT)?;
            // The parent may have died before the signal was asked for.
            if nix::unistd::getppid() != parent {
                return Err(nix::errno::Errno::ESRCH.into());
            }
            Ok(())
        });
    }
}

/// Other systems have no such signal; an orphan is stopped by the next start on its folder.
#[cfg(not(target_os = "linux"))]
pub(super) fn die_with_parent(_command: &mut Command) {}
