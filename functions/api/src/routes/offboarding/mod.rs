//! A tenant leaves: looked at beforehand, begun, watched, called off, hurried. Operators only.

pub(crate) mod begin;
mod preview;
mod shape;
pub(crate) mod show;
pub(crate) mod turn;
