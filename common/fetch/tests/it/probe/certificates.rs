//! Certificates, whatever they are worth.

use aws_lc_rs::digest::{SHA256, digest};
use tenantry_fetch::{CertificateSaw, FetchError, Prober, Reach, Trust};
use time::OffsetDateTime;

use crate::probe::server::{Authority, Does, HERE, HOST, Made, Server, only, prober, self_signed};

async fn shown(certificate: &Made, authority: &Authority) -> CertificateSaw {
    let server = Server::secured(Does::Waits, certificate).await;
    only(prober(0, server.port, Some(&authority.pem())).tls(HOST, &[HERE]).await).outcome.unwrap()
}

#[tokio::test]
async fn everything_that_is_told_of_a_certificate_stands_in_it() {
    let authority = Authority::new("An authority");
    let certificate = authority.issue(&[HOST, "*.acme.test", "192.0.2.1"], -1, 89);
    let saw = shown(&certificate, &authority).await;
    assert_eq!(saw.names, [HOST, "*.acme.test", "192.0.2.1"]);
    assert_eq!(saw.issuer, "CN=An authority");
    assert_eq!(saw.sha256, hex::encode(digest(&SHA256, certificate.der())));
    assert_eq!((saw.not_after - saw.not_before).whole_days(), 90);
    assert!((saw.not_after - OffsetDateTime::now_utc()).whole_days() >= 88);
    assert!(!saw.serial.is_empty() && saw.serial.chars().all(|digit| digit.is_ascii_hexdigit()), "{}", saw.serial);
    assert!(saw.is_good());
}

#[tokio::test]
async fn what_a_certificate_is_worth_is_a_finding_and_not_an_error() {
    let (authority, stranger) = (Authority::new("An authority"), Authority::new("Somebody"));
    for (certificate, trust, covers_host) in [
        (authority.issue(&[HOST], -1, 89), Trust::Trusted, true),
        (authority.issue(&["*.acme.test"], -1, 89), Trust::Trusted, true),
        (authority.issue(&["other.test"], -1, 89), Trust::Trusted, false),
        (authority.issue(&["*.test"], -1, 89), Trust::Trusted, false),
        (authority.issue(&[HOST], -90, -1), Trust::Expired, true),
        (authority.issue(&[HOST], 1, 90), Trust::NotYetValid, true),
        (stranger.issue(&[HOST], -1, 89), Trust::UnknownIssuer, true),
        (stranger.issue(&[HOST], -90, -1), Trust::Expired, true),
        (self_signed(&[HOST]), Trust::SelfSigned, true),
        (self_signed(&["other.test"]), Trust::SelfSigned, false),
    ] {
        let saw = shown(&certificate, &authority).await;
        assert_eq!((saw.trust, saw.covers_host), (trust, covers_host), "{saw:?}");
        assert_eq!(saw.is_good(), trust == Trust::Trusted && covers_host);
    }
}

#[tokio::test]
async fn an_authority_of_the_laptop_is_trusted_only_where_it_was_named() {
    let authority = Authority::new("An authority");
    let server = Server::secured(Does::Waits, &authority.issue(&[HOST], -1, 89)).await;
    let saw = only(prober(0, server.port, None).tls(HOST, &[HERE]).await).outcome.unwrap();
    assert_eq!(saw.trust, Trust::UnknownIssuer);
}

#[test]
fn an_authority_that_cannot_be_read_is_told_at_once() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(Prober::new(Reach::for_tests(1, 2, Some(broken))).unwrap_err(), FetchError::Client);
    assert!(Prober::new(Reach::for_tests(1, 2, Some(""))).is_ok());
}
