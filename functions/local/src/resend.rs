//! Resend's stand-in, and the DNS server that it looks for a domain's records in: where Resend is asked for, and no account of it
//! is named.

use std::io;

use anyhow::Result;
use secrecy::ExposeSecret as _;
use tenantry_runtime::config::Environment;
use tenantry_standins::{
    dns::{self, Dns},
    resend::{self, Resend},
};

use crate::{PartsOptions, folder, parts::taken};

/// What Resend is played by.
pub struct ResendParts {
    /// Its API, which tells by webhook what became of mail.
    pub resend: Resend,
    /// The zones in which it looks for the records of a domain.
    pub dns: Dns,
    /// The domains that the account may send from, as whoever starts this has set them.
    verified: Option<String>,
}

/// Whether mail is to go by Resend, and no account is named.
pub(crate) fn is_wanted(environment: &Environment) -> bool {
    let asked = ["EMAIL_PROVIDER", "EMAIL_FALLBACK_PROVIDER"].iter().any(|name| {
        let chosen = environment.get(name);
        chosen.as_deref() == Some("resend")
    });
    let named = ["RESEND_API_KEY", "RESEND_API_KEY_SECRET", "RESEND_BASE_URL"];
    asked && named.iter().all(|name| environment.get(name).is_none())
}

impl ResendParts {
    /// Starts both, where they are wanted.
    ///
    /// # Errors
    /// A port is taken, or the folder cannot be read or written.
    pub(crate) async fn start(options: &PartsOptions) -> Result<Option<Self>> {
        let Some(environment) = options.environment.as_ref().filter(|environment| is_wanted(environment)) else {
            return Ok(None);
        };
        let ports = options.ports;
        let dns = dns::Options {
            port: ports.dns,
            folder: options.folder.as_ref().map(|folder| folder.join("dns")),
            ..dns::Options::default()
        };
        let dns = Dns::start(dns).await.map_err(|error| cannot_start("the DNS server", ports.dns, error))?;
        // Functions in another process, and a second start, must know the same ones.
        let kept = |name: &str| match &options.folder {
            Some(folder) => folder::kept_secret(folder, name),
            None => folder::fresh_secret(),
        };
        let resend = resend::Options {
            port: ports.resend,
            key: Some(format!("re_{}", kept("resend.key")?.expose_secret())),
            webhook_secret: Some(match environment.get("RESEND_WEBHOOK_SECRET") {
                Some(secret) => secret,
                None => format!("whsec_{}", kept("resend-webhook.key")?.expose_secret()),
            }),
            folder: options.folder.as_ref().map(|folder| folder.join("resend")),
            dns: Some(dns.addr()),
            ..resend::Options::default()
        };
        let resend = Resend::start(resend).await;
        let resend = resend.map_err(|error| cannot_start("Resend's stand-in", ports.resend, error))?;
        Ok(Some(Self { resend, dns, verified: environment.get("RESEND_VERIFIED_DOMAINS") }))
    }

