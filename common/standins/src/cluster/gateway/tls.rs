//! Which certificate a client is shown: by the name it asks for (SNI), from the secret that a Gateway names.

use super::super::certificates::{Authority, certified, request_for, unbase64};
use super::routing;
use super::view::{View, Views};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The certificates.
pub(super) struct Shown {
    views: Arc<Views>,
    /// The zone of the canonical hosts, and its wildcard certificate.
    canonical: Option<(String, Arc<CertifiedKey>)>,
    /// What was shown of each secret, with the version it was of.
    known: Mutex<HashMap<String, (String, Arc<CertifiedKey>)>>,
    held: AtomicBool,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shown")
    }
}

impl Shown {
    pub(super) fn new(views: Arc<Views>, zone: Option<&str>, authority: &Authority) -> Result<Shown> {
        let canonical = zone.map(|zone| {
            let (key, request) = request_for(vec![format!("*.{zone}"), zone.to_owned()])?;
            let signed = authority.sign(&request, time::Duration::days(3_650))?;
            let key = certified(signed.chain.as_bytes(), key.as_bytes());
            key.map(|key| (zone.to_owned(), key)).ok_or_else(|| Error::other("no wildcard certificate could be made"))
        });
        Ok(Shown { views, canonical: canonical.transpose()?, known: Mutex::default(), held: AtomicBool::new(false) })
    }

    /// A server that shows them; TLS 1.2 and 1.3, HTTP/1.1.
    pub(super) fn config(self: Arc<Self>) -> Result<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(self);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    /// Goes on showing what was shown last, whatever becomes of the secrets.
    pub(super) fn hold(&self, held: bool) {
        self.held.store(held, Ordering::Release);
    }

    fn of_host(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        if let Some((zone, key)) = &self.canonical
            && super::below(host, zone)
        {
            return Some(Arc::clone(key));
        }
        let view = self.views.now();
        let server = view.gateways.iter().find_map(|gateway| routing::server(gateway, host, true))?;
        self.of_secret(&view, server["tls"]["credentialName"].as_str()?)
    }

    fn of_secret(&self, view: &View, name: &str) -> Option<Arc<CertifiedKey>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let last = known.get(name);
        if let Some((_, key)) = last.filter(|_| self.held.load(Ordering::Acquire)) {
            return Some(Arc::clone(key));
        }
        let secret = view.secrets.iter().find(|secret| secret["metadata"]["name"] == name)?;
        let version = secret["metadata"]["resourceVersion"].as_str().unwrap_or("");
        if let Some((_, key)) = last.filter(|(of, _)| of == version) {
            return Some(Arc::clone(key));
        }
        let bytes = |field: &str| unbase64(secret.get("data").and_then(|data| data.get(field)).unwrap_or(&Value::Null));
        let key = certified(&bytes("tls.crt"), &bytes("tls.key"))?;
        known.insert(name.to_owned(), (version.to_owned(), Arc::clone(&key)));
        Some(key)
    }
}

impl ResolvesServerCert for Shown {
    /// None ends the handshake, as of a name that no filter chain is for.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.of_host(hello.server_name()?)
    }
}
