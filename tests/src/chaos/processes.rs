//! Workers and sweepers as processes of their own, killed without warning and started again.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use nix::{sys::signal::Signal, unistd::Pid};
use tokio::{
    process::{Child, Command},
    sync::{Mutex, mpsc},
    task::JoinSet,
};

/// After a start that failed, because the database or the queue was away.
const PAUSE: Duration = Duration::from_millis(200);

/// What a process does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    Worker,
    Sweeper,
}

/// Several processes of one role.
pub(super) struct Processes {
    orders: Vec<mpsc::UnboundedSender<Order>>,
    kept: Mutex<JoinSet<Lives>>,
}

#[derive(Debug, Clone, Copy)]
enum Order {
    /// Dies, and is started again.
    Kill,
    /// Stands still for this long, and then goes on as if nothing had happened.
    Freeze(Duration),
    /// Dies for good.
    Stop,
}

/// How often processes were killed or frozen, and how often they ended by themselves.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lives {
    pub killed: u64,
    pub frozen: u64,
    pub ended: u64,
}

impl std::ops::Add for Lives {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { killed: self.killed + other.killed, frozen: self.frozen + other.frozen, ended: self.ended + other.ended }
    }
}

/// How a process is started.
struct Recipe {
    binary: PathBuf,
    role: Role,
    environment: Vec<(&'static str, String)>,
    log: File,
}

impl Processes {
    /// Starts `count` of them, and keeps each alive. Each has a log of its own in the folder.
    pub(super) fn start(
        binary: &Path,
        role: Role,
        count: usize,
        environment: &[(&'static str, String)],
        logs: &Path,
    ) -> std::io::Result<Self> {
        let (mut orders, mut kept) = (Vec::new(), JoinSet::new());
        for number in 0..count {
            let path = logs.join(format!("{role:?}-{number}.log").to_lowercase());
            let log = OpenOptions::new().create(true).append(true).open(path)?;
            let recipe = Recipe { binary: binary.to_owned(), role, environment: environment.to_vec(), log };
            let (sender, receiver) = mpsc::unbounded_channel();
            orders.push(sender);
            kept.spawn(keep(recipe, receiver));
        }
        Ok(Self { orders, kept: kept.into() })
    }

    /// Kills one with SIGKILL. It is started again at once.
    pub(super) fn kill(&self, which: usize) {
        // It fails only when there is nothing left to kill.
        let _ = self.orders[which].send(Order::Kill);
    }

    /// Stops one (SIGSTOP), and lets it go on after this long: perhaps long after its leases have run out.
    pub(super) fn freeze(&self, which: usize, long: Duration) {
        let _ = self.orders[which].send(Order::Freeze(long));
    }

    /// Kills all of them for good.
    pub(super) async fn stop(&self) -> Lives {
        for order in &self.orders {
            let _ = order.send(Order::Stop);
        }
        let kept = std::mem::take(&mut *self.kept.lock().await);
        kept.join_all().await.into_iter().fold(Lives::default(), std::ops::Add::add)
    }
}

/// Keeps one process alive until it is to stop.
async fn keep(recipe: Recipe, mut orders: mpsc::UnboundedReceiver<Order>) -> Lives {
    let mut lives = Lives::default();
    loop {
        let mut child = recipe.spawn().expect("the chaos binary starts");
        // Held here, because waiting for the child would close it.
        let _lifeline = child.stdin.take();
        let order = loop {
            let order = tokio::select! {
                order = orders.recv() => order.unwrap_or(Order::Stop),
                _ = child.wait() => break None,
            };
            let Order::Freeze(long) = order else { break Some(order) };
            signal(&child, Signal::SIGSTOP);
            tokio::time::sleep(long).await;
            signal(&child, Signal::SIGCONT);
            lives.frozen += 1;
        };
        match order {
            Some(order) => {
                // SIGKILL, and its end is waited for.
                child.kill().await.expect("a child can be killed");
                if matches!(order, Order::Stop) {
                    return lives;
                }
                lives.killed += 1;
            }
            None => {
                lives.ended += 1;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Sends a signal to a child that was not waited for to its end, so that the number is still its own.
fn signal(child: &Child, signal: Signal) {
    if let Some(pid) = child.id().and_then(|pid| pid.try_into().ok()) {
        nix::sys::signal::kill(Pid::from_raw(pid), signal).expect("a child can be signalled");
    }
}

/// What the processes said when they stopped by a mistake of ours.
pub(super) fn panics(logs: &Path) -> Vec<String> {
    let log = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read(entry.ok()?.path()).ok();
    let logs: Vec<Vec<u8>> = std::fs::read_dir(logs).expect("the folder is there").filter_map(log).collect();
    let said = |log: &Vec<u8>| -> Vec<String> {
        let log = String::from_utf8_lossy(log);
        log.lines().filter(|line| line.contains("panicked at")).map(str::to_owned).collect()
    };
    logs.iter().flat_map(said).collect()
}

impl Recipe {
    fn spawn(&self) -> std::io::Result<Child> {
        Command::new(&self.binary)
            .arg(match self.role {
                Role::Worker => "worker",
                Role::Sweeper => "sweeper",
            })
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (*name, value)))
            // It lives as long as the other end of this pipe.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(self.log.try_clone()?)
            .kill_on_drop(true)
            .spawn()
    }
}
