//! Every template, in every language.

#![allow(clippy::unwrap_used)]

mod dialect;
mod mails;
mod publish;
mod tenant;
mod translations;
