use insta::assert_snapshot;
use serde_json::json;

use crate::{
    answers::{Reply, list, ok, problem},
    stage::Stage,
};

#[tokio::test]
async fn the_caller_is_told_who_they_are() {
    let stage = Stage::new().await;
    let me = json!({ "subject": "ada@platform.example", "tenant": null, "roles": ["platform_operator"],
                     "permissions": ["tenants.manage", "tenants.read"] });
    stage.on("GET /v1/me", ok(&me));
    assert_snapshot!("me", stage.run(&["me"]).await.out);
}

#[tokio::test]
async fn a_key_is_made_listed_and_revoked() {
    let stage = Stage::new().await;
    let key = json!({ "id": "key_1", "name": "ci", "permissions": ["tenants.read", "tenants.manage"], "tenantId": null,
                      "expiresAt": "2126-11-21T00:00:00Z", "revokedAt": null, "lastUsedAt": null, "createdBy": "ada",
                      "createdAt": "2026-11-21T00:00:00Z" });
    let mut made = key.clone();
    made["secret"] = json!("tk_shown-once");
    stage.on("POST /v1/api-keys", Reply::new(201, made.to_string()));
    let ran = stage
        .run(&[
            "api-key",
            "create",
            "--name",
            "ci",
            "--permission",
            "tenants.read,tenants.manage",
            "--expires-in-days",
            "30",
        ])
        .await;
    assert_snapshot!("new_key", ran.out);
    let body = json!({ "name": "ci", "permissions": ["tenants.read", "tenants.manage"], "expiresInDays": 30 });
    assert_eq!(stage.seen()[0].json(), body);

    let mut revoked = key.clone();
    revoked["revokedAt"] = json!("2026-11-22T00:00:00Z");
    let mut expired = key.clone();
    expired["expiresAt"] = json!("2020-01-01T00:00:00Z");
    stage.on("GET /v1/api-keys?tenant=ten_1", list(&[key, revoked, expired], None));
    assert_snapshot!("keys", stage.run(&["api-key", "list", "--tenant", "ten_1"]).await.out);

    for json in [false, true] {
        stage.on("DELETE /v1/api-keys/key_1", Reply::new(204, ""));
        let ran = stage
            .run(if json { &["api-key", "revoke", "key_1", "--json"] } else { &["api-key", "revoke", "key_1"] })
            .await;
        assert_eq!((ran.code, ran.out.is_empty()), (Some(0), json), "{}", ran.err);
    }
}

#[tokio::test]
async fn the_audit_log_is_listed_and_verified() {
    let stage = Stage::new().await;
    let line = json!({ "seq": 7, "at": "2026-11-21T03:25:36Z", "actor": "ada@platform.example", "action": "tenant.onboard",
                       "subject": "ten_1", "tenantId": "ten_1", "sourceIp": "192.0.2.7", "requestId": "req_7" });
    stage.on("GET /v1/audit?tenant=ten_1&action=tenant.onboard&actor=ada&subject=ten_1", list(&[line], None));
    let ran = stage
        .run(&[
            "audit",
            "list",
            "--tenant",
            "ten_1",
            "--action",
            "tenant.onboard",
            "--actor",
            "ada",
            "--subject",
            "ten_1",
        ])
        .await;
    assert_snapshot!("audit", ran.out);

    stage.on("GET /v1/audit/verification", ok(&json!({ "intact": true })));
    let ran = stage.run(&["audit", "verify"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "The audit log is intact.\n"));

    stage.on("GET /v1/audit/verification?tenant=ten_1", ok(&json!({ "intact": false, "firstBroken": 4 })));
    let ran = stage.run(&["audit", "verify", "--tenant", "ten_1"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("follows a gap: 4"), "{}", ran.err);
}

#[tokio::test]
async fn not_allowed_is_4() {
    let stage = Stage::new().await;
    let missing = json!({ "detail": "This needs the permission keys.manage." });
    stage.on("GET /v1/api-keys", problem(403, "permission_missing", missing));
    let ran = stage.run(&["api-key", "list"]).await;
    assert!(ran.code == Some(4) && ran.err.contains("keys.manage"), "{}", ran.err);

    stage.on(
        "GET /v1/me",
        problem(401, "token_expired", json!({ "next_action": "Sign in again and send the new token." })),
    );
    let ran = stage.run(&["me"]).await;
    assert!(ran.code == Some(4) && ran.err.contains("Sign in again"), "{}", ran.err);
}

#[tokio::test]
async fn a_secret_that_was_lost_on_the_way_is_not_taken_for_shown() {
    let stage = Stage::new().await;
    let made = json!({ "id": "key_1", "name": "ci", "permissions": ["tenants.read"] });
    stage.on("POST /v1/api-keys", Reply::new(201, made.to_string()).header("idempotency-replayed", "true"));
    let ran = stage.run(&["api-key", "create", "--name", "ci", "--permission", "tenants.read"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("tenantry api-key revoke key_1"), "{}", ran.err);
}
