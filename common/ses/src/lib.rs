#![doc = include_str!("../README.md")]

mod domains;
mod fault;
mod ses;

pub use ses::{Ses, from_config};
