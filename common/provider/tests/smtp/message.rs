//! What a message looks like on the wire.

use tenantry_provider::{HeaderText, Mail, Mailbox, Provider};

use crate::{
    config, mail,
    server::{ACCEPT, ENVELOPE, HELLO, Server, script},
    smtp,
};

async fn on_the_wire(mail: &Mail) -> String {
    let server = Server::start(&[script(&[HELLO, ENVELOPE, ACCEPT])]).await;
    smtp(config(server.port)).send(mail).await.unwrap();
    server.finish().await.remove(0)
}

#[tokio::test]
async fn the_headers_are_complete_and_the_text_comes_first() {
    let content = on_the_wire(&mail()).await;
    let (head, body) = content.split_once("\r\n\r\n").unwrap();
    for header in [
        "Message-ID: <msg_00000000000000000000000000004711@mail.example.com>",
        "From: noreply@mail.example.com",
        "To: ada@example.com",
        "Subject: Welcome",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Date: ",
        "Content-Type: multipart/alternative;",
    ] {
        assert!(head.lines().any(|line| line.starts_with(header)), "{header} is missing in\n{head}");
    }
    assert!(body.find("text/plain") < body.find("text/html"), "{body}");
}

#[tokio::test]
async fn a_line_that_begins_with_a_dot_does_not_end_the_message() {
    let mut mail = mail();
    mail.text = "first\n.\n..second\n.hidden".into();
    let content = on_the_wire(&mail).await;
    assert!(content.contains("first\r\n..\r\n...second\r\n..hidden"), "{content}");
    assert!(content.ends_with("--\r\n\r\n.\r\n"), "{content}");
    assert!(!content.replace("\r\n", "").contains('\n'), "every line ends in CRLF");
}

#[tokio::test]
async fn letters_of_all_the_world_travel_as_ascii() {
    let mut mail = mail();
    mail.subject = "Willkommen, Zoë — 東京 🎉".parse().unwrap();
    let name = "Bücher & \"Söhne\"".parse::<HeaderText>().unwrap();
    mail.from = Mailbox { name: Some(name), ..mail.from };
    mail.text = "Grüße".into();
    mail.html = "<p>Grüße</p>".into();
    let content = on_the_wire(&mail).await;
    assert!(content.is_ascii(), "{content}");
    assert!(content.contains("Subject: Willkommen, =?utf-8?b?"), "{content}");
    assert!(content.contains("=?utf-8?b?") && content.contains("<noreply@mail.example.com>"), "{content}");
    assert!(content.contains("Gr=C3=BC=C3=9Fe"), "{content}");
    assert!(content.lines().all(|line| line.len() <= 998), "RFC 5322, section 2.1.1");
}

#[tokio::test]
async fn a_name_cannot_pretend_to_be_another_header_or_address() {
    let mut mail = mail();
    let name = "Mallory\" <mallory@evil.example>, \"x".parse::<HeaderText>().unwrap();
    mail.to[0] = Mailbox { name: Some(name), ..mail.to[0].clone() };
    let content = on_the_wire(&mail).await;
    let to = content.lines().find(|line| line.starts_with("To: ")).unwrap();
    assert!(to.ends_with(" <ada@example.com>") && !to.contains("mallory@"), "{to}");
}

#[tokio::test]
async fn a_mail_does_not_show_its_body_or_recipients_when_it_is_logged() {
    let printed = format!("{:?}", mail());
    assert!(!printed.contains("Hello") && !printed.contains("ada"), "{printed}");
}
