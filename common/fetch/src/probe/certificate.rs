//! Certificates: any is taken, read, and judged apart.

use std::sync::Arc;

use ::aws_lc_rs::digest::{SHA256, digest};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use x509_parser::{extensions::GeneralName, prelude::X509Certificate};

use super::{CertificateSaw, Reach, Trust, dial::Secured};
use crate::FetchError;

/// Who is trusted: what certificates are judged by.
#[derive(Debug)]
pub(super) struct Authorities(RootCertStore);

impl Authorities {
    /// Mozilla's list, and what is added for a laptop.
    pub(super) fn new(reach: &Reach) -> Result<Self, FetchError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Reach::Loopback { authorities: Some(pem), .. } = reach {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|_| FetchError::Client)?;
                roots.add(certificate).map_err(|_| FetchError::Client)?;
            }
        }
        Ok(Self(roots))
    }

    /// The certificate that was shown on this connection; none: it cannot be read.
    pub(super) fn read(&self, stream: &Secured, name: &ServerName<'_>) -> Option<CertificateSaw> {
        let (leaf, between) = stream.get_ref().1.peer_certificates()?.split_first()?;
        let (_, parsed) = x509_parser::parse_x509_certificate(leaf).ok()?;
        let validity = parsed.validity();
        Some(CertificateSaw {
            names: names(&parsed),
            issuer: visible(&parsed.issuer().to_string(), 200),
            not_before: validity.not_before.to_datetime(),
            not_after: validity.not_after.to_datetime(),
            serial: hex::encode(parsed.raw_serial()),
            sha256: hex::encode(digest(&SHA256, leaf)),
            trust: self.judge(leaf, between, parsed.issuer() == parsed.subject()),
            covers_host: ParsedCertificate::try_from(leaf).is_ok_and(|leaf| verify_server_name(&leaf, name).is_ok()),
        })
    }

    fn judge(&self, leaf: &CertificateDer<'_>, between: &[CertificateDer<'_>], own: bool) -> Trust {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms.all;
        let judged = ParsedCertificate::try_from(leaf).and_then(|leaf| {
            verify_server_cert_signed_by_trust_anchor(&leaf, &self.0, between, UnixTime::now(), algorithms)
        });
        let Err(error) = judged else { return Trust::Trusted };
        let rustls::Error::InvalidCertificate(error) = error else { return Trust::Unusable };
        match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Trust::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Trust::NotYetValid,
            _ if own => Trust::SelfSigned,
            CertificateError::UnknownIssuer => Trust::UnknownIssuer,
            _ => Trust::Unusable,
        }
    }
}

/// At most so many characters of it, without those that cannot be seen or that a terminal obeys: it will stand in sentences.
fn visible(text: &str, most: usize) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' '..='~')).take(most).collect()
}

/// Its names, at most as many as Let's Encrypt puts into one.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names = alternative.iter().flat_map(|extension| &extension.value.general_names);
    let names = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(visible(name, 255).to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        },
        _ => None,
    });
    names.take(100).collect()
}

/// A client that takes any certificate, for it is to be read. Nothing secret may be sent by it.
pub(super) fn client() -> Result<Arc<ClientConfig>, FetchError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| FetchError::Client)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Any(provider)))
        .with_no_client_auth();
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    // In a session that is resumed no certificate is shown: it would be the one of the session's beginning, which may be gone.
    client.resumption = Resumption::disabled();
    Ok(Arc::new(client))
}

/// Takes any certificate. That the server has its key is still made sure of, so that a certificate cannot be borrowed.
#[derive(Debug)]
struct Any(Arc<CryptoProvider>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_strangers_have_written_can_be_read_out() {
        assert_eq!(visible("CN=Autoridad de Certificaci\u{f3}n", 200), "CN=Autoridad de Certificaci\u{f3}n");
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\u{200b}\n", 200), "a[31mb");
        assert_eq!(visible("abc", 2), "ab");
    }
}
