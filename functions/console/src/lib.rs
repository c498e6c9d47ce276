#![doc = include_str!("../README.md")]

mod ask;
mod assets;
mod came;
mod configured;
mod cookie;
mod form;
mod guard;
mod page;
mod pages;
mod parts;
mod person;
mod picture;
mod router;
mod session;
mod sign_in;
mod state;
mod trouble;
mod visit;

pub use configured::configured;
pub use router::router;
pub use state::Console;
