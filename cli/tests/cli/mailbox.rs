use insta::assert_snapshot;
use serde_json::json;

use crate::{
    answers::{list, ok, problem},
    stage::Stage,
};

fn mail() -> serde_json::Value {
    json!({ "id": "0190", "from": "hello@tenantry.example", "to": ["ada@acme.example"], "subject": "Welcome to Acme",
            "message_id": "m1@tenantry.example", "received_at": "2026-11-21T03:25:36Z", "size": 1234, "carrier": "smtp" })
}

#[tokio::test]
async fn the_mailbox_is_found_where_the_local_stack_wrote_it_down() {
    let stage = Stage::new().await;
    let written = json!({ "url": "http://127.0.0.1:1", "token": "tk_local", "mailUrl": stage.url });
    stage.write(".local/cli.json", &written.to_string());
    stage.on("GET /mail?to=ada", list(&[mail()], None));

    let ran = stage.finish(stage.stranger(&["local", "mail", "list", "--to", "ada"])).await;

    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_snapshot!("mails", ran.out);
    assert_eq!(stage.seen()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_mail_is_shown_with_its_text() {
    let stage = Stage::new().await;
    let mut whole = mail();
    whole["text"] = json!("Welcome, Ada.\n\nYour password: \u{1b}[8mhidden");
    stage
        .on("GET /mail/0190", ok(&whole))
        .on("GET /mail/0190", ok(&whole))
        .on("GET /mail/no", problem(404, "not_found", json!({})));
    assert_snapshot!("mail", stage.run(&["local", "mail", "show", "0190", "--mail-url", &stage.url]).await.out);

    let ran = stage.run(&["local", "mail", "--mail-url", &stage.url, "show", "0190", "--json"]).await;
    assert_eq!(ran.out, format!("{whole}\n"));
    assert_eq!(stage.run(&["local", "mail", "show", "no", "--mail-url", &stage.url]).await.code, Some(1));
}

#[tokio::test]
async fn an_unknown_mailbox_says_how_to_name_it() {
    let stage = Stage::new().await;
    let ran = stage.run(&["local", "mail", "list"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("TENANTRY_MAIL_URL"), "{}", ran.err);
}
