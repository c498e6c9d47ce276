//! What Resend's stand-in accepts, laid into the one mailbox of the laptop.

use std::{convert::Infallible, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use lettre::message::{
    Mailbox, Message, MultiPart, SinglePart,
    header::{HeaderName, HeaderValue},
};
use tenantry_standins::{
    resend::{AcceptedMail, Resend},
    smtp,
};

use crate::Parts;

/// Says in a mail's headers, and in the mailbox's list, who has carried it.
const CARRIER: &str = "X-Carried-By";
/// Headers that are written from the mail's own fields.
const OWN: [&str; 6] = ["from", "to", "cc", "subject", "reply-to", "content-type"];
/// A wait without an end is not offered.
const LONG: Duration = Duration::from_secs(3600);

/// Lays every mail that Resend's stand-in accepts into the mailbox of the SMTP stand-in, with a header that says so. Never ends;
/// waits for ever where there are not both.
pub async fn forward(parts: &Parts) -> Infallible {
    let (Some(played), Some(smtp)) = (&parts.resend, &parts.smtp) else { return std::future::pending().await };
    between(&played.resend, smtp.mailbox()).await
}

async fn between(resend: &Resend, mailbox: &smtp::Mailbox) -> Infallible {
    let mut done = 0;
    loop {
        if !resend.wait_for(done + 1, LONG).await {
            continue;
        }
        let accepted = resend.accepted();
        for mail in accepted.iter().skip(done) {
            if let Err(error) = lay(mailbox, mail).await {
                tracing::warn!(mail = mail.id, %error, "a mail of Resend's stand-in cannot be shown in the mailbox");
            }
        }
        done = accepted.len();
    }
}

async fn lay(mailbox: &smtp::Mailbox, mail: &Arc<AcceptedMail>) -> Result<()> {
    let from: Mailbox = mail.from.parse().context("its sender is no address")?;
    let to = mail.recipients().map(|one| Ok(one.parse::<Mailbox>()?.email.to_string())).collect::<Result<_>>()?;
    mailbox.accept(from.email.to_string(), to, written(mail, from)?).await?;
    Ok(())
}

/// The mail as a message (RFC 5322). Attachments are only named: the stand-in keeps no contents.
fn written(mail: &AcceptedMail, from: Mailbox) -> Result<Vec<u8>> {
    let mut message = Message::builder().from(from).subject(mail.subject.as_str()).date(mail.accepted_at.into());
    for one in &mail.to {
        message = message.to(one.parse()?);
    }
    for one in &mail.cc {
        message = message.cc(one.parse()?);
    }
    for one in &mail.reply_to {
        message = message.reply_to(one.parse()?);
    }
    let files: Vec<_> = mail.attachments.iter().filter_map(|one| one.filename.as_deref()).collect();
    let text = mail.text.clone().map(|text| match files.as_slice() {
        [] => text,
        names => format!("{text}\n\n[attached: {}]", names.join(", ")),
    });
    let headers = mail.headers.iter().filter(|(name, _)| !OWN.contains(&name.to_ascii_lowercase().as_str()));
    for (name, value) in headers.map(|(name, value)| (name.as_str(), value.as_str())).chain([(CARRIER, "resend")]) {
        let name = HeaderName::new_from_ascii(name.to_owned())?;
        message = message.raw_header(HeaderValue::new(name, value.to_owned()));
    }
    let message = match (text, mail.html.clone()) {
        (Some(text), Some(html)) => message.multipart(MultiPart::alternative_plain_html(text, html)),
        (None, Some(html)) => message.singlepart(SinglePart::html(html)),
        (text, None) => message.singlepart(SinglePart::plain(text.unwrap_or_default())),
    };
    Ok(message?.formatted())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use tenantry_standins::{resend, smtp::Smtp};

    use super::*;

    #[tokio::test]
    async fn what_the_stand_in_accepts_lies_in_the_mailbox_as_it_would_have_come() {
        let options = resend::Options { verified_domains: vec!["mail.acme.test".into()], ..resend::Options::default() };
        let resend = Resend::start(options).await.unwrap();
        let smtp = Smtp::start(smtp::Options::default()).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mails = [
            json!({ "from": "Größe & Co <noreply@mail.acme.test>", "to": ["Bob <bob@customer.example>"], "cc": ["eve@customer.example"],
                    "bcc": ["max@customer.example"], "subject": "Grüße", "text": "Hallö", "html": "<p>Hallö</p>",
                    "headers": { "X-Order": "17", "Subject": "another" } }),
            json!({ "from": "noreply@mail.acme.test", "to": ["bob@customer.example"], "subject": "Second", "text": "words" }),
        ];
        let send = async |mail: &serde_json::Value| {
            let request = client.post(format!("{}/emails", resend.url())).bearer_auth(resend.key());
            assert_eq!(request.json(mail).send().await.unwrap().status(), 200);
        };
        let seen = async {
            send(&mails[0]).await;
            let wait = Duration::from_secs(10);
            let first = smtp.mailbox().wait_for(|mail| mail.subject() == Some("Grüße"), wait).await.unwrap();
            send(&mails[1]).await;
            smtp.mailbox().wait_for(|mail| mail.subject() == Some("Second"), wait).await.unwrap();
            first
        };
        let first = tokio::select! {
            first = seen => first,
            never = between(&resend, smtp.mailbox()) => match never {},
        };
        assert_eq!(first.from, "noreply@mail.acme.test");
        assert_eq!(first.to, ["bob@customer.example", "eve@customer.example", "max@customer.example"]);
        assert_eq!(first.header_to(), ["bob@customer.example"]);
        assert_eq!(
            (first.text().map(str::trim_end), first.html().map(str::trim_end)),
            (Some("Hallö"), Some("<p>Hallö</p>"))
        );
        assert_eq!((first.header(CARRIER), first.header("X-Order")), (Some("resend"), Some("17")));
        assert_eq!(smtp.mailbox().total(), 2, "each once");
    }
}
