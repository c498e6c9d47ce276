//! Who sends which message.

use std::time::Duration;

use fastrand::Rng;
use tenantry_model::MessageId;

use super::{Letter, Options, Wish, millis, soon};

/// Nobody may write to this address.
pub(in crate::chaos) const GONE: &str = "gone@nobody.example";

/// So many that each of them sends about as much as it may.
pub(super) fn houses(options: Options) -> usize {
    if options.letters == 0 { 0 } else { 2 + options.letters / (options.seconds as usize + 20) }
}

pub(super) fn draw(rng: &mut Rng, options: Options) -> Vec<Letter> {
    let (houses, long) = (houses(options), Duration::from_secs(options.seconds));
    (1..=options.letters).map(|number| letter(rng, number, houses, long)).collect()
}

fn letter(rng: &mut Rng, number: usize, houses: usize, long: Duration) -> Letter {
    let one_in = |rng: &mut Rng, n: u32| rng.u32(0..n) == 0;
    let wait = if one_in(rng, 5) { rng.u64(1..6) } else { 0 };
    let mut wishes = Vec::new();
    if one_in(rng, 6) || wait > 0 && one_in(rng, 3) {
        wishes.push((soon(rng), Wish::CallOff));
    }
    if one_in(rng, 10) {
        wishes.push((soon(rng), Wish::Reschedule { wait: rng.u64(0..4) }));
    }
    wishes.sort_by_key(|(after, _)| *after);
    let random: [u8; 16] = std::array::from_fn(|_| rng.u8(..));
    Letter {
        id: MessageId(uuid::Builder::from_random_bytes(random).into_uuid()),
        // In heaps, so that some have to wait for their tenant's limit.
        at: if one_in(rng, 3) { millis(rng, 0..400) } else { long.mul_f64(rng.f64() * 0.95) },
        house: rng.usize(0..houses),
        to: if one_in(rng, 20) { GONE.to_owned() } else { format!("reader-{number}@letters.example") },
        sensitive: one_in(rng, 6),
        file: one_in(rng, 6),
        wait,
        twice: one_in(rng, 8),
        wishes,
    }
}
