#![doc = include_str!("../README.md")]

mod access;
mod certificate;
mod check;
mod cluster;
mod eks;
mod error;
mod list;
mod meta;
mod object;
mod one;
mod refusal;
mod transport;

pub use access::Access;
pub use certificate::FAMILY;
pub use check::Checked;
pub use cluster::Cluster;
pub use error::{ClusterError, FieldConflict};
pub use object::{Chain, Found, Key, Kind, Object};
pub use one::Deleted;
