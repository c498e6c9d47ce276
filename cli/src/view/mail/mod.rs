//! Mail.

pub mod batch;
pub mod content;
pub mod explanation;
pub mod message;
pub mod preference;
pub mod provider;
pub mod settings;
pub mod stats;
pub mod suppression;
pub mod template;
pub mod timeline;
