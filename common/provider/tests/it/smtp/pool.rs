//! Connections are kept, bounded, and replaced when the server has let go of them.

use std::time::Duration;

use tenantry_model::ErrorClass;
use tenantry_provider::{Provider, Smtp, SmtpConfig};

use crate::smtp::{
    config, impatient, mail,
    server::{ACCEPT, ENVELOPE, HELLO, Server, script},
    smtp,
};

#[tokio::test]
async fn two_messages_take_one_connection() {
    let server = Server::start(&[script(&[HELLO, ENVELOPE, ACCEPT, ENVELOPE, ACCEPT])]).await;
    let smtp = smtp(config(server.port));
    smtp.send(&mail()).await.unwrap();
    smtp.send(&mail()).await.unwrap();
    assert_eq!(server.finish().await.len(), 2);
}

#[tokio::test]
async fn a_connection_survives_a_refusal() {
    let refused = "< MAIL\n> 250 ok\n< RCPT\n> 550 no\n< RSET\n> 250 ok";
    let server = Server::start(&[script(&[HELLO, refused, ENVELOPE, "dot\n> 554 spam", ENVELOPE, ACCEPT])]).await;
    let smtp = smtp(config(server.port));
    assert_eq!(smtp.send(&mail()).await.unwrap_err().class, ErrorClass::EmailRefused);
    assert_eq!(smtp.send(&mail()).await.unwrap_err().class, ErrorClass::EmailRefused);
    smtp.send(&mail()).await.unwrap();
    assert_eq!(server.finish().await.len(), 2);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_has_let_go_of_is_replaced_without_a_failure() {
    for end in ["close", "reset", "> 421 idle too long\nclose", "< MAIL\n> 421 idle too long", "< MAIL\nhang"] {
        let first = script(&[HELLO, ENVELOPE, ACCEPT, end]);
        let server = Server::start(&[first, script(&[HELLO, ENVELOPE, ACCEPT])]).await;
        let smtp = smtp(impatient(server.port));
        smtp.send(&mail()).await.unwrap();
        smtp.send(&mail()).await.unwrap_or_else(|fault| panic!("{end}: {fault}"));
        assert_eq!(server.finish().await.len(), 2, "{end}");
    }
}

#[tokio::test]
async fn a_fresh_connection_that_fails_is_not_tried_twice() {
    let server = Server::start(&[script(&[HELLO, "< MAIL\n> 421 bye"])]).await;
    assert_eq!(smtp(config(server.port)).send(&mail()).await.unwrap_err().class, ErrorClass::EmailError);
    server.finish().await;
}

#[tokio::test]
async fn a_connection_of_unknown_outcome_is_never_used_again() {
    let first = script(&[HELLO, ENVELOPE, "dot\nhang"]);
    let server = Server::start(&[first, script(&[HELLO, ENVELOPE, ACCEPT])]).await;
    let smtp = smtp(impatient(server.port));
    assert_eq!(smtp.send(&mail()).await.unwrap_err().class, ErrorClass::UnknownOutcome);
    smtp.send(&mail()).await.unwrap();
    assert_eq!(server.finish().await.len(), 2);
}

#[tokio::test]
async fn a_connection_kept_too_long_is_closed() {
    let one = script(&[HELLO, ENVELOPE, ACCEPT, "hang"]);
    let server = Server::start(&[one.clone(), one]).await;
    let smtp = Smtp::new(SmtpConfig { max_idle: Duration::ZERO, ..config(server.port) }).unwrap();
    smtp.send(&mail()).await.unwrap();
    smtp.send(&mail()).await.unwrap();
    drop(smtp);
    assert_eq!(server.finish().await.len(), 2);
}

#[tokio::test]
async fn there_are_never_more_connections_than_allowed() {
    let server = Server::start(&[script(&[HELLO, ENVELOPE, ACCEPT, ENVELOPE, ACCEPT, ENVELOPE, ACCEPT])]).await;
    let smtp = Smtp::new(SmtpConfig { max_connections: 1, ..config(server.port) }).unwrap();
    let letter = mail();
    let (a, b, c) = tokio::join!(smtp.send(&letter), smtp.send(&letter), smtp.send(&letter));
    assert!(a.is_ok() && b.is_ok() && c.is_ok(), "{a:?} {b:?} {c:?}");
    assert_eq!(server.finish().await.len(), 3);
}

#[tokio::test]
async fn waiting_for_a_free_connection_has_an_end() {
    let server = Server::start(&[script(&[HELLO, ENVELOPE, "dot\nhang"])]).await;
    let mut config = SmtpConfig { max_connections: 1, ..config(server.port) };
    config.timeouts.accept = Duration::from_secs(3);
    config.timeouts.total = Duration::from_secs(4);
    let smtp = Smtp::new(config).unwrap();
    let letter = mail();
    let (first, second) = tokio::join!(smtp.send(&letter), smtp.send(&letter));
    assert_eq!(first.unwrap_err().class, ErrorClass::UnknownOutcome);
    let second = second.unwrap_err();
    assert_eq!(second.class, ErrorClass::EmailDeferred);
    assert!(second.message.contains("busy"), "{second}");
    server.finish().await;
}
