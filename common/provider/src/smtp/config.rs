//! What the SMTP provider needs to know, and which combinations are refused.

use std::{net::IpAddr, time::Duration};

use lettre::transport::smtp::{
    client::{Certificate, CertificateStore, TlsParameters},
    extension::ClientId,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::SecretString;

use crate::ConfigError;

/// How a connection is encrypted. The server's certificate is always checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: for a server on this machine, or one that wants no password.
    None,
    /// Plain at first, then STARTTLS (RFC 3207). A server that does not offer it is refused.
    StartTls,
    /// From the first byte, usually on port 465 (RFC 8314).
    Implicit,
}

impl Tls {
    /// What is usual for a host and port: implicit on 465, none on this machine, STARTTLS everywhere else.
    #[must_use]
    pub fn usual(host: &str, port: u16) -> Self {
        match port {
            465 => Self::Implicit,
            _ if is_loopback(host) => Self::None,
            _ => Self::StartTls,
        }
    }
}

/// The account we send with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password, shown to nobody but the server.
    pub password: SecretString,
}

/// How long each part of a delivery may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name resolution and TCP connection; also how long a kept connection may take to show that it is still alive.
    pub connect: Duration,
    /// The reply to any one command, the greeting, a TLS handshake.
    pub command: Duration,
    /// The message's content and the reply to its final dot.
    pub accept: Duration,
    /// Everything, waiting for a free connection included. `accept` is kept in reserve: a message whose reply could
    /// not be awaited in full is not begun, since giving up early would turn an answer into an unknown outcome.
    pub total: Duration,
}

impl Default for Timeouts {
    /// 5 s to connect, 5 s a command, 15 s for the message, 30 s in all.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(5), command: seconds(5), accept: seconds(15), total: seconds(30) }
    }
}

/// A mail server and how to speak to it.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Host name or address. A certificate must be made out to exactly this.
    pub host: String,
    /// TCP port: 587 and 465 for submission, 25 between servers.
    pub port: u16,
    /// The account, where the server wants one.
    pub credentials: Option<Credentials>,
    /// Encryption.
    pub tls: Tls,
    /// Further certificate authorities, PEM, one or several; trusted in addition to the public ones.
    pub extra_roots_pem: Option<String>,
    /// The name we greet with (EHLO); an address literal when absent.
    pub hello_name: Option<String>,
    /// Time limits.
    pub timeouts: Timeouts,
    /// Connections open at the same time, 1 to 100.
    pub max_connections: usize,
    /// How long an unused connection is kept.
    pub max_idle: Duration,
}

