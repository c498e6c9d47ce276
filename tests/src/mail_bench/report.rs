//! What was seen, for people.

use std::fmt;

use super::{Carrier, Options, Seen};

/// All that was measured.
#[derive(Debug)]
pub struct Report {
    pub options: Options,
    pub compared: Vec<Compared>,
}

/// One carrier, with every row and with none.
#[derive(Debug)]
pub struct Compared {
    pub carrier: Carrier,
    pub engine: Vec<Seen>,
    pub bare: Vec<Seen>,
}

impl Compared {
    fn per_second(&self, side: &[Seen], messages: usize) -> f64 {
        let mut rates: Vec<f64> = side.iter().map(|seen| messages as f64 / seen.seconds).collect();
        rates.sort_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied().unwrap_or_default()
    }

    /// The engine's share of the bare transport's speed: median against median.
    #[must_use]
    pub fn share(&self, messages: usize) -> f64 {
        self.per_second(&self.engine, messages) / self.per_second(&self.bare, messages)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { messages, tenants, connections, invocations, batch, rounds } = self.options;
        writeln!(
            f,
            "{messages} messages of {tenants} tenants, {connections} connections, {invocations} invocations at once, {batch} in a \
             turn; the median of {rounds} rounds\n"
        )?;
        writeln!(
            f,
            "{:<8} {:>16} {:>16} {:>8} {:>16} {:>14}",
            "", "with every row", "transport alone", "share", "memory, all rows", "memory, alone"
        )?;
        for one in &self.compared {
            let memory = |side: &[Seen]| side.iter().map(|seen| seen.memory).fold(0.0, f64::max);
            writeln!(
                f,
                "{:<8} {:>14.0}/s {:>14.0}/s {:>8.2} {:>12.0} MiB {:>10.0} MiB",
                format!("{:?}", one.carrier).to_lowercase(),
                one.per_second(&one.engine, messages),
                one.per_second(&one.bare, messages),
                one.share(messages),
                memory(&one.engine),
                memory(&one.bare),
            )?;
        }
        Ok(())
    }
}
