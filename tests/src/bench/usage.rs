//! What it costs the machine, read from `/proc`; all zero where there is none.

use std::{fs, ops::Sub};

use tenantry_standins::postgres::Postgres;

/// Processor time in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu {
    /// Of this process: functions, queue and mail server stand-ins, and who measures.
    pub process: f64,
    /// Of Postgres, all its processes.
    pub postgres: f64,
}

/// Memory in MiB.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// Resident, of this process.
    pub process: f64,
    /// Of Postgres, all its processes, with what they share counted once.
    pub postgres: f64,
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self { process: self.process - before.process, postgres: self.postgres - before.postgres }
    }
}

impl Cpu {
    pub(super) fn each(self, number: usize) -> Self {
        let number = number as f64;
        Self { process: self.process / number, postgres: self.postgres / number }
    }
}

/// Processor time spent so far.
pub(super) fn cpu(postgres: &Postgres) -> Cpu {
    let Some(postmaster) = postgres.pid() else { return Cpu::default() };
    let own = stat("self").map_or(0.0, |stat| stat.milliseconds);
    // Children that have ended are counted by the postmaster.
    let of =
        processes().filter_map(|pid| stat(&pid)).filter(|stat| stat.pid == postmaster || stat.parent == postmaster);
    Cpu { process: own, postgres: of.map(|stat| stat.milliseconds + stat.of_ended_children).sum() }
}

/// Memory in use.
pub(super) fn memory(postgres: &Postgres) -> Memory {
    let Some(postmaster) = postgres.pid() else { return Memory::default() };
    let of = processes().filter(|pid| stat(pid).is_some_and(|it| it.pid == postmaster || it.parent == postmaster));
    Memory {
        process: kilobytes("self", "status", "VmRSS:") / 1024.0,
        postgres: of.map(|pid| kilobytes(&pid, "smaps_rollup", "Pss:")).sum::<f64>() / 1024.0,
    }
}

/// The most memory that this process ever had in use, in MiB.
pub(crate) fn peak() -> f64 {
    kilobytes("self", "status", "VmHWM:") / 1024.0
}

struct Stat {
    pid: i32,
    parent: i32,
    milliseconds: f64,
    of_ended_children: f64,
}

fn processes() -> impl Iterator<Item = String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `proc_pid_stat(5)`; times there are in hundredths of a second.
fn stat(pid: &str) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (before, after) = text.rsplit_once(')')?;
    let fields: Vec<i64> = after.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    let time = |at: usize| fields.get(at).map_or(0.0, |ticks| *ticks as f64 * 10.0);
    Some(Stat {
        pid: before.split_whitespace().next()?.parse().ok()?,
        parent: i32::try_from(*fields.first()?).ok()?,
        milliseconds: time(10) + time(11),
        of_ended_children: time(12) + time(13),
    })
}

pub(crate) fn kilobytes(pid: &str, file: &str, name: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}
