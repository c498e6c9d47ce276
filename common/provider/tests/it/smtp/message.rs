//! What a message looks like on the wire.

use tenantry_provider::{Attachment, HeaderText, Mail, Mailbox, Provider};

use crate::smtp::{
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
    mail.html = Some("<p>Grüße</p>".into());
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

#[tokio::test]
async fn a_blind_copy_is_in_the_envelope_and_nowhere_else() {
    let mailbox = |text: &str| Mailbox::from(text.parse::<tenantry_model::EmailAddress>().unwrap());
    let mut mail = mail();
    mail.cc = vec![mailbox("bob@example.com"), mailbox("ada@example.com")];
    mail.bcc = vec![mailbox("carol@example.com")];
    let envelope = "< MAIL\n> 250 ok\n< RCPT TO:<ada@example.com>\n> 250 ok\n< RCPT TO:<bob@example.com>\n> 250 ok\n\
                    < RCPT TO:<carol@example.com>\n> 250 ok\n< DATA\n> 354 go";
    let server = Server::start(&[script(&[HELLO, envelope, ACCEPT])]).await;
    smtp(config(server.port)).send(&mail).await.unwrap();
    let content = server.finish().await.remove(0);
    assert!(content.contains("\r\nCc: bob@example.com, ada@example.com\r\n"), "{content}");
    assert!(!content.contains("carol") && !content.to_lowercase().contains("\nbcc"), "{content}");
}

#[tokio::test]
async fn files_stand_beside_the_message_and_pictures_inside_its_html() {
    let mut mail = mail();
    let file = Attachment::new("Rechnung März.pdf", "application/pdf", b"%PDF-1.7".to_vec()).unwrap();
    let picture = Attachment::new("logo.png", "image/png", b"\x89PNG".to_vec()).unwrap().inline("logo").unwrap();
    mail.attachments = vec![file, picture];
    let content = on_the_wire(&mail).await;
    assert!(content.is_ascii(), "{content}");
    let at = |what: &str| content.find(what).unwrap_or_else(|| panic!("{what} is missing in\n{content}"));
    let order = [
        at("Content-Type: multipart/mixed;"),
        at("Content-Type: multipart/alternative;"),
        at("Content-Type: text/plain"),
        at("Content-Type: multipart/related;"),
        at("Content-Type: text/html"),
        at("Content-Type: image/png"),
        at("Content-Type: application/pdf"),
    ];
    assert!(order.is_sorted(), "{content}");
    assert!(at("Content-ID: <logo>") < at("application/pdf"), "{content}");
    assert!(content.contains("Content-Disposition: attachment;") && content.contains("JVBERi0xLjc="), "{content}");
    assert!(content.len() < mail.wire_size(), "{} octets, foreseen {}", content.len(), mail.wire_size());
}

#[tokio::test]
async fn a_message_without_html_is_a_plain_text() {
    let mut mail = mail();
    mail.html = None;
    let content = on_the_wire(&mail).await;
    assert!(content.contains("Content-Type: text/plain") && !content.contains("multipart"), "{content}");
}

#[tokio::test]
async fn a_message_never_weighs_more_than_foreseen() {
    let file = |bytes: usize| Attachment::new("a.bin", "application/octet-stream", vec![7; bytes]).unwrap();
    for (text, bytes) in
        [("ü".repeat(5000), 0), ("= \n".repeat(5000), 0), ("x".repeat(5000), 100_000), (String::new(), 1)]
    {
        let mail = Mail { attachments: vec![file(bytes)], html: Some(text.clone()), text, ..mail() };
        let size = tenantry_provider::mime(&mail).unwrap().len();
        assert!(size <= mail.wire_size() && mail.wire_size() < 3 * size + 8192, "{size} octets, {}", mail.wire_size());
    }
}
