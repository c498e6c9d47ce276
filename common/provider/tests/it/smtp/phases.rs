//! What breaks before the final dot was never accepted; what breaks after it is unknown; a reply is always an answer.

use tenantry_model::{EmailAddress, ErrorClass, Fault};
use tenantry_provider::Provider;
use tokio::net::TcpListener;

use crate::smtp::{
    config, impatient, mail,
    server::{ACCEPT, ENVELOPE, HELLO, Server, script},
    smtp,
};

/// The fault of a send whose only connection follows a script to its end.
async fn fault(parts: &[&str]) -> Fault {
    let server = Server::start(&[script(parts)]).await;
    let waits = parts.iter().any(|part| part.ends_with("hang"));
    let config = if waits { impatient(server.port) } else { config(server.port) };
    let fault = smtp(config).send(&mail()).await.expect_err("the send must fail");
    server.finish().await;
    fault
}

async fn assert_fault(parts: &[&str], class: ErrorClass, words: &[&str]) {
    let fault = fault(parts).await;
    assert_eq!(fault.class, class, "{fault} after {parts:?}");
    for word in words {
        assert!(fault.message.contains(word), "{word:?} is missing in {fault}");
    }
}

#[tokio::test]
async fn an_accepted_message_comes_with_the_servers_words() {
    let server = Server::start(&[script(&[HELLO, ENVELOPE, ACCEPT])]).await;
    let accepted = smtp(config(server.port)).send(&mail()).await.unwrap();
    assert_eq!(accepted.response.as_deref(), Some("250 2.0.0 queued as 4711"));
    assert_eq!(server.finish().await.len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_may_come_back() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let fault = smtp(config(port)).send(&mail()).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::EmailError);
    assert!(fault.message.contains("it refused the connection"), "{fault}");
}

#[tokio::test]
async fn a_4xx_at_any_step_may_be_tried_again() {
    // What is said of the recipient or the content says nothing of other messages.
    let (later, this_one) = (ErrorClass::EmailError, ErrorClass::EmailDeferred);
    assert_fault(&["> 421 too busy"], later, &["421 too busy", "greeting"]).await;
    assert_fault(&[HELLO, "< MAIL", "> 451 later", "< RSET", "> 250 ok"], later, &["451 later", "MAIL FROM"]).await;
    assert_fault(&[HELLO, "< MAIL", "> 421 bye", "close"], later, &["421 bye"]).await;
    let rcpt = [HELLO, "< MAIL", "> 250 ok", "< RCPT", "> 450 greylisted <ada@example.com>", "< RSET", "> 250 ok"];
    assert_fault(&rcpt, this_one, &["450 greylisted <…@example.com>"]).await;
    let data = [HELLO, "< MAIL", "> 250 ok", "< RCPT", "> 250 ok", "< DATA", "> 451 not now", "< RSET", "> 250 ok"];
    assert_fault(&data, later, &["451 not now", "DATA"]).await;
    assert_fault(&[HELLO, ENVELOPE, "dot", "> 452 disk full"], this_one, &["452 disk full"]).await;
    assert_fault(&[HELLO, ENVELOPE, "dot", "> 421 going down"], later, &["421 going down"]).await;
}

#[tokio::test]
async fn a_5xx_at_any_step_is_final() {
    let (no, account) = (ErrorClass::EmailRefused, ErrorClass::AccountRefused);
    assert_fault(&["> 554 we do not know you"], account, &["554", "our account"]).await;
    assert_fault(
        &[HELLO, "< MAIL", "> 553 not yours", "< RSET", "> 250 ok"],
        ErrorClass::SenderRefused,
        &["553", "our sender address"],
    )
    .await;
    assert_fault(&[HELLO, "< MAIL", "> 530 log in first", "< RSET", "> 250 ok"], account, &["530", "our account"])
        .await;
    let rcpt = [HELLO, "< MAIL", "> 250 ok", "< RCPT", "> 550-5.1.1 no", "> 550 5.1.1 such user", "< RSET", "> 250 ok"];
    assert_fault(&rcpt, no, &["550 5.1.1 no such user", "check the address"]).await;
    let data = [HELLO, "< MAIL", "> 250 ok", "< RCPT", "> 250 ok", "< DATA", "> 554 no", "< RSET", "> 250 ok"];
    assert_fault(&data, no, &["554 no", "DATA"]).await;
    assert_fault(&[HELLO, ENVELOPE, "dot", "> 552 too large"], no, &["552 too large", "the message itself"]).await;
}

