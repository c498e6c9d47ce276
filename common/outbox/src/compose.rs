//! The mail that a provider carries.

use tenantry_mail::{Draft, UnsubscribeToken, unsubscribe_headers};
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId};
use tenantry_provider::{Attachment, Header, HeaderText, Mail, Mailbox, MessageIdHeader, Tag};

use crate::Unsubscribe;

/// A draft as it leaves: from this address, without these recipients. The same for every try of one plan.
///
/// The Message-ID is the platform's own, so that it stays the same when another provider or address carries the message. Mail
/// of a category that may be refused carries the one-click link where it has one recipient: a link belongs to one person.
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
    unsubscribe: Option<&Unsubscribe>,
) -> Result<Mail, Fault> {
    let refuse = |error: &dyn std::fmt::Display| Fault::new(ErrorClass::ValidationError, error.to_string());
    let keep = |people: &[tenantry_mail::Mailbox]| -> Result<Vec<Mailbox>, Fault> {
        people.iter().filter(|mailbox| !without.contains(&mailbox.address.key())).map(mailbox_of).collect()
    };
    let (to, cc, bcc) = (keep(&draft.to)?, keep(&draft.cc)?, keep(&draft.bcc)?);
    let mut headers = Vec::new();
    for (name, value) in &draft.headers {
        headers.push(Header::new(name, value).map_err(|error| refuse(&error))?);
    }
    if let (Some(unsubscribe), true, [only], true) =
        (unsubscribe, draft.category.offers_unsubscribe(), to.as_slice(), cc.is_empty() && bcc.is_empty())
    {
        let token = UnsubscribeToken {
            tenant: draft.tenant,
            recipient: only.address.clone(),
            category: draft.category.clone(),
        };
        if let Some(Ok(pair)) = unsubscribe.link(&token).map(|link| unsubscribe_headers(&link, None)) {
            for (name, value) in pair {
                headers.push(Header::new(name, &value).map_err(|error| refuse(&error))?);
            }
        }
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
        reply_to: reply_to.cloned().map(Mailbox::from),
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
