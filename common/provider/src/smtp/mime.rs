//! From a [`Mail`] to the bytes and addresses of an SMTP transaction.

use lettre::{
    Address, Message,
    message::{
        Mailbox as LettreMailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use tenantry_model::{EmailAddress, ErrorClass, Fault};

use crate::{Mail, Mailbox};

/// A message ready for the wire. Its bytes are ASCII, so no server extension is needed to carry them.
pub(super) struct Letter {
    pub(super) from: Address,
    pub(super) to: Vec<Address>,
    pub(super) bytes: Vec<u8>,
}

/// Writes the message: `multipart/alternative` with the text first (RFC 2046, section 5.1.4).
///
/// # Errors
/// `ValidationError`: nobody to send to, or an address that SMTP cannot carry.
pub(super) fn compose(mail: &Mail) -> Result<Letter, Fault> {
    if mail.to.is_empty() {
        return Err(invalid("the message has no recipient"));
    }
    let from = mailbox(&mail.from)?;
    let to = mail.to.iter().map(mailbox).collect::<Result<Vec<_>, _>>()?;
    let mut builder = Message::builder()
        .message_id(Some(mail.message_id.as_str().to_owned()))
        .from(from.clone())
        .subject(mail.subject.as_str());
    for recipient in &to {
        builder = builder.to(recipient.clone());
    }
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    for header in &mail.headers {
        let name = HeaderName::new_from_ascii(header.name().to_owned());
        let name = name.map_err(|_| invalid("a header's name cannot be written"))?;
        builder = builder.raw_header(HeaderValue::new(name, header.value().to_owned()));
    }
    let message = builder
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .map_err(|_| invalid("the message cannot be written"))?;
    let to = to.into_iter().map(|recipient| recipient.email).collect();
    Ok(Letter { from: from.email, to, bytes: message.formatted() })
}

fn mailbox(mailbox: &Mailbox) -> Result<LettreMailbox, Fault> {
    let name = mailbox.name.as_ref().map(|name| name.as_str().to_owned());
    Ok(LettreMailbox::new(name, address(&mailbox.address)?))
}

fn address(address: &EmailAddress) -> Result<Address, Fault> {
    address.as_str().parse().map_err(|_| invalid("an address of the message cannot be carried by SMTP"))
}

fn invalid(message: &str) -> Fault {
    Fault::new(ErrorClass::ValidationError, message)
}
