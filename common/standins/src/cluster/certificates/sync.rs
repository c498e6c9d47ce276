//! One certificate: whether it has to be issued, and the request for it.

use super::super::api;
use super::super::kind::{Key, Kind};
use super::super::world::{now, stamp};
use super::conditions::{condition, holds, set, unset};
use super::{Certificates, make};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use std::sync::Arc;
use time::OffsetDateTime;

impl Certificates {
    /// Brings a certificate one or more steps forward. Run again, it does nothing.
    pub(super) fn sync(self: &Arc<Self>, key: &Key) {
        let Some(certificate) = self.world.get(key) else { return };
        if !certificate["metadata"]["deletionTimestamp"].is_null() {
            return;
        }
        if holds(&certificate, "Issuing") {
            self.issue(key, &certificate);
        } else if let Some((reason, message)) = self.due(&certificate) {
            self.status(key, |certificate| {
                // One that is still good stays ready while it is renewed.
                if reason == "DoesNotExist" || !holds(certificate, "Ready") {
                    set(certificate, "Ready", false, reason, &message);
                }
                set(certificate, "Issuing", true, reason, &message);
            });
        } else if condition(&certificate, "Ready").is_null() {
            self.adopt(key, &certificate);
        }
    }

    /// A certificate that was made for a secret that is there: it is ready as that one says.
    fn adopt(&self, key: &Key, certificate: &Value) {
        let Some(secret) = self.world.get(&make::secret_key(certificate)) else { return };
        match dates(&make::unbase64(&secret["data"]["tls.crt"])) {
            Some([not_before, not_after]) => {
                let renewal = not_after - (not_after - not_before) / 3;
                self.ready(key, 1, [not_before, not_after, renewal].map(stamp));
            }
            None => drop(self.status(key, |certificate| {
                let message = "Issuing certificate as Secret contains invalid key pair data";
                set(certificate, "Ready", false, "InvalidKeyPair", message);
                set(certificate, "Issuing", true, "InvalidKeyPair", message);
            })),
        }
    }

    /// Why it has to be issued now; `None` where it has not.
    fn due(&self, certificate: &Value) -> Option<(&'static str, String)> {
        let why = match self.world.get(&make::secret_key(certificate)) {
            None => ("DoesNotExist", "Issuing certificate as Secret does not exist".to_owned()),
            Some(secret) => {
                let names = make::hosts(certificate).join(",");
                if secret["metadata"]["annotations"]["cert-manager.io/alt-names"] == names {
                    return None;
                }
                let message = "Fields on existing CertificateRequest resource not up to date: [spec.dnsNames]";
                ("RequestChanged", message.to_owned())
            }
        };
        // What has failed waits, unless something else is asked for now.
        let failed = &condition(certificate, "Issuing")["observedGeneration"];
        let waits =
            !certificate["status"]["lastFailureTime"].is_null() && *failed == certificate["metadata"]["generation"];
        (!waits).then_some(why)
    }

    fn issue(self: &Arc<Self>, key: &Key, certificate: &Arc<Value>) {
        let revision = certificate["status"]["revision"].as_i64().unwrap_or(0) + 1;
        let request_key =
            Key { kind: Kind::CertificateRequest, name: format!("{}-{revision}", key.name), ..key.clone() };
        if let Some(request) = self.world.get(&request_key) {
            if stale(certificate, &request) {
                // Its removal brings this certificate here again.
                let _ = api::delete(&self.world, &request_key, "cert-manager-certificates", &api::Deletion::default());
            } else {
                self.proceed(key, certificate, &request_key, &request);
            }
            return;
        }
        let hosts = make::hosts(certificate);
        let (private, request) = match make::request_for(hosts) {
            Ok(made) => made,
            Err(error) => {
                let message = format!("Failed to generate CSR: {error}");
                self.status(key, |certificate| set(certificate, "Issuing", false, "Failed", &message));
                return;
            }
        };
        let secret = format!("{}-{}", key.name, &uuid::Uuid::new_v4().simple().to_string()[..5]);
        let made = make::request(certificate, &request_key.name, revision, &secret, &request);
        self.ensure(make::key_secret(certificate, &secret, &private));
        if self.ensure(made).is_some() {
            self.status(key, |certificate| certificate["status"]["nextPrivateKeySecretName"] = json!(secret));
        }
    }

