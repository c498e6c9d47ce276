//! What a token says, and the ways in which one can be wrong.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Who the token is for. `iss`, `iat`, `exp` and, unless given here, `aud` are the issuer's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Claims {
    /// The person or machine.
    pub sub: String,
    /// The tenant's id; absent for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The roles, for instance `operator` or `tenant-admin`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// What people call them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Another audience than the issuer's own.
    #[serde(default, rename = "aud", skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// How long it is good for; an hour unless said otherwise.
    #[serde(skip)]
    pub valid_for: Option<Duration>,
}

impl Claims {
    /// Claims of this subject, with no tenant and no role.
    pub fn of(sub: impl Into<String>) -> Claims {
        Claims { sub: sub.into(), ..Claims::default() }
    }

    /// Belongs to this tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Claims {
        self.tenant = Some(tenant.into());
        self
    }

    /// Has this role too.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Claims {
        self.roles.push(role.into());
        self
    }

    /// Has this e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Claims {
        self.email = Some(email.into());
        self
    }

    /// Is good for this long.
    #[must_use]
    pub fn valid_for(mut self, time: Duration) -> Claims {
        self.valid_for = Some(time);
        self
    }
}

/// A token nobody may accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It expired an hour ago.
    Expired,
    /// It becomes valid in an hour (`nbf`).
    NotYetValid,
    /// It is for another audience.
    OtherAudience,
    /// It names another issuer.
    OtherIssuer,
    /// It is signed by another key, under the name of the issuer's.
    OtherKey,
    /// It is signed by a key nobody knows, under that key's name.
    UnknownKey,
    /// It is not signed: `alg` is `none`.
    Unsigned,
    /// It is signed with HMAC, the public key being the secret: the classic confusion of algorithms.
    ConfusedAlgorithm,
    /// It was changed after it was signed: it claims one more role.
    Tampered,
}

impl Flaw {
    /// All of them, for a test that tries each.
    pub const ALL: [Flaw; 9] = [
        Flaw::Expired,
        Flaw::NotYetValid,
        Flaw::OtherAudience,
        Flaw::OtherIssuer,
        Flaw::OtherKey,
        Flaw::UnknownKey,
        Flaw::Unsigned,
        Flaw::ConfusedAlgorithm,
        Flaw::Tampered,
    ];
}

/// A sign-in that goes wrong once somebody has been chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInFlaw {
    /// The person may not: the answer is `error=access_denied`.
    Refused,
    /// The answer carries another `state`.
    OtherState,
    /// The answer comes in another issuer's name (`iss`, RFC 9207).
    OtherIssuer,
    /// The code is worth nothing any more.
    ExpiredCode,
    /// The ID token carries another `nonce`.
    OtherNonce,
    /// The ID token carries no `nonce`.
    NoNonce,
    /// There is an access token, and no ID token.
    NoIdToken,
    /// The ID token has this flaw.
    IdToken(Flaw),
    /// The code cannot be exchanged: the answer is 503, and not in JSON.
    Down,
}
