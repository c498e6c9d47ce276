//! The mail that a provider carries.

use tenantry_mail::Draft;
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId};
use tenantry_provider::{Attachment, Header, HeaderText, Mail, Mailbox, MessageIdHeader, Tag};

/// A draft as it leaves: from this address, without these recipients. The same for every try of one plan.
///
/// The Message-ID is the platform's own, so that it stays the same when another provider or address carries the message.
///
/// # Errors
/// `ValidationError`: what was accepted before is refused now.
pub fn compose(
    id: MessageId,
    draft: Draft,
    from: (&EmailAddress, Option<&str>),
    reply_to: Option<&EmailAddress>,
    without: &[String],
    platform: &EmailAddress,
) -> Result<Mail, Fault> {
    let refuse = |error: &dyn std::fmt::Display| Fault::new(ErrorClass::ValidationError, error.to_string());
    let keep = |people: &[tenantry_mail::Mailbox]| -> Result<Vec<Mailbox>, Fault> {
        people.iter().filter(|mailbox| !without.contains(&mailbox.address.key())).map(mailbox_of).collect()
    };
    let (to, cc, bcc) = (keep(&draft.to)?, keep(&draft.cc)?, keep(&draft.bcc)?);
    // The name is beside the address in the draft only; the settings know an address alone.
    let reply_to = match (&draft.reply_to, reply_to) {
        (Some(named), Some(address)) if named.address == *address => Some(mailbox_of(named)?),
        (_, address) => address.cloned().map(Mailbox::from),
    };
    let mut headers = Vec::new();
    for (name, value) in &draft.headers {
        headers.push(Header::new(name, value).map_err(|error| refuse(&error))?);
    }
    let mut tags = vec![Tag::new("message", &id.to_string()).map_err(|error| refuse(&error))?];
    for (name, value) in draft.tags.iter().filter(|(name, _)| *name != "message") {
        tags.push(Tag::new(name, value).map_err(|error| refuse(&error))?);
    }
    let mut attachments = Vec::new();
    for file in draft.attachments {
        let made = Attachment::new(&file.filename, &file.content_type, file.content).map_err(|error| refuse(&error))?;
        attachments.push(match &file.cid {
            Some(cid) => made.inline(cid).map_err(|error| refuse(&error))?,
            None => made,
        });
    }
    let subject: HeaderText = draft.subject.parse().map_err(|error| refuse(&error))?;
    let (address, name) = from;
    let name = name.map(str::parse).transpose().map_err(|error| refuse(&error))?;
    Ok(Mail {
        id,
        message_id: MessageIdHeader::new(id, platform),
        from: Mailbox { name, address: address.clone() },
        to,
        cc,
        bcc,
        reply_to,
        subject,
        text: draft.text.unwrap_or_default(),
        html: draft.html,
        attachments,
        headers,
        tags,
    })
}

fn mailbox_of(mailbox: &tenantry_mail::Mailbox) -> Result<Mailbox, Fault> {
    let name = mailbox.name.as_deref().map(str::parse).transpose();
    let name = name.map_err(|error| Fault::new(ErrorClass::ValidationError, format!("{error}")))?;
    Ok(Mailbox { name, address: mailbox.address.clone() })
}
