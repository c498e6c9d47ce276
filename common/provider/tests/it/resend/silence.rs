//! Where no answer comes: before the request nothing was sent, after it nobody knows.

use std::time::Duration;

use serde_json::json;
use tenantry_model::{ErrorClass, Fault};
use tenantry_provider::{Provider, Resend, ResendConfig};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::resend::{
    assert_fit_for_people, impatient, mail, resend,
    server::{Act, Server, ok},
};

async fn fault(act: Act) -> Fault {
    let server = Server::start(vec![act]).await;
    let fault = resend(&server).send(&mail()).await.unwrap_err();
    assert_fit_for_people(&fault);
    assert_eq!(server.finish().await.len(), 1, "it was asked once, and not again");
    fault
}

#[tokio::test]
async fn an_api_that_cannot_be_reached_was_sent_nothing() {
    let server = Server::start(vec![]).await;
    let resend = resend(&server);
    assert!(server.finish().await.is_empty());
    let fault = resend.send(&mail()).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::EmailError);
    assert!(fault.message.contains("nothing was sent"), "{fault}");
    assert_fit_for_people(&fault);
}

#[tokio::test]
async fn a_connection_that_is_never_answered_was_sent_nothing() {
    // A queue that is full: the kernel answers no further greeting.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let full = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(connected) = timeout(Duration::from_millis(300), TcpStream::connect(full)).await {
        waiting.push(connected.unwrap());
    }
    let (connect, total) = (Duration::from_millis(500), Duration::from_secs(2));
    let config =
        ResendConfig { base_url: format!("http://{full}"), connect, total, ..ResendConfig::new("re_x".into()) };
    let fault = Resend::new(&config).unwrap().send(&mail()).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::EmailError, "{fault}");
}

#[tokio::test]
async fn silence_after_the_request_is_unknown_and_the_key_resolves_it() {
    let server = Server::start(vec![Act::Hang, ok(json!({"id": "first"}))]).await;
    let resend = impatient(&server);
    let fault = resend.send(&mail()).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::UnknownOutcome);
    assert!(
        fault.message.contains("did not answer in time") && fault.message.contains("same idempotency key"),
        "{fault}"
    );
    assert_eq!(resend.send(&mail()).await.unwrap().provider_message_id.as_deref(), Some("first"));
    assert_eq!(server.finish().await.len(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_is_unknown() {
    for act in [Act::Reset, Act::Close, Act::Raw("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"id\":")] {
        assert_eq!(fault(act).await.class, ErrorClass::UnknownOutcome);
    }
}

#[tokio::test]
async fn an_acceptance_that_cannot_be_read_is_unknown() {
    for act in [
        ok(json!({"message": "fine"})),
        ok(json!("x".repeat(2 << 20))),
        Act::Raw("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<htm"),
        Act::Raw("220 mx ESMTP\r\n"),
    ] {
        assert_eq!(fault(act).await.class, ErrorClass::UnknownOutcome);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(vec![]).await;
    let location: &'static str = format!("location: {}/emails\r\n", elsewhere.base).leak();
    let fault = fault(Act::Answer(307, location, json!(null))).await;
    assert_eq!(fault.class, ErrorClass::UnknownOutcome);
    assert!(elsewhere.finish().await.is_empty());
}
