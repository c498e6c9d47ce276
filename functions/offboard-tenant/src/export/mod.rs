//! A copy of what is a tenant's own.

pub mod gzip;
mod page;

pub use page::Pages;
