//! The release builds, deployed by AWS's own tool from the template as it stands, and put to work through the front door.

mod stack;

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tenantry_standins::issuer::Flaw;

use self::stack::{Deployed, operator};

/// The schedule fires every minute; all else takes moments.
const PATIENCE: Duration = Duration::from_secs(150);

/// Waits until a run has ended, and gives it back.
async fn ended(deployed: &Deployed, run: &str) -> Value {
    let (began, token) = (Instant::now(), deployed.token());
    loop {
        let (status, seen) = deployed.api.get(&format!("/v1/runs/{run}?wait=20"), &token).await;
        assert_eq!(status, StatusCode::OK, "{seen:#}\n{}", deployed.ministack.log());
        if !seen["endedAt"].is_null() {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "the run has not ended: {seen:#}\n{}", deployed.ministack.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_builds_onboard_a_tenant_through_http_sqs_and_the_schedule() {
    let Some(deployed) = Deployed::start().await else { return };
    let token = deployed.token();

    // The doors: health without credentials, nothing else; tokens at one, keys at the other.
    let (status, health) = deployed.api.get("/v1/health", "").await;
    assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("ok")), "{health:#}\n{}", deployed.ministack.log());
    assert_eq!(deployed.api.get("/v1/openapi.json", "").await.0, StatusCode::OK);
    assert_eq!(deployed.api.get("/v1/me", "").await.0, StatusCode::UNAUTHORIZED);
    // MiniStack's gateway reads claims and does not check signatures: this refusal is our own code's.
    let forged = deployed.issuer.mint_flawed(&operator(), Flaw::OtherKey);
    let (status, problem) = deployed.api.get("/v1/me", &forged).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{problem:#}");
    let new = json!({"name": "a machine", "permissions": ["tenants.read"]});
    let (status, key) = deployed.api.post("/v1/api-keys", &token, &[("idempotency-key", "key-1")], &new).await;
    assert_eq!(status, StatusCode::CREATED, "{key:#}");
    let key = key["secret"].as_str().unwrap();
    assert_eq!(deployed.keys.get("/v1/tenants", key).await.0, StatusCode::OK);
    assert_eq!(deployed.keys.get("/v1/audit", key).await.0, StatusCode::FORBIDDEN);
    assert_eq!(deployed.api.get("/v1/tenants", key).await.0, StatusCode::UNAUTHORIZED);

    // A tenant, from request to welcome mail.
    let ada = json!({
        "tenantName": "Lovelace Engines",
        "adminUser": {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@lovelace.example"},
        "externalKey": "crm-1",
    });
    let (status, run) = deployed.api.post("/v1/tenants", &token, &[], &ada).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{run:#}");
    let done = ended(&deployed, run["id"].as_str().unwrap()).await;
    assert_eq!((&done["status"], &done["progress"]), (&json!("completed"), &json!(100)), "{done:#}");
    let mail = deployed.smtp.mailbox().messages();
    let to_ada = mail.iter().filter(|mail| mail.to.iter().any(|to| to == "ada@lovelace.example"));
    assert_eq!(to_ada.count(), 1, "one welcome mail: {mail:#?}");
    let (status, again) = deployed.api.post("/v1/tenants", &token, &[], &ada).await;
    assert_eq!((status, &again["id"]), (StatusCode::OK, &run["id"]));

    // A drill visits every queue, and ends by a timer that only the schedule's sweep fires.
    let (status, drill) = deployed.api.post("/v1/drills", &token, &[("idempotency-key", "drill-1")], &json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{drill:#}");
    let healthy = ended(&deployed, drill["id"].as_str().unwrap()).await;
    assert_eq!(healthy["status"], "completed", "{healthy:#}");

    // The line that the alarm's metric is read from, found by the template's own filter.
    let swept = deployed.logs("sweep", r#"{ $.message = "swept" }"#).await;
    let line: Value = serde_json::from_str(&swept[0]).unwrap();
    assert!(line["overdue_seconds"].is_number(), "{line:#}");
    assert_eq!(deployed.logs("send-email", r#"{ $.verdict = "Unknown" }"#).await, Vec::<String>::new());
}