    /// The settings that lead to it, for mail that comes from this domain and its subdomains. Mail from the domains that the
    /// account is said to have is taken from here on; that of any other only once it is registered and verified there.
    pub(crate) fn settings(&self, domain: &str) -> [(&'static str, String); 5] {
        let own = format!("{domain},*.{domain}");
        for pattern in self.verified.as_deref().unwrap_or(&own).split(',') {
            self.resend.take_from(pattern.trim().trim_start_matches("*."));
        }
        [
            ("DNS_SERVER", self.dns.addr().to_string()),
            ("RESEND_BASE_URL", self.resend.url().to_owned()),
            ("RESEND_API_KEY", self.resend.key().to_owned()),
            ("RESEND_WEBHOOK_SECRET", self.resend.webhook_secret().to_owned()),
            ("RESEND_VERIFIED_DOMAINS", own),
        ]
    }

    /// Tells this API what becomes of mail.
    pub(crate) fn tell(&self, api_url: &str) {
        self.resend.send_webhooks_to(Some(&format!("{api_url}/v1/provider-events/resend")));
    }

    pub(crate) async fn stop(self) {
        self.resend.stop().await;
        self.dns.stop().await;
    }
}

/// Only a port that is taken is told as one: what was kept in the folder may be damaged too.
fn cannot_start(part: &str, port: Option<u16>, error: io::Error) -> anyhow::Error {
    let port = port.filter(|_| error.kind() == io::ErrorKind::AddrInUse);
    anyhow::Error::new(error).context(taken(part, port))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tenantry_standins::resend::Status;

    use super::*;
    use crate::Ports;

    fn wanted(pairs: &'static [(&'static str, &'static str)]) -> bool {
        let found = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        is_wanted(&Environment::new(found))
    }

    #[test]
    fn it_stands_in_only_where_resend_is_asked_for_and_no_account_is_named() {
        assert!(wanted(&[("EMAIL_PROVIDER", "resend")]));
        assert!(wanted(&[("EMAIL_PROVIDER", "smtp"), ("EMAIL_FALLBACK_PROVIDER", "resend")]));
        assert!(!wanted(&[]));
        assert!(!wanted(&[("EMAIL_PROVIDER", "smtp")]));
        assert!(!wanted(&[("EMAIL_PROVIDER", "resend"), ("RESEND_API_KEY", "re_1")]));
        assert!(!wanted(&[("EMAIL_PROVIDER", "resend"), ("RESEND_API_KEY_SECRET", "arn")]));
        assert!(!wanted(&[("EMAIL_PROVIDER", "resend"), ("RESEND_BASE_URL", "http://127.0.0.1:1")]));
    }

    fn by_resend() -> Environment {
        Environment::new(|name| (name == "EMAIL_PROVIDER").then(|| "resend".to_owned()))
    }

    #[tokio::test]
    async fn what_is_verified_and_published_is_there_after_a_restart_and_damage_is_not_taken_for_a_taken_port() {
        let folder = tempfile::tempdir().unwrap();
        let options = || PartsOptions {
            environment: Some(by_resend()),
            folder: Some(folder.path().to_owned()),
            ..PartsOptions::default()
        };
        let parts = ResendParts::start(&options()).await.unwrap().unwrap();
        parts.dns.add_zone("acme.test").unwrap();
        parts.resend.add_domain("mail.acme.test", Status::Verified).unwrap();
        let (domains, key) = (parts.resend.domains(), parts.resend.key().to_owned());
        parts.stop().await;
        let parts = ResendParts::start(&options()).await.unwrap().unwrap();
        assert_eq!((parts.resend.domains(), parts.resend.key()), (domains, key.as_str()));
        assert!(parts.dns.dump("acme.test").is_some());

        let second = PartsOptions { ports: Ports { resend: Some(port(&parts)), ..Ports::default() }, ..options() };
        let error = ResendParts::start(&second).await.err().map(|error| format!("{error:#}")).unwrap();
        assert!(error.contains("cannot listen on 127.0.0.1:"), "{error}");
        let free = port(&parts);
        parts.stop().await;
        std::fs::write(folder.path().join("resend/domains.json"), "[").unwrap();
        let broken = PartsOptions { ports: Ports { resend: Some(free), ..Ports::default() }, ..options() };
        let error = ResendParts::start(&broken).await.err().map(|error| format!("{error:#}")).unwrap();
        assert!(error.contains("is damaged") && !error.contains("cannot listen"), "{error}");
    }

    fn port(parts: &ResendParts) -> u16 {
        parts.resend.url().rsplit(':').next().unwrap().parse().unwrap()
    }

    #[tokio::test]
    async fn mail_is_taken_from_our_domains_and_from_those_that_are_verified_only() {
        let options = PartsOptions { environment: Some(by_resend()), ..PartsOptions::default() };
        let parts = ResendParts::start(&options).await.unwrap().unwrap();
        parts.settings("tenantry.test");
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let code = async |domain: &str| {
            let (from, to) = (format!("hello@{domain}"), ["ada@customer.example"]);
            let mail = serde_json::json!({ "from": from, "to": to, "subject": "Hello", "text": "World" });
            let request = client.post(format!("{}/emails", parts.resend.url())).bearer_auth(parts.resend.key());
            request.json(&mail).send().await.unwrap().status().as_u16()
        };
        assert_eq!((code("tenantry.test").await, code("acme.tenantry.test").await), (200, 200));
        assert_eq!(code("mail.acme.test").await, 403, "nobody has registered it");
        parts.resend.add_domain("mail.acme.test", Status::Pending).unwrap();
        assert_eq!(code("mail.acme.test").await, 403, "it is not verified");
        parts.resend.finish_verification("mail.acme.test", Status::Verified);
        assert_eq!(code("mail.acme.test").await, 200);
        parts.stop().await;
    }
}
