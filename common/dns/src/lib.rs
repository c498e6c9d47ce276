#![doc = include_str!("../README.md")]

mod gather;
mod record;
mod report;
mod seen;

pub use gather::{Places, Resolver};
pub use record::{Purpose, RecordType, Wanted};
pub use report::{Finding, HostHint, RecordReport, RecordStatus, Report, Severity, Verdict};
pub use seen::{Answer, Answers, Delegation, Name, Said, Seen, Server, Trouble, Value};
