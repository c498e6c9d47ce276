//! Which address, which domain, which provider: decided purely, with every reason.

mod decide;
mod decision;
mod from;
mod pick;
mod sender;

pub use self::{
    decide::{Again, Asked, route},
    decision::{Decision, Reason, Route},
    from::may_send_as,
    pick::{Available, Capabilities, ProviderView},
    sender::{CustomDomain, DomainTier, Sender, TenantStatus, Tier},
};
