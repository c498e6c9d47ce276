//! The binary as it is used, against an API that answers by script.
#![allow(clippy::unwrap_used)]

mod access;
mod answers;
mod doctor;
mod domain;
mod import;
mod lists;
mod local_dns;
mod mail;
mod mailbox;
mod operate;
mod portal;
mod problems;
mod run;
mod settings;
mod stage;
mod task;
mod tenant;
mod tenant_turn;
mod terminal;
mod watch;
mod webhook;