#[tokio::test]
async fn silence_before_the_dot_is_no_acceptance() {
    const SILENT: &str = "did not answer in time";
    const MAIL: &str = "< MAIL\n> 250 ok";
    const TO: &str = "< RCPT\n> 250 ok";
    let later = ErrorClass::EmailError;
    tokio::join!(
        assert_fault(&["hang"], later, &[SILENT, "greeting"]),
        assert_fault(&["> 220 mx", "< EHLO", "hang"], later, &[SILENT]),
        assert_fault(&[HELLO, "< MAIL", "hang"], later, &[SILENT, "MAIL FROM"]),
        assert_fault(&[HELLO, MAIL, "< RCPT", "hang"], later, &[SILENT, "RCPT TO"]),
        assert_fault(&[HELLO, MAIL, TO, "< DATA", "hang"], later, &[SILENT, "DATA"]),
    );
}

#[tokio::test]
async fn a_connection_lost_before_the_dot_is_no_acceptance() {
    let later = ErrorClass::EmailError;
    for end in ["close", "reset"] {
        assert_fault(&[end], later, &["closed the connection"]).await;
        assert_fault(&[HELLO, "< MAIL", end], later, &["closed the connection"]).await;
        assert_fault(&[HELLO, "< MAIL", "> 250 ok", "< RCPT", end], later, &["closed the connection"]).await;
        assert_fault(&[HELLO, "< MAIL", "> 250 ok", "< RCPT", "> 250 ok", "< DATA", end], later, &["closed"]).await;
    }
}

#[tokio::test]
async fn nonsense_before_the_dot_is_no_acceptance() {
    let later = ErrorClass::EmailError;
    assert_fault(&["> HTTP/1.1 400 Bad Request", "hang"], later, &["not SMTP"]).await;
    assert_fault(&[HELLO, "< MAIL", "> hello?", "hang"], later, &["not SMTP"]).await;
    // A 250 instead of 354: writing the content now would be taken for commands.
    let data = [HELLO, "< MAIL", "> 250 ok", "< RCPT", "> 250 ok", "< DATA", "> 250 ok", "hang"];
    assert_fault(&data, later, &["250, which is no answer"]).await;
}

#[tokio::test]
async fn a_content_that_could_not_be_written_in_full_is_no_acceptance() {
    let server = Server::start(&[script(&[HELLO, ENVELOPE, "stall"])]).await;
    let mut mail = mail();
    mail.text = "0123456789 0123456789 0123456789\n".repeat(160 * 1024);
    let fault = smtp(impatient(server.port)).send(&mail).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::EmailError, "{fault}");
    assert!(fault.message.contains("the message's content"), "{fault}");
}

#[tokio::test]
async fn whatever_happens_after_the_dot_without_a_reply_is_unknown() {
    for (end, words) in [
        ("hang", "did not answer in time"),
        ("close", "closed the connection"),
        ("reset", "closed the connection"),
        ("> 25", "not SMTP"),
        ("> what?", "not SMTP"),
        ("> 354 go on", "354"),
    ] {
        let id = "Message-ID <msg_00000000000000000000000000004711@mail.example.com>";
        assert_fault(&[HELLO, ENVELOPE, "dot", end], ErrorClass::UnknownOutcome, &[words, "not sent again", id]).await;
    }
}

#[tokio::test]
async fn one_refused_recipient_of_several_keeps_the_message_from_everybody() {
    let rcpt = "< RCPT TO:<ada@\n> 250 ok\n< RCPT TO:<bob@\n> 550 no such user\n< RCPT TO:<eve@\n> 451 later\n< RSET\n> 250 ok";
    let server = Server::start(&[script(&[HELLO, "< MAIL", "> 250 ok", rcpt])]).await;
    let mut mail = mail();
    for to in ["bob@example.com", "eve@example.com"] {
        mail.to.push(to.parse::<EmailAddress>().unwrap().into());
    }
    let fault = smtp(config(server.port)).send(&mail).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::EmailRefused);
    assert!(fault.message.contains("2 of 3 recipients") && fault.message.contains("550 no such user"), "{fault}");
    assert!(server.finish().await.is_empty(), "no content was sent");
}

#[tokio::test]
async fn a_message_to_nobody_is_not_sent() {
    let mut mail = mail();
    mail.to.clear();
    let fault = smtp(config(1)).send(&mail).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::ValidationError);
}
