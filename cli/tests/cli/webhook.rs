use serde_json::{Value, json};

use crate::{
    answers::{Reply, list, ok},
    stage::Stage,
};

fn endpoint() -> Value {
    json!({ "id": "whe_1", "url": "https://hooks.acme.example/t", "events": ["*"], "description": "", "status": "enabled",
            "disabledReason": null, "health": "failing", "failingSince": "2026-11-20T10:00:00Z", "lastSuccessAt": null,
            "lastFailureAt": "2026-11-21T10:00:00Z", "previousSecretUntil": null, "createdBy": "ada",
            "createdAt": "2026-11-19T10:00:00Z", "updatedAt": "2026-11-19T10:00:00Z" })
}

fn delivery(status: &str, log: Value) -> Value {
    let attempts = log.as_array().unwrap().len();
    json!({ "id": "whd_1", "endpointId": "whe_1", "eventId": "evt_1", "type": "webhook.test", "status": status, "reason": null,
            "attempts": attempts, "nextAttemptAt": null, "replay": true, "createdAt": "2026-11-21T10:00:00Z", "body": {}, "log": log })
}

#[tokio::test]
async fn a_secret_is_shown_where_it_was_made_and_its_loss_is_told() {
    let stage = Stage::new().await;
    let mut made = endpoint();
    made["secret"] = json!("whsec_shown-once");
    stage.on("POST /v1/tenants/ten_1/webhook-endpoints", Reply::new(201, made.to_string()));
    let add = [
        "webhook",
        "add",
        "https://hooks.acme.example/t",
        "--event",
        "tenant.changed,tenant.resumed",
        "--tenant",
        "ten_1",
    ];
    let ran = stage.run(&add).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("whsec_shown-once") && ran.err.contains("this once"), "{} {}", ran.out, ran.err);
    let body = json!({ "url": "https://hooks.acme.example/t", "events": ["tenant.changed", "tenant.resumed"] });
    assert_eq!(stage.seen()[0].json(), body);

    stage.on("POST /v1/tenants/ten_1/webhook-endpoints/whe_1/rotate-secret", ok(&endpoint()));
    let ran = stage.run(&["webhook", "rotate", "whe_1", "--tenant", "ten_1", "--idempotency-key", "one"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("tenantry webhook rotate whe_1"), "{}", ran.err);
}

#[tokio::test]
async fn a_test_says_how_it_was_taken() {
    let stage = Stage::new().await;
    let taken = json!([{ "at": "2026-11-21T10:00:00Z", "durationMs": 12, "statusCode": 204, "error": null }]);
    let refused = json!([{ "at": "2026-11-21T10:00:00Z", "durationMs": 12, "statusCode": 500, "error": "The endpoint answered 500." }]);
    for (status, log, code) in [("delivered", taken, 0), ("pending", refused, 1), ("pending", json!([]), 3)] {
        stage.on(
            "POST /v1/tenants/ten_1/webhook-endpoints/whe_1/test",
            Reply::new(202, delivery("pending", json!([])).to_string()),
        );
        stage.on("GET /v1/tenants/ten_1/webhook-deliveries/whd_1", ok(&delivery(status, log)));
        let ran = stage.run(&["webhook", "test", "whe_1", "--tenant", "ten_1", "--wait", "0"]).await;
        assert_eq!(ran.code, Some(code), "{} {}", ran.out, ran.err);
        assert!(code != 1 || ran.err.contains("answered 500"), "{}", ran.err);
    }
}

#[tokio::test]
async fn endpoints_and_deliveries_are_lists() {
    let stage = Stage::new().await;
    stage.on("GET /v1/tenants/ten_1/webhook-endpoints", list(&[endpoint()], None));
    let ran = stage.run(&["webhook", "list", "--tenant", "ten_1"]).await;
    assert!(ran.out.contains("whe_1") && ran.out.contains("failing"), "{} {}", ran.out, ran.err);
    stage.on(
        "GET /v1/tenants/ten_1/webhook-endpoints/whe_1/deliveries?status=failed",
        list(&[delivery("failed", json!([]))], None),
    );
    let ran = stage.run(&["webhook", "deliveries", "whe_1", "--status", "failed", "--tenant", "ten_1"]).await;
    assert!(ran.out.contains("whd_1") && ran.out.contains("by hand"), "{} {}", ran.out, ran.err);

    let nothing = stage.run(&["webhook", "update", "whe_1", "--tenant", "ten_1"]).await;
    assert_eq!(nothing.code, Some(2), "{}", nothing.err);
    let what = stage.run(&["webhook", "replay", "whe_1", "--tenant", "ten_1"]).await;
    assert_eq!(what.code, Some(2), "{}", what.err);
}
