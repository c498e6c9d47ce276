//! Encryption and account: what we insist on, and in which words we say so.

use tenantry_model::{ErrorClass, Fault};
use tenantry_provider::{Provider, Smtp, SmtpConfig, Tls};

use crate::smtp::{
    account, config, mail,
    server::{ACCEPT, ENVELOPE, HELLO, Server, script},
};

const OFFER_TLS: &str = "> 220 mx ESMTP\n< EHLO\n> 250-mx\n> 250 STARTTLS\n< STARTTLS\n> 220 go\ntls";
const OFFER_AUTH: &str = "< EHLO\n> 250-mx\n> 250 AUTH PLAIN LOGIN";
/// `\0tenantry\0s3cret-word`
const AUTH: &str = "< AUTH PLAIN AHRlbmFudHJ5AHMzY3JldC13b3Jk\n> 235 welcome";

fn encrypted(server: &Server, tls: Tls) -> SmtpConfig {
    let extra_roots_pem = Some(server.certificate.clone());
    SmtpConfig { tls, extra_roots_pem, credentials: Some(account()), ..config(server.port) }
}

async fn refused(server: Server, config: SmtpConfig, words: &[&str]) {
    let fault = Smtp::new(config).unwrap().send(&mail()).await.unwrap_err();
    assert_fault(&fault, ErrorClass::AccountRefused, words);
    assert!(server.finish().await.is_empty());
}

fn assert_fault(fault: &Fault, class: ErrorClass, words: &[&str]) {
    assert_eq!(fault.class, class, "{fault}");
    for word in words {
        assert!(fault.message.contains(word), "{word:?} is missing in {fault}");
    }
    assert!(!fault.message.contains("s3cret") && !fault.message.contains("tenantry"), "{fault}");
}

#[tokio::test]
async fn a_message_travels_under_starttls_with_our_account() {
    let server = Server::start(&[script(&[OFFER_TLS, OFFER_AUTH, AUTH, ENVELOPE, ACCEPT])]).await;
    Smtp::new(encrypted(&server, Tls::StartTls)).unwrap().send(&mail()).await.unwrap();
    assert_eq!(server.finish().await.len(), 1);
}

#[tokio::test]
async fn a_message_travels_under_implicit_tls_with_our_account() {
    let server = Server::start(&[script(&["tls", "> 220 mx", OFFER_AUTH, AUTH, ENVELOPE, ACCEPT])]).await;
    Smtp::new(encrypted(&server, Tls::Implicit)).unwrap().send(&mail()).await.unwrap();
    assert_eq!(server.finish().await.len(), 1);
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_password_nor_message() {
    // The script ends after EHLO: whatever the client said more would be read by `hang` and is none of AUTH or MAIL.
    let server = Server::start(&[script(&[HELLO, "< ", "close"])]).await;
    let config = encrypted(&server, Tls::StartTls);
    refused(server, config, &["does not offer the encryption (STARTTLS) that we require", "nothing was sent"]).await;
}

#[tokio::test]
async fn a_starttls_that_fails_for_now_may_be_tried_again() {
    let server = Server::start(&[script(&[
        "> 220 mx\n< EHLO\n> 250-mx\n> 250 STARTTLS\n< STARTTLS\n> 454 TLS not available",
        "< QUIT\n> 221 bye",
    ])])
    .await;
    let fault = Smtp::new(encrypted(&server, Tls::StartTls)).unwrap().send(&mail()).await.unwrap_err();
    assert_fault(&fault, ErrorClass::EmailError, &["454 TLS not available", "STARTTLS"]);
    server.finish().await;
}

#[tokio::test]
async fn replies_slipped_in_before_encryption_are_not_believed() {
    // Whoever holds the wire appends a whole conversation to the server's go-ahead, in one packet.
    let forged = "<> 220 go|250 mx|250 ok|250 ok|354 go|250 queued by the thief";
    let parts = ["> 220 mx ESMTP\n< EHLO\n> 250-mx\n> 250 STARTTLS\n< STARTTLS", forged, "tls", "hang"];
    let server = Server::start(&[script(&parts)]).await;
    let config = SmtpConfig { credentials: None, ..encrypted(&server, Tls::StartTls) };
    let fault = Smtp::new(config).unwrap().send(&mail()).await.unwrap_err();
    assert_fault(&fault, ErrorClass::EmailError, &["could not agree with us on TLS"]);
    assert!(server.finish().await.is_empty());
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    for (tls, parts) in [(Tls::StartTls, vec![OFFER_TLS, "hang"]), (Tls::Implicit, vec!["tls", "hang"])] {
        let server = Server::start_as("mail.example.org", &[script(&parts)]).await;
        let config = encrypted(&server, tls);
        refused(server, config, &["a certificate that is not made out to its host name"]).await;
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_we_trust_has_signed_is_refused() {
    for (tls, parts) in [(Tls::StartTls, vec![OFFER_TLS, "hang"]), (Tls::Implicit, vec!["tls", "hang"])] {
        let server = Server::start(&[script(&parts)]).await;
        let config = SmtpConfig { extra_roots_pem: None, ..encrypted(&server, tls) };
        refused(server, config, &["a certificate that no trusted authority has signed"]).await;
    }
}

#[tokio::test]
async fn a_refused_account_is_called_that_and_the_servers_echo_is_not_repeated() {
    let no = "< AUTH PLAIN\n> 535 5.7.8 wrong password s3cret-word for tenantry";
    let server = Server::start(&[script(&[OFFER_TLS, OFFER_AUTH, no])]).await;
    let config = encrypted(&server, Tls::StartTls);
    refused(server, config, &["answered 535 at AUTH", "refuses our account", "user name and password"]).await;
}

#[tokio::test]
async fn an_account_that_cannot_be_checked_now_may_be_tried_again() {
    let later = "< AUTH PLAIN\n> 454 4.7.0 directory down";
    let server = Server::start(&[script(&[OFFER_TLS, OFFER_AUTH, later])]).await;
    let fault = Smtp::new(encrypted(&server, Tls::StartTls)).unwrap().send(&mail()).await.unwrap_err();
    assert_fault(&fault, ErrorClass::EmailError, &["454 at AUTH"]);
    server.finish().await;
}

#[tokio::test]
async fn a_server_that_wants_no_account_we_can_give_is_refused() {
    let server = Server::start(&[script(&[OFFER_TLS, "< EHLO\n> 250-mx\n> 250 AUTH GSSAPI", "hang"])]).await;
    let config = encrypted(&server, Tls::StartTls);
    refused(server, config, &["does not offer a way to log in that we know"]).await;
}

#[tokio::test]
async fn a_check_greets_logs_in_and_leaves() {
    let server = Server::start(&[script(&[OFFER_TLS, OFFER_AUTH, AUTH, "< NOOP\n> 250 ok\n< QUIT\n> 221 bye"])]).await;
    Smtp::new(encrypted(&server, Tls::StartTls)).unwrap().check().await.unwrap();
    server.finish().await;
}

#[tokio::test]
async fn a_check_that_fails_names_the_server() {
    let server = Server::start(&[script(&[OFFER_TLS, OFFER_AUTH, "< AUTH PLAIN\n> 535 no"])]).await;
    let config = encrypted(&server, Tls::StartTls);
    let fault = Smtp::new(config).unwrap().check().await.unwrap_err();
    assert_fault(&fault, ErrorClass::AccountRefused, &[&format!("127.0.0.1:{}: ", server.port), "535"]);
    server.finish().await;
}
