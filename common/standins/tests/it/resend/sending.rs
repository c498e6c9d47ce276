//! `/emails`: what is taken, what is refused, and idempotency.

use crate::resend::{PATIENCE, Stage, client, mail, with};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_standins::resend::{Fault, Options, Route, Rule};

#[tokio::test]
async fn a_mail_is_accepted_whole_and_shown_again() {
    let stage = Stage::open().await;
    let body = json!({
        "from": "Acme <hello@acme.example>", "to": "Ann <ann@a.example>", "cc": ["c@a.example"], "bcc": "b@a.example",
        "reply_to": "desk@acme.example", "subject": "Grüße", "html": "<p>Hallo</p>", "text": "Hallo",
        "headers": { "X-Entity-Ref-ID": "7" }, "tags": [{ "name": "tenant", "value": "ten_1" }],
        "attachments": [{ "filename": "a.txt", "content": "YWJj", "content_type": "text/plain", "content_id": "a" }],
    });
    let id = stage.sent(&body).await;
    let accepted = stage.resend.accepted();
    let [mail] = accepted.as_slice() else { panic!("{accepted:?}") };
    assert_eq!((&mail.id, mail.to.as_slice()), (&id, &["Ann <ann@a.example>".to_owned()][..]));
    assert_eq!(mail.recipients().count(), 3);
    assert_eq!((mail.tags["tenant"].as_str(), mail.headers["X-Entity-Ref-ID"].as_str()), ("ten_1", "7"));
    assert_eq!((mail.attachments[0].size, mail.html.as_deref()), (3, Some("<p>Hallo</p>")));

    let shown = stage.get(&format!("/emails/{id}")).await;
    assert_eq!(
        (&shown["subject"], &shown["text"], &shown["last_event"]),
        (&"Grüße".into(), &"Hallo".into(), &"delivered".into())
    );
    assert!(shown["created_at"].as_str().unwrap().ends_with("+00"));
    let (status, missing) = stage.call(Method::GET, "/emails/none", &Value::Null).await;
    assert_eq!((status, &missing["name"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn the_list_is_read_in_pages_newest_first() {
    let stage = Stage::open().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(stage.sent(&mail("ann@a.example")).await);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut path = "/emails?limit=2".to_owned();
    loop {
        let page = stage.get(&path).await;
        seen.extend(page["data"].as_array().unwrap().iter().map(|mail| mail["id"].as_str().unwrap().to_owned()));
        if page["has_more"] != true {
            break;
        }
        path = format!("/emails?limit=2&after={}", seen.last().unwrap());
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_key_is_asked_for() {
    let stage = Stage::open().await;
    let url = format!("{}/emails", stage.resend.url());
    for (request, status, name) in [
        (client().post(&url), 401, "missing_api_key"),
        (client().post(&url).bearer_auth("re_guessed"), 403, "invalid_api_key"),
    ] {
        let (seen, body) = crate::resend::read(request.json(&mail("ann@a.example")).send().await.unwrap()).await;
        assert_eq!((seen, &body["name"], &body["statusCode"]), (status, &json!(name), &json!(status)));
        assert!(!body["message"].as_str().unwrap().is_empty());
    }
    assert_eq!((stage.resend.total(), stage.resend.requests(Route::Send)), (0, 0));
    let debugged = format!("{:?}", stage.resend);
    assert!(!debugged.contains(stage.resend.key()) && !debugged.contains(stage.resend.webhook_secret()), "{debugged}");
}

#[tokio::test]
async fn what_resend_refuses_is_refused_by_name() {
    let stage = Stage::open().await;
    let many: Vec<String> = (0..51).map(|number| format!("a{number}@a.example")).collect();
    let tag = |name: &str, value: &str| json!([{ "name": name, "value": value }]);
    for (body, name) in [
        (with("from", Value::Null), "missing_required_field"),
        (with("to", Value::Null), "missing_required_field"),
        (with("subject", Value::Null), "missing_required_field"),
        (with("text", Value::Null), "missing_required_field"),
        (with("from", json!("nobody")), "invalid_from_address"),
        (with("to", json!([])), "invalid_parameter"),
        (with("to", json!(many)), "invalid_parameter"),
        (with("to", json!(["ann"])), "invalid_parameter"),
        (with("to", json!(["ann@example.com"])), "invalid_parameter"),
        (with("cc", json!(["ann@test.com"])), "invalid_parameter"),
        (with("subject", json!("a\r\nBcc: b@a.example")), "invalid_parameter"),
        (with("tags", tag("tenant", "ten:1")), "invalid_parameter"),
        (with("tags", tag("tenänt", "1")), "invalid_parameter"),
        (with("tags", tag("tenant", &"x".repeat(257))), "invalid_parameter"),
        (with("attachments", json!([{ "filename": "a.txt" }])), "invalid_attachment"),
        (with("attachments", json!([{ "content": "no base64!" }])), "invalid_attachment"),
        (with("scheduled_at", json!("tomorrow")), "invalid_parameter"),
        (with("replyTo", json!("b@a.example")), "invalid_parameter"),
    ] {
        let (status, answer) = stage.call(Method::POST, "/emails", &body).await;
        assert_eq!((status, &answer["name"]), (422, &json!(name)), "{body}");
    }
    let garbled = stage.request(Method::POST, "/emails").body("{").send().await.unwrap();
    assert_eq!(crate::resend::read(garbled).await.0, 400);
    let exactly: Vec<String> = (0..50).map(|number| format!("a{number}@a.example")).collect();
    assert_eq!(stage.call(Method::POST, "/emails", &with("to", json!(exactly))).await.0, 200);
    assert_eq!(stage.resend.total(), 1);
}

#[tokio::test]
async fn only_verified_domains_send_and_not_for_those_below_them() {
    let verified_domains = vec!["acme.example".to_owned()];
    let stage = Stage::new(Options { verified_domains, ..Options::default() }).await;
    stage.sent(&mail("ann@a.example")).await;
    for from in ["x@mail.acme.example", "x@notacme.example", "acme.example <x@other.example>"] {
        let (status, answer) = stage.call(Method::POST, "/emails", &with("from", json!(from))).await;
        assert_eq!((status, &answer["name"]), (403, &json!("validation_error")), "{from}");
    }
    let batch = json!([mail("ann@a.example"), with("from", json!("x@other.example"))]);
    assert_eq!(stage.call(Method::POST, "/emails/batch", &batch).await.0, 403);
    assert_eq!(stage.resend.total(), 1);
}

#[tokio::test]
async fn a_batch_is_taken_as_a_whole_and_drops_what_batches_do_not_know() {
    let stage = Stage::open().await;
    let late = with("scheduled_at", json!("2100-01-01T00:00:00Z"));
    let attached = with("attachments", json!([{ "content": "YWJj" }]));
    let (status, answer) = stage.call(Method::POST, "/emails/batch", &json!([late, attached])).await;
    assert_eq!((status, answer["data"].as_array().unwrap().len()), (200, 2));
    let accepted = stage.resend.accepted();
    assert!(accepted.iter().all(|mail| mail.batch && mail.scheduled_at.is_none() && mail.attachments.is_empty()));
    assert_eq!(answer["data"][1]["id"], accepted[1].id);
    let bad = json!([mail("ann@a.example"), mail("nobody")]);
    assert_eq!(stage.call(Method::POST, "/emails/batch", &bad).await.0, 422);
    let many: Vec<Value> = (0..101).map(|_| mail("ann@a.example")).collect();
    for batch in [json!([]), json!(many)] {
        assert_eq!(stage.call(Method::POST, "/emails/batch", &batch).await.0, 422);
    }
    assert_eq!(stage.resend.total(), 2);
}

#[tokio::test]
async fn a_key_has_its_effect_once() {
    let stage = Stage::open().await;
    let one = mail("ann@a.example");
    let first = stage.keyed("/emails", "m1", &one).await.unwrap();
    assert_eq!(stage.keyed("/emails", "m1", &one).await.unwrap(), first);
    for (path, body) in [("/emails", mail("bob@a.example")), ("/emails/batch", json!([one]))] {
        let (status, answer) = stage.keyed(path, "m1", &body).await.unwrap();
        assert_eq!((status, &answer["name"]), (409, &json!("invalid_idempotent_request")));
    }
    let batch = json!([mail("ann@a.example"), mail("bob@a.example")]);
    let sent = stage.keyed("/emails/batch", "b1", &batch).await.unwrap();
    assert_eq!(stage.keyed("/emails/batch", "b1", &batch).await.unwrap(), sent);
    assert_eq!((stage.resend.total(), stage.resend.accepted_under("m1"), stage.resend.accepted_under("b1")), (3, 1, 1));
    let long = stage.keyed("/emails", &"k".repeat(257), &one).await.unwrap();
    assert_eq!((long.0, &long.1["name"]), (400, &json!("invalid_idempotency_key")));
    // A refused request leaves its key free.
    assert_eq!(stage.keyed("/emails", "m2", &mail("nobody")).await.unwrap().0, 422);
    assert_eq!(stage.keyed("/emails", "m2", &one).await.unwrap().0, 200);
    stage.resend.forget_keys();
    assert_ne!(stage.keyed("/emails", "m1", &one).await.unwrap(), first);
    assert_eq!(stage.resend.accepted_under("m1"), 2);
}

#[tokio::test]
async fn a_key_in_flight_is_refused_and_free_again_when_its_client_leaves() {
    let stage = Stage::open().await;
    let one = mail("ann@a.example");
    stage.resend.misbehave(1, [Rule::on(Route::Send, Fault::Hold).nth(1)]);
    let (first, ()) = tokio::join!(stage.keyed("/emails", "m1", &one), async {
        assert!(stage.resend.wait_for_held(1, PATIENCE).await);
        let (status, answer) = stage.keyed("/emails", "m1", &one).await.unwrap();
        assert_eq!((status, &answer["name"]), (409, &json!("concurrent_idempotent_requests")));
        assert_eq!(stage.resend.total(), 0);
        stage.resend.release();
    });
    assert_eq!((first.unwrap().0, stage.resend.total()), (200, 1));

    stage.resend.misbehave(1, [Rule::on(Route::Send, Fault::Hold).nth(1)]);
    tokio::select! {
        answer = stage.keyed("/emails", "m2", &one) => panic!("{answer:?}"),
        held = stage.resend.wait_for_held(1, PATIENCE) => assert!(held),
    }
    // The client is gone, and the server notices in its own time.
    let again = async {
        loop {
            let (status, _) = stage.keyed("/emails", "m2", &one).await.unwrap();
            if status == 200 {
                break;
            }
            assert_eq!(status, 409);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.unwrap();
    assert_eq!(stage.resend.accepted_under("m2"), 1);
}

#[tokio::test]
async fn a_scheduled_mail_waits_can_be_cancelled_and_moved() {
    let stage = Stage::open().await;
    let later = with("scheduled_at", json!("2100-01-01T00:00:00+01:00"));
    let (moved, cancelled) = (stage.sent(&later).await, stage.sent(&later).await);
    let event = async |id: &str| stage.get(&format!("/emails/{id}")).await["last_event"].as_str().unwrap().to_owned();
    assert_eq!((event(&moved).await, event(&cancelled).await), ("scheduled".to_owned(), "scheduled".to_owned()));
    let cancel = format!("/emails/{cancelled}/cancel");
    assert_eq!(stage.call(Method::POST, &cancel, &Value::Null).await.0, 200);
    assert_eq!(event(&cancelled).await, "canceled");
    assert_eq!(stage.call(Method::POST, &cancel, &Value::Null).await.0, 422);

    let ear = crate::resend::Ear::new(&stage, 0).await;
    let now = json!({ "scheduled_at": "2020-01-01T00:00:00Z" });
    assert_eq!(stage.call(Method::PATCH, &format!("/emails/{moved}"), &now).await.0, 200);
    assert_eq!(ear.types(2).await, ["email.sent", "email.delivered"]);
    assert_eq!(event(&moved).await, "delivered");
    assert_eq!(stage.call(Method::PATCH, &format!("/emails/{moved}"), &now).await.0, 422);
}

#[tokio::test]
async fn texts_are_kept_only_when_asked_for_and_mails_can_be_waited_for() {
    let stage = Stage::new(Options { any_domain: true, keep_bodies: false, ..Options::default() }).await;
    let found = stage.resend.find(|mail| mail.to.contains(&"bob@a.example".to_owned()), PATIENCE);
    let sends = async {
        for to in ["ann@a.example", "bob@a.example"] {
            stage.sent(&mail(to)).await;
        }
    };
    let (found, (), enough) = tokio::join!(found, sends, stage.resend.wait_for(2, PATIENCE));
    assert_eq!((found.unwrap().text.as_deref(), enough), (None, true));
    stage.resend.clear();
    assert_eq!((stage.resend.accepted().len(), stage.resend.total()), (0, 0));
}
