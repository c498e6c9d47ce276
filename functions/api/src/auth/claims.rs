//! What a good token says.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde_json::{Map, Value};
use tenantry_model::{Role, TenantId};

use super::jwt::{OidcOptions, invalid};
use crate::problem::Problem;

/// The claims of a token whose signature, issuer, audience and time are good.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(pub(super) Map<String, Value>);

impl Claims {
    /// A claim that is text; none where it is missing, empty or something else.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The person: `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// Whether the token was made for the sign-in that sent this nonce; compared in constant time.
    #[must_use]
    pub fn nonce_is(&self, nonce: &str) -> bool {
        self.text("nonce").is_some_and(|claim| verify_slices_are_equal(claim.as_bytes(), nonce.as_bytes()).is_ok())
    }

    /// The roles; names that mean nothing here are left out.
    pub(super) fn roles(&self, options: &OidcOptions) -> Vec<Role> {
        match self.0.get(&options.roles_claim) {
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).filter_map(|name| name.parse().ok()).collect()
            }
            Some(Value::String(name)) => name.parse().ok().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The tenant; one that is not a tenant's id is refused.
    pub(super) fn tenant(&self, options: &OidcOptions) -> Result<Option<TenantId>, Problem> {
        match self.0.get(&options.tenant_claim) {
            None | Some(Value::Null) => Ok(None),
            Some(claim) => match claim.as_str().and_then(|text| text.parse().ok()) {
                Some(tenant) => Ok(Some(tenant)),
                None => Err(invalid("Its tenant is not a tenant's id (ten_ and 32 hexadecimal digits).")),
            },
        }
    }
}
