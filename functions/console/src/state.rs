//! What the pages work with.

use std::sync::Arc;

use axum::Router;
use tenantry_secrets::Sealer;
use tenantry_store::Clock;
use url::Url;

use crate::sign_in::SignIn;

/// The console. Cloning is cheap.
#[derive(Clone)]
pub struct Console {
    /// The API's router, called in this process for whoever is signed in.
    pub(crate) api: Router,
    /// Seals sessions.
    pub(crate) sealer: Sealer,
    /// The identity provider.
    pub(crate) sign_in: Arc<SignIn>,
    /// Where people find the console: the scheme decides whether cookies are `Secure`.
    pub(crate) url: Arc<Url>,
    /// What time it is.
    pub(crate) clock: Clock,
}