impl SmtpConfig {
    /// A server with the usual settings: encryption by [`Tls::usual`], 4 connections, kept for 30 s.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        let host = host.into();
        Self {
            tls: Tls::usual(&host, port),
            host,
            port,
            credentials: None,
            extra_roots_pem: None,
            hello_name: None,
            timeouts: Timeouts::default(),
            max_connections: 4,
            max_idle: Duration::from_secs(30),
        }
    }

    /// Refuses what cannot work or would be unsafe.
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let refuse = |message: String| Err(ConfigError(message));
        let is_host =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b));
        if !is_host(&self.host) {
            return refuse("the mail server's host is empty or not a host name".into());
        }
        if self.port == 0 {
            return refuse("the mail server's port must be 1 to 65535".into());
        }
        if self.hello_name.as_deref().is_some_and(|name| !is_host(name)) {
            return refuse("the name to greet the mail server with (EHLO) is not a host name".into());
        }
        if self.credentials.is_some() && self.tls == Tls::None && !is_loopback(&self.host) {
            return refuse(format!(
                "a user name and password for {} would travel unencrypted; use STARTTLS or implicit TLS",
                self.host
            ));
        }
        if !(1..=100).contains(&self.max_connections) {
            return refuse(format!("{} connections to the mail server; it must be 1 to 100", self.max_connections));
        }
        let Timeouts { connect, command, accept, total } = self.timeouts;
        if [connect, command, accept].contains(&Duration::ZERO) || total <= accept {
            return refuse(
                "the mail server's time limits must be above zero, and the total above the message's".into(),
            );
        }
        Ok(())
    }

    /// The trust this server is met with; `None` without encryption.
    pub(super) fn tls_parameters(&self) -> Result<Option<TlsParameters>, ConfigError> {
        if self.tls == Tls::None {
            return Ok(None);
        }
        let unreadable = |_| ConfigError("the extra certificate authorities are not readable PEM certificates".into());
        let mut builder = TlsParameters::builder(self.host.clone()).certificate_store(CertificateStore::WebpkiRoots);
        if let Some(pem) = &self.extra_roots_pem {
            let roots = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
            let roots = roots.map_err(|_| unreadable(()))?;
            if roots.is_empty() {
                return Err(ConfigError("the extra certificate authorities hold no certificate".into()));
            }
            for root in roots {
                let root = Certificate::from_der(root.to_vec()).map_err(|_| unreadable(()))?;
                builder = builder.add_root_certificate(root);
            }
        }
        builder.build_rustls().map(Some).map_err(|_| unreadable(()))
    }

    pub(super) fn hello(&self) -> ClientId {
        self.hello_name.clone().map_or_else(ClientId::default, ClientId::Domain)
    }
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn with_account(host: &str, tls: Tls) -> SmtpConfig {
        let credentials = Credentials { username: "ada".into(), password: "hunter2".into() };
        SmtpConfig { credentials: Some(credentials), tls, ..SmtpConfig::new(host, 587) }
    }

    #[test]
    fn a_password_never_travels_in_clear_text_to_another_machine() {
        let error = with_account("mail.example.com", Tls::None).validate().unwrap_err().to_string();
        assert!(error.contains("unencrypted") && !error.contains("hunter2"), "{error}");
        for host in ["127.0.0.1", "127.8.8.8", "::1", "localhost"] {
            assert_eq!(with_account(host, Tls::None).validate(), Ok(()), "{host}");
        }
        for host in ["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1"] {
            assert!(with_account(host, Tls::None).validate().is_err(), "{host}");
        }
        assert_eq!(with_account("mail.example.com", Tls::StartTls).validate(), Ok(()));
        assert_eq!(SmtpConfig { tls: Tls::None, ..SmtpConfig::new("relay.example.com", 25) }.validate(), Ok(()));
    }

    #[test]
    fn impossible_settings_are_refused() {
        let good = SmtpConfig::new("mail.example.com", 587);
        assert_eq!(good.validate(), Ok(()));
        let short = Timeouts { total: Duration::from_secs(15), ..Timeouts::default() };
        for bad in [
            SmtpConfig { host: String::new(), ..good.clone() },
            SmtpConfig { host: "mail.example.com\r\n".into(), ..good.clone() },
            SmtpConfig { port: 0, ..good.clone() },
            SmtpConfig { hello_name: Some("a\r\nMAIL FROM:<>".into()), ..good.clone() },
            SmtpConfig { max_connections: 0, ..good.clone() },
            SmtpConfig { timeouts: short, ..good.clone() },
        ] {
            assert!(bad.validate().is_err(), "{bad:?}");
        }
        for pem in ["", "no pem at all", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let bad = SmtpConfig { extra_roots_pem: Some(pem.into()), ..good.clone() };
            assert!(bad.tls_parameters().is_err(), "{pem:?}");
        }
    }

    #[test]
    fn what_is_usual_follows_host_and_port() {
        assert_eq!(Tls::usual("mail.example.com", 465), Tls::Implicit);
        assert_eq!(Tls::usual("mail.example.com", 25), Tls::StartTls);
        assert_eq!(Tls::usual("127.0.0.1", 1025), Tls::None);
    }

    #[test]
    fn a_password_is_not_printed() {
        assert!(!format!("{:?}", with_account("mail.example.com", Tls::StartTls)).contains("hunter2"));
    }
}
