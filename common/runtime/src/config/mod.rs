//! Every setting, typed, read in one place. Each function reads the sections it needs, and all problems are named at once.

mod domains;
mod mail;
mod portal;
mod reader;
mod webhook;

use std::time::Duration;

use tenantry_secrets::Sealer;
use tenantry_store::{Clock, Db, DbOptions, DbRole};
use tenantry_workflows::tenant_onboarding::Credential;

pub use self::domains::{Domains, Edition, domains, edition};
pub use self::mail::{Mail, mail};
pub use self::portal::{
    ClusterAccess, GitOps, PortalCluster, PortalLooks, PortalNames, portal_cluster, portal_looks, portal_names,
    portal_page,
};
pub use self::reader::{ConfigError, Environment, Reader};
pub use self::webhook::{LifecycleWebhook, lifecycle_webhook, webhook_loopback};

/// `DATABASE_URL` (secret), `DATABASE_CONNECTIONS` (1 to 100; 4), `DATABASE_PATIENCE_SECONDS` (5), `HINT_PATIENCE_SECONDS`
/// (1 to 3600; 60).
pub async fn database(read: &mut Reader, role: DbRole) -> Db {
    let options = DbOptions {
        url: read.secret("DATABASE_URL").await,
        max_connections: read.number("DATABASE_CONNECTIONS", 4, 1..=100),
        patience: read.seconds("DATABASE_PATIENCE_SECONDS", 5, 1..=60),
        role,
        hint_patience: read.seconds("HINT_PATIENCE_SECONDS", 60, 1..=3600),
    };
    Db::new(&options, Clock::default()).unwrap_or_else(|_| {
        read.problem("DATABASE_URL", "is not a URL like postgres://user:password@host:5432/database");
        Db::nowhere()
    })
}

/// How long a command may be in one worker's hands. A worker that dies is waited for this long and no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `OPERATION_SECONDS` (1 to 900; 900): no operation takes longer, whatever it allows itself. One that must not be
    /// run twice and is cut off has an unknown outcome.
    pub operation: Duration,
    /// `ANSWER_SECONDS` (1 to 300; 30): how much longer a lease lasts, to write the answer.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { operation: Duration::from_secs(900), answer: Duration::from_secs(30) }
    }
}

/// Reads [`Limits`].
pub fn limits(read: &mut Reader) -> Limits {
    let usual = Limits::default();
    Limits {
        operation: read.seconds("OPERATION_SECONDS", usual.operation.as_secs(), 1..=900),
        answer: read.seconds("ANSWER_SECONDS", usual.answer.as_secs(), 1..=300),
    }
}

/// `QUEUE_PREFIX` (`tenantry-`): a function's queue is the prefix and its name.
pub fn queue_prefix(read: &mut Reader) -> String {
    read.text("QUEUE_PREFIX").unwrap_or_else(|| "tenantry-".to_owned())
}

/// `SEALING_KEYS` (secret): one or more times 32 bytes in base64, the newest first.
pub async fn sealer(read: &mut Reader) -> Option<Sealer> {
    let keys = read.secret("SEALING_KEYS").await;
    match Sealer::new(&keys) {
        Ok(sealer) => Some(sealer),
        Err(error) => {
            read.problem("SEALING_KEYS", error);
            None
        }
    }
}

/// How administrators get in, and what a new tenant starts with.
#[derive(Debug, Clone)]
pub struct Onboarding {
    /// `CREDENTIAL`: `password` (usual) or `invite`.
    pub credential: Credential,
    /// `TEMPORARY_PASSWORD_HOURS` (1 to 720; 72): how long a temporary password or an invitation is good.
    pub credential_lasts: Duration,
    /// `PASSWORD_HASH_COST` (4 to 16; 12): bcrypt's cost; each one more doubles the time.
    pub hash_cost: u32,
    /// `IMPORT_AT_ONCE` (1 to 500; 20): how many onboardings of one imported file are under way at a time.
    pub imports_at_once: u32,
    /// `PORTAL_ZONE`: the zone of the portal hosts.
    pub portal_zone: String,
    /// `EMAIL_TENANT_FROM_PATTERN`: the address a tenant's mail comes from, with `{tenant}` for its slug.
    pub from_pattern: String,
    /// `LOGIN_URL_PATTERN`: with `{host}` for the portal host.
    pub login_url: String,
    /// `INVITE_URL_PATTERN`: with `{host}` and `{token}`.
    pub invite_url: String,
}

/// Reads [`Onboarding`].
pub fn onboarding(read: &mut Reader) -> Onboarding {
    Onboarding {
        credential: credential(read),
        credential_lasts: Duration::from_secs(3600 * read.number::<u64>("TEMPORARY_PASSWORD_HOURS", 72, 1..=720)),
        hash_cost: hash_cost(read),
        imports_at_once: read.number("IMPORT_AT_ONCE", 20, 1..=500),
        portal_zone: read.required("PORTAL_ZONE"),
        from_pattern: read.pattern("EMAIL_TENANT_FROM_PATTERN", None, &["{tenant}"]),
        login_url: read.pattern("LOGIN_URL_PATTERN", Some("https://{host}/login"), &["{host}"]),
        invite_url: read.pattern("INVITE_URL_PATTERN", Some("https://{host}/invite#{token}"), &["{token}"]),
    }
}

/// `CREDENTIAL`: `password` (usual) or `invite`.
pub fn credential(read: &mut Reader) -> Credential {
    match read.text("CREDENTIAL").as_deref() {
        None | Some("password") => Credential::Password,
        Some("invite") => Credential::Invite,
        Some(_) => {
            read.problem("CREDENTIAL", "must be password or invite");
            Credential::Password
        }
    }
}

/// `PASSWORD_HASH_COST` (4 to 16; 12): bcrypt's cost; each one more doubles the time.
pub fn hash_cost(read: &mut Reader) -> u32 {
    read.number("PASSWORD_HASH_COST", 12, 4..=16)
}

/// Who may use the API, and how often.
#[derive(Debug, Clone)]
pub struct Access {
    /// `OIDC_ISSUER`: whose tokens are accepted.
    pub issuer: String,
    /// `OIDC_AUDIENCE`: for whom they must be made.
    pub audience: String,
    /// `OIDC_JWKS_URL`: where the keys are, if the issuer's discovery document is not to be asked.
    pub jwks_url: Option<String>,
    /// `RATE_LIMIT_PER_MINUTE` (1 to 1,000,000; 600): requests of one caller.
    pub per_minute: u32,
}

/// Reads [`Access`].
pub fn access(read: &mut Reader) -> Access {
    Access {
        issuer: read.required("OIDC_ISSUER"),
        audience: read.required("OIDC_AUDIENCE"),
        jwks_url: read.text("OIDC_JWKS_URL"),
        per_minute: read.number("RATE_LIMIT_PER_MINUTE", 600, 1..=1_000_000),
    }
}
