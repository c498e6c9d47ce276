use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;

use super::{message, taken};
use crate::{
    answers::{never, ok, problem},
    stage::Stage,
};

const SEND: [&str; 9] = ["mail", "send", "--to", "ada@acme.example", "--subject", "Hi", "--text", "Hello", "--wait"];
const LOOK: &str = "GET /v1/messages/msg_1";

async fn sent(last: &str) -> crate::stage::Ran {
    let stage = Stage::new().await;
    stage.on("POST /v1/messages", taken()).on(LOOK, ok(&message("sending"))).on(LOOK, ok(&message(last)));
    stage.run(&SEND).await
}

#[tokio::test]
async fn a_message_is_followed_until_it_has_left() {
    let ran = sent("sent").await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(ran.err, "queued\nsending\nsent\n");
    assert!(ran.out.contains("noreply@acme.mail.example"), "{}", ran.out);
}

#[tokio::test]
async fn a_message_that_never_leaves_or_comes_back_is_1() {
    for (status, code) in [
        ("bounced", "message_bounced"),
        ("failed", "message_failed"),
        ("suppressed", "message_suppressed"),
        ("cancelled", "message_cancelled"),
        ("complained", "message_complained"),
    ] {
        let stage = Stage::new().await;
        let mut last = message(status);
        last["error"] = json!({ "class": "EmailRefused", "message": "Nobody wants it." });
        stage.on(LOOK, ok(&last));
        let ran = stage.run(&["mail", "watch", "msg_1", "--json"]).await;
        assert_eq!((ran.code, ran.out), (Some(1), format!("{last}\n")));
        let problem: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
        assert_eq!(problem["code"], code);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("EmailRefused: Nobody wants it.") && detail.contains("mail show msg_1"), "{detail}");
    }
}

#[tokio::test]
async fn patience_ends_with_3() {
    let stage = Stage::new().await;
    stage.on("POST /v1/messages", taken());
    let ran = stage.run(&[&SEND[..], &["0"]].concat()).await;
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("not yet: The message has not left yet (queued)"), "{}", ran.err);
    assert!(ran.err.contains("tenantry mail watch msg_1"), "{}", ran.err);
}

#[tokio::test]
async fn a_message_whose_outcome_nobody_knows_is_3_and_names_the_question() {
    let ran = sent("unknown").await;
    assert!(ran.code == Some(3) && ran.err.contains("tenantry task answer tsk_1"), "{}", ran.err);
}

#[tokio::test]
async fn a_message_that_is_put_off_after_it_has_left_has_left() {
    let stage = Stage::new().await;
    let mut later = message("deferred");
    later["sentAt"] = json!("2026-11-21T03:25:37Z");
    stage.on(LOOK, ok(&later));
    assert_eq!(stage.run(&["mail", "watch", "msg_1"]).await.code, Some(0));

    // Before: it is waited for.
    stage.on(LOOK, ok(&message("deferred"))).on(LOOK, ok(&message("sent")));
    assert_eq!(stage.run(&["mail", "watch", "msg_1"]).await.code, Some(0));
}

#[tokio::test]
async fn delivery_is_waited_for_when_that_is_wanted() {
    let stage = Stage::new().await;
    stage.on(LOOK, ok(&message("sent"))).on(LOOK, ok(&message("delivered")));
    let ran = stage.run(&["mail", "watch", "msg_1", "--past-sent"]).await;
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), "sent\ndelivered\n"));
}

#[tokio::test]
async fn trouble_and_interruptions_leave_the_message_alone_and_say_how_to_go_on() {
    let stage = Stage::new().await;
    stage.on(LOOK, ok(&message("queued"))).on(LOOK, problem(500, "internal_error", json!({})));
    let ran = stage.run(&["mail", "watch", "msg_1"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("follow it with: tenantry mail watch msg_1"), "{}", ran.err);

    stage.on(LOOK, ok(&message("queued"))).on(LOOK, never());
    let child = stage.command(&["mail", "watch", "msg_1"]).spawn().unwrap();
    stage.until_seen(4).await;
    kill(Pid::from_raw(child.id().unwrap().try_into().unwrap()), Signal::SIGINT).unwrap();
    let ran = stage.ran(&child.wait_with_output().await.unwrap());
    assert!(ran.code == Some(130) && ran.err.contains("tenantry mail watch msg_1"), "{}", ran.err);
}
