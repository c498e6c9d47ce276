//! Rendering, gathering and judging of records, each by itself and all together.

#![allow(clippy::unwrap_used)]

mod check;
mod gather;
mod render;
mod whole;
