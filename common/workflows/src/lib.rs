#![doc = include_str!("../README.md")]

pub mod drill;
pub mod email_delivery;
pub mod email_domain;
pub mod orphan_report;
pub mod portal_domain;
pub mod portal_sync;
mod printed;
mod registry;
pub mod sending_pause;
pub mod tenant_change;
pub mod tenant_export;
pub mod tenant_import;
pub mod tenant_offboarding;
pub mod tenant_onboarding;
pub mod webhook_delivery;
pub mod webhook_events;

pub use printed::printed;
pub use registry::{kind, kinds};
