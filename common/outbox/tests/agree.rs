//! What is accepted can be written: the rules for drafts and the makers of messages must agree, or a message would be taken
//! and then fail.
#![allow(clippy::unwrap_used)]

use tenantry_mail::{Attachment, Draft, Limits, Mailbox, check};
use tenantry_model::{EmailAddress, MessageId, TenantId};
use tenantry_outbox::compose;
use tenantry_provider::mime;

fn plain() -> Draft {
    let to = "ada@customer.example".parse::<Mailbox>().unwrap();
    let mut draft = Draft::new(TenantId::new(), to, "invoices".parse().unwrap(), "Your invoice");
    draft.text = Some("Here it is.".to_owned());
    draft.html = Some("<p>Here it is.</p>".to_owned());
    draft
}

fn with_file(filename: &str, content_type: &str, cid: Option<&str>) -> Draft {
    let (filename, content_type) = (filename.to_owned(), content_type.to_owned());
    let file = Attachment { filename, content_type, content: b"x".to_vec(), cid: cid.map(str::to_owned) };
    Draft { attachments: vec![file], ..plain() }
}

/// Whether it is accepted.
///
/// # Panics
/// It is accepted, and cannot be written.
fn accepted(draft: Draft, what: &str) -> bool {
    if check(&draft, &Limits::default()).is_err() {
        return false;
    }
    let from: EmailAddress = "noreply@acme.example".parse().unwrap();
    let mail = compose(MessageId::new(), draft, (&from, Some("Acme")), None, &[], &from);
    let mail = mail.unwrap_or_else(|fault| panic!("accepted, and not composed: {what:?}: {fault}"));
    mime(&mail).unwrap_or_else(|fault| panic!("accepted, and not written: {what:?}: {fault}"));
    true
}

#[test]
fn file_types_that_are_accepted_can_be_written() {
    let good = [
        "application/pdf",
        "Text/CSV; charset=utf-8",
        "text/plain;charset=utf-8",
        "text/plain; charset=\"utf-8\"; format=flowed",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "image/svg+xml",
        "text/calendar; method=REQUEST; charset=utf-8",
    ];
    for kind in good {
        assert!(accepted(with_file("a", kind, None), kind), "{kind:?} was refused");
    }
    let bad = [
        "text/plain; x",
        "text/plain;",
        "text/plain; =x",
        "text/plain; x=",
        "text/plain ; x=y",
        "text/plain; x=\"y",
        "text/plain; x=y z",
        "text/plain; x==y",
        "text/plain;;x=y",
        "text/plain; x=\"a\\\"b\"",
        "text/plain; x=(y)",
        "te xt/plain",
        "text/plain; charset=utf-8;",
        " text/plain",
        "text/plain ",
        "MULTIPART/mixed; boundary=x",
        "Message/rfc822",
        "*/*",
        "text/*",
    ];
    for kind in bad {
        accepted(with_file("a", kind, None), kind);
    }
    for character in (' '..='~').filter(|c| !c.is_ascii_alphanumeric()) {
        for kind in [
            format!("te{character}xt/plain"),
            format!("text/pl{character}ain"),
            format!("text/plain; a{character}b=c"),
            format!("text/plain; a=b{character}c"),
            format!("text/plain; a=\"b{character}c\""),
            format!("text/plain{character}a=b"),
        ] {
            accepted(with_file("a", &kind, None), &kind);
        }
    }
}

#[test]
fn names_that_are_accepted_can_be_written() {
    for cid in ["logo", "logo@acme", "a+b_c-d.e@f", &"x".repeat(128)] {
        assert!(accepted(with_file("a", "image/png", Some(cid)), cid), "{cid:?} was refused");
    }
    for character in '\0'..='\u{17f}' {
        let text = format!("a{character}b");
        let map = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        let named = Mailbox::named(&text, "ada@customer.example".parse().unwrap());
        accepted(with_file("a", "image/png", Some(&text)), &text);
        accepted(with_file(&text, "image/png", None), &text);
        accepted(with_file(&text, "image/png", Some("logo")), &text);
        accepted(Draft { subject: text.clone(), ..plain() }, &text);
        accepted(Draft { to: vec![named.clone()], reply_to: Some(named), ..plain() }, &text);
        accepted(Draft { headers: map("X-Ref", &text), ..plain() }, &text);
        accepted(Draft { headers: map(&format!("X-{text}"), "v"), ..plain() }, &text);
        accepted(Draft { tags: map("tag", &text), ..plain() }, &text);
        accepted(Draft { tags: map(&text, "v"), ..plain() }, &text);
    }
    for filename in
        ["Rechnung März — 東京 (Kopie).pdf", "a \"quoted\" name.txt", " a ", &"ü".repeat(255), "a;b=c%20d'e'.txt"]
    {
        assert!(accepted(with_file(filename, "image/png", None), filename), "{filename:?} was refused");
    }
}

#[test]
fn an_answer_goes_to_a_person_with_a_name() {
    let reply_to = "\"Büro, Empfang\" <office@acme.example>".parse::<Mailbox>().unwrap();
    let (from, address): (EmailAddress, EmailAddress) =
        ("noreply@acme.example".parse().unwrap(), reply_to.address.clone());
    let draft = Draft { reply_to: Some(reply_to), ..plain() };
    let mail = compose(MessageId::new(), draft.clone(), (&from, None), Some(&address), &[], &from).unwrap();
    assert_eq!(mail.reply_to.unwrap().name.unwrap().as_str(), "Büro, Empfang");
    // The settings' own address, and not the one the name belongs to.
    let other: EmailAddress = "other@acme.example".parse().unwrap();
    let mail = compose(MessageId::new(), draft, (&from, None), Some(&other), &[], &from).unwrap();
    let reply_to = mail.reply_to.unwrap();
    assert_eq!((reply_to.address, reply_to.name), (other, None));
}
