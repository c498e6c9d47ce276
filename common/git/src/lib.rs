#![doc = include_str!("../README.md")]

mod bare;
mod error;
mod place;
mod repository;
mod settings;
mod store;
mod wire;

pub use bare::make_bare;
pub use error::GitError;
pub use repository::{Files, Guard, Pushed, Repository, TRIES, Target, Unguarded};
pub use settings::{Credentials, Settings};
