#![doc = include_str!("../README.md")]

pub mod config;
mod echo;
mod hints;
pub mod lambda;
mod message;
mod operation;
mod queues;
pub mod telemetry;
pub mod trace;
mod worker;

pub use echo::Echo;
pub use hints::Hints;
pub use message::{BadMessage, Message};
pub use operation::{Effect, Job, Operation, Tell};
pub use queues::Queues;
pub use worker::{Draw, Drawing, Function, Worker};
