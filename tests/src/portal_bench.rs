//! What it costs to think about many hostnames when one has changed: the pure half of a reconcile.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use reconcile_cluster::{
    brake::{Limits, Released, brake},
    files::file_changes,
    labels,
    plan::{Known, Recorded, plan},
    render::{Hostname, Rendering, Service},
    yaml,
};
use tenantry_cluster::{Found, Key, Object};
use tenantry_model::TenantId;
use uuid::Uuid;

use crate::bench::usage;

mod turns;

pub use turns::{Turn, Turns, turns};

/// What is measured.
#[derive(Debug, Clone)]
pub struct Options {
    /// Hostnames that are served.
    pub hostnames: u32,
    /// How often each step is done; the median counts.
    pub rounds: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { hostnames: 10_000, rounds: 5 }
    }
}

/// One step.
#[derive(Debug, Clone)]
pub struct Row {
    /// What is done.
    pub step: &'static str,
    /// How long it takes.
    pub took: Duration,
}

/// All steps.
#[derive(Debug, Clone)]
pub struct Report {
    /// Hostnames that were served.
    pub hostnames: u32,
    /// Step by step.
    pub rows: Vec<Row>,
    /// What the process holds when rows, objects, what was found and what was recorded are all there, in MiB.
    pub holds: f64,
    /// The most that it ever held, with every tenant's file twice besides, in MiB.
    pub peak: f64,
}

/// Renders, hashes, plans and writes for so many hostnames of which one is new.
///
/// # Errors
/// A plan that is not what it must be: one hostname created and everything else left.
pub fn run(options: &Options) -> Result<Report> {
    let hostnames: Vec<Hostname> = (0..options.hostnames.max(1)).map(hostname).collect();
    let rendering = Rendering::new(Service { host: "portal.msp.svc.cluster.local".to_owned(), port: 3000 });
    let mut rows = Vec::new();
    let mut step = |step, took| rows.push(Row { step, took });

    let (desired, took) = median(options.rounds, || rendering.all(&hostnames))?;
    step("render and hash all", took);
    // The newest hostname is not there yet.
    let before = &desired[..desired.len() - 3];
    let found = found(before);
    let recorded = recorded(&found);
    let known = Known { serving: hostnames.iter().map(|hostname| hostname.id).collect(), ..Known::default() };
    let released = Released::default();
    let (plan, took) = median(options.rounds, || anyhow::Ok(plan(&desired, &found, &known, &recorded, &released)))?;
    step("plan", took);
    ensure!(plan.create.len() == 3 && plan.change.is_empty() && plan.delete.is_empty(), "one hostname is new");
    let (braked, took) = median(options.rounds, || anyhow::Ok(brake(&plan, Limits::default(), &released)))?;
    step("brake", took);
    ensure!(braked.is_none(), "nothing is deleted");
    let holds = usage::kilobytes("self", "status", "VmRSS:") / 1024.0;
    let (files, took) = median(options.rounds, || yaml::files(&rendering, &hostnames))?;
    step("write every tenant's file", took);
    let mut present = files.clone();
    present.pop_last();
    let (changes, took) = median(options.rounds, || anyhow::Ok(file_changes(&files, &present, &known, &released)))?;
    step("compare every file", took);
    ensure!(changes.write.len() == 1 && changes.remove.is_empty(), "one file is new");
    let (_, took) = median(options.rounds, || yaml::files(&rendering, &hostnames[..1]))?;
    step("write one tenant's file", took);
    Ok(Report { hostnames: options.hostnames, rows, holds, peak: usage::peak() })
}

fn hostname(number: u32) -> Hostname {
    let tenant = TenantId::new();
    Hostname {
        id: Uuid::now_v7(),
        tenant,
        slug: format!("tenant-{number:06}"),
        host: format!("portal.tenant-{number}.test"),
        secret: format!("portal-domain-{}", &tenant.0.simple().to_string()[..7]),
    }
}

fn found(objects: &[Object]) -> Vec<Found> {
    let found = |object: &Object| Found {
        key: object.key.clone(),
        uid: Uuid::new_v4().to_string(),
        resource_version: "1".to_owned(),
        generation: 1,
        labels: object.labels.clone(),
        annotations: object.annotations.clone(),
        deleting: false,
    };
    let mut found: Vec<Found> = objects.iter().map(found).collect();
    // As a server lists them, which is by kind and not by hostname.
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

fn recorded(found: &[Found]) -> BTreeMap<Key, Recorded> {
    let recorded = |found: &Found| {
        let hash = found.annotations.get(labels::HASH).cloned().unwrap_or_default();
        (found.key.clone(), Recorded { generation: found.generation, hash, uid: found.uid.clone() })
    };
    found.iter().map(recorded).collect()
}

/// What is done, so often, and the median of how long it took.
fn median<T, E>(rounds: u32, mut work: impl FnMut() -> Result<T, E>) -> Result<(T, Duration), E> {
    let mut times = Vec::new();
    loop {
        let began = Instant::now();
        let done = work()?;
        times.push(began.elapsed());
        if times.len() >= rounds as usize {
            times.sort_unstable();
            return Ok((done, times[times.len() / 2]));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} hostnames, one of them new | takes |\n|---|---|", self.hostnames)?;
        for Row { step, took } in &self.rows {
            writeln!(f, "| {step} | {:.2} ms |", took.as_secs_f64() * 1000.0)?;
        }
        writeln!(f, "\nmemory: {:.0} MiB with a plan in hand, {:.0} MiB at most", self.holds, self.peak)
    }
}
