//! What was seen, as a table.

use std::{fmt, time::Duration};

use super::{Fill, GOAL};

/// Everything.
#[derive(Debug)]
pub struct Report {
    /// How much there was.
    pub fill: Fill,
    /// How often each page was opened.
    pub rounds: usize,
    /// Page by page.
    pub rows: Vec<Row>,
}

/// A page, and what the API's answer takes.
#[derive(Debug)]
pub struct Row {
    /// Who looked.
    pub who: &'static str,
    /// The page, without the ids.
    pub page: String,
    /// The console.
    pub seen: Times,
    /// The question to the API that it mostly asks.
    pub api: Option<Times>,
}

/// How long until the first byte came.
#[derive(Debug)]
pub struct Times {
    /// The status.
    pub status: u16,
    /// The first time.
    pub first: Duration,
    /// The other times.
    pub all: Vec<Duration>,
}

impl Times {
    /// The time below which a `share` of them lie; zero where there is none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Duration {
        let mut sorted = self.all.clone();
        sorted.sort();
        let at = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(at.max(1) - 1).copied().unwrap_or_default()
    }

    fn slowest(&self) -> Duration {
        self.all.iter().max().copied().unwrap_or_default()
    }
}

impl Row {
    /// Whether most of the time its first byte comes later than it should.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.seen.quantile(0.95) > GOAL
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let (middle, most) = (ms(self.seen.quantile(0.5)), ms(self.seen.quantile(0.95)));
        write!(
            f,
            "{:<13} {:<74} {:>8.1} {middle:>8.1} {most:>8.1} {:>8.1}",
            self.who,
            self.page,
            ms(self.seen.first),
            ms(self.seen.slowest())
        )?;
        match &self.api {
            Some(api) => {
                let alone = ms(api.quantile(0.5));
                write!(f, " {alone:>8.1} {:>6.1}", middle / alone.max(0.01))?;
                if api.status != 200 {
                    write!(f, "  the API answers {}", api.status)?;
                }
            }
            None => write!(f, " {:>8} {:>6}", "", "")?,
        }
        if self.seen.status != 200 {
            write!(f, "  answers {}", self.seen.status)?;
        }
        if self.is_late() {
            write!(f, "  LATE")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fill { tenants, messages, runs, deliveries, audit, tasks } = self.fill;
        writeln!(
            f,
            "{tenants} tenants, {messages} messages, {runs} other runs, {deliveries} deliveries of webhooks, {audit} lines of the audit log, \
             {tasks} open tasks.\nFirst byte in milliseconds, {} times each after one to warm up; browser, console, API, workers and \
             database share this machine.\n{} build, {} processors.\n",
            self.rounds,
            if cfg!(debug_assertions) { "Debug" } else { "Optimised" },
            std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        )?;
        writeln!(
            f,
            "{:<13} {:<74} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}",
            "who", "page", "first", "median", "p95", "slowest", "API", "ratio"
        )?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        let late: Vec<&Row> = self.rows.iter().filter(|row| row.is_late()).collect();
        let middle = self.rows.iter().map(|row| row.seen.quantile(0.5)).max().unwrap_or_default();
        writeln!(
            f,
            "\n{} pages; the slowest median is {:.1} ms. {}",
            self.rows.len(),
            middle.as_secs_f64() * 1000.0,
            if late.is_empty() {
                format!("None has its 95th percentile above {} ms.", GOAL.as_millis())
            } else {
                format!("{} have their 95th percentile above {} ms.", late.len(), GOAL.as_millis())
            }
        )
    }
}
