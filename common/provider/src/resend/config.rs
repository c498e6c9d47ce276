//! What the Resend provider needs to know, and which settings are refused.

use std::{net::IpAddr, time::Duration};

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::{ConfigError, DomainPattern};

/// An account at Resend.
#[derive(Debug, Clone)]
pub struct ResendConfig {
    /// The API key, shown to nobody but the provider. One that may only send is enough without [`Domains`](crate::Domains).
    pub api_key: SecretString,
    /// Where the API is; `https` unless it is on this machine.
    pub base_url: String,
    /// The domains of the platform that the account has verified. A tenant's own domain is not here: its row says where
    /// it is verified.
    pub verified_domains: Vec<DomainPattern>,
    /// The domain that mail of the platform comes from; verified too.
    pub default_domain: Option<String>,
    /// How long a connection may take, TLS included.
    pub connect: Duration,
    /// How long a request may take in all. A message that takes longer has an unknown outcome.
    pub total: Duration,
}

impl ResendConfig {
    /// An account with the usual settings: 5 s to connect, 20 s in all; may send from no domain yet.
    #[must_use]
    pub fn new(api_key: SecretString) -> Self {
        Self {
            api_key,
            base_url: "https://api.resend.com".to_owned(),
            verified_domains: Vec::new(),
            default_domain: None,
            connect: Duration::from_secs(5),
            total: Duration::from_secs(20),
        }
    }

    /// Refuses what cannot work or would show the key to others; the API's address.
    pub(super) fn validate(&self) -> Result<Url, ConfigError> {
        let refuse = |message: &str| Err(ConfigError(message.to_owned()));
        let key = self.api_key.expose_secret();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return refuse("the mail provider's API key is empty or holds characters that a key never has");
        }
        let Ok(url) = Url::parse(&format!("{}/", self.base_url.trim_end_matches('/'))) else {
            return refuse("the mail provider's base URL is no URL");
        };
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() || !url.username().is_empty() {
            return refuse("the mail provider's base URL must look like https://host/");
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return refuse("the mail provider's API key would travel unencrypted; use https");
        }
        if self.connect.is_zero() || self.total <= self.connect {
            return refuse("the mail provider's time limits must be above zero, and the total above the connection's");
        }
        if self
            .default_domain
            .as_deref()
            .is_some_and(|name| name.parse::<DomainPattern>().is_err() || name.contains('*'))
        {
            return refuse("the mail provider's default domain is no domain");
        }
        Ok(url)
    }
}

/// Whether a URL is of this machine.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_never_travels_in_clear_text_to_another_machine() {
        let at = |url: &str| ResendConfig { base_url: url.into(), ..ResendConfig::new("re_hunter2".into()) };
        for url in ["https://api.resend.com", "http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:1"] {
            assert!(at(url).validate().is_ok(), "{url}");
        }
        for url in ["http://api.resend.com", "http://127.0.0.1.example.com", "ftp://localhost", "api.resend.com", ""] {
            let error = at(url).validate().unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(!format!("{:?}", at("https://api.resend.com")).contains("hunter2"));
    }

    #[test]
    fn impossible_settings_are_refused() {
        let good = ResendConfig::new("re_x".into());
        let second = Duration::from_secs(1);
        for bad in [
            ResendConfig { api_key: "".into(), ..good.clone() },
            ResendConfig { api_key: "re_x\r\nX: y".into(), ..good.clone() },
            ResendConfig { connect: second, total: second, ..good.clone() },
            ResendConfig { default_domain: Some("*.example.com".into()), ..good.clone() },
        ] {
            assert!(bad.validate().is_err(), "{bad:?}");
        }
    }
}
