//! No line break gets into a header: not by the API, not by the outbox, not by a template's variable.

use serde_json::{Value, json};
use tenantry_mail::{Attachment, Draft, Mailbox};
use tenantry_model::{EmailAddress, MessageId, TenantId};
use tenantry_outbox::{Letter, PackError};
use tenantry_tests::TestStack;

use crate::api::Caller;

/// Ends of a line, for whoever reads them as such, and what is shown to nobody.
const BREAKS: [&str; 7] = ["\r\n", "\n", "\r", "\0", "\u{85}", "\u{2028}", "\u{2029}"];

/// A message with something put into one of its places, and the place's pointer.
fn broken(stack: &TestStack, tenant: TenantId, evil: &str) -> Vec<(Draft, String)> {
    let plain = || stack.draft(tenant, "ada@customer.example");
    let named = |name: &str| Mailbox::named(name, "ada@customer.example".parse().unwrap());
    let file = |name: &str, kind: &str, cid: Option<&str>| Attachment {
        filename: name.to_owned(),
        content_type: kind.to_owned(),
        content: b"x".to_vec(),
        cid: cid.map(str::to_owned),
    };
    let with = |file: Attachment| Draft { attachments: vec![file], ..plain() };
    let map = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
    vec![
        (Draft { subject: evil.to_owned(), ..plain() }, "/subject".to_owned()),
        (Draft { to: vec![named(evil)], ..plain() }, "/to/0".to_owned()),
        (Draft { cc: vec![named(evil)], ..plain() }, "/cc/0".to_owned()),
        (Draft { bcc: vec![named(evil)], ..plain() }, "/bcc/0".to_owned()),
        (Draft { from: Some(named(evil)), ..plain() }, "/from".to_owned()),
        (Draft { reply_to: Some(named(evil)), ..plain() }, "/replyTo".to_owned()),
        (Draft { headers: map("X-Ref", evil), ..plain() }, "/headers/X-Ref".to_owned()),
        (Draft { headers: map(&format!("X-{evil}"), "v"), ..plain() }, format!("/headers/X-{evil}")),
        (Draft { tags: map("invoice", evil), ..plain() }, "/tags/invoice".to_owned()),
        (Draft { tags: map(evil, "v"), ..plain() }, format!("/tags/{evil}")),
        (with(file(evil, "text/plain", None)), "/attachments/0/filename".to_owned()),
        (with(file("a", &format!("text/plain; x={evil}"), None)), "/attachments/0/contentType".to_owned()),
        (with(file("a", "text/plain", Some(evil))), "/attachments/0/cid".to_owned()),
    ]
}

/// The same as a caller of the API writes it.
fn as_json(draft: &Draft) -> Value {
    let mut body = serde_json::to_value(draft).unwrap();
    let fields = body.as_object_mut().unwrap();
    for (ours, theirs) in [("reply_to", "replyTo"), ("insist_from", "insistFrom")] {
        if let Some(value) = fields.remove(ours) {
            fields.insert(theirs.to_owned(), value);
        }
    }
    fields.remove("tenant");
    for file in fields.get_mut("attachments").and_then(Value::as_array_mut).into_iter().flatten() {
        file["contentType"] = file.as_object_mut().unwrap().remove("content_type").unwrap();
    }
    body
}

#[tokio::test]
async fn a_line_break_gets_into_no_header_by_no_door() {
    let stack = TestStack::with(&[], local::Run { api: true, workers: false, sweeper: false }).await;
    let tenant = stack.tenants(1).await[0];
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let outbox = stack.outbox().await;
    let now = stack.db().clock().now();
    for line_break in BREAKS {
        for evil in [format!("a{line_break}Bcc: eve@evil.example"), format!("a{line_break}"), format!("{line_break}a")]
        {
            for (draft, pointer) in broken(&stack, tenant, &evil) {
                let body = as_json(&draft);
                let letter = Letter {
                    id: MessageId::new(),
                    draft,
                    caused_by: None,
                    template: None,
                    locale: None,
                    wait: 0,
                    by: "test".to_owned(),
                    trace: None,
                };
                let Err(PackError::Problems(problems)) = outbox.pack(letter, now) else {
                    panic!("the outbox took {evil:?} at {pointer}")
                };
                assert!(
                    problems.iter().any(|problem| problem.pointer == pointer),
                    "{evil:?} at {pointer}: {problems:?}"
                );
                assert!(problems.iter().all(|problem| !problem.detail.contains("eve@")), "{problems:?}");
                // One character is told from another by the outbox; the API is asked with those that a server ends a line at.
                if line_break == "\r\n" || line_break == "\u{2028}" {
                    let got = admin.post("/v1/messages", body).await;
                    assert_eq!(got.status, 422, "{evil:?} at {pointer}: {got:?}");
                    assert!(got.pointers().iter().any(|seen| *seen == pointer), "{evil:?} at {pointer}: {got:?}");
                }
            }
        }
    }
    assert_eq!(stack.count("messages").await, 0);
    for evil in
        ["ada@customer.example\r\nBcc: eve@evil.example", "ada@customer.example\n", "\"a\r\n\"@customer.example"]
    {
        assert!(evil.parse::<Mailbox>().is_err(), "{evil:?}");
        // An address by itself may have had space around it, and has none.
        let address = evil.parse::<EmailAddress>().map(|address| address.as_str().to_owned());
        assert!(
            address.as_deref().is_ok_and(|address| address == "ada@customer.example") || address.is_err(),
            "{evil:?}"
        );
    }
}

#[tokio::test]
async fn a_line_break_in_a_variable_breaks_no_subject() {
    let stack = TestStack::with(&[], local::Run { api: true, workers: false, sweeper: false }).await;
    let tenant = stack.tenants(1).await[0];
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let asked = |domain: &str| {
        let variables = json!({"tenant_name": "Acme", "domain": domain, "page_url": "https://acme.example/"});
        json!({"to": "ada@customer.example", "template": {"name": "portal-live", "variables": variables}})
    };
    for line_break in BREAKS {
        let evil = format!("acme.example{line_break}Bcc: eve@evil.example");
        let got = admin.post("/v1/messages", asked(&evil)).await;
        assert_eq!(got.status, 422, "{evil:?}: {got:?}");
        assert!(!got.body.to_string().contains("eve@"), "{got:?}");
    }
    assert_eq!(stack.count("messages").await, 0);
    let got = admin.post("/v1/messages", asked("acme.example")).await;
    assert_eq!(got.status, 202, "and without one it is a message: {got:?}");
}
