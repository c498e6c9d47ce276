#![doc = include_str!("../README.md")]

mod catalog;
mod engine;
mod error;

pub use catalog::{Example, Template, Variable};
pub use engine::{Rendered, render};
pub use error::TemplateError;
