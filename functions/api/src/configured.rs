//! The API as the settings say.

use std::{sync::Arc, time::Duration};

use tenantry_fetch::Guarded;
use tenantry_runtime::{
    Hints,
    config::{self, Reader},
};
use tenantry_store::{Db, platform::Rate};

use crate::{
    ApiState, DomainState, EventState, Limits, MailState, Onboarding, PortalState,
    auth::{OidcOptions, Verifier},
};

/// The API's state, as the settings say; none, and what is wrong left in `read`, when they are not usable.
///
/// Reads the sections `access`, `sealer`, `credential`, `hash_cost`, `mail` and `webhook_loopback` of [`config`], and `OIDC_TENANT_CLAIM` (`tenant`)
/// and `OIDC_ROLES_CLAIM` (`roles`), the claims of an issuer that calls them otherwise; and what [`EventState`], [`DomainState`]
/// and [`PortalState`] name.
pub async fn configured(read: &mut Reader, db: Db, hints: Arc<dyn Hints>) -> Option<ApiState> {
    let access = config::access(read);
    let onboarding = Onboarding { credential: config::credential(read), bcrypt_cost: config::hash_cost(read) };
    let sealer = config::sealer(read).await;
    let mut oidc = OidcOptions::new(access.issuer, access.audience);
    oidc.jwks_url = match access.jwks_url.map(|url| url.parse()).transpose() {
        Ok(url) => url,
        Err(error) => {
            read.problem("OIDC_JWKS_URL", format!("is not a URL: {error}"));
            None
        }
    };
    oidc.tenant_claim = read.text("OIDC_TENANT_CLAIM").unwrap_or(oidc.tenant_claim);
    oidc.roles_claim = read.text("OIDC_ROLES_CLAIM").unwrap_or(oidc.roles_claim);
    let verifier = match Verifier::new(oidc, db.clock().clone()) {
        Ok(verifier) => Arc::new(verifier),
        Err(error) => {
            read.problem("OIDC_ISSUER", format!("cannot be used: {error}"));
            return None;
        }
    };
    let caller = Rate { quota: access.per_minute, window: Duration::from_secs(60) };
    let limits = Limits { caller, ..Limits::default() };
    let sealer = sealer?;
    let mail = MailState::configured(read, &sealer).await?;
    let events = EventState::configured(read).await;
    let domains = DomainState::configured(read, &mail, &sealer);
    let portal = PortalState::configured(read, &mail, &domains);
    let webhooks = if config::webhook_loopback(read) { Guarded::with_loopback() } else { Guarded::new() };
    let webhooks = webhooks.map_err(|error| read.problem("WEBHOOK_LOOPBACK", error)).ok()?;
    Some(ApiState { db, hints, verifier, sealer, limits, onboarding, mail, events, domains, portal, webhooks })
}
