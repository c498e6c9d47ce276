//! Time, compressed: what lies between two moments has a width that grows with the logarithm of how long it took.

use time::OffsetDateTime;

use super::story::Story;

/// So many moments are told apart: the last changes of state, and as much else as there is room for.
const MOST: usize = 40;
/// The least width of the whole, in pixels.
const LEAST: f64 = 520.0;
/// The least width of what took no time at all, in pixels.
const UNIT: f64 = 9.0;

/// Where moments stand.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    /// Moments and where they stand, both growing.
    pub(super) stops: Vec<(OffsetDateTime, f64)>,
    /// Changes of state before the first stop that are not drawn.
    pub(super) left_out: usize,
}

impl Scale {
    /// From the beginning of a run to its end, or to when it goes on.
    pub(super) fn of(story: &Story) -> Self {
        let last = story.ended.unwrap_or(story.now);
        let mut moments: Vec<OffsetDateTime> = vec![story.began, last];
        moments.extend(story.changes.iter().filter(|at| **at > story.began && **at < last));
        moments.extend(story.next.as_ref().map(|(at, _)| *at).filter(|at| *at > last));
        moments.sort_unstable();
        moments.dedup();
        let left_out = moments.len().saturating_sub(MOST);
        moments.drain(..left_out);
        let first = moments.first().copied().unwrap_or(story.began);
        let mut others: Vec<OffsetDateTime> =
            story.others.iter().copied().filter(|at| *at > first && *at < last && !moments.contains(at)).collect();
        others.sort_unstable();
        others.dedup();
        let room = MOST.saturating_sub(moments.len());
        moments.extend(others.iter().rev().take(room));
        moments.sort_unstable();
        let weights: Vec<f64> = moments.windows(2).map(|pair| weight((pair[1] - pair[0]).as_seconds_f64())).collect();
        let sum: f64 = weights.iter().sum();
        let unit = if sum > 0.0 { (LEAST / sum).max(UNIT) } else { 0.0 };
        let mut x = 0.0;
        let mut stops = Vec::with_capacity(moments.len());
        for (nth, at) in moments.iter().enumerate() {
            if nth > 0 {
                x += weights[nth - 1] * unit;
            }
            stops.push((*at, x));
        }
        Self { stops, left_out }
    }

    /// The width of the whole.
    pub(super) fn width(&self) -> f64 {
        self.stops.last().map_or(0.0, |(_, x)| *x).max(LEAST)
    }

    /// The first moment that is drawn.
    pub(super) fn first(&self) -> OffsetDateTime {
        self.stops.first().map_or(OffsetDateTime::UNIX_EPOCH, |(at, _)| *at)
    }

    /// Where a moment stands; what lies outside stands at the edge.
    pub(super) fn x(&self, at: OffsetDateTime) -> f64 {
        let after = self.stops.partition_point(|(stop, _)| *stop <= at);
        match (after.checked_sub(1).and_then(|before| self.stops.get(before)), self.stops.get(after)) {
            (Some((from, start)), Some((to, end))) => {
                let share = (at - *from).as_seconds_f64() / (*to - *from).as_seconds_f64();
                start + (end - start) * share.clamp(0.0, 1.0)
            }
            (Some((_, last)), None) => *last,
            _ => 0.0,
        }
    }
}

/// No time at all is 1, a second 2, a minute 4, a day 7, a month 8.
fn weight(seconds: f64) -> f64 {
    1.0 + (1.0 + seconds.max(0.0) / 0.1).log10()
}
