//! Imports of tenants: a file uploaded, and what becomes of its rows. Operators only.

pub(crate) mod begin;
mod csv;
mod file;
mod ndjson;
pub(crate) mod rows;
pub(crate) mod show;
mod upload;
