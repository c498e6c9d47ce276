//! What was seen, as a page of text.

use std::{fmt, time::Duration};

use super::{
    Counted, Options, Transport, ms,
    usage::{Cpu, Memory},
};

/// Everything.
#[derive(Debug)]
pub struct Report {
    /// How much was measured.
    pub options: Options,
    /// One comparison per transport.
    pub compared: Vec<Compared>,
}

/// Engine and floor over one transport.
#[derive(Debug)]
pub struct Compared {
    /// The transport.
    pub transport: Transport,
    /// The engine.
    pub engine: Side,
    /// The floor.
    pub floor: Side,
    /// What was in memory after the last round.
    pub memory: Memory,
    /// The engine's largest tables, in MiB.
    pub sizes: Vec<(String, f64)>,
}

/// What was measured on one side.
#[derive(Debug, Default)]
pub struct Side {
    /// Onboardings per second at full concurrency, one number per round.
    pub per_second: Vec<f64>,
    /// How long each took on its own.
    pub idle: Vec<Duration>,
    /// Processor time of each at full concurrency, one per round.
    pub cpu: Vec<Cpu>,
    /// Statements, round trips, requests.
    pub counted: Counted,
}

/// The value below which a `share` of the values lie; nothing of nothing.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (share * values.len() as f64).ceil() as usize;
    values.get(at.max(1) - 1).copied().unwrap_or_default()
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(values.into_iter().collect(), 0.5)
}

impl Side {
    fn rate(&self) -> f64 {
        median(self.per_second.iter().copied())
    }

    fn latency(&self, share: f64) -> f64 {
        quantile(self.idle.iter().copied().map(ms).collect(), share)
    }

    fn noise(&self) -> String {
        let least = self.per_second.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.per_second.iter().copied().fold(0.0, f64::max);
        format!("{least:.0} to {most:.0}")
    }
}

impl Compared {
    /// The engine's throughput as a share of the floor's.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        // Each round against its neighbour: what disturbs the machine disturbs both.
        median(self.engine.per_second.iter().zip(&self.floor.per_second).map(|(engine, floor)| engine / floor))
    }

    /// How many times as long as the floor's a single one takes.
    #[must_use]
    pub fn slowness(&self) -> f64 {
        self.engine.latency(0.5) / self.floor.latency(0.5)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { concurrency, busy, idle, rounds, pumps } = self.options;
        writeln!(
            f,
            "{rounds} rounds, engine and floor in turn: {busy} onboardings {concurrency} at a time, then {idle} one by one; \
             medians.\n{} connections each, {pumps} receives per queue, bcrypt cost 4, fsync on; queue, mail server, \
             functions and clients share this process.\n{} build, {} processors.\n",
            super::CONNECTIONS,
            if cfg!(debug_assertions) { "Debug" } else { "Optimised" },
            std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        )?;
        for compared in &self.compared {
            compared.write(f)?;
        }
        let Some(one) = self.compared.first() else { return Ok(()) };
        writeln!(
            f,
            "Statements of one onboarding of four steps, counted between client and Postgres. (Round trips count one more \
             for each connection that goes back to its pool: sqlx asks whether it is well.)\n"
        )?;
        for (name, counted) in [("engine", &one.engine.counted), ("floor", &one.floor.counted)] {
            writeln!(
                f,
                "{name}: {:.1} statements, {:.1} round trips, {:.1} kB of write-ahead log",
                counted.all_statements(),
                counted.round_trips,
                counted.wal / 1000.0
            )?;
            for (statement, count) in counted.statements.iter().filter(|(_, count)| **count >= 0.01) {
                writeln!(f, "  {count:6.2}  {statement}")?;
            }
            if !counted.requests.is_empty() {
                writeln!(f, "  requests to the queue: {:.1}", counted.all_requests())?;
            }
            for (action, count) in &counted.requests {
                writeln!(f, "  {count:6.2}  {action}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Compared {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (engine, floor) = (&self.engine, &self.floor);
        writeln!(
            f,
            "{:<38} {:>10} {:>10} {:>14}",
            format!("mail by {}", self.transport.name()),
            "engine",
            "floor",
            "engine/floor"
        )?;
        let mut line = |what: &str, engine: f64, floor: f64| {
            writeln!(f, "{what:<38} {engine:>10.1} {floor:>10.1} {:>14.2}", engine / floor)
        };
        let spent = |side: &Side, of: fn(&Cpu) -> f64| median(side.cpu.iter().map(of));
        line("onboardings per second", engine.rate(), floor.rate())?;
        line("one when idle, p50, ms", engine.latency(0.5), floor.latency(0.5))?;
        line("one when idle, p99, ms", engine.latency(0.99), floor.latency(0.99))?;
        line("processor time of this process, ms", spent(engine, |cpu| cpu.process), spent(floor, |cpu| cpu.process))?;
        line("processor time of Postgres, ms", spent(engine, |cpu| cpu.postgres), spent(floor, |cpu| cpu.postgres))?;
        line("statements", engine.counted.all_statements(), floor.counted.all_statements())?;
        line("round trips", engine.counted.round_trips, floor.counted.round_trips)?;
        line("write-ahead log, kB", engine.counted.wal / 1000.0, floor.counted.wal / 1000.0)?;
        writeln!(
            f,
            "per second, slowest to fastest round: engine {}, floor {}; round against round {:.2}",
            engine.noise(),
            floor.noise(),
            self.throughput()
        )?;
        let sizes: Vec<String> = self.sizes.iter().map(|(table, size)| format!("{table} {size:.0}")).collect();
        writeln!(
            f,
            "memory, MiB: this process {:.0}, Postgres {:.0}; largest tables: {}\n",
            self.memory.process,
            self.memory.postgres,
            sizes.join(", ")
        )
    }
}
