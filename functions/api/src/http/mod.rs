//! What happens around every handler.

mod limit;
mod log;
mod panic;
mod rate;

pub(crate) use limit::limit_body;
pub(crate) use log::observe;
pub(crate) use panic::catch_panic;
pub(crate) use rate::{limit_rate, take_as_stranger};
