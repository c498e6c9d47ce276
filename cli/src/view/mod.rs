//! The API's answers as people read them. Of an answer only what is shown is read, so that additions do no harm.

pub mod access;
pub mod bulk;
pub mod domain;
pub mod import;
pub mod leaving;
pub mod look;
pub mod mail;
pub mod mailbox;
pub mod moment;
pub mod plain;
pub mod portal;
pub mod run;
pub mod sync;
pub mod table;
pub mod task;
pub mod tenant;
pub mod timeline;
pub mod webhook;
pub mod zone;
