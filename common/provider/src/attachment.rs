//! What a message carries besides its words: files and tags.

use std::fmt;

use crate::{HeaderError, HeaderText, header::refuse};

/// A file in a message. Its `Debug` form shows neither name nor content.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    filename: HeaderText,
    content_type: String,
    content: Vec<u8>,
    cid: Option<String>,
}

impl Attachment {
    /// A file beside the message.
    ///
    /// # Errors
    /// The file's name is empty, longer than 255 characters, or holds a control character or a slash; the content type
    /// is not of the form `type/subtype` with optional parameters (RFC 2045, section 5.1).
    pub fn new(filename: &str, content_type: &str, content: Vec<u8>) -> Result<Self, HeaderError> {
        const NAME: &str = "the attachment's file name";
        let filename: HeaderText = filename.parse().or(refuse(NAME, "is empty or not a line of text"))?;
        if filename.as_str().chars().count() > 255 {
            return refuse(NAME, "is longer than 255 characters");
        }
        if filename.as_str().contains(['/', '\\']) {
            return refuse(NAME, "holds a slash; it must be a name without folders");
        }
        if !is_content_type(content_type) {
            return refuse("the attachment's content type", "does not look like type/subtype");
        }
        Ok(Self { filename, content_type: content_type.trim().to_ascii_lowercase(), content, cid: None })
    }

    /// The same file as a part of the HTML, which shows it as `cid:NAME` (RFC 2392).
    ///
    /// # Errors
    /// The name is not 1 to 128 letters, digits or `._-@+` of ASCII.
    pub fn inline(mut self, cid: &str) -> Result<Self, HeaderError> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"._-@+".contains(&b);
        if cid.is_empty() || cid.len() > 128 || !cid.bytes().all(good) {
            return refuse("the attachment's cid", "must be 1 to 128 ASCII letters, digits or . _ - @ +");
        }
        self.cid = Some(cid.to_owned());
        Ok(self)
    }

    /// The file's name.
    #[must_use]
    pub fn filename(&self) -> &str {
        self.filename.as_str()
    }

    /// Its media type, in lower case.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Its bytes, not encoded.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// The name by which the HTML shows it; `None`: it stands beside the message.
    #[must_use]
    pub fn cid(&self) -> Option<&str> {
        self.cid.as_deref()
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("content_type", &self.content_type)
            .field("bytes", &self.content.len())
            .finish_non_exhaustive()
    }
}

/// `type/subtype`, each a token, then parameters of visible ASCII.
fn is_content_type(text: &str) -> bool {
    let token = |text: &str| {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b);
        !text.is_empty() && text.len() <= 127 && text.bytes().all(good)
    };
    let (kind, parameters) = text.trim().split_once(';').unwrap_or((text.trim(), ""));
    let plain = parameters.bytes().all(|b| b.is_ascii_graphic() || b == b' ') && parameters.len() <= 256;
    let parsed = lettre::message::header::ContentType::parse(text).is_ok();
    parsed
        && plain
        && kind.trim().split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub) && kind != "multipart")
}

/// A word about a message that its provider keeps and tells in its events: `category` = `invoices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    name: String,
    value: String,
}

impl Tag {
    /// A tag.
    ///
    /// # Errors
    /// Name or value is not 1 to 256 of `A-Z a-z 0-9 _ -`, which is what every provider takes.
    pub fn new(name: &str, value: &str) -> Result<Self, HeaderError> {
        for (what, text) in [("the tag's name", name), ("the tag's value", value)] {
            let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            if text.is_empty() || text.len() > 256 || !text.bytes().all(good) {
                return refuse(what, "must be 1 to 256 ASCII letters, digits, _ or -");
            }
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_name_is_a_name_and_nothing_else() {
        let file = |name: &str| Attachment::new(name, "application/pdf", b"x".to_vec());
        for name in ["", "a\r\nBcc: x", "../../etc/passwd", "c:\\x", &"x".repeat(256)] {
            assert!(file(name).is_err(), "{name:?} was accepted");
        }
        assert_eq!(file("Rechnung März.pdf").unwrap().filename(), "Rechnung März.pdf");
    }

    #[test]
    fn a_content_type_is_type_and_subtype() {
        let of = |kind: &str| Attachment::new("a", kind, Vec::new());
        for kind in ["", "pdf", "/pdf", "a/", "a/b/c", "text/plain\r\nX: y", "multipart/mixed", "text/plain; a\u{7}"] {
            assert!(of(kind).is_err(), "{kind:?} was accepted");
        }
        assert_eq!(of("Text/CSV; charset=utf-8").unwrap().content_type(), "text/csv; charset=utf-8");
    }

    #[test]
    fn a_cid_cannot_leave_its_header() {
        let file = Attachment::new("a.png", "image/png", Vec::new()).unwrap();
        for cid in ["", "a>b", "a b", "a\r\nb", "é"] {
            assert!(file.clone().inline(cid).is_err(), "{cid:?} was accepted");
        }
        assert_eq!(file.inline("logo+2@mail").unwrap().cid(), Some("logo+2@mail"));
    }

    #[test]
    fn a_tag_holds_what_every_provider_takes() {
        for (name, value) in [("", "x"), ("x", ""), ("a:b", "x"), ("x", "ü"), ("x", "a b"), ("x", &"x".repeat(257))] {
            assert!(Tag::new(name, value).is_err(), "{name:?}={value:?} was accepted");
        }
        assert_eq!(Tag::new("tenant", "ten_1-A").unwrap().value(), "ten_1-A");
    }

    #[test]
    fn a_logged_attachment_does_not_show_what_is_in_it() {
        let file = Attachment::new("salary-of-ada.csv", "text/csv", b"secret".to_vec()).unwrap();
        assert_eq!(format!("{file:?}"), "Attachment { content_type: \"text/csv\", bytes: 6, .. }");
    }
}
