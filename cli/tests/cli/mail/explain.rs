use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::{answers::ok, stage::Stage};

fn explanation() -> Value {
    json!({
        "decision": "send", "from": "Acme <noreply@acme.mail.example>", "domain": "acme.mail.example", "tier": "platform",
        "asOfNow": true, "fromName": null, "replyTo": null, "holdSeconds": null, "provider": "smtp",
        "leftOut": [{ "address": "bob@acme.example", "code": "hard_bounce", "why": "The mailbox does not exist." }],
        "limits": { "perMinute": 60, "perDay": null, "usedToday": 3, "leftToday": null, "waiting": 0, "nextAt": null,
                    "paused": false },
        "reasons": [
            { "code": "from_replaced", "text": "bills@other.example is not the tenant's; the default address is used." },
            { "code": "primary", "text": "Mail can be sent now.", "operator": "smtp is healthy" },
        ],
    })
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_says_why() {
    let stage = Stage::new().await;
    stage.on("POST /v1/messages/explain", ok(&explanation()));
    let ran =
        stage.run(&["mail", "send", "--to", "ada@acme.example", "--subject", "Hi", "--text", "x", "--dry-run"]).await;
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), "Nothing was sent.\n"));
    assert_snapshot!("explanation", ran.out);
    assert_eq!(stage.seen()[0].json()["to"], json!(["ada@acme.example"]));
}

#[tokio::test]
async fn a_message_that_is_there_is_explained_by_its_id() {
    let stage = Stage::new().await;
    stage.on("GET /v1/messages/msg_1/explain", ok(&explanation()));
    let ran = stage.run(&["mail", "explain", "msg_1", "--json"]).await;
    assert_eq!((ran.code, ran.out, ran.err), (Some(0), format!("{}\n", explanation()), String::new()));

    stage.on("POST /v1/messages/explain", ok(&explanation()));
    let ran = stage.run(&["mail", "explain", "--to", "ada@acme.example", "--template", "welcome"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);

    assert_eq!(stage.run(&["mail", "explain"]).await.code, Some(2));
    assert_eq!(stage.run(&["mail", "explain", "msg_1", "--to", "ada@acme.example"]).await.code, Some(2));
}
