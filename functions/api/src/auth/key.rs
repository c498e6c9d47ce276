//! API keys: `tk_` and 256 random bits. Only their SHA-256 is stored, so looking one up compares no secret.

use aws_lc_rs::{digest, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tenantry_model::Permission;
use tenantry_store::{Scope, platform::use_api_key};

use super::caller::{Identity, Principal};
use crate::{
    error::Result,
    problem::{Code, Problem},
    state::ApiState,
};

/// What every key begins with, so that a leaked one is recognised.
pub(crate) const PREFIX: &str = "tk_";

/// A secret of 256 random bits, in base64url, behind `prefix`.
pub(crate) fn fresh_secret(prefix: &str) -> Result<String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)
        .map_err(|_| Problem::new(Code::InternalError, "The system has no randomness; nothing was made."))?;
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// What is stored of a secret.
pub(crate) fn hash_of(secret: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
    hash
}

/// Who presents this key.
pub(crate) async fn principal(state: &ApiState, secret: &str) -> Result<Principal> {
    // What cannot be a key costs no look into the database.
    let bits = secret.strip_prefix(PREFIX).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    if bits.is_none_or(|bits| bits.len() != 32) {
        return Err(refused("It is not a key of ours: those are tk_ and 43 characters.").into());
    }
    let Some(key) = use_api_key(&state.db, &hash_of(secret)).await? else {
        return Err(refused("No such key is known here.").into());
    };
    if key.revoked_at.is_some() {
        return Err(refused("The key was revoked.").into());
    }
    if key.expires_at.is_some_and(|end| end <= state.db.clock().now()) {
        return Err(refused("The key has expired.").into());
    }
    // A permission that a newer version has written is one this version does not give.
    let permissions = key.permissions.iter().filter_map(|name| name.parse::<Permission>().ok()).collect();
    let scope = key.tenant.map_or(Scope::Platform, Scope::Tenant);
    Ok(Principal { identity: Identity::Key(key.id), scope, roles: Vec::new(), permissions })
}

fn refused(detail: &str) -> Problem {
    Problem::new(Code::KeyInvalid, detail).challenge(r#"Bearer realm="tenantry", error="invalid_token""#)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_fresh_secret_is_256_bits_and_never_the_same() {
        let (one, two) = (fresh_secret(PREFIX).unwrap(), fresh_secret(PREFIX).unwrap());
        assert_eq!(one.len(), 3 + 43);
        assert_ne!(one, two);
        assert_ne!(hash_of(&one), hash_of(&two));
    }
}
