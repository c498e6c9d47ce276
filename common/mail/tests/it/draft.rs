//! What may be accepted, and what never gets into a header.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tenantry_mail::{Attachment, Draft, Limits, Mailbox, check, check_headers, check_tags};
use tenantry_model::TenantId;

fn draft() -> Draft {
    let to = "Ada <ada@example.org>".parse().unwrap();
    Draft { text: Some("Hello".to_owned()), ..Draft::new(TenantId::new(), to, "invoices".parse().unwrap(), "Hi") }
}

fn file(name: &str, cid: Option<&str>) -> Attachment {
    Attachment {
        filename: name.to_owned(),
        content_type: "application/pdf".to_owned(),
        content: b"%PDF".to_vec(),
        cid: cid.map(str::to_owned),
    }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Where and what is wrong, in the order in which it is said.
fn found(draft: &Draft) -> Vec<(String, String)> {
    let problems = check(draft, &Limits::default()).err().unwrap_or_default();
    problems.into_iter().map(|problem| (problem.pointer, problem.code)).collect()
}

#[test]
fn a_plain_message_is_accepted() {
    assert_eq!(found(&draft()), []);
    let full = Draft {
        cc: vec!["Grüße, 東京".to_owned()]
            .into_iter()
            .map(|name| Mailbox::named(name, "b@example.org".parse().unwrap()))
            .collect(),
        from: Some("Billing <billing@acme.example.com>".parse().unwrap()),
        insist_from: true,
        html: Some("<p>Hello</p>".to_owned()),
        subject: "Ihre Rechnung – 請求書 🎉".to_owned(),
        attachments: vec![file("Rechnung Nr. 7.pdf", None), file("logo.png", Some("logo@acme"))],
        headers: map(&[("X-Campaign", "winter"), ("List-Id", "News <news.acme.example.com>"), ("References", "<a@b>")]),
        tags: map(&[("run", "run_1-A")]),
        subtype: Some("reminder".to_owned()),
        ..draft()
    };
    assert_eq!(found(&full), []);
}

#[test]
fn every_problem_is_named_with_its_place() {
    let line = "a\r\nBcc: victim@example.org";
    type Change = Box<dyn Fn(&mut Draft)>;
    let named = move || Mailbox::named(line, "b@example.org".parse().unwrap());
    let with_file = |change: fn(&mut Attachment)| -> Change {
        Box::new(move |draft| {
            let mut bad = file("a.pdf", Some("one"));
            change(&mut bad);
            draft.attachments = vec![file("b.pdf", Some("two")), bad];
        })
    };
    let rows: Vec<(Change, &str, &str)> = vec![
        (Box::new(|draft| draft.to.clear()), "/to", "missing_recipient"),
        (Box::new(|draft| draft.bcc = vec![draft.to[0].clone(); 50]), "/to", "too_many_recipients"),
        (Box::new(|draft| draft.insist_from = true), "/from", "missing_from"),
        (Box::new(move |draft| draft.subject = line.to_owned()), "/subject", "invalid_subject"),
        (Box::new(|draft| draft.subject = " ".to_owned()), "/subject", "invalid_subject"),
        (Box::new(|draft| draft.subject = "x".repeat(513)), "/subject", "invalid_subject"),
        (Box::new(|draft| draft.text = None), "/text", "missing_body"),
        (Box::new(|draft| draft.text = Some(" \n".to_owned())), "/text", "missing_body"),
        (Box::new(|draft| draft.subtype = Some("Not A Word".to_owned())), "/subtype", "invalid_subtype"),
        (Box::new(|draft| draft.attachments = vec![file("a", None); 21]), "/attachments", "too_many_attachments"),
        (Box::new(|draft| draft.text = Some("x".repeat(30_000_000))), "", "too_large"),
        (Box::new(move |draft| draft.to.push(named())), "/to/1", "invalid_name"),
        (Box::new(move |draft| draft.cc.push(named())), "/cc/0", "invalid_name"),
        (Box::new(move |draft| draft.bcc.push(named())), "/bcc/0", "invalid_name"),
        (Box::new(move |draft| draft.from = Some(named())), "/from", "invalid_name"),
        (Box::new(move |draft| draft.reply_to = Some(named())), "/replyTo", "invalid_name"),
        (with_file(|file| file.filename = "a\r\nb.pdf".to_owned()), "/attachments/1/filename", "invalid_filename"),
        (
            with_file(|file| file.filename = "../../etc/passwd".to_owned()),
            "/attachments/1/filename",
            "invalid_filename",
        ),
        (with_file(|file| file.filename = "a\\b.pdf".to_owned()), "/attachments/1/filename", "invalid_filename"),
        (with_file(|file| file.filename = "..".to_owned()), "/attachments/1/filename", "invalid_filename"),
        (
            with_file(|file| file.filename = "gnp\u{202e}exe.png".to_owned()),
            "/attachments/1/filename",
            "invalid_filename",
        ),
        (with_file(|file| file.filename = String::new()), "/attachments/1/filename", "invalid_filename"),
        (with_file(|file| file.content_type = "pdf".to_owned()), "/attachments/1/contentType", "invalid_content_type"),
        (
            with_file(|file| file.content_type = "a/b\r\nX: y".to_owned()),
            "/attachments/1/contentType",
            "invalid_content_type",
        ),
        (
            with_file(|file| file.content_type = "a/b; c\r\nX: y".to_owned()),
            "/attachments/1/contentType",
            "invalid_content_type",
        ),
        (
            with_file(|file| file.content_type = "multipart/mixed".to_owned()),
            "/attachments/1/contentType",
            "invalid_content_type",
        ),
        (with_file(|file| file.cid = Some("a>b".to_owned())), "/attachments/1/cid", "invalid_cid"),
        (with_file(|file| file.cid = Some("two".to_owned())), "/attachments/1/cid", "duplicate_cid"),
        (Box::new(|draft| draft.headers = map(&[("Bcc", "x")])), "/headers/Bcc", "header_not_allowed"),
        (Box::new(|draft| draft.tags = map(&[("a:b", "x")])), "/tags/a:b", "invalid_tag"),
    ];
    for (change, pointer, code) in rows {
        let mut draft = draft();
        change(&mut draft);
        assert_eq!(found(&draft), [(pointer.to_owned(), code.to_owned())]);
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once_and_nothing_is_repeated() {
    let mut draft = Draft { subject: "secret\nsubject".to_owned(), text: None, ..draft() };
    draft.headers = map(&[("From", "secret")]);
    draft.tags = map(&[("tag", "secret value")]);
    let problems = check(&draft, &Limits::default()).unwrap_err();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["invalid_subject", "missing_body", "header_not_allowed", "invalid_tag"]);
    assert!(problems.iter().all(|problem| !problem.detail.contains("secret")));
}

#[test]
fn a_message_at_its_limits_is_accepted_and_one_more_is_not() {
    let limits = Limits { recipients: 2, bytes: 10_000, attachments: 1 };
    let mut draft = draft();
    draft.cc = vec![draft.to[0].clone()];
    draft.attachments = vec![file("a.pdf", None)];
    draft.attachments[0].content = vec![0; 1];
    while draft.encoded_bytes() <= limits.bytes {
        assert_eq!(check(&draft, &limits), Ok(()));
        draft.attachments[0].content.extend([0; 57]);
    }
    assert_eq!(check(&draft, &limits).unwrap_err()[0].code, "too_large");
}

#[test]
fn headers_are_the_callers_only_from_a_list() {
    let code =
        |name: &str| check_headers("/headers", &map(&[(name, "value")])).first().map(|problem| problem.code.clone());
    for name in [
        "X-Campaign",
        "x-a",
        "X-Priority",
        "X-Entity-Ref-ID",
        "List-ID",
        "references",
        "In-Reply-To",
        "Precedence",
        "X-Session",
    ] {
        assert_eq!(code(name), None, "{name}");
    }
    for name in [
        "From",
        "Sender",
        "To",
        "Cc",
        "BCC",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Return-Path",
        "Received",
        "DKIM-Signature",
        "ARC-Seal",
        "Authentication-Results",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Feedback-ID",
        "X-",
        "X-SES-CONFIGURATION-SET",
        "x-ses-message-tags",
        "X-SMTPAPI",
        "X-Mailgun-Variables",
        "X-MC-Tags",
        "X-PM-Message-Stream",
        "X-MSYS-API",
        "X-Google-DKIM-Signature",
        "X-Spam-Status",
        "X-Received",
        "X-Tenantry-Message",
        "Resent-From",
        "Disposition-Notification-To",
        "Errors-To",
    ] {
        assert_eq!(code(name).as_deref(), Some("header_not_allowed"), "{name}");
    }
    for name in ["", "X A", "X:A", "X-A\r\nBcc", "X-é", "X-A ", "\tX-A", &format!("X-{}", "a".repeat(75))] {
        assert_eq!(code(name).as_deref(), Some("invalid_header_name"), "{name:?}");
    }
    let twice = check_headers("/headers", &map(&[("X-A", "1"), ("x-a", "2")]));
    assert_eq!(twice.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(), ["duplicate_header"]);
    let many: BTreeMap<String, String> = (0..31).map(|n| (format!("X-{n}"), "v".to_owned())).collect();
    assert_eq!(check_headers("/headers", &many)[0].code, "too_many_headers");
    assert_eq!(check_headers("/h", &map(&[("a/b~c", "x")]))[0].pointer, "/h/a~1b~0c");
}

#[test]
fn tags_are_words_and_ours_stay_ours() {
    let code = |name: &str, value: &str| {
        check_tags("/tags", &map(&[(name, value)])).first().map(|problem| problem.code.clone())
    };
    assert_eq!(code("run", "A_b-9"), None);
    assert_eq!(code(&"x".repeat(256), &"y".repeat(256)), None);
    for (name, value) in
        [("", "v"), ("n", ""), ("a:b", "v"), ("n", "a b"), ("n", "é"), ("n", "a\n"), (&*"x".repeat(257), "v")]
    {
        assert_eq!(code(name, value).as_deref(), Some("invalid_tag"), "{name:?}: {value:?}");
    }
    for name in ["message", "tenant", "category", "Message"] {
        assert_eq!(code(name, "v").as_deref(), Some("reserved_tag"), "{name}");
    }
    let many: BTreeMap<String, String> = (0..21).map(|n| (format!("t{n}"), "v".to_owned())).collect();
    assert_eq!(check_tags("/tags", &many)[0].code, "too_many_tags");
}

#[test]
fn a_draft_survives_being_stored_and_shows_nothing_when_debugged() {
    let mut draft = draft();
    draft.attachments = vec![Attachment { content: (0..=255).collect(), ..file("a.bin", Some("a")) }];
    draft.html = Some("<p>topsecret</p>".to_owned());
    draft.headers = map(&[("X-A", "1")]);
    let stored = serde_json::to_value(&draft).unwrap();
    assert!(stored["attachments"][0]["content"].as_str().unwrap().starts_with("AAECAwQF"));
    assert_eq!(serde_json::from_value::<Draft>(stored.clone()).unwrap(), draft);
    let mut broken = stored;
    broken["attachments"][0]["content"] = "%%%".into();
    assert!(serde_json::from_value::<Draft>(broken).is_err());
    let said = format!("{draft:?} {:?}", draft.attachments);
    assert!(!said.contains("topsecret") && !said.contains("ada") && !said.contains("Ada"), "{said}");
}

#[test]
fn a_text_part_is_asked_for_where_only_html_was_given() {
    let only_html = Draft { html: Some("<p>Hello</p>".to_owned()), text: None, ..draft() };
    assert!(only_html.needs_text());
    assert!(!draft().needs_text());
    assert_eq!(found(&only_html), []);
}

/// Text that is likely to be dangerous.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9 ._@<>:-]{0,12}",
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\r\nBcc: victim@example.org".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{85}".to_owned()),
        Just("\0".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![text(), "[Xx]-[A-Za-z-]{1,10}", Just("Bcc".to_owned()), Just("List-Id".to_owned())]
}

proptest! {
    /// Whatever is accepted has no line break and no control character anywhere outside its bodies, and no header that
    /// the message sets itself.
    #[test]
    fn nothing_that_was_accepted_breaks_a_header(
        subject in text(),
        display in proptest::option::of(text()),
        headers in proptest::collection::btree_map(name(), text(), 0..3),
        tags in proptest::collection::btree_map("[a-z:\n]{1,3}", "[a-z\r\n ]{1,4}", 0..3),
        filename in text(),
        content_type in prop_oneof![Just("text/plain".to_owned()), text().prop_map(|end| format!("text/plain{end}"))],
        cid in proptest::option::of(text()),
    ) {
        let mut draft = Draft { subject, headers, tags, ..draft() };
        draft.to[0].name = display.clone();
        draft.reply_to = Some(Mailbox { name: display, ..draft.to[0].clone() });
        draft.attachments = vec![Attachment { filename, content_type, cid, content: Vec::new() }];
        if check(&draft, &Limits::default()).is_ok() {
            let file = &draft.attachments[0];
            let mut lines = vec![&draft.subject, &file.filename, &file.content_type];
            lines.extend(&file.cid);
            lines.extend(&draft.to[0].name);
            lines.extend(draft.headers.iter().chain(&draft.tags).flat_map(|(name, value)| [name, value]));
            for line in lines {
                prop_assert!(!line.chars().any(|c| c.is_control() || c == '\u{2028}' || c == '\u{2029}'), "{:?}", line);
                prop_assert!(!line.is_empty());
            }
            for name in draft.headers.keys() {
                let own = ["from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id"];
                prop_assert!(!own.contains(&name.to_ascii_lowercase().trim()), "{:?}", name);
            }
        } else {
            prop_assert!(!found(&draft).is_empty());
        }
    }

    /// Any text is a mailbox without a line break, or none.
    #[test]
    fn no_text_becomes_a_mailbox_that_breaks_a_header(text in text(), tail in prop_oneof![Just(""), Just(" <a@b.example>")]) {
        if let Ok(mailbox) = format!("{text}{tail}").parse::<Mailbox>() {
            prop_assert!(mailbox.name.iter().all(|name| !name.is_empty() && !name.chars().any(char::is_control)));
        }
    }
}
