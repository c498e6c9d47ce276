//! Hostnames of portals: who has which, which are wanted in the cluster, what a reconcile has made of them.

mod add;
mod claim;
mod look;
mod order;
mod pulse;
mod read;
mod serve;
mod sync;

pub use add::{Added, NewPortal, add_portal};
pub use claim::{PortalClaim, claim};
pub use look::{PortalFacts, Sight, facts, look_at, pointed, rivalled};
pub use order::{Order, OrderLimits, order, order_failed};
pub use pulse::{PortalPulse, pulse};
pub use read::{PortalFilter, PortalPlan, PortalRow, one_at_a_time, plan, portal, portals_of, standing_run};
pub use serve::{Activated, activate, close, reopen, withdraw};
pub use sync::{Outcome, Recorded, Served, gone, keep_plan, known_down, reconciled, recorded, served, stand};
