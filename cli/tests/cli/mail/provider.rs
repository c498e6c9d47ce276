use insta::assert_snapshot;
use serde_json::json;

use crate::{answers::ok, stage::Stage};

#[tokio::test]
async fn providers_are_listed_with_what_is_wrong_with_them() {
    let stage = Stage::new().await;
    let met = json!({ "class": "EmailError", "message": "the connection was refused", "at": "2026-11-21T03:25:36Z" });
    let data = json!([
        { "name": "resend", "role": "primary", "health": "down", "failures": 5, "blockedUntil": "2126-11-21T03:30:00Z",
          "lastError": met, "tellsEvents": true, "lastEventAt": "2026-11-20T03:25:36Z", "silent": true },
        { "name": "smtp", "role": "fallback", "health": "healthy", "failures": 0, "blockedUntil": "2020-01-01T00:00:00Z",
          "lastError": null, "tellsEvents": false, "lastEventAt": null, "silent": false },
    ]);
    stage.on("GET /v1/mail/providers", ok(&json!({ "data": data })));
    assert_snapshot!("providers", stage.run(&["mail", "provider", "list"]).await.out);
}

#[tokio::test]
async fn a_provider_that_does_not_accept_us_is_1() {
    let stage = Stage::new().await;
    let validate = "POST /v1/mail/providers/smtp/validate";
    stage.on(validate, ok(&json!({ "valid": true, "problem": null })));
    let ran = stage.run(&["mail", "provider", "validate", "smtp"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);

    let problem = json!({ "class": "EmailAuth", "message": "the password is wrong" });
    stage.on(validate, ok(&json!({ "valid": false, "problem": problem })));
    let ran = stage.run(&["mail", "provider", "validate", "smtp"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("EmailAuth: the password is wrong"), "{}", ran.err);
}

#[tokio::test]
async fn what_became_of_mail_is_shown_by_day() {
    let stage = Stage::new().await;
    let day = json!({
        "day": "2026-11-21", "sent": 120, "delivered": 100, "bounced": 2, "complained": 0, "deferred": 1, "failed": 0,
        "suppressed": 3, "averageLatencyMs": 1520,
    });
    stage.on("GET /v1/mail/stats?tenantId=ten_1&days=7", ok(&json!({ "data": [day.clone()] })));
    let ran = stage.run(&["mail", "stats", "--tenant", "ten_1", "--days", "7"]).await;
    assert_snapshot!("stats", ran.out);

    let mut of_provider = day;
    of_provider["provider"] = json!("smtp");
    stage.on("GET /v1/mail/stats", ok(&json!({ "data": [of_provider] })));
    let ran = stage.run(&["mail", "stats"]).await;
    assert!(ran.out.contains("PROVIDER") && ran.out.contains("smtp"), "{}", ran.out);
}

#[tokio::test]
async fn a_tenants_mail_is_paused_and_leaves_again() {
    let stage = Stage::new().await;
    stage.on("POST /v1/tenants/ten_1/sending/pause", ok(&json!({ "paused": true, "changed": true })));
    let ran = stage.run(&["mail", "pause", "ten_1", "--reason", "spam"]).await;
    assert!(ran.code == Some(0) && ran.err.contains("tenantry mail resume ten_1"), "{}", ran.err);
    assert_eq!(stage.seen()[0].body, r#"{"reason":"spam"}"#);
    assert!(stage.seen()[0].header("idempotency-key").is_some());

    stage.on("POST /v1/tenants/ten_1/sending/resume", ok(&json!({ "paused": false, "changed": false })));
    let ran = stage.run(&["mail", "resume", "ten_1", "--reason", "looked into"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "This tenant's mail was not paused.\n"));

    assert_eq!(stage.run(&["mail", "pause", "ten_1"]).await.code, Some(2));
}
