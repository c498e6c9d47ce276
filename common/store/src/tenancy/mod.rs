//! What onboarding writes, and what people read of tenants.

mod admin;
mod change;
mod create;
mod credential;
mod invitation;
mod people;
mod read;
mod remove;
mod settings;
mod status;

pub use admin::{NewAdmin, correct_address, create_admin};
pub use change::{Rewrite, note_change, rewrite, who_has_address};
pub use create::{NewTenant, create_tenant};
pub use credential::{Revealed, mailed, renew_password, reveal};
pub use invitation::{Accepted, accept_invitation, invite};
pub use people::{Belongs, administrators};
pub use read::{Recipient, TenantFilter, TenantRow, recipient, tenant, tenants};
pub use remove::{remove_admin, remove_settings, remove_tenant};
pub use settings::{Defaults, set_up};
pub use status::{lock_tenant, standing, suspend, unsuspend};
