//! The certificate SNS signs with (X.509, RFC 5280), reduced to what is needed: its key and its time.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use time::OffsetDateTime;
use x509_parser::{oid_registry::OID_PKCS1_RSAENCRYPTION, pem::parse_x509_pem};

use crate::Rejected;

/// An RSA key of 2048 to 8192 bits, and when it may be used.
pub(super) struct SigningKey {
    /// `RSAPublicKey` in DER (RFC 8017, appendix A.1.1).
    key: Vec<u8>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl SigningKey {
    /// Reads the first certificate of a PEM file. Its chain is not followed: who may serve it is settled by the URL and
    /// by TLS. Its subject must be SNS all the same, for that costs nothing.
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, Rejected> {
        const UNREADABLE: Rejected = Rejected::Certificate("it is not X.509 in PEM");
        let (_, pem) = parse_x509_pem(pem).map_err(|_| UNREADABLE)?;
        let certificate = pem.parse_x509().map_err(|_| UNREADABLE)?;

        let mut names = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
        if !names.any(is_sns) {
            return Err(Rejected::Certificate("it was not issued to SNS"));
        }
        if certificate.public_key().algorithm.algorithm != OID_PKCS1_RSAENCRYPTION {
            return Err(Rejected::Certificate("its key is not RSA"));
        }
        let validity = certificate.validity();
        Ok(Self {
            key: certificate.public_key().subject_public_key.data.to_vec(),
            not_before: validity.not_before.to_datetime(),
            not_after: validity.not_after.to_datetime(),
        })
    }

    pub(super) fn is_valid_at(&self, now: OffsetDateTime) -> Result<(), Rejected> {
        if (self.not_before..=self.not_after).contains(&now) {
            Ok(())
        } else {
            Err(Rejected::Certificate("it is not valid today"))
        }
    }

    /// RSASSA-PKCS1-v1_5 with SHA-1 (version 1, still the default of a topic) or SHA-256 (version 2). A topic should be
    /// set to version 2; with version 1 a forger would need a second preimage of SHA-1, which nobody has found.
    pub(super) fn verify(&self, version: &str, text: &[u8], signature: &[u8]) -> Result<(), Rejected> {
        let algorithm = match version {
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(Rejected::UnknownSignatureVersion),
        };
        UnparsedPublicKey::new(algorithm, &self.key).verify(text, signature).map_err(|_| Rejected::WrongSignature)
    }
}

/// `sns.amazonaws.com`, and the forms some regions have (`sns-signing.<region>.amazonaws.com`,
/// `sns-<region>.amazonaws.com.cn`).
fn is_sns(name: &str) -> bool {
    let host = name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazonaws.com.cn"));
    let first = host.and_then(|host| host.split('.').next());
    first.is_some_and(|label| label == "sns" || label.starts_with("sns-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_issued_to_sns_or_to_somebody_else() {
        for name in ["sns.amazonaws.com", "sns-signing.eu-south-2.amazonaws.com", "sns-cn-north-1.amazonaws.com.cn"] {
            assert!(is_sns(name), "{name}");
        }
        for name in
            ["", "sns.amazonaws.com.evil.example", "s3.amazonaws.com", "snsamazonaws.com", "evil.sns.amazonaws.com"]
        {
            assert!(!is_sns(name), "{name}");
        }
    }
}
