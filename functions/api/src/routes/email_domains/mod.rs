//! Sending domains that tenants bring: added, shown, looked at, removed.

pub(crate) mod add;
pub(crate) mod list;
mod names;
pub(crate) mod operators;
pub(crate) mod records;
mod shape;
pub(crate) mod share;
mod tell;
pub(crate) mod turn;
mod words;

pub(crate) use names::Which;
pub(crate) use shape::EmailDomain;
pub(crate) use tell::tell;
pub(crate) use words::{OURS, without_our_faults};

use crate::{edition::enterprise_only, problem::Problem, state::ApiState};

/// Refused where tenants' domains are not part of the edition.
pub(crate) fn in_this_edition(state: &ApiState) -> Result<(), Problem> {
    enterprise_only(
        state,
        "Email domains of tenants' own are not part of this edition; mail leaves by the platform's domain.",
    )
}
