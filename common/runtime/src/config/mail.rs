//! Mail: who it comes from, what carries it, and how much.

use std::{collections::BTreeMap, time::Duration};

use tenantry_model::EmailAddress;
use tenantry_provider::{Credentials, DomainPattern, ProviderConfig, ResendConfig, SesConfig, SmtpConfig, Tls};
use tenantry_store::{platform::Rate, runs::LaneLimits};

use super::Reader;

/// Who mail comes from, what carries it, and how much.
#[derive(Debug, Clone)]
pub struct Mail {
    /// `EMAIL_ENABLE` (on): off, messages are recorded as suppressed, and nothing leaves.
    pub enabled: bool,
    /// `EMAIL_PROVIDER`: what carries it.
    pub provider: ProviderConfig,
    /// `EMAIL_FALLBACK_PROVIDER`: what carries it when the first cannot.
    pub fallback: Option<ProviderConfig>,
    /// `EMAIL_FROM`: the platform's own address.
    pub from: EmailAddress,
    /// `EMAIL_FROM_NAME`: the platform's name (`Tenantry`).
    pub from_name: String,
    /// `EMAIL_TENANT_SUBDOMAIN_PATTERN`: a tenant's own domain at the platform (`{tenant}.` and the domain of `EMAIL_FROM`).
    pub subdomain: String,
    /// `SUPPORT_EMAIL`: where users may ask; none is fine.
    pub support: Option<EmailAddress>,
    /// `OPERATOR_EMAIL`: who is told when a person is needed; none is fine.
    pub operators: Option<EmailAddress>,
    /// `CONSOLE_URL`: where tasks are answered and tenants look at what is theirs; needed where operators are told of tasks. Empty:
    /// there is none.
    pub console_url: String,
    /// `PUBLIC_URL`: where recipients reach the API, for links to unsubscribe; none: mail has no such link.
    pub public_url: Option<String>,
    /// `EMAIL_BODY_DAYS` (1 to 3650; 30): how long the words of a message are kept.
    pub retention: Duration,
    /// `EMAIL_TENANT_PER_MINUTE` (0 to 1,000,000; 60; 0: no limit), `EMAIL_TENANT_PER_DAY` (0 to 100,000,000; 0: no limit).
    pub lanes: LaneLimits,
    /// `EMAIL_RATE_PER_SECOND`, `RESEND_RATE_PER_SECOND`, `SES_RATE_PER_SECOND` (0 to 10,000; 0: no limit): requests to each
    /// account, by the provider's name.
    pub rates: BTreeMap<&'static str, Rate>,
    /// `EMAIL_PATIENCE_SECONDS` (0 to 86,400; 300): how long a message rather waits for a busy provider than takes the fallback.
    pub patience: Duration,
    /// `EMAIL_BATCH` (1 to 100; 20): how many messages one turn takes. As many may have an unknown outcome after a crash.
    pub batch: u32,
}

