#![doc = include_str!("../README.md")]

mod object;

pub use object::{Chain, Found, Key, Kind, Object};
