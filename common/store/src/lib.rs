#![doc = include_str!("../README.md")]

mod clock;
mod db;
pub mod domains;
mod error;
pub mod mail;
pub mod platform;
pub mod runs;
pub mod tenancy;

pub use clock::{Clock, Timing};
pub use db::{Db, DbOptions, DbRole, Scope, Tx, migrate};
pub use error::{Result, StoreError};
pub use sqlx::PgConnection;
