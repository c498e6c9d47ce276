//! The environment that the functions see.

use std::{collections::HashMap, path::Path};

use anyhow::Result;
use secrecy::ExposeSecret;
use tenantry_runtime::config::Environment;

use crate::{Parts, cluster, folder};

/// The platform's own address on a laptop.
const EMAIL_FROM: &str = "hello@tenantry.test";

/// Where this process will serve.
pub(crate) struct Urls {
    /// Its API, if it has one.
    pub(crate) api: Option<String>,
    /// Its console, if it has one.
    pub(crate) console: Option<String>,
}

/// The process's own settings first, then those of the parts, then what suits a laptop.
///
/// # Errors
/// The secrets cannot be kept in the folder.
pub(crate) fn settings(own: Environment, parts: &Parts, urls: &Urls, kept_in: Option<&Path>) -> Result<Environment> {
    let sealing_keys = match kept_in {
        Some(kept) => folder::kept_secret(kept, "sealing.key")?,
        None => folder::fresh_secret()?,
    };
    let mut table: HashMap<&str, String> = HashMap::from([
        ("DATABASE_CONNECTIONS", "20".to_owned()),
        ("HINT_PATIENCE_SECONDS", "10".to_owned()),
        ("SEALING_KEYS", sealing_keys.expose_secret().to_owned()),
        ("PASSWORD_HASH_COST", "10".to_owned()),
        ("PORTAL_ZONE", cluster::ZONE.to_owned()),
        ("EMAIL_TENANT_FROM_PATTERN", "noreply@{tenant}.tenantry.test".to_owned()),
        ("EMAIL_FROM", EMAIL_FROM.to_owned()),
        ("EMAIL_CONNECTIONS", "16".to_owned()),
        ("SUPPORT_EMAIL", "support@tenantry.test".to_owned()),
        ("OPERATOR_EMAIL", "operators@tenantry.test".to_owned()),
        ("CONSOLE_URL", "http://127.0.0.1:8070".to_owned()),
        ("OIDC_AUDIENCE", "tenantry".to_owned()),
        // Whoever tries webhooks on a laptop has a receiver on it.
        ("WEBHOOK_LOOPBACK", "on".to_owned()),
        ("OIDC_CLIENT_ID", "tenantry-console".to_owned()),
    ]);
    if let Some(url) = parts.database_url() {
        table.insert("DATABASE_URL", url);
    }
    if let Some(smtp) = &parts.smtp {
        table.insert("EMAIL_HOST", smtp.address().ip().to_string());
        table.insert("EMAIL_PORT", smtp.address().port().to_string());
    }
    if let Some(resend) = &parts.resend {
        let from = own.get("EMAIL_FROM").or_else(|| own.get("SMTP_FROM")).unwrap_or_else(|| EMAIL_FROM.to_owned());
        table.extend(resend.settings(from.rsplit('@').next().unwrap_or_default()));
    }
    if let Some(cluster) = &parts.cluster {
        table.extend(cluster.settings());
    }
    if let Some(url) = &urls.api {
        table.insert("PUBLIC_URL", url.clone());
    }
    if let Some(url) = &urls.console {
        table.insert("CONSOLE_URL", url.clone());
    }
    if let Some(issuer) = &parts.issuer {
        table.insert("OIDC_ISSUER", issuer.url().to_owned());
    }
    Ok(own.or(move |name| table.get(name).cloned()))
}
