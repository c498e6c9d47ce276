//! What was seen, for people.

use std::fmt;

use super::{Carrier, Options, Seen, Side};

/// All that was measured.
#[derive(Debug)]
pub struct Report {
    pub options: Options,
    pub compared: Vec<Compared>,
}

/// One carrier, and what was seen of each side, round by round.
#[derive(Debug)]
pub struct Compared {
    pub carrier: Carrier,
    pub seen: Vec<(Side, Seen)>,
}

impl Compared {
    /// Messages in a second, the median of the rounds; 0 where the side was not measured.
    #[must_use]
    pub fn per_second(&self, side: Side, messages: usize) -> f64 {
        let mut rates: Vec<f64> = self.of(side).map(|seen| messages as f64 / seen.seconds).collect();
        rates.sort_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied().unwrap_or_default()
    }

    fn of(&self, side: Side) -> impl Iterator<Item = &Seen> {
        self.seen.iter().filter(move |(of, _)| *of == side).map(|(_, seen)| seen)
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
        writeln!(f, "{:<8}{:<28}{:>10}{:>26}{:>12}", "", "", "", "share that every row keeps", "memory")?;
        for one in &self.compared {
            let engine = one.per_second(Side::Engine, messages);
            for (side, words) in [
                (Side::Engine, "send-email, with every row"),
                (Side::Provider, "our provider alone"),
                (Side::Lettre, "lettre alone"),
            ] {
                let rate = one.per_second(side, messages);
                if rate == 0.0 {
                    continue;
                }
                let memory = one.of(side).map(|seen| seen.memory).fold(0.0, f64::max);
                let carrier = format!("{:?}", one.carrier).to_lowercase();
                writeln!(f, "{carrier:<8}{words:<28}{rate:>8.0}/s{:>26.2}{memory:>8.0} MiB", engine / rate)?;
            }
        }
        Ok(())
    }
}