/// Reads [`Mail`]. `EMAIL_PROVIDER` and `EMAIL_FALLBACK_PROVIDER` are `smtp`, `resend`, `ses`, or `discard`, which accepts
/// everything and sends nothing.
///
/// smtp: `EMAIL_HOST`, `EMAIL_PORT` (587), `EMAIL_USERNAME`, `EMAIL_PASSWORD` (secret), `EMAIL_TLS` (`implicit`, `starttls`, `none`),
/// `EMAIL_CA_FILE` (PEM), `EMAIL_CONNECTIONS` (1 to 100; 4). `SMTP_HOST`, `SMTP_PORT`, `SMTP_USER`, `SMTP_PASS` and `SMTP_FROM` are
/// older names of the same.
///
/// resend: `RESEND_API_KEY` (secret), `RESEND_BASE_URL`, `RESEND_VERIFIED_DOMAINS` (separated by commas, `*.example.com` for
/// subdomains), `RESEND_DEFAULT_DOMAIN`.
///
/// ses: `SES_REGION` (the environment's), `SES_CONFIGURATION_SET`, `SES_VERIFIED_DOMAINS`; credentials and endpoint come from where
/// AWS's clients look for them.
pub async fn mail(read: &mut Reader) -> Mail {
    let provider = carrier(read, "EMAIL_PROVIDER", Some("smtp")).await.unwrap_or(ProviderConfig::Discard);
    let fallback = carrier(read, "EMAIL_FALLBACK_PROVIDER", None).await;
    if read.text("EMAIL_FALLBACK_PROVIDER") == Some(read.text("EMAIL_PROVIDER").unwrap_or_else(|| "smtp".to_owned())) {
        read.problem("EMAIL_FALLBACK_PROVIDER", "is the same as EMAIL_PROVIDER; choose another or leave it out");
    }
    let from = read.address(&["EMAIL_FROM", "SMTP_FROM"]);
    if from.is_none() {
        read.problem("EMAIL_FROM", "is not set; it is the address that mail of the platform comes from");
    }
    // Never used when missing: the problem above ends the start.
    let from = from.unwrap_or_else(nobody);
    let usual = format!("{{tenant}}.{}", from.domain());
    let subdomain = read.pattern("EMAIL_TENANT_SUBDOMAIN_PATTERN", Some(&usual), &["{tenant}."]);
    if !subdomain.starts_with("{tenant}.") {
        read.problem(
            "EMAIL_TENANT_SUBDOMAIN_PATTERN",
            "must begin with {tenant}. so that no two tenants have the same domain",
        );
    }
    let operators = read.address(&["OPERATOR_EMAIL"]);
    let console_url = match read.text("CONSOLE_URL") {
        None if operators.is_some() => read.required("CONSOLE_URL"),
        url => url.unwrap_or_default(),
    };
    let some = |limit: u32| (limit > 0).then_some(limit);
    let mut rates = BTreeMap::new();
    for (name, variable) in
        [("smtp", "EMAIL_RATE_PER_SECOND"), ("resend", "RESEND_RATE_PER_SECOND"), ("ses", "SES_RATE_PER_SECOND")]
    {
        let quota = read.number(variable, 0, 0..=10_000);
        if quota > 0 {
            rates.insert(name, Rate { quota, window: Duration::from_secs(1) });
        }
    }
    Mail {
        enabled: read.switch("EMAIL_ENABLE", true),
        provider,
        fallback,
        from,
        from_name: read.text("EMAIL_FROM_NAME").unwrap_or_else(|| "Tenantry".to_owned()),
        subdomain,
        support: read.address(&["SUPPORT_EMAIL"]),
        operators,
        console_url,
        public_url: read.text("PUBLIC_URL"),
        retention: Duration::from_secs(86_400 * read.number::<u64>("EMAIL_BODY_DAYS", 30, 1..=3650)),
        lanes: LaneLimits {
            per_minute: some(read.number("EMAIL_TENANT_PER_MINUTE", 60, 0..=1_000_000)),
            per_day: some(read.number("EMAIL_TENANT_PER_DAY", 0, 0..=100_000_000)),
        },
        rates,
        patience: read.seconds("EMAIL_PATIENCE_SECONDS", 300, 0..=86_400),
        batch: read.number("EMAIL_BATCH", 20, 1..=100),
    }
}

async fn carrier(read: &mut Reader, name: &str, usual: Option<&str>) -> Option<ProviderConfig> {
    match read.text(name).as_deref().or(usual) {
        None => None,
        Some("smtp") => Some(ProviderConfig::Smtp(smtp(read).await)),
        Some("resend") => Some(ProviderConfig::Resend(resend(read).await)),
        Some("ses") => Some(ProviderConfig::Ses(ses(read))),
        Some("discard") => Some(ProviderConfig::Discard),
        Some(_) => {
            read.problem(name, "must be smtp, resend, ses or discard");
            None
        }
    }
}

async fn resend(read: &mut Reader) -> ResendConfig {
    let mut resend = ResendConfig::new(read.secret("RESEND_API_KEY").await);
    if let Some(url) = read.text("RESEND_BASE_URL") {
        resend.base_url = url;
    }
    resend.verified_domains = domains(read, "RESEND_VERIFIED_DOMAINS");
    resend.default_domain = read.text("RESEND_DEFAULT_DOMAIN");
    resend
}

fn ses(read: &mut Reader) -> SesConfig {
    SesConfig {
        region: read.text("SES_REGION"),
        configuration_set: read.text("SES_CONFIGURATION_SET"),
        verified_domains: domains(read, "SES_VERIFIED_DOMAINS"),
        ..SesConfig::default()
    }
}

/// Domains, separated by commas; `*.example.com` is every subdomain of one label.
fn domains(read: &mut Reader, name: &str) -> Vec<DomainPattern> {
    let text = read.text(name).unwrap_or_default();
    let mut domains = Vec::new();
    for domain in text.split(',').map(str::trim).filter(|domain| !domain.is_empty()) {
        match domain.parse() {
            Ok(domain) => domains.push(domain),
            Err(_) => {
                read.problem(name, format!("holds {domain:?}, which is no domain; write example.com, *.example.com"))
            }
        }
    }
    domains
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

#[allow(clippy::unwrap_used, reason = "a constant that is an address")]
fn nobody() -> EmailAddress {
    "nobody@invalid.example".parse().unwrap()
}
