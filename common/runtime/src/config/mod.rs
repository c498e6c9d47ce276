//! Every setting, typed, read in one place. Each function reads the sections it needs, and all problems are named at once.

mod reader;

use std::time::Duration;

use tenantry_model::EmailAddress;
use tenantry_provider::{Credentials, ProviderConfig, SmtpConfig, Tls};
use tenantry_secrets::Sealer;
use tenantry_store::{Clock, Db, DbOptions, DbRole};
use tenantry_workflows::tenant_onboarding::Credential;

pub use self::reader::{ConfigError, Environment, Reader};

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

/// Who mail comes from, and what carries it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The provider.
    pub provider: ProviderConfig,
    /// `EMAIL_FROM`: the platform's own address.
    pub from: EmailAddress,
    /// `EMAIL_FROM_NAME`: the platform's name (`Tenantry`).
    pub from_name: String,
    /// `SUPPORT_EMAIL`: where users may ask; none is fine.
    pub support: Option<EmailAddress>,
    /// `OPERATOR_EMAIL`: who is told when a person is needed; none is fine.
    pub operators: Option<EmailAddress>,
    /// `CONSOLE_URL`: where tasks are answered; needed where operators are told of them.
    pub console_url: String,
}

/// Reads [`Mail`]: `EMAIL_PROVIDER` (`smtp`, or `discard`, which accepts everything and sends nothing), `EMAIL_HOST`,
/// `EMAIL_PORT` (587), `EMAIL_USERNAME`, `EMAIL_PASSWORD` (secret), `EMAIL_TLS` (`implicit`, `starttls`, `none`),
/// `EMAIL_CA_FILE` (PEM), `EMAIL_CONNECTIONS` (1 to 100; 4). `SMTP_HOST`, `SMTP_PORT`, `SMTP_USER`, `SMTP_PASS` and
/// `SMTP_FROM` are older names of the same.
pub async fn mail(read: &mut Reader) -> Mail {
    let provider = match read.text("EMAIL_PROVIDER").as_deref() {
        None | Some("smtp") => ProviderConfig::Smtp(smtp(read).await),
        Some("discard") => ProviderConfig::Discard,
        Some(_) => {
            read.problem("EMAIL_PROVIDER", "must be smtp or discard");
            ProviderConfig::Discard
        }
    };
    let from = read.address(&["EMAIL_FROM", "SMTP_FROM"]);
    if from.is_none() {
        read.problem("EMAIL_FROM", "is not set; it is the address that mail of the platform comes from");
    }
    let operators = read.address(&["OPERATOR_EMAIL"]);
    let console_url = if operators.is_some() { read.required("CONSOLE_URL") } else { String::new() };
    Mail {
        provider,
        // Never used when missing: the problem above ends the start.
        from: from.unwrap_or_else(nobody),
        from_name: read.text("EMAIL_FROM_NAME").unwrap_or_else(|| "Tenantry".to_owned()),
        support: read.address(&["SUPPORT_EMAIL"]),
        operators,
        console_url,
    }
}

async fn smtp(read: &mut Reader) -> SmtpConfig {
    let host = read.first_of(&["EMAIL_HOST", "SMTP_HOST"]).unwrap_or_else(|| {
        read.problem("EMAIL_HOST", "is not set; it is the SMTP server that mail leaves through");
        String::new()
    });
    let port_name =
        if read.text("EMAIL_PORT").is_none() && read.text("SMTP_PORT").is_some() { "SMTP_PORT" } else { "EMAIL_PORT" };
    let mut smtp = SmtpConfig::new(host, read.number(port_name, 587, 1..=65535));
    let username = read.first_of(&["EMAIL_USERNAME", "SMTP_USER"]);
    let password = match read.find_secret("EMAIL_PASSWORD").await {
        None => read.find_secret("SMTP_PASS").await,
        found => found,
    };
    smtp.credentials = match (username, password) {
        (Some(username), Some(password)) => Some(Credentials { username, password }),
        (None, None) => None,
        (Some(_), None) => {
            read.problem("EMAIL_PASSWORD", "is not set, and EMAIL_USERNAME is");
            None
        }
        (None, Some(_)) => {
            read.problem("EMAIL_USERNAME", "is not set, and EMAIL_PASSWORD is");
            None
        }
    };
    match read.text("EMAIL_TLS").as_deref() {
        None => {}
        Some("implicit") => smtp.tls = Tls::Implicit,
        Some("starttls") => smtp.tls = Tls::StartTls,
        Some("none") => smtp.tls = Tls::None,
        Some(_) => read.problem("EMAIL_TLS", "must be implicit, starttls or none"),
    }
    if let Some(file) = read.text("EMAIL_CA_FILE") {
        match std::fs::read_to_string(&file) {
            Ok(pem) => smtp.extra_roots_pem = Some(pem),
            Err(error) => read.problem("EMAIL_CA_FILE", format!("cannot be read: {error}")),
        }
    }
    smtp.max_connections = read.number("EMAIL_CONNECTIONS", smtp.max_connections, 1..=100);
    smtp
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

#[allow(clippy::unwrap_used, reason = "a constant that is an address")]
fn nobody() -> EmailAddress {
    "nobody@invalid.example".parse().unwrap()
}
