//! An accepted message: its envelope, its bytes, and what they say when read as MIME.

use mail_parser::{MessageParser, PartType};
use std::sync::OnceLock;
use time::OffsetDateTime;

/// One accepted message.
#[derive(Debug)]
pub struct Message {
    /// Names it in the mailbox; later messages sort after earlier ones.
    pub id: String,
    /// The envelope's sender; empty for a bounce.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// When it was accepted.
    pub received_at: OffsetDateTime,
    /// Its bytes as sent, without the dots that SMTP adds.
    pub raw: Vec<u8>,
    parsed: OnceLock<Parsed>,
}

/// What is read from the bytes, once somebody asks.
#[derive(Debug, Default)]
struct Parsed {
    headers: Vec<(String, String)>,
    subject: Option<String>,
    to: Vec<String>,
    message_id: Option<String>,
    text: Option<String>,
    html: Option<String>,
}

impl Message {
    pub(super) fn new(id: String, from: String, to: Vec<String>, received_at: OffsetDateTime, raw: Vec<u8>) -> Message {
        Message { id, from, to, received_at, raw, parsed: OnceLock::new() }
    }

    /// The subject, decoded.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.parsed().subject.as_deref()
    }

    /// The addresses of the header `To`, which need not be the envelope's.
    #[must_use]
    pub fn header_to(&self) -> &[String] {
        &self.parsed().to
    }

    /// The `Message-ID` without its angle brackets.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        self.parsed().message_id.as_deref()
    }

    /// The text part, decoded.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.parsed().text.as_deref()
    }

    /// The HTML part, decoded.
    #[must_use]
    pub fn html(&self) -> Option<&str> {
        self.parsed().html.as_deref()
    }

    /// All headers in their order, as they were written.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.parsed().headers
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(header, _): &&(String, String)| header.eq_ignore_ascii_case(name);
        self.headers().iter().find(named).map(|(_, value)| value.as_str())
    }

    fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| parse(&self.raw).unwrap_or_default())
    }
}

fn parse(raw: &[u8]) -> Option<Parsed> {
    let message = MessageParser::default().parse(raw)?;
    let addresses = message.to().into_iter().flat_map(|to| to.iter()).filter_map(|one| one.address());
    // The parser offers either part made from the other; only what was really sent counts here.
    let text = message.text_part(0).and_then(|part| match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let html = message.html_part(0).and_then(|part| match &part.body {
        PartType::Html(html) => Some(html.to_string()),
        _ => None,
    });
    Some(Parsed {
        headers: message.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(),
        subject: message.subject().map(str::to_owned),
        to: addresses.map(str::to_owned).collect(),
        message_id: message.message_id().map(str::to_owned),
        text,
        html,
    })
}

/// The `Message-ID` alone: every accepted message is counted by it, and a full parse would cost more.
pub(super) fn message_id(raw: &[u8]) -> Option<String> {
    MessageParser::new().with_message_ids().parse_headers(raw)?.message_id().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_headers_are_decoded_and_only_what_was_sent_is_there() {
        let raw = "Message-ID: <one@tenantry.example>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nTo: Ann <ann@a.example>\r\n\
            X-Run: run_1\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\
            Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHall=C3=B6\r\n--b\r\n\
            Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+SGk8L2I+\r\n--b--\r\n";
        let now = OffsetDateTime::now_utc();
        let message = Message::new("1".into(), String::new(), Vec::new(), now, raw.as_bytes().to_vec());
        assert_eq!(message.subject(), Some("Grüße"));
        assert_eq!((message.text(), message.html()), (Some("Hallö"), Some("<b>Hi</b>")));
        assert_eq!(message.header_to(), ["ann@a.example"]);
        assert_eq!((message.message_id(), message.header("x-run")), (Some("one@tenantry.example"), Some("run_1")));
        assert_eq!(message_id(&message.raw).as_deref(), Some("one@tenantry.example"));

        let plain = Message::new("2".into(), String::new(), Vec::new(), now, b"Subject: x\r\n\r\nhi".to_vec());
        assert_eq!((plain.text(), plain.html(), message_id(&plain.raw)), (Some("hi"), None, None));
    }
}
