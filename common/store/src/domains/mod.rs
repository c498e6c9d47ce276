//! Sending domains that tenants bring: who claims which name, who has it at the provider, from which of them mail leaves.

mod activate;
mod add;
mod claim;
mod look;
mod pulse;
mod read;
mod remove;

pub use activate::{Activation, activate, fall_back};
pub use add::{Added, NewDomain, add_domain};
pub use claim::{Claim, Claimant, claim, created, lost};
pub use look::{DomainFacts, Looked, domain_of_provider, facts, known_at_provider, looked};
pub use pulse::{DomainPulse, pulse};
pub use read::{DomainFilter, DomainRow, domain, domain_named, domains};
pub use remove::{leaving, release, stop_sending};
