//! What a provider can carry, and the refusal of what it cannot.

use tenantry_model::{ErrorClass, Fault};

use crate::Mail;

/// What a provider can do. A message beyond it is refused by [`fits`], never trimmed in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Most messages in one request; 1: one at a time.
    pub batch: usize,
    /// Whether the same message sent again under the same key is known to be delivered once only, so that an unknown
    /// outcome may be resolved by sending again, to this provider only.
    pub idempotent: bool,
    /// Most recipients of one message: to, cc and bcc together.
    pub recipients: usize,
    /// Most octets of one message as it travels, see [`Mail::wire_size`].
    pub bytes: usize,
    /// Whether tags are kept and repeated in events.
    pub tags: bool,
    /// Whether it tells by webhook what became of a message.
    pub events: bool,
    /// Whether it has an API for sending domains: [`Provider::domains`](crate::Provider::domains).
    pub domains: bool,
}

impl Capabilities {
    /// Whether a message may travel in a batch: there are batches, and it has no attachment (a batch would lose it).
    #[must_use]
    pub fn batches(&self, mail: &Mail) -> bool {
        self.batch > 1 && mail.attachments.is_empty()
    }
}

/// Whether a provider can carry a message. Asked before a message is accepted, and by every provider before it sends.
///
/// # Errors
/// `ValidationError`, with both numbers: no recipient, too many, or too large.
pub fn fits(capabilities: &Capabilities, mail: &Mail) -> Result<(), Fault> {
    let refuse = |words: String| Err(Fault::new(ErrorClass::ValidationError, words));
    let (recipients, most) = (mail.recipients().count(), capabilities.recipients);
    if mail.to.is_empty() {
        return refuse("the message has no recipient".into());
    }
    if recipients > most {
        return refuse(format!(
            "the message has {recipients} recipients, and {most} is the most; send several messages"
        ));
    }
    let (bytes, most) = (mail.wire_size(), capabilities.bytes);
    if bytes > most {
        return refuse(format!(
            "the message is about {bytes} bytes large when encoded, and {most} is the most; attach less, or link to it"
        ));
    }
    Ok(())
}

/// [`fits`] for every message of a batch, and the rules of batches.
///
/// # Errors
/// `ValidationError`: empty, too many, an attachment, or one that does not fit; the message says which.
pub fn fits_batch(capabilities: &Capabilities, mails: &[Mail]) -> Result<(), Fault> {
    let refuse = |words: String| Err(Fault::new(ErrorClass::ValidationError, words));
    if mails.is_empty() || mails.len() > capabilities.batch {
        return refuse(format!("a batch of {} messages; it must be 1 to {}", mails.len(), capabilities.batch));
    }
    for (index, mail) in mails.iter().enumerate() {
        if !capabilities.batches(mail) && (mails.len() > 1 || !mail.attachments.is_empty()) {
            return refuse(format!(
                "message {index} of the batch has an attachment, which a batch would lose; send it alone"
            ));
        }
        fits(capabilities, mail)
            .map_err(|fault| Fault { message: format!("message {index}: {}", fault.message), ..fault })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tenantry_model::MessageId;

    use super::*;
    use crate::{Attachment, Mailbox};

    const FEW: Capabilities = Capabilities {
        batch: 2,
        idempotent: false,
        recipients: 3,
        bytes: 10_000,
        tags: false,
        events: false,
        domains: false,
    };

    fn mail() -> Mail {
        let address = |text: &str| Mailbox::from(text.parse::<tenantry_model::EmailAddress>().unwrap());
        let to = vec![address("ada@example.com")];
        Mail::new(MessageId::new(), address("noreply@example.com"), to, "Hi".parse().unwrap(), "Hello".into())
    }

    fn refusal(result: Result<(), Fault>) -> String {
        let fault = result.unwrap_err();
        assert_eq!(fault.class, ErrorClass::ValidationError);
        fault.message
    }

    #[test]
    fn everybody_counts_as_a_recipient() {
        let to = mail().to;
        let mut full = Mail { cc: to.clone(), bcc: to.clone(), ..mail() };
        assert_eq!(fits(&FEW, &full), Ok(()));
        full.bcc.extend(to);
        assert!(refusal(fits(&FEW, &full)).contains("has 4 recipients, and 3 is the most"));
        assert!(refusal(fits(&FEW, &Mail { to: Vec::new(), ..full })).contains("no recipient"));
    }

    #[test]
    fn an_attachment_weighs_what_its_encoding_weighs() {
        let with = |bytes: usize| {
            let file = Attachment::new("a.bin", "application/octet-stream", vec![0; bytes]).unwrap();
            Mail { attachments: vec![file], ..mail() }
        };
        assert_eq!(fits(&FEW, &with(5_000)), Ok(()));
        assert!(refusal(fits(&FEW, &with(6_000))).contains("10000 is the most"));
    }

    #[test]
    fn a_batch_takes_no_attachment_and_no_more_than_it_may() {
        let file = Attachment::new("a.txt", "text/plain", b"a".to_vec()).unwrap();
        let carrying = Mail { attachments: vec![file], ..mail() };
        assert_eq!(fits_batch(&FEW, &[mail(), mail()]), Ok(()));
        assert!(refusal(fits_batch(&FEW, &[mail(), carrying])).contains("message 1 of the batch has an attachment"));
        assert!(refusal(fits_batch(&FEW, &[mail(), mail(), mail()])).contains("a batch of 3 messages"));
        assert!(refusal(fits_batch(&FEW, &[])).contains("a batch of 0 messages"));
    }
}
