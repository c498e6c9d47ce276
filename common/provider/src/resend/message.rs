//! A [`Mail`] as the API wants it (`SendEmailRequest` of its OpenAPI document).

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;

use crate::{Attachment, Mail, Mailbox};

/// One message.
#[derive(Serialize)]
pub(super) struct Email<'a> {
    from: String,
    to: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cc: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bcc: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    subject: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<File<'a>>,
    tags: Vec<Tag>,
}

#[derive(Serialize)]
struct File<'a> {
    filename: &'a str,
    content: String,
    content_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Tag {
    name: String,
    value: String,
}

impl<'a> From<&'a Mail> for Email<'a> {
    fn from(mail: &'a Mail) -> Self {
        let all = |mailboxes: &[Mailbox]| mailboxes.iter().map(written).collect();
        let tag = |name: &str, value: &str| Tag { name: name.to_owned(), value: value.to_owned() };
        // An event of this message can then be told from its tags alone, even before the answer to this request.
        let ours = tag(super::MESSAGE_TAG, &mail.id.to_string());
        let theirs = mail.tags.iter().filter(|tag| tag.name() != super::MESSAGE_TAG);
        Self {
            from: written(&mail.from),
            to: all(&mail.to),
            cc: all(&mail.cc),
            bcc: all(&mail.bcc),
            reply_to: mail.reply_to.as_ref().map(written),
            subject: mail.subject.as_str(),
            text: &mail.text,
            html: mail.html.as_deref(),
            headers: mail.headers.iter().map(|header| (header.name(), header.value())).collect(),
            attachments: mail.attachments.iter().map(file).collect(),
            tags: std::iter::once(ours).chain(theirs.map(|one| tag(one.name(), one.value()))).collect(),
        }
    }
}

fn file(file: &Attachment) -> File<'_> {
    File {
        filename: file.filename(),
        content: STANDARD.encode(file.content()),
        content_type: file.content_type(),
        content_id: file.cid(),
    }
}

/// `Name <address>`, the name in quotes where it is more than words (RFC 5322, section 3.2.4).
fn written(mailbox: &Mailbox) -> String {
    let address = &mailbox.address;
    let Some(name) = mailbox.name.as_ref().map(|name| name.as_str()) else { return address.to_string() };
    let plain = |c: char| c.is_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(c);
    if name.chars().all(plain) {
        return format!("{name} <{address}>");
    }
    let quoted: String =
        name.chars().flat_map(|c| matches!(c, '"' | '\\').then_some('\\').into_iter().chain([c])).collect();
    format!("\"{quoted}\" <{address}>")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tenantry_model::EmailAddress;

    use super::*;

    #[test]
    fn a_name_cannot_pretend_to_be_another_address() {
        let address: EmailAddress = "ada@example.com".parse().unwrap();
        let named = |name: &str| written(&Mailbox { name: Some(name.parse().unwrap()), address: address.clone() });
        assert_eq!(named("Zoë Müller"), "Zoë Müller <ada@example.com>");
        assert_eq!(named("Müller, Zoë"), "\"Müller, Zoë\" <ada@example.com>");
        assert_eq!(named("M\" <m@evil.example>, \\"), "\"M\\\" <m@evil.example>, \\\\\" <ada@example.com>");
        assert_eq!(written(&address.into()), "ada@example.com");
    }
}
