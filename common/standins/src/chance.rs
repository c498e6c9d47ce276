//! Chance that repeats itself: the same seed, name and turn give the same draw, whatever runs beside it.

/// One stream of draws.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream of this seed for the thing of this name, on its `turn`-th occasion.
    pub(crate) fn of(seed: u64, name: &str, turn: u64) -> Chance {
        // FNV-1a: short, and the same on every machine and in every release, which the standard hasher is not.
        let name = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut chance = Chance(seed ^ name.rotate_left(17) ^ turn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        chance.draw();
        chance
    }

    /// The next 64 bits (splitmix64).
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number from 0 up to, not including, 1.
    #[allow(clippy::cast_precision_loss)] // 53 bits are what an f64 holds.
    pub(crate) fn fraction(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with this probability (0 to 1). Draws in any case, so that later draws do not depend on it.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_name_and_turn_draw_the_same_and_others_differ() {
        let first = |seed, name, turn| Chance::of(seed, name, turn).draw();
        assert_eq!(first(1, "a", 2), first(1, "a", 2));
        assert!(first(1, "a", 2) != first(2, "a", 2) && first(1, "a", 2) != first(1, "b", 2));
        assert_ne!(first(1, "a", 2), first(1, "a", 3));
    }

    #[test]
    fn a_probability_is_met_and_its_ends_are_certain() {
        let met = |probability| (0..10_000).filter(|turn| Chance::of(7, "q", *turn).happens(probability)).count();
        assert_eq!((met(0.0), met(1.0)), (0, 10_000));
        assert!((2_800..3_200).contains(&met(0.3)), "{}", met(0.3));
    }
}
