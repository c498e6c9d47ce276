//! Who is signed in.

use api::auth::{NobodyError, Principal};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::{Deserialize, Serialize};
use tenantry_model::{Permission, Role, TenantId};

use crate::came::Came;

/// A person who is signed in, as the identity provider has said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    /// The identity provider's name for them (`sub`); the actor in the audit log.
    pub(crate) subject: String,
    /// What the page calls them: a name, or an address.
    pub(crate) name: String,
    /// The tenant that they belong to; none for the platform's people.
    pub(crate) tenant: Option<TenantId>,
    /// What they are.
    pub(crate) roles: Vec<Role>,
    /// What every form of this session carries, so that no other site can send one in their name.
    pub(crate) csrf: String,
    /// From where they ask at this moment; not part of their session.
    #[serde(skip)]
    pub(crate) came: Came,
}

impl Person {
    /// As the API knows them.
    ///
    /// # Errors
    /// They belong to no tenant and have no role of the platform, or have no name that can be used.
    pub(crate) fn principal(&self) -> Result<Principal, NobodyError> {
        Principal::person(&self.subject, self.tenant, self.roles.clone())
    }

    /// Whether they run the platform.
    pub(crate) fn is_operator(&self) -> bool {
        self.roles.contains(&Role::PlatformOperator)
    }

    /// Whether one of their roles allows it. Only decides what is shown: the API decides what is done.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.permissions().contains(&permission))
    }

    /// Whether this is the session's token; compared in constant time.
    pub(crate) fn csrf_is(&self, given: &str) -> bool {
        !given.is_empty() && verify_slices_are_equal(self.csrf.as_bytes(), given.as_bytes()).is_ok()
    }
}
