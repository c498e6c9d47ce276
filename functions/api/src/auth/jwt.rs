//! Tokens of people: JWTs (RFC 7519, RFC 8725) of one OpenID Connect issuer.

use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};
use serde_json::{Map, Value};
use tenantry_model::{Role, TenantId};
use tenantry_store::{Clock, Scope};
use url::Url;

use super::{
    caller::{Identity, Principal},
    jwks::{Jwks, is_safe},
};
use crate::problem::{Code, Problem};

/// Signatures that only the issuer can make. `none` and the HMACs are not among them.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
/// How far the issuer's clock may be from ours, in seconds.
const LEEWAY: i64 = 30;

/// Whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct OidcOptions {
    /// The `iss` of every token; also where discovery begins.
    pub issuer: String,
    /// What must be in `aud`.
    pub audience: String,
    /// Where the keys are, for an issuer without discovery.
    pub jwks_url: Option<Url>,
    /// The claim with the tenant's id (`tenant`; Cognito: `custom:tenant`).
    pub tenant_claim: String,
    /// The claim with the roles (`roles`; Cognito: `cognito:groups`).
    pub roles_claim: String,
}

impl OidcOptions {
    /// An issuer and an audience, keys by discovery, claims `tenant` and `roles`.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            jwks_url: None,
            tenant_claim: "tenant".to_owned(),
            roles_claim: "roles".to_owned(),
        }
    }
}

/// Why a verifier cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum VerifierError {
    /// The issuer or the key URL cannot be trusted as written.
    #[error("{0:?} must be an https URL (http only on 127.0.0.1 or localhost)")]
    Url(String),
    /// No audience: any token of the issuer, made for anybody, would be let in.
    #[error("the audience is empty; name the one that your identity provider puts into tokens for this API")]
    Audience,
    /// No HTTP client, most often for want of root certificates.
    #[error("the HTTP client could not be made; check that this machine has root certificates")]
    Http(#[source] reqwest::Error),
}

/// Checks tokens.
pub struct Verifier {
    options: OidcOptions,
    keys: Jwks,
    clock: Clock,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verifier({})", self.options.issuer)
    }
}

impl Verifier {
    /// A verifier; the issuer is first asked for its keys when the first token comes.
    ///
    /// # Errors
    /// [`VerifierError`].
    pub fn new(options: OidcOptions, clock: Clock) -> Result<Self, VerifierError> {
        let issuer = options.issuer.parse::<Url>().ok().filter(is_safe);
        if issuer.is_none() {
            return Err(VerifierError::Url(options.issuer));
        }
        if let Some(url) = options.jwks_url.as_ref().filter(|url| !is_safe(url)) {
            return Err(VerifierError::Url(url.to_string()));
        }
        if options.audience.is_empty() {
            return Err(VerifierError::Audience);
        }
        let keys =
            Jwks::new(options.issuer.clone(), options.jwks_url.clone(), clock.clone()).map_err(VerifierError::Http)?;
        Ok(Self { options, keys, clock })
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// A problem for the caller: 401 for a token that is not good, 403 for a role within a tenant without a tenant,
    /// 503 when the issuer's keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Principal, Problem> {
        let header = decode_header(token).map_err(|_| invalid("It is not a signed token that we know how to read."))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(invalid("Its signature algorithm is not accepted; RS256, PS256, ES256 and EdDSA are."));
        }
        if header.crit.is_some_and(|names| !names.is_empty()) {
            return Err(invalid("It demands an extension that is not known here."));
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await.map_err(|why| {
            tracing::warn!(issuer = self.options.issuer, %why, "no keys to check a token with");
            Problem::new(Code::IssuerUnavailable, "The identity provider's keys could not be read.").after(5)
        })?;
        let key = key.ok_or_else(|| invalid("It is signed by a key that the identity provider does not have."))?;
        let claims = decode::<Map<String, Value>>(token, &key, &self.validation(header.alg))
            .map_err(|error| refusal(error.kind()))?
            .claims;
        self.check_times(&claims)?;
        self.principal(&claims)
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.options.issuer]);
        validation.set_audience(&[&self.options.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are checked by our own clock, below.
        validation.validate_exp = false;
        validation
    }

    fn check_times(&self, claims: &Map<String, Value>) -> Result<(), Problem> {
        let now = self.clock.now().unix_timestamp();
        let seconds = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
        let Some(end) = seconds("exp") else { return Err(invalid("It does not say when it ends.")) };
        if end.saturating_add(LEEWAY) <= now {
            let challenge = challenge("the token has expired");
            return Err(Problem::new(Code::TokenExpired, "The token's time is over.").challenge(challenge));
        }
        if claims.contains_key("nbf") && seconds("nbf").is_none_or(|begin| begin.saturating_sub(LEEWAY) > now) {
            return Err(invalid("Its time has not begun."));
        }
        Ok(())
    }

    fn principal(&self, claims: &Map<String, Value>) -> Result<Principal, Problem> {
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        if subject.is_empty() || subject.len() > 255 || subject.chars().any(char::is_control) {
            return Err(invalid("Its subject cannot be used."));
        }
        let roles: Vec<Role> = match claims.get(&self.options.roles_claim) {
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).filter_map(|name| name.parse().ok()).collect()
            }
            Some(Value::String(name)) => name.parse().ok().into_iter().collect(),
            _ => Vec::new(),
        };
        let tenant = match claims.get(&self.options.tenant_claim) {
            None | Some(Value::Null) => None,
            Some(claim) => Some(
                claim
                    .as_str()
                    .and_then(|text| text.parse::<TenantId>().ok())
                    .ok_or_else(|| invalid("Its tenant is not a tenant's id (ten_ and 32 hexadecimal digits)."))?,
            ),
        };
        let scope = match tenant {
            // An operator sees every tenant, also one who belongs to a tenant beside that.
            _ if roles.contains(&Role::PlatformOperator) => Scope::Platform,
            Some(tenant) => Scope::Tenant(tenant),
            None => {
                let detail = format!(
                    "The token has no claim {:?} with a tenant's id, and no role of the platform either.",
                    self.options.tenant_claim
                );
                return Err(Problem::new(Code::TenantClaimMissing, detail));
            }
        };
        let permissions: BTreeSet<_> = roles.iter().flat_map(|role| role.permissions()).copied().collect();
        Ok(Principal { identity: Identity::Person(subject.to_owned()), scope, roles, permissions })
    }
}

fn refusal(kind: &ErrorKind) -> Problem {
    invalid(match kind {
        ErrorKind::InvalidSignature => "Its signature is not the identity provider's.",
        ErrorKind::InvalidIssuer => "It was issued by somebody else.",
        ErrorKind::InvalidAudience => "It was made for another audience.",
        ErrorKind::MissingRequiredClaim(_) => "It lacks one of sub, iss, aud and exp.",
        _ => "It is not a signed token that we know how to read.",
    })
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::TokenInvalid, detail).challenge(challenge("the token is not accepted"))
}

fn challenge(words: &str) -> String {
    format!(r#"Bearer realm="tenantry", error="invalid_token", error_description="{words}""#)
}

#[cfg(test)]
mod tests;
