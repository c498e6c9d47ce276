//! Drafts, preferences, routes and their printed rules.

#![allow(missing_docs, clippy::unwrap_used)]

mod draft;
mod preference;
mod route;
mod rules;
