//! Who is asking.

use std::{collections::BTreeSet, convert::Infallible};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use tenantry_model::{ApiKeyId, Permission, Role, TenantId};
use tenantry_store::{Scope, platform::AuditEntry};

use crate::{
    call::Call,
    error::not_found,
    problem::{Code, Problem},
};

/// How somebody has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A person, by a token; the token's `sub`.
    Person(String),
    /// A machine, by an API key.
    Key(ApiKeyId),
}

/// Somebody whose credentials were good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub identity: Identity,
    /// For whom their transactions speak.
    pub scope: Scope,
    /// A person's roles; a key has none.
    pub roles: Vec<Role>,
    /// What they may do.
    pub permissions: BTreeSet<Permission>,
}

/// Why nobody can act as a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NobodyError {
    /// The subject is empty, longer than 255 bytes, or holds a control character.
    #[error("the subject cannot be used")]
    Subject,
    /// Neither a tenant, nor a role of the platform: a role within a tenant means nothing without the tenant.
    #[error("there is neither a tenant nor a role of the platform")]
    Tenant,
}

impl Principal {
    /// A person of these roles: the one place where roles become permissions, whether a token or a session tells them.
    ///
    /// # Errors
    /// [`NobodyError`].
    pub fn person(subject: &str, tenant: Option<TenantId>, roles: Vec<Role>) -> Result<Self, NobodyError> {
        if subject.is_empty() || subject.len() > 255 || subject.chars().any(char::is_control) {
            return Err(NobodyError::Subject);
        }
        let scope = match tenant {
            // An operator sees every tenant, also one who belongs to a tenant beside that.
            _ if roles.contains(&Role::PlatformOperator) => Scope::Platform,
            Some(tenant) => Scope::Tenant(tenant),
            None => return Err(NobodyError::Tenant),
        };
        let permissions = roles.iter().flat_map(|role| role.permissions()).copied().collect();
        Ok(Self { identity: Identity::Person(subject.to_owned()), scope, roles, permissions })
    }

    /// The name in the audit log: a person's subject, or a key's id.
    #[must_use]
    pub fn actor(&self) -> String {
        match &self.identity {
            Identity::Person(subject) => subject.clone(),
            Identity::Key(id) => id.to_string(),
        }
    }

    /// What their rate of requests is counted under; people of two tenants never share it.
    #[must_use]
    pub fn rate_key(&self) -> String {
        let kind = if matches!(self.identity, Identity::Key(_)) { "key" } else { "person" };
        format!("api:{kind}:{}:{}", self.scope.key(), self.actor())
    }

    /// The tenant they belong to; none for the platform's people and keys.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        match self.scope {
            Scope::Platform => None,
            Scope::Tenant(tenant) => Some(tenant),
        }
    }
}

/// Somebody who is known already, put beside a request **as an extension** by a part of this process: the console, which asks
/// the API's router in the name of whoever is signed in. It stands in for the headers with credentials, which are then not read.
///
/// An extension is a value of this process's memory. Nothing that comes over a network can become one: not a header, not a
/// query, not a body, and neither the server nor Lambda's adapter makes one of this type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted(pub Principal);

/// Somebody asking something.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) principal: Principal,
    /// In which request.
    pub(crate) call: Call,
}

impl Caller {
    pub(crate) fn scope(&self) -> Scope {
        self.principal.scope
    }

    pub(crate) fn actor(&self) -> String {
        self.principal.actor()
    }

    /// Refused, with the permission's name, unless the caller has it.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.principal.permissions.contains(&permission) {
            return Ok(());
        }
        let challenge = format!(r#"Bearer realm="tenantry", error="insufficient_scope", scope="{permission}""#);
        let detail = format!("This needs the permission {permission}, and {} does not have it.", self.actor());
        Err(Problem::new(Code::PermissionMissing, detail).challenge(challenge))
    }

    /// Refused unless the caller speaks for the platform.
    pub(crate) fn require_platform(&self) -> Result<(), Problem> {
        match self.scope() {
            Scope::Platform => Ok(()),
            Scope::Tenant(_) => {
                let detail = "Whoever belongs to a tenant cannot do this, whatever their permissions.";
                Err(Problem::new(Code::PlatformOnly, detail))
            }
        }
    }

    /// The tenant that `asked` names, if the caller may speak of it: another tenant's is not there.
    pub(crate) fn tenant_or_own(&self, asked: Option<TenantId>) -> Result<Option<TenantId>, Problem> {
        match (self.scope(), asked) {
            (Scope::Platform, asked) => Ok(asked),
            (Scope::Tenant(own), None) => Ok(Some(own)),
            (Scope::Tenant(own), Some(asked)) if own == asked => Ok(Some(own)),
            (Scope::Tenant(_), Some(_)) => Err(not_found("tenant")),
        }
    }

    /// A line of the audit log, to be appended by [`crate::write::audit`].
    pub(crate) fn did<'a>(&'a self, actor: &'a str, action: &'a str, subject: &'a str) -> AuditEntry<'a> {
        AuditEntry { actor, action, subject, request_id: Some(&self.call.request_id), ..AuditEntry::default() }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(call): Result<_, Infallible> = Call::from_request_parts(parts, state).await;
        // Only a route outside the authenticated ones comes here without; it stays shut.
        let principal = parts.extensions.get::<Principal>().cloned().ok_or_else(|| {
            tracing::error!(status = %StatusCode::UNAUTHORIZED, "a route asks for a caller and is not authenticated");
            Problem::new(Code::Unauthenticated, "This route needs credentials.")
        })?;
        Ok(Self { principal, call })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn roles_become_permissions_and_an_operator_speaks_for_the_platform() {
        let tenant = TenantId::new();
        let member = Principal::person("ada", Some(tenant), vec![Role::TenantMember]).unwrap();
        assert_eq!((member.scope, member.permissions), (Scope::Tenant(tenant), [Permission::TenantsRead].into()));
        let both = Principal::person("ada", Some(tenant), vec![Role::TenantMember, Role::PlatformOperator]).unwrap();
        assert_eq!((both.scope, both.permissions.len()), (Scope::Platform, Permission::ALL.len()));
        let nothing = Principal::person("ada", Some(tenant), Vec::new()).unwrap();
        assert_eq!((nothing.scope, nothing.permissions), (Scope::Tenant(tenant), BTreeSet::new()));
    }

    #[test]
    fn a_role_within_a_tenant_without_a_tenant_and_an_odd_subject_are_nobody() {
        let nobody = |subject: &str, roles| Principal::person(subject, None, roles).unwrap_err();
        assert_eq!(nobody("ada", vec![Role::TenantAdmin]), NobodyError::Tenant);
        assert_eq!(nobody("ada", Vec::new()), NobodyError::Tenant);
        for subject in ["", "a\nb", &"x".repeat(256)] {
            assert_eq!(nobody(subject, vec![Role::PlatformOperator]), NobodyError::Subject, "{subject:?}");
        }
    }
}
