#![doc = include_str!("../README.md")]

mod check;
mod gather;
mod hosts;
mod ownership;
mod portal;
mod record;
mod render;
mod report;
mod seen;

pub use check::{CODES, check, check_host, usual};
pub use gather::{Places, Resolver};
pub use hosts::host_of;
pub use ownership::ownership;
pub use portal::{Caa, HostReport, HostSeen, HostWanted, Pointing, blocks_certificate};
pub use record::{Purpose, RecordType, Wanted};
pub use render::{absolute, dig, relative, zone_file};
pub use report::{Finding, HostHint, RecordReport, RecordStatus, Report, Severity, Verdict};
pub use seen::{Answer, Answers, Delegation, Name, Said, Seen, Server, Trouble, Value};
