//! Over HTTPS.

use std::time::Duration;

use tenantry_fetch::{ProbeTrouble, TlsTrouble, Trust};

use crate::probe::server::{Authority, Does, HERE, HOST, Server, no_tls, nobody, only, prober, self_signed};

const OK: &[u8] =
    b"HTTP/1.1 302 Found\r\nlocation: /client-portal/dashboard\r\nserver: istio-envoy\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn an_answer_is_seen_together_with_its_certificate() {
    let authority = Authority::new("An authority");
    let server = Server::secured(Does::Answers(OK), &authority.issue(&[HOST], -1, 89)).await;
    let saw = only(prober(0, server.port, Some(&authority.pem())).https(HOST, &[HERE], "/").await).outcome.unwrap();
    assert!(saw.certificate.is_good(), "{saw:?}");
    let answer = saw.answer.unwrap();
    assert_eq!((answer.status, answer.location.as_deref()), (302, Some("/client-portal/dashboard")));
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "the redirect was not followed");
    // The name within TLS, and the name within HTTP.
    assert!(asked[0].starts_with(&format!("{HOST}: GET / HTTP/1.1\r\nhost: {HOST}\r\n")), "{}", asked[0]);
}

#[tokio::test]
async fn a_renewed_certificate_is_seen_by_who_has_been_there_before() {
    let authority = Authority::new("An authority");
    let certificates = [authority.issue(&[HOST], -60, 30), authority.issue(&[HOST], -1, 89)];
    let server = Server::renewed(Does::Answers(OK), [&certificates[0], &certificates[1]]).await;
    let prober = prober(0, server.port, Some(&authority.pem()));
    let mut seen = Vec::new();
    for _ in 0..2 {
        let saw = only(prober.https(HOST, &[HERE], "/").await).outcome.unwrap();
        assert_eq!(saw.answer.unwrap().status, 302);
        seen.push(saw.certificate.sha256);
    }
    assert_ne!(seen[0], seen[1], "no session is resumed");
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_no_hindrance_to_seeing_the_answer() {
    let server = Server::secured(Does::Answers(OK), &self_signed(&["other.test"])).await;
    let saw = only(prober(0, server.port, None).https(HOST, &[HERE], "/").await).outcome.unwrap();
    assert_eq!((saw.certificate.trust, saw.certificate.covers_host), (Trust::SelfSigned, false));
    assert_eq!(saw.answer.unwrap().status, 302);
}

#[tokio::test]
async fn a_certificate_is_seen_where_the_answer_fails() {
    let authority = Authority::new("An authority");
    let certificate = authority.issue(&[HOST], -1, 89);
    for (does, trouble) in [
        (Does::Closes, ProbeTrouble::Reset),
        (Does::Waits, ProbeTrouble::TimedOut),
        (Does::Answers(b"hello"), ProbeTrouble::Garbled),
    ] {
        let server = Server::secured(does, &certificate).await;
        let prober = prober(0, server.port, Some(&authority.pem())).within(Duration::from_secs(1));
        let saw = only(prober.https(HOST, &[HERE], "/").await).outcome.unwrap();
        assert!(saw.certificate.is_good());
        assert_eq!(saw.answer.unwrap_err(), trouble);
    }
}

#[tokio::test]
async fn why_a_connection_could_not_be_secured_is_told_apart() {
    // `handshake_failure` and `unrecognized_name`, as fatal alerts (RFC 8446 section 6).
    for (says, trouble) in [
        (b"".as_slice(), TlsTrouble::Closed),
        (b"\x15\x03\x03\x00\x02\x02\x28", TlsTrouble::Alert),
        (b"\x15\x03\x03\x00\x02\x02\x70", TlsTrouble::NoSuchName),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", TlsTrouble::NotTls),
    ] {
        let prober = prober(0, no_tls(says).await, None);
        assert_eq!(only(prober.tls(HOST, &[HERE]).await).outcome.unwrap_err(), ProbeTrouble::Tls(trouble));
        assert_eq!(only(prober.https(HOST, &[HERE], "/").await).outcome.unwrap_err(), ProbeTrouble::Tls(trouble));
    }
    let prober = prober(0, nobody().await, None);
    assert_eq!(only(prober.tls(HOST, &[HERE]).await).outcome.unwrap_err(), ProbeTrouble::Refused);
}

#[tokio::test]
async fn a_certificate_cannot_be_shown_by_who_does_not_have_its_key() {
    let authority = Authority::new("An authority");
    let certificate = authority.issue(&[HOST], -1, 89);
    let server = Server::secured(Does::Answers(OK), &certificate.borrowed()).await;
    let saw = only(prober(0, server.port, Some(&authority.pem())).https(HOST, &[HERE], "/").await).outcome;
    assert_eq!(saw.unwrap_err(), ProbeTrouble::Tls(TlsTrouble::Unusable));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_left() {
    let server = Server::plain(Does::Waits).await;
    let prober = prober(0, server.port, None).within(Duration::from_millis(200));
    assert_eq!(only(prober.tls(HOST, &[HERE]).await).outcome.unwrap_err(), ProbeTrouble::TimedOut);
    assert_eq!(server.asked().len(), 1, "the handshake was begun");
}
