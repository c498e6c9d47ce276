use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::{
    answers::{Reply, list, ok, problem},
    stage::Stage,
};

const SETTINGS: &str = "/v1/tenants/ten_1/email-settings";

fn settings() -> Value {
    json!({
        "tenantId": "ten_1", "tier": "hybrid", "defaultFrom": null, "fromName": "Acme", "replyTo": "help@acme.example",
        "customDomain": "acme.example", "customFrom": null, "domainVerified": false, "dkimEnabled": false,
        "routing": { "invoices": "custom" }, "headers": { "X-Brand": "Acme" }, "tags": {},
        "limits": { "perMinute": 60, "perDay": null, "own": false }, "paused": null, "version": 7,
        "updatedAt": "2026-11-21T03:25:36Z", "updatedBy": "ada@acme.example",
    })
}

fn tagged() -> Reply {
    ok(&settings()).header("etag", "\"7\"")
}

#[tokio::test]
async fn settings_are_those_of_the_caller_unless_another_tenant_is_named() {
    let stage = Stage::new().await;
    let get = format!("GET {SETTINGS}");
    stage.on("GET /v1/me", ok(&json!({ "subject": "ada", "tenant": "ten_1" }))).on(&get, tagged());
    let ran = stage.run(&["mail", "settings", "show"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_snapshot!("settings", ran.out);

    stage.on(&get, tagged());
    assert_eq!(stage.run(&["mail", "settings", "show", "--tenant", "ten_1"]).await.code, Some(0));

    stage.on("GET /v1/me", ok(&json!({ "subject": "operator", "tenant": null })));
    let ran = stage.run(&["mail", "settings", "show"]).await;
    assert!(ran.code == Some(2) && ran.err.contains("--tenant"), "{}", ran.err);
}

#[tokio::test]
async fn only_what_is_typed_is_changed_and_only_in_the_version_that_was_read() {
    let stage = Stage::new().await;
    stage.on(&format!("GET {SETTINGS}"), tagged()).on(&format!("PATCH {SETTINGS}"), tagged());
    let ran = stage
        .run(&[
            "mail",
            "settings",
            "set",
            "--tenant",
            "ten_1",
            "--tier",
            "custom",
            "--default-from",
            "hi@acme.mail.example",
            "--route",
            "tickets=platform",
            "--header",
            "X-Brand:",
            "--tag",
            "brand=acme",
            "--clear",
            "reply-to",
            "--clear",
            "per-day",
            "--per-minute",
            "120",
        ])
        .await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let asked = &stage.seen()[1];
    assert_eq!(asked.header("if-match"), Some("\"7\""));
    let body = json!({
        "tier": "custom", "defaultFrom": "hi@acme.mail.example", "replyTo": null,
        "routing": { "invoices": "custom", "tickets": "platform" }, "headers": {}, "tags": { "brand": "acme" },
        "limits": { "perMinute": 120, "perDay": null },
    });
    assert_eq!(asked.json(), body);

    let ran = stage.run(&["mail", "settings", "set", "--tenant", "ten_1"]).await;
    assert!(ran.code == Some(2) && ran.err.contains("not said what to change"), "{}", ran.err);
}

#[tokio::test]
async fn a_change_that_somebody_else_has_overtaken_is_not_forced() {
    let stage = Stage::new().await;
    let changed = problem(412, "precondition_failed", json!({ "detail": "Somebody has changed the settings." }));
    stage.on(&format!("GET {SETTINGS}"), tagged()).on(&format!("PATCH {SETTINGS}"), changed);
    let ran = stage.run(&["mail", "settings", "set", "--tenant", "ten_1", "--tier", "platform"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("Somebody has changed"), "{}", ran.err);
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_not_made_again() {
    let stage = Stage::new().await;
    stage.on(&format!("GET {SETTINGS}"), tagged()).on(&format!("PATCH {SETTINGS}"), crate::answers::broken());
    let ran = stage.run(&["mail", "settings", "set", "--tenant", "ten_1", "--tier", "platform"]).await;
    assert_eq!((ran.code, stage.seen().len()), (Some(1), 2));
}

#[tokio::test]
async fn addresses_are_suppressed_listed_and_written_to_again() {
    let stage = Stage::new().await;
    let entry = json!({
        "address": "ada@acme.example", "reason": "unsubscribe", "category": "newsletter", "note": null, "messageId": "msg_1",
        "createdBy": "recipient", "createdAt": "2026-11-21T03:25:36Z", "expiresAt": null,
    });
    let path = "/v1/tenants/ten_1/suppressions";
    stage.on(
        &format!("GET {path}?address=ada%40acme.example&reason=unsubscribe"),
        list(std::slice::from_ref(&entry), None),
    );
    let ran = stage
        .run(&[
            "mail",
            "suppression",
            "list",
            "--tenant",
            "ten_1",
            "--address",
            "ada@acme.example",
            "--reason",
            "unsubscribe",
        ])
        .await;
    assert_snapshot!("suppressions", ran.out);

    stage.on(&format!("POST {path}"), Reply::new(201, entry.to_string()));
    let ran = stage
        .run(&[
            "mail",
            "suppression",
            "add",
            "ada@acme.example",
            "--tenant",
            "ten_1",
            "--note",
            "asked by phone",
            "--until",
            "2026-12-21T00:00:00Z",
        ])
        .await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let body = json!({ "address": "ada@acme.example", "note": "asked by phone", "expiresAt": "2026-12-21T00:00:00Z" });
    assert_eq!(stage.seen()[1].json(), body);
    assert!(stage.seen()[1].header("idempotency-key").is_some());

    stage.on(&format!("DELETE {path}/ada@acme.example"), Reply::new(204, ""));
    let ran = stage.run(&["mail", "suppression", "remove", "ada@acme.example", "--tenant", "ten_1"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("may be written to again"), "{}", ran.err);
}

#[tokio::test]
async fn a_choice_is_made_among_those_that_are_there() {
    let stage = Stage::new().await;
    let one = |category: &str, subtype: Option<&str>, enabled: bool, source: &str, locked: bool| json!({ "category": category, "subtype": subtype, "enabled": enabled, "source": source, "locked": locked });
    let there = json!({ "data": [
        one("authentication", None, true, "default", true),
        one("invoices", None, false, "default", false),
        one("newsletter", None, false, "own", false),
        one("tickets", Some("closed"), false, "own", false),
    ] });
    let path = "/v1/tenants/ten_1/users/usr_1/preferences";
    let user = ["--tenant", "ten_1", "--user", "usr_1"];
    let asked = |stage: &Stage| stage.seen().last().unwrap().json();

    stage.on(&format!("GET {path}"), ok(&there));
    let ran = stage.run(&[&["mail", "preference", "show"][..], &user].concat()).await;
    assert_snapshot!("preferences", ran.out);

    stage.on(&format!("GET {path}"), ok(&there)).on(&format!("PUT {path}"), ok(&there));
    let ran = stage.run(&[&["mail", "preference", "set", "tickets/closed", "on"][..], &user].concat()).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let choices = json!([
        { "category": "newsletter", "enabled": false },
        { "category": "tickets", "subtype": "closed", "enabled": true },
    ]);
    assert_eq!(asked(&stage), json!({ "data": choices }));

    stage.on(&format!("GET {path}"), ok(&there)).on(&format!("PUT {path}"), ok(&there));
    stage.run(&[&["mail", "preference", "set", "newsletter", "default"][..], &user].concat()).await;
    let choices = json!([{ "category": "tickets", "subtype": "closed", "enabled": false }]);
    assert_eq!(asked(&stage), json!({ "data": choices }));
}

#[tokio::test]
async fn a_tenants_defaults_are_its_own() {
    let stage = Stage::new().await;
    let there = json!({ "data": [
        { "category": "authentication", "subtype": null, "enabled": true, "locked": true },
        { "category": "invoices", "subtype": null, "enabled": true, "locked": false },
    ] });
    let path = "/v1/tenants/ten_1/notification-defaults";
    stage.on(&format!("GET {path}"), ok(&there)).on(&format!("PUT {path}"), ok(&there));
    let ran = stage.run(&["mail", "preference", "set", "newsletter", "off", "--tenant", "ten_1"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let choices = json!([{ "category": "invoices", "enabled": true }, { "category": "newsletter", "enabled": false }]);
    assert_eq!(stage.seen()[1].json(), json!({ "data": choices }));
}