    /// The certificate is there: the secret is written, and the certificate says so.
    pub(super) fn store(&self, key: &Key, request: &Value, chain: &str, times: [String; 3]) {
        let Some(certificate) = self.world.get(key) else { return };
        let next = &request["metadata"]["annotations"]["cert-manager.io/private-key-secret-name"];
        let next = Key { kind: Kind::Secret, name: next.as_str().unwrap_or("").to_owned(), ..key.clone() };
        let Some(private) = self.world.get(&next) else { return };
        let private = String::from_utf8(make::unbase64(&private["data"]["tls.key"])).unwrap_or_default();
        let secret = make::secret(&certificate, &private, chain, self.authority.pem());
        let secret_key = make::secret_key(&certificate);
        let manner = api::Manner { force: true, ..api::Manner::of(&secret_key, "cert-manager-certificates-issuing") };
        if let Err(refusal) = api::apply(&self.world, &manner, secret, || Ok(())) {
            tracing::warn!(message = refusal.message, "the played cert-manager could not write its secret");
            return;
        }
        let _ = api::delete(&self.world, &next, "cert-manager-certificates", &api::Deletion::default());
        let revision: i64 =
            request["metadata"]["annotations"][make::REVISION].as_str().and_then(|text| text.parse().ok()).unwrap_or(1);
        self.ready(key, revision, times);
    }

    fn ready(&self, key: &Key, revision: i64, [not_before, not_after, renewal]: [String; 3]) {
        self.status(key, |certificate| {
            unset(certificate, "Issuing");
            set(certificate, "Ready", true, "Ready", "Certificate is up to date and has not expired");
            let status = &mut certificate["status"];
            status["revision"] = json!(revision);
            status["notBefore"] = json!(not_before);
            status["notAfter"] = json!(not_after);
            status["renewalTime"] = json!(renewal);
            for gone in ["nextPrivateKeySecretName", "lastFailureTime", "failedIssuanceAttempts"] {
                drop(status.as_object_mut().and_then(|status| status.remove(gone)));
            }
        });
    }

    /// The request has failed: the certificate says so, and counts.
    pub(super) fn failed(&self, key: &Key, why: &str) {
        let message = format!("The certificate request has failed to complete and will be retried: {why}");
        self.status(key, |certificate| {
            set(certificate, "Issuing", false, "Failed", &message);
            let attempts = certificate["status"]["failedIssuanceAttempts"].as_i64().unwrap_or(0) + 1;
            certificate["status"]["failedIssuanceAttempts"] = json!(attempts);
            certificate["status"]["lastFailureTime"] = json!(now());
        });
    }
}

/// From when until when a chain's leaf is good; `None` where it is none.
fn dates(pem: &[u8]) -> Option<[OffsetDateTime; 2]> {
    let leaf = CertificateDer::pem_slice_iter(pem).next()?.ok()?;
    let (_, leaf) = x509_parser::parse_x509_certificate(&leaf).ok()?;
    let validity = leaf.validity();
    Some([validity.not_before.to_datetime(), validity.not_after.to_datetime()])
}

/// Whether a request belongs to an earlier try: it has failed already, or asks for other names.
fn stale(certificate: &Value, request: &Value) -> bool {
    let owner = &request["metadata"]["ownerReferences"][0]["uid"];
    let asked = make::requested(request);
    condition(request, "Ready")["reason"] == "Failed"
        || *owner != certificate["metadata"]["uid"]
        || asked != make::hosts(certificate)
}
