//! The mails of the system: which there are, what each needs, and how they are rendered.

mod catalog;
mod helpers;
mod render;
mod words;

pub use catalog::{LOCALES, Template};
pub use render::render;
