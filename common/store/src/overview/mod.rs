//! What a home page shows: what needs somebody, how much there is, and what the last days came to. Of one tenant, or of all.
//!
//! Every question has an index of its own (`0014_overview.sql`) and an end: counts stop at [`MOST`], times are those of the newest
//! [`MOST`], and days that are over are counted once for everybody. So it costs the same with a million messages as with ten.

mod counts;
mod days;
mod needs;
mod times;

pub use counts::{Counts, counts};
pub use days::{DayCame, DayRuns, ProviderDay, days};
pub use needs::{Need, NeedKind, Seen, needs};
pub use times::{DayTime, Times, domains_verified, onboardings, portals_activated};

use crate::{Result, Tx};

/// Counting stops here: a number as high means so many or more.
pub const MOST: i64 = 1000;

/// Plans each of this transaction's statements for its own parameters: the same statement asks of one tenant and of all, and no one
/// plan is good for both.
///
/// # Errors
/// The database cannot be reached.
pub async fn plan_for_each(tx: &mut Tx) -> Result<()> {
    sqlx::query!("select set_config('plan_cache_mode', 'force_custom_plan', true) as mode")
        .fetch_one(&mut **tx)
        .await?;
    Ok(())
}
