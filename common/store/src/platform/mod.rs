//! What the API needs around the workflows.

mod api_key;
mod audit;
mod chains;
mod idempotency;
mod rate;

pub use api_key::{ApiKeyRow, KeyUse, NewApiKey, api_key, api_keys, create_api_key, revoke_api_key, use_api_key};
pub use audit::{AuditEntry, AuditFilter, AuditRow, append_audit, audit, broken_audit};
pub use chains::{ChainRow, audit_chains, audit_since};
pub use idempotency::{Replay, Reply, begin_idempotent, keep_reply};
pub use rate::{Rate, Taken, take};
