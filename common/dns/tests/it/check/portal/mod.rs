//! A portal's hostname: where it leads, whose it is, whether a certificate can be had.

mod caa;
mod place;
mod proof;
mod random;
pub(crate) mod rows;
pub(crate) mod world;
