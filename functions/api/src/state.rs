//! What the router works with.

use std::{sync::Arc, time::Duration};

use tenantry_fetch::Guarded;
use tenantry_runtime::Hints;
use tenantry_secrets::Sealer;
use tenantry_store::{Db, platform::Rate};
use tenantry_workflows::tenant_onboarding::Credential;

use crate::{DomainState, EventState, MailState, PortalState, auth::Verifier};

/// What the API is made of. Cloning is cheap.
#[derive(Clone)]
pub struct ApiState {
    /// The database, in the role `Api`: every transaction says for whom it speaks.
    pub db: Db,
    /// Where hints go after a commit.
    pub hints: Arc<dyn Hints>,
    /// Who checks the tokens of people.
    pub verifier: Arc<Verifier>,
    /// Opens temporary passwords.
    pub sealer: Sealer,
    /// How much a caller may ask.
    pub limits: Limits,
    /// How tenants are onboarded here.
    pub onboarding: Onboarding,
    /// How mail is sent here.
    pub mail: MailState,
    /// Who may tell us what became of it.
    pub events: EventState,
    /// How tenants bring domains of their own here.
    pub domains: DomainState,
    /// Which hostnames tenants may set for their portals here.
    pub portal: PortalState,
    /// Which URLs may be webhook endpoints here.
    pub webhooks: Guarded,
}

/// How much a caller may ask.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests of one person or key.
    pub caller: Rate,
    /// Requests without credentials that cost us work, from one address.
    pub stranger: Rate,
    /// The largest body, in bytes.
    pub body: usize,
}

impl Default for Limits {
    /// 600 requests a minute for a caller, 10 for a stranger, bodies of 6 MiB (what Lambda takes).
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self {
            caller: Rate { quota: 600, window: minute },
            stranger: Rate { quota: 10, window: minute },
            body: 6 * 1024 * 1024,
        }
    }
}

/// How tenants are onboarded here.
#[derive(Debug, Clone, Copy)]
pub struct Onboarding {
    /// How a new administrator gets in.
    pub credential: Credential,
    /// The cost of bcrypt (2 to the power of it rounds) for a password chosen with an invitation.
    pub bcrypt_cost: u32,
}

impl Default for Onboarding {
    fn default() -> Self {
        Self { credential: Credential::Password, bcrypt_cost: 12 }
    }
}
