//! Hostnames that tenants bring for their portals: set, shown, looked at, removed. Every wish is told to the hostname's life.

pub(crate) mod operators;
mod place;
mod portal;
pub(crate) mod set;
mod shape;
pub(crate) mod show;
mod sync;
pub(crate) mod syncs;
pub(crate) mod turn;
mod words;

pub(crate) use words::without_operators_words;

use crate::{edition::enterprise_only, problem::Problem, state::ApiState};

/// What a portal is without a hostname of the tenant's own, where that is not part of the edition.
const COMMUNITY: &str =
    "Hostnames of tenants' own are not part of this edition; the portal answers at its canonical host.";

/// Refused where hostnames of tenants' own are not part of the edition.
fn in_this_edition(state: &ApiState) -> Result<(), Problem> {
    enterprise_only(state, COMMUNITY)
}
