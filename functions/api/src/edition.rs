//! What is part of which edition.

use tenantry_runtime::config::Edition;

use crate::{
    problem::{Code, Problem},
    state::ApiState,
};

/// Refused outside the edition for enterprises; `what` says what this is and how it is without.
pub(crate) fn enterprise_only(state: &ApiState, what: &str) -> Result<(), Problem> {
    match state.domains.edition {
        Edition::Enterprise => Ok(()),
        Edition::Community => Err(Problem::new(Code::FeatureNotAvailable, what)),
    }
}
