//! The pure heart: from rows to objects, from objects to a plan, and what a person reads of it.
#![allow(clippy::unwrap_used)]

mod brake;
mod crds;
mod diagnosis;
mod files;
mod given;
mod issuance;
mod plan;
mod plan_laws;
mod render;
mod renewal;
mod show;
mod yaml;
