//! Tokens of people: JWTs (RFC 7519, RFC 8725) of one OpenID Connect issuer.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};
use serde_json::{Map, Value};
use tenantry_store::Clock;
use url::Url;

use super::{
    caller::{NobodyError, Principal},
    claims::Claims,
    jwks::Jwks,
    provider::{Provider, is_safe},
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
    provider: Arc<Provider>,
    keys: Arc<Jwks>,
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
        let provider = Provider::new(options.issuer.clone(), clock.clone()).map_err(VerifierError::Http)?;
        let provider = Arc::new(provider);
        let keys = Arc::new(Jwks::new(provider.clone(), options.jwks_url.clone(), clock.clone()));
        Ok(Self { options, provider, keys, clock })
    }

    /// A verifier of the same issuer's tokens for another audience; they know the issuer's keys together. The console's
    /// checks ID tokens, whose audience is the console's own client id (OpenID Connect Core 1.0, section 2).
    ///
    /// # Errors
    /// [`VerifierError::Audience`].
    pub fn for_audience(&self, audience: &str) -> Result<Self, VerifierError> {
        if audience.is_empty() {
            return Err(VerifierError::Audience);
        }
        let options = OidcOptions { audience: audience.to_owned(), ..self.options.clone() };
        Ok(Self { options, provider: self.provider.clone(), keys: self.keys.clone(), clock: self.clock.clone() })
    }

    /// The identity provider itself.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// A problem for the caller: 401 for a token that is not good, 403 for a role within a tenant without a tenant,
    /// 503 when the issuer's keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Principal, Problem> {
        let claims = self.claims(token).await?;
        self.principal(&claims)
    }

    /// What an ID token says (OpenID Connect Core 1.0, section 3.1.3.7): as [`Verifier::claims`], made for the sign-in that
    /// sent this nonce, and, where it names the party that it was made for (`azp`), for this one.
    ///
    /// # Errors
    /// As [`Verifier::claims`].
    pub async fn id_token(&self, token: &str, nonce: &str) -> Result<Claims, Problem> {
        let claims = self.claims(token).await?;
        if !claims.nonce_is(nonce) {
            return Err(invalid("It was made for another sign-in."));
        }
        let several = claims.0.get("aud").and_then(Value::as_array).is_some_and(|audiences| audiences.len() > 1);
        let party = claims.0.get("azp").and_then(Value::as_str);
        match party {
            Some(party) if party == self.options.audience => Ok(claims),
            None if !several => Ok(claims),
            _ => Err(invalid("It was made for another party.")),
        }
    }

    /// What a token says whose signature, issuer, audience and time are good.
    ///
    /// # Errors
    /// A problem for the caller: 401 for a token that is not good, 503 when the issuer's keys cannot be had.
    pub async fn claims(&self, token: &str) -> Result<Claims, Problem> {
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
        Ok(Claims(claims))
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

    /// Who these claims are of: the tenant and the roles by the claims that this verifier reads them from.
    ///
    /// # Errors
    /// A problem for the caller: 401 for a subject or a tenant that cannot be used, 403 for a role within a tenant without a
    /// tenant.
    pub fn principal(&self, claims: &Claims) -> Result<Principal, Problem> {
        let (tenant, roles) = (claims.tenant(&self.options)?, claims.roles(&self.options));
        Principal::person(claims.subject(), tenant, roles).map_err(|nobody| match nobody {
            NobodyError::Subject => invalid("Its subject cannot be used."),
            NobodyError::Tenant => {
                let detail = format!(
                    "The token has no claim {:?} with a tenant's id, and no role of the platform either.",
                    self.options.tenant_claim
                );
                Problem::new(Code::TenantClaimMissing, detail)
            }
        })
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

pub(super) fn invalid(detail: &str) -> Problem {
    Problem::new(Code::TokenInvalid, detail).challenge(challenge("the token is not accepted"))
}

fn challenge(words: &str) -> String {
    format!(r#"Bearer realm="tenantry", error="invalid_token", error_description="{words}""#)
}

#[cfg(test)]
mod tests;
