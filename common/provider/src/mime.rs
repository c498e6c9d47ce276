//! From a [`Mail`] to the bytes of an RFC 5322 message, and the addresses of its envelope.

use lettre::{
    Address, Message,
    message::{
        Attachment as LettreAttachment, Body, Mailbox as LettreMailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use tenantry_model::{EmailAddress, ErrorClass, Fault};

use crate::{Attachment, Mail, Mailbox};

/// A message ready for the wire. Its bytes are ASCII, so no server extension is needed to carry them.
pub(crate) struct Letter {
    pub(crate) from: Address,
    /// Everybody who gets it, each once; `bcc` too.
    pub(crate) to: Vec<Address>,
    pub(crate) bytes: Vec<u8>,
}

/// The message as bytes (RFC 5322, MIME), lines ended by CRLF, ASCII only, without its `bcc`.
///
/// # Errors
/// `ValidationError`: nobody to send to, or something that cannot be written.
pub fn mime(mail: &Mail) -> Result<Vec<u8>, Fault> {
    compose(mail).map(|letter| letter.bytes)
}

/// [`mime`] with the envelope.
pub(crate) fn compose(mail: &Mail) -> Result<Letter, Fault> {
    if mail.to.is_empty() {
        return Err(invalid("the message has no recipient"));
    }
    let from = mailbox(&mail.from)?;
    let mut builder = Message::builder()
        .message_id(Some(mail.message_id.as_str().to_owned()))
        .from(from.clone())
        .subject(mail.subject.as_str());
    for recipient in &mail.to {
        builder = builder.to(mailbox(recipient)?);
    }
    for recipient in &mail.cc {
        builder = builder.cc(mailbox(recipient)?);
    }
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    for header in &mail.headers {
        let name = HeaderName::new_from_ascii(header.name().to_owned());
        let name = name.map_err(|_| invalid("a header's name cannot be written"))?;
        builder = builder.raw_header(HeaderValue::new(name, header.value().to_owned()));
    }
    let message = match content(mail)? {
        Part::Single(part) => builder.singlepart(part),
        Part::Multi(part) => builder.multipart(part),
    };
    let message = message.map_err(|_| invalid("the message cannot be written"))?;
    let mut to: Vec<Address> = Vec::new();
    for recipient in mail.recipients() {
        let address = address(&recipient.address)?;
        if !to.contains(&address) {
            to.push(address);
        }
    }
    Ok(Letter { from: from.email, to, bytes: message.formatted() })
}

/// A part is one of the two in the library's words.
enum Part {
    Single(SinglePart),
    Multi(MultiPart),
}

impl Part {
    fn into(self, around: MultiPart) -> MultiPart {
        match self {
            Self::Single(part) => around.singlepart(part),
            Self::Multi(part) => around.multipart(part),
        }
    }
}

/// The parts, from the outside to the inside: `multipart/mixed` around files, `multipart/alternative` with the text
/// first (RFC 2046, section 5.1.4), `multipart/related` around the HTML and what it shows (RFC 2387).
fn content(mail: &Mail) -> Result<Part, Fault> {
    let text = SinglePart::plain(mail.text.clone());
    let (inline, beside): (Vec<_>, Vec<_>) =
        mail.attachments.iter().partition(|file| file.cid().is_some() && mail.html.is_some());
    let words = match &mail.html {
        None => Part::Single(text),
        Some(html) => {
            let alternative = MultiPart::alternative().singlepart(text);
            let html = SinglePart::html(html.clone());
            Part::Multi(if inline.is_empty() {
                alternative.singlepart(html)
            } else {
                let mut related = MultiPart::related().singlepart(html);
                for file in inline {
                    related = related.singlepart(attached(file, file.cid())?);
                }
                alternative.multipart(related)
            })
        }
    };
    if beside.is_empty() {
        return Ok(words);
    }
    let mut mixed = words.into(MultiPart::mixed().build());
    for file in beside {
        mixed = mixed.singlepart(attached(file, None)?);
    }
    Ok(Part::Multi(mixed))
}

fn attached(file: &Attachment, cid: Option<&str>) -> Result<SinglePart, Fault> {
    let kind = ContentType::parse(file.content_type());
    let kind = kind.map_err(|_| invalid("an attachment's content type cannot be written"))?;
    let name = file.filename().to_owned();
    let part = match cid {
        Some(cid) => LettreAttachment::new_inline_with_name(cid.to_owned(), name),
        None => LettreAttachment::new(name),
    };
    // Always base64: a text would travel as it is otherwise, and have its line ends changed on the way.
    let content = Body::new_with_encoding(file.content().to_vec(), ContentTransferEncoding::Base64);
    Ok(part.body(content.map_err(|_| invalid("an attachment cannot be written"))?, kind))
}

fn mailbox(mailbox: &Mailbox) -> Result<LettreMailbox, Fault> {
    let name = mailbox.name.as_ref().map(|name| name.as_str().to_owned());
    Ok(LettreMailbox::new(name, address(&mailbox.address)?))
}

fn address(address: &EmailAddress) -> Result<Address, Fault> {
    address.as_str().parse().map_err(|_| invalid("an address of the message cannot be written"))
}

fn invalid(message: &str) -> Fault {
    Fault::new(ErrorClass::ValidationError, message)
}
