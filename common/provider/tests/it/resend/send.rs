//! What is asked of the API, and what becomes of its answer.

use serde_json::json;
use tenantry_model::{ErrorClass, MessageId};
use tenantry_provider::{Attachment, Header, Mail, Mailbox, Provider, RateSeen, Resend, ResendConfig, Tag};

use crate::resend::{
    KEY, address, config, mail, resend,
    server::{Act, Server, error, ok},
};

#[tokio::test]
async fn a_message_travels_whole_under_its_own_key() {
    let server = Server::start(vec![ok(json!({"id": "49a3999c"}))]).await;
    let file = Attachment::new("a.csv", "text/csv", b"a,b\n".to_vec()).unwrap();
    let picture = Attachment::new("logo.png", "image/png", b"\x89PNG".to_vec()).unwrap().inline("logo").unwrap();
    let full = Mail {
        from: Mailbox { name: Some("Acme, Inc.".parse().unwrap()), address: address("noreply@mail.example.com") },
        cc: vec![address("bob@example.com").into()],
        bcc: vec![address("carol@example.com").into()],
        reply_to: Some(address("help@example.com").into()),
        headers: vec![Header::new("List-Unsubscribe", "<https://example.com/u>").unwrap()],
        attachments: vec![file, picture],
        tags: vec![Tag::new("category", "invoices").unwrap()],
        ..mail()
    };
    let accepted = resend(&server).send(&full).await.unwrap();
    assert_eq!(accepted.provider_message_id.as_deref(), Some("49a3999c"));
    let request = server.finish().await.remove(0);
    assert_eq!(request.line, "POST /emails HTTP/1.1");
    assert_eq!(request.header("idempotency-key"), Some("msg_00000000000000000000000000004711"));
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert!(request.header("user-agent").unwrap().starts_with("tenantry/"));
    let expected = json!({
        "from": "\"Acme, Inc.\" <noreply@mail.example.com>",
        "to": ["ada@example.com"],
        "cc": ["bob@example.com"],
        "bcc": ["carol@example.com"],
        "reply_to": "help@example.com",
        "subject": "Welcome",
        "text": "Hello",
        "html": "<p>Hello</p>",
        "headers": {"List-Unsubscribe": "<https://example.com/u>"},
        "attachments": [
            {"filename": "a.csv", "content": "YSxiCg==", "content_type": "text/csv"},
            {"filename": "logo.png", "content": "iVBORw==", "content_type": "image/png", "content_id": "logo"},
        ],
        "tags": [
            {"name": "message", "value": "msg_00000000000000000000000000004711"},
            {"name": "category", "value": "invoices"},
        ],
    });
    assert_eq!(request.body, expected);
}

#[tokio::test]
async fn the_same_message_again_has_the_same_key_and_the_same_body() {
    let server = Server::start(vec![Act::Reset, ok(json!({"id": "1"}))]).await;
    let resend = resend(&server);
    assert_eq!(resend.send(&mail()).await.unwrap_err().class, ErrorClass::UnknownOutcome);
    resend.send(&mail()).await.unwrap();
    let requests = server.finish().await;
    let key = |of: usize| requests[of].header("idempotency-key").unwrap();
    assert_eq!((key(0), &requests[0].body), (key(1), &requests[1].body));
}

#[tokio::test]
async fn a_batch_is_answered_message_by_message_in_order() {
    let server = Server::start(vec![ok(json!({"data": [{"id": "one"}, {"id": "two"}]}))]).await;
    let second = Mail { id: MessageId::from(uuid::Uuid::from_u128(0x4712)), ..mail() };
    let accepted = resend(&server).send_batch("batch-1", &[mail(), second]).await.unwrap();
    let ids: Vec<_> = accepted.iter().map(|one| one.provider_message_id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["one", "two"]);
    let request = server.finish().await.remove(0);
    assert_eq!(
        (request.line.as_str(), request.header("idempotency-key")),
        ("POST /emails/batch HTTP/1.1", Some("batch-1"))
    );
    assert_eq!(request.body[1]["tags"][0]["value"], "msg_00000000000000000000000000004712");
}

#[tokio::test]
async fn a_batch_answered_for_fewer_messages_is_unknown() {
    let server = Server::start(vec![ok(json!({"data": [{"id": "one"}]}))]).await;
    let fault = resend(&server).send_batch("batch-1", &[mail(), mail()]).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::UnknownOutcome);
    server.finish().await;
}

#[tokio::test]
async fn what_cannot_be_carried_is_refused_without_a_request() {
    let server = Server::start(vec![]).await;
    let resend = resend(&server);
    let file = Attachment::new("a.csv", "text/csv", b"a".to_vec()).unwrap();
    let crowd = Mail { to: vec![address("ada@example.com").into(); 51], ..mail() };
    let carrying = Mail { attachments: vec![file], ..mail() };
    for fault in [
        resend.send(&crowd).await.unwrap_err(),
        resend.send_batch("b", &[mail(), carrying]).await.unwrap_err(),
        resend.send_batch("b", &vec![mail(); 101]).await.unwrap_err(),
        resend.send_batch("", &[mail()]).await.unwrap_err(),
        resend.send_batch("a\r\nb", &[mail()]).await.unwrap_err(),
    ] {
        assert_eq!(fault.class, ErrorClass::ValidationError, "{fault}");
    }
    assert!(server.finish().await.is_empty());
}

#[tokio::test]
async fn how_much_more_it_would_take_is_told() {
    let headers = "ratelimit-limit: 10\r\nratelimit-remaining: 3\r\nratelimit-reset: 1\r\n";
    let server = Server::start(vec![Act::Answer(200, headers, json!({"id": "1"}))]).await;
    let accepted = resend(&server).send(&mail()).await.unwrap();
    assert_eq!(accepted.rate, Some(RateSeen { limit: 10, remaining: 3, reset: 1 }));
    server.finish().await;
}

#[tokio::test]
async fn a_check_needs_a_key_that_is_known_and_no_more_rights() {
    let list = ok(json!({"object": "list", "has_more": false, "data": []}));
    let may_only_send = error(401, "restricted_api_key", "This API key is restricted to only send emails");
    let server = Server::start(vec![list, may_only_send, error(403, "invalid_api_key", "API key is invalid")]).await;
    let resend = resend(&server);
    resend.check().await.unwrap();
    resend.check().await.unwrap();
    assert_eq!(resend.check().await.unwrap_err().class, ErrorClass::AccountRefused);
    assert_eq!(server.finish().await[0].line, "GET /domains?limit=1 HTTP/1.1");
}

#[tokio::test]
async fn the_key_is_not_printed() {
    let server = Server::start(vec![]).await;
    let printed = format!("{:?} {:?}", resend(&server), config(&server));
    assert!(!printed.contains(KEY), "{printed}");
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let server = Server::start(vec![ok(json!({"id": "1"}))]).await;
    let base_url = format!("{}/proxy/", server.base);
    Resend::new(&ResendConfig { base_url, ..config(&server) }).unwrap().send(&mail()).await.unwrap();
    assert_eq!(server.finish().await[0].line, "POST /proxy/emails HTTP/1.1");
}
