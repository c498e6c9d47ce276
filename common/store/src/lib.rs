#![doc = include_str!("../README.md")]

mod clock;
mod db;
pub mod domains;
mod error;
mod exclusive;
pub mod export;
pub mod imports;
pub mod mail;
pub mod offboard;
pub mod overview;
pub mod platform;
pub mod portal;
pub mod runs;
pub mod tenancy;
pub mod webhooks;

pub use clock::{Clock, Timing};
pub use db::{Db, DbOptions, DbRole, Scope, Tx, migrate};
pub use error::{Result, StoreError};
pub use exclusive::Exclusive;
pub use sqlx::PgConnection;
