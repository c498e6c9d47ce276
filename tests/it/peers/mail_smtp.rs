//! The whole way, from a request to the API to a mail server that is not ours, which reads what it got with a parser that
//! is not ours either.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tenantry_model::{RunId, TenantId};
use tenantry_tests::TestStack;

use super::aiosmtpd::Peer;
use crate::api::Caller;

/// A stack whose mail leaves through the server, one tenant, and its administrator.
async fn stack_on(peer: &Peer, more: &[(&'static str, &str)]) -> (TestStack, TenantId, Caller) {
    let settings = peer.settings();
    let mut all: Vec<(&'static str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend(more);
    let stack = TestStack::with(&all, local::Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    (stack, tenant, admin)
}

/// Has the API accept a message, and gives its run.
async fn accepted(admin: &Caller, body: Value) -> RunId {
    let got = admin.post("/v1/messages", body).await;
    assert_eq!(got.status, 202, "{got:?}");
    got.body["id"].as_str().unwrap().replace("msg_", "run_").parse().unwrap()
}

/// The next message of a tenant that the server has accepted. The operators are told of those nobody knows of, by mail too.
async fn next(peer: &mut Peer) -> Value {
    loop {
        let seen = peer.accepted().await;
        if seen["to"] != json!(["operators@tenantry.test"]) {
            return seen;
        }
    }
}

/// A line of one word, longer than any line of a mail may be (RFC 5321, section 4.5.3.1.6).
fn long(word: &str) -> String {
    word.repeat(3000 / word.len())
}

/// A text that a careless client breaks: dots at the begin of lines, a line like an mbox's, spaces at the end, long lines.
fn text() -> String {
    format!(
        ".\n..\n.hidden\n\nFrom here on = it goes wrong.  \nGrüße aus 東京 🎉\n{}\n{}\n.\n\nEnd",
        long("x"),
        long("größe ")
    )
}

#[tokio::test]
async fn everything_that_a_message_can_hold_is_read_by_others_as_it_was_written() {
    let Some(mut peer) = Peer::start().await else { return };
    let (stack, _, admin) = stack_on(&peer, &[]).await;
    let every_byte: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    let lines = b"a;b\r\n.\r\nc;d\n.e\n".to_vec();
    let subject = format!("Grüße an Zoë — 東京 🎉 {}", "und viele mehr, ".repeat(20).trim_end());
    let html = format!("<p>Grüße</p>\n.\n<img src=\"cid:logo@acme\">\n<!-- {} -->\n", long("a"));
    let file = |name: &str, kind: &str, bytes: &[u8]| json!({"filename": name, "contentType": kind, "content": BASE64_STANDARD.encode(bytes)});
    let mut logo = file("logo.png", "image/png", &every_byte);
    logo["cid"] = json!("logo@acme");
    let run = accepted(
        &admin,
        json!({
            "to": [{"name": "Zoë Müller-Lüdenscheidt 東京", "address": "zoe@customer.example"}, "\"Lovelace, Ada (\\\"Countess\\\")\" <ada@customer.example>"],
            "cc": ["Bob <bob@customer.example>"],
            "bcc": [{"name": "Archiv", "address": "archive@acme-1.example"}],
            "replyTo": {"name": "Büro, Empfang", "address": "buero@acme-1.example"},
            "subject": subject, "text": text(), "html": html, "category": "invoices",
            "attachments": [
                file("invoice.pdf", "application/pdf", &every_byte),
                file("Rechnung März — 東京 (Kopie).csv", "text/csv; charset=utf-8", &lines),
                file("a \"quoted\" name; with=signs.txt", "text/plain", b"plain"),
                logo,
            ],
            "headers": {"X-Ref": "Vorgang Ü-7 東京", "References": "<one@mail.example> <two@mail.example>", "X-Long": long("word ").chars().take(500).collect::<String>().trim_end()},
        }),
    )
    .await;
    stack.settles(run, "sent").await;

    let seen = next(&mut peer).await;
    // On the wire: nothing that a server may refuse or change.
    assert_eq!((&seen["encrypted"], &seen["authenticated"]), (&json!(true), &json!(true)));
    assert_eq!((&seen["defects"], &seen["bare_line_ends"], &seen["ascii"]), (&json!([]), &json!(0), &json!(true)));
    assert!(seen["longest_line"].as_u64().unwrap() <= 998, "RFC 5322, section 2.1.1: {}", seen["longest_line"]);
    // The envelope, and who is named.
    assert_eq!(seen["from"], "noreply@acme-1.tenantry.test");
    let everybody = ["zoe@customer.example", "ada@customer.example", "bob@customer.example", "archive@acme-1.example"];
    assert_eq!(seen["to"], json!(everybody));
    let people = &seen["people"];
    assert_eq!(people["from"], json!([["Acme 1", "noreply@acme-1.tenantry.test"]]));
    let to = json!([["Zoë Müller-Lüdenscheidt 東京", everybody[0]], ["Lovelace, Ada (\"Countess\")", everybody[1]]]);
    assert_eq!(people["to"], to);
    assert_eq!(people["cc"], json!([["Bob", everybody[2]]]));
    assert_eq!(people["reply-to"], json!([["Büro, Empfang", "buero@acme-1.example"]]));
    let raw = seen["raw"].as_str().unwrap().to_lowercase();
    assert!(!raw.contains("archive@") && !raw.contains("archiv") && !raw.contains("bcc:"), "who gets a hidden copy");
    // Headers, each once.
    let headers = &seen["headers"];
    assert_eq!(headers["subject"], subject);
    assert_eq!(headers["x-ref"], "Vorgang Ü-7 東京");
    assert_eq!(headers["references"], "<one@mail.example> <two@mail.example>");
    assert_eq!(headers["message-id"], format!("<msg_{}@tenantry.test>", run.0.simple()));
    assert_eq!(headers["x-long"].as_str().map(|value| value.split(' ').count()), Some(100), "{}", headers["x-long"]);
    let mut names: Vec<&str> = seen["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "a header is there twice: {}", seen["names"]);
    assert!(names.contains(&"date") && names.contains(&"mime-version") && !names.contains(&"list-unsubscribe"));
    // The words and the files.
    assert_eq!(seen["text"].as_str().map(str::trim_end), Some(text().as_str()));
    assert_eq!(seen["html"].as_str().map(str::trim_end), Some(html.trim_end()));
    let shape =
        ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"];
    let shape: Vec<&str> = shape.into_iter().chain(["application/pdf", "text/csv", "text/plain"]).collect();
    assert_eq!(seen["shape"], json!(shape));
    let part = |kind: &str, disposition: &str, name: &str, cid: Option<&str>, bytes: &[u8]| {
        let bytes = BASE64_STANDARD.encode(bytes);
        json!({"type": kind, "disposition": disposition, "filename": name, "cid": cid, "bytes": bytes})
    };
    let files = [
        part("image/png", "inline", "logo.png", Some("<logo@acme>"), &every_byte),
        part("application/pdf", "attachment", "invoice.pdf", None, &every_byte),
        part("text/csv", "attachment", "Rechnung März — 東京 (Kopie).csv", None, &lines),
        part("text/plain", "attachment", "a \"quoted\" name; with=signs.txt", None, b"plain"),
    ];
    let parts = seen["parts"].as_array().unwrap();
    assert_eq!(parts[2..], files, "after the text and the HTML");
}

#[tokio::test]
async fn mail_that_one_may_refuse_carries_a_link_of_rfc_8058_that_works() {
    let Some(mut peer) = Peer::start().await else { return };
    let (stack, tenant, admin) = stack_on(&peer, &[("PUBLIC_URL", "https://mail-api.tenantry.test")]).await;
    let newsletter = |to: &str| json!({"to": to, "subject": "News", "text": "News.", "category": "newsletter"});
    let run = accepted(&admin, newsletter("Ada <ada@customer.example>")).await;
    stack.settles(run, "sent").await;
    let seen = next(&mut peer).await;
    assert_eq!(seen["headers"]["list-unsubscribe-post"], "List-Unsubscribe=One-Click");
    let list = seen["headers"]["list-unsubscribe"].as_str().unwrap();
    let link = list.strip_prefix("<https://mail-api.tenantry.test").and_then(|rest| rest.strip_suffix('>'));
    let link = link.unwrap_or_else(|| panic!("no link of one's own: {list}"));

    // What a mail program does: one POST, as a form, without credentials.
    let form = Some(b"List-Unsubscribe=One-Click".to_vec());
    let content = [("content-type", "application/x-www-form-urlencoded")];
    let got = Caller::stranger(&stack).ask(reqwest::Method::POST, link, form, &content).await;
    assert!((200..300).contains(&got.status), "{got:?}");
    let run = accepted(&admin, newsletter("ada@customer.example")).await;
    stack.settles(run, "suppressed").await;

    // Nor does it say so to others of the same message, nor on mail that one is owed.
    let both = json!({"to": ["bob@customer.example", "eve@customer.example"], "subject": "News", "text": "News.", "category": "newsletter"});
    let run = accepted(&admin, both).await;
    stack.pass(Duration::from_secs(2));
    stack.settles(run, "sent").await;
    let seen = next(&mut peer).await;
    assert_eq!(seen["to"], json!(["bob@customer.example", "eve@customer.example"]), "and none to Ada");
    assert!(seen["headers"].get("list-unsubscribe").is_none(), "a link belongs to one person");
    let owed = stack.draft(tenant, "ada@customer.example");
    let id = stack.post(vec![owed]).await[0];
    stack.pass(Duration::from_secs(2));
    stack.settles(id, "sent").await;
    assert!(next(&mut peer).await["headers"].get("list-unsubscribe").is_none());
}

#[tokio::test]
async fn what_the_server_answers_decides_what_becomes_of_a_message() {
    let Some(mut peer) = Peer::start().await else { return };
    let (stack, tenant, _) = stack_on(&peer, &[("EMAIL_TENANT_PER_MINUTE", "0")]).await;
    let answers = [
        ("reject-550", "failed", "EmailRefused"),
        ("reject-553", "failed", "EmailRefused"),
        ("content-554", "failed", "EmailRefused"),
        ("defer-451", "deferred", "EmailDeferred"),
        ("defer-452", "deferred", "EmailDeferred"),
        ("content-452", "deferred", "EmailDeferred"),
        ("vanish", "unknown", "UnknownOutcome"),
    ];
    let drafts = answers.iter().map(|(to, ..)| stack.draft(tenant, &format!("{to}@customer.example"))).collect();
    for (id, (to, state, class)) in stack.post(drafts).await.into_iter().zip(answers) {
        let run = stack.settles(id, state).await;
        let error = run.error.unwrap();
        assert_eq!(error["class"], class, "{to}");
        assert!(!error["message"].as_str().unwrap().contains(to), "no address in {error}");
    }
    let later = stack.post(vec![stack.draft(tenant, "later-451@customer.example")]).await[0];
    stack.settles(later, "deferred").await;
    stack.pass(Duration::from_secs(600));
    stack.settles(later, "sent").await;
    assert_eq!(next(&mut peer).await["to"], json!(["later-451@customer.example"]), "the only one that was accepted");
    assert_eq!(stack.count("sends where attempts = 2").await, 1);
    assert_eq!(stack.count("sends").await, 1);
}

#[tokio::test]
async fn a_server_that_dies_with_a_message_in_its_hand_does_not_get_it_again_by_itself() {
    let Some(mut peer) = Peer::start().await else { return };
    let (stack, tenant, _) = stack_on(&peer, &[]).await;
    let id = stack.post(vec![stack.draft(tenant, "hang@customer.example")]).await[0];
    assert_eq!(next(&mut peer).await, json!({"hangs": true}), "it has everything, and answers nothing");
    peer.kill().await;
    let unknown = stack.settles(id, "unknown").await;
    assert_eq!(
        (unknown.status.as_str(), unknown.error.unwrap()["class"].as_str()),
        ("waiting", Some("UnknownOutcome"))
    );

    // Nobody is there: nothing is handed over, so this one may be tried as often as it takes.
    let waiting = stack.post(vec![stack.draft(tenant, "ada@customer.example")]).await[0];
    let waits = stack.settles(waiting, "deferred").await;
    assert_eq!(waits.error.unwrap()["class"], "EmailError");
    assert_eq!(stack.run(id).await.state, "unknown");

    peer.restart().await;
    let sent = async {
        loop {
            stack.pass(Duration::from_secs(120));
            tokio::time::sleep(Duration::from_millis(50)).await;
            if stack.run(waiting).await.state == "sent" {
                return;
            }
        }
    };
    tokio::time::timeout(tenantry_tests::wait::PATIENCE, sent).await.expect("the next one to be sent");
    stack.pass(Duration::from_secs(7 * 86_400));
    assert_eq!(
        next(&mut peer).await["to"],
        json!(["ada@customer.example"]),
        "the first that arrives after the restart"
    );

    // A person has asked the recipient, corrects nothing, and gives it up; it never left a second time.
    assert_eq!(stack.run(id).await.state, "unknown");
    let last = stack.post(vec![stack.draft(tenant, "bob@customer.example")]).await[0];
    stack.settles(last, "sent").await;
    assert_eq!(next(&mut peer).await["to"], json!(["bob@customer.example"]), "and nothing before it");
    assert_eq!(stack.count("sends").await, 2);
}
