//! The local stack's mailbox.

use serde::Deserialize;

use super::{
    moment::Moment,
    table::{details, or_dash, table, time_or_dash},
};
use crate::output::{Paint, printable};

/// A mail that the local stack's mail server has accepted. Written by the mailbox, not by the API, hence its own form.
#[derive(Debug, Deserialize)]
pub struct Mail {
    /// Names it in the mailbox.
    pub id: String,
    /// The envelope's sender.
    #[serde(default)]
    pub from: Option<String>,
    /// The envelope's recipients.
    #[serde(default)]
    pub to: Vec<String>,
    /// The subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// When it was accepted.
    #[serde(default)]
    pub received_at: Option<Moment>,
    /// What has carried it: `smtp`, or a stand-in's name.
    #[serde(default)]
    pub carrier: Option<String>,
    /// The text part.
    #[serde(default)]
    pub text: Option<String>,
}

/// Mails, one per line.
#[must_use]
pub fn mails(mails: &[Mail], paint: Paint) -> String {
    let row = |mail: &Mail| {
        vec![
            mail.id.as_str().into(),
            time_or_dash(mail.received_at),
            or_dash(mail.from.as_deref()),
            or_dash(Some(&mail.to.join(", "))),
            or_dash(mail.subject.as_deref()),
            or_dash(mail.carrier.as_deref()),
        ]
    };
    let head = ["MAIL", "ACCEPTED (UTC)", "FROM", "TO", "SUBJECT", "CARRIED BY"];
    table(&head, mails.iter().map(row).collect(), "The mailbox is empty.", paint)
}

/// One mail, with its text.
#[must_use]
pub fn mail(mail: &Mail, paint: Paint) -> String {
    let pairs = vec![
        ("from", or_dash(mail.from.as_deref())),
        ("to", or_dash(Some(&mail.to.join(", ")))),
        ("subject", or_dash(mail.subject.as_deref())),
        ("accepted (UTC)", time_or_dash(mail.received_at)),
        ("carried by", or_dash(mail.carrier.as_deref())),
    ];
    let text = mail.text.as_deref().unwrap_or("(This mail has no text part.)");
    let text: Vec<_> = text.lines().map(printable).collect();
    format!("{}\n\n{}", details(pairs, paint), text.join("\n"))
}
