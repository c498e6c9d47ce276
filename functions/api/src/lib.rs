#![doc = include_str!("../README.md")]

mod answer;
pub mod auth;
mod call;
mod configured;
mod domains;
mod edition;
mod error;
mod events;
mod extract;
mod http;
mod idempotency;
mod list;
mod mail;
mod openapi;
mod portal;
mod problem;
mod random;
mod router;
mod routes;
mod state;
mod version;
mod wait;
mod write;

pub use call::source_ip;
pub use configured::configured;
pub use domains::DomainState;
pub use events::{EventState, Topics};
pub use mail::MailState;
pub use openapi::openapi;
pub use portal::PortalState;
pub use problem::{Code, FieldError, Problem};
pub use router::router;
pub use state::{ApiState, Limits, Onboarding};
