//! The certificate authority: made once, kept where there is a folder, and what it signs.

use super::super::disk::keep;
use rcgen::{BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, IsCa, Issuer, KeyPair};
use rcgen::{KeyUsagePurpose, SerialNumber};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// The authority with its key.
pub(in super::super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Authority")
    }
}

/// A certificate that was signed.
pub(in super::super) struct Signed {
    /// The certificate, and the authority's behind it.
    pub(in super::super) chain: String,
    pub(in super::super) not_before: OffsetDateTime,
    pub(in super::super) not_after: OffsetDateTime,
}

impl Authority {
    /// The kept one, or a new one.
    pub(in super::super) fn open(folder: Option<&Path>) -> Result<Authority> {
        let Some(folder) = folder else { return Authority::fresh() };
        let (certificate, key) = (folder.join("ca.pem"), folder.join("ca.key"));
        match (std::fs::read_to_string(&certificate), std::fs::read_to_string(&key)) {
            (Ok(pem), Ok(key)) => {
                let key = KeyPair::from_pem(&key).map_err(|_| Error::other("the stand-in's ca.key is damaged"))?;
                Ok(Authority { issuer: Issuer::new(params(), key), pem })
            }
            (Err(error), _) | (_, Err(error)) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => {
                let authority = Authority::fresh()?;
                keep(&key, authority.issuer.key().serialize_pem().as_bytes())?;
                keep(&certificate, authority.pem.as_bytes())?;
                Ok(authority)
            }
        }
    }

    fn fresh() -> Result<Authority> {
        let key = KeyPair::generate().map_err(Error::other)?;
        let pem = params().self_signed(&key).map_err(Error::other)?.pem();
        Ok(Authority { issuer: Issuer::new(params(), key), pem })
    }

    /// Its own certificate.
    pub(in super::super) fn pem(&self) -> &str {
        &self.pem
    }

    /// Signs a request, from now on and for so long.
    pub(in super::super) fn sign(&self, request: &[u8], lifetime: time::Duration) -> Result<Signed> {
        let request = CertificateSigningRequestDer::from(request);
        let mut request = CertificateSigningRequestParams::from_der(&request).map_err(Error::other)?;
        // One that has ended has lasted, too.
        let not_after = whole(OffsetDateTime::now_utc() + lifetime);
        let not_before = whole(OffsetDateTime::now_utc()).min(not_after - Duration::from_secs(3_600));
        request.params.not_before = not_before;
        request.params.not_after = not_after;
        request.params.serial_number = Some(SerialNumber::from_slice(&uuid::Uuid::new_v4().as_bytes()[1..]));
        request.params.use_authority_key_identifier_extension = true;
        let certificate = request.signed_by(&self.issuer).map_err(Error::other)?;
        Ok(Signed { chain: format!("{}{}", certificate.pem(), self.pem), not_before, not_after })
    }
}

/// Certificates know whole seconds.
fn whole(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(0).unwrap_or(at)
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "Tenantry local certificate authority");
    params
}

/// A chain and its key, both PEM; `None` where they are none, or do not fit each other.
pub(in super::super) fn certified(chain: &[u8], key: &[u8]) -> Option<Arc<CertifiedKey>> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(chain).collect::<std::result::Result<_, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_slice(key).ok()?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).ok().map(Arc::new)
}
