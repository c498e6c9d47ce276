//! The functions, built for AWS, deployed by AWS's own tool from the template as it stands, and put to work through the front door.

mod issuer;
mod stack;

use std::time::{Duration, Instant};

use self::{issuer::AUDIENCE, stack::Deployed};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The schedule fires every minute; all else takes moments.
const PATIENCE: Duration = Duration::from_secs(150);

/// Waits until a run has ended, and gives it back.
async fn ended(deployed: &Deployed, run: &str) -> Value {
    let (began, token) = (Instant::now(), deployed.token());
    loop {
        let (status, seen) = deployed.api.get(&format!("/v1/runs/{run}?wait=20"), &token).await;
        assert_eq!(status, StatusCode::OK, "{seen:#}\n{}", deployed.complaints().await);
        if !seen["endedAt"].is_null() {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "the run has not ended: {seen:#}\n{}", deployed.complaints().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_builds_onboard_a_tenant_through_http_sqs_and_the_schedule() {
    let Some(deployed) = Deployed::start().await else { return };
    let token = deployed.token();

    // The doors: health without credentials, nothing else; tokens at one, keys at the other.
    let (status, health) = deployed.api.get("/v1/health", "").await;
    assert_eq!(
        (status, &health["status"]),
        (StatusCode::OK, &json!("ok")),
        "{health:#}\n{}",
        deployed.complaints().await
    );
    assert_eq!(deployed.api.get("/v1/openapi.json", "").await.0, StatusCode::OK);
    assert_eq!(deployed.api.get("/v1/me", "").await.0, StatusCode::UNAUTHORIZED);
    for refused in [deployed.issuer.forged("platform_operator"), deployed.issuer.token("platform_operator", "another")]
    {
        assert_eq!(deployed.api.get("/v1/me", &refused).await.0, StatusCode::UNAUTHORIZED);
        // Behind the other door there is no authorizer: it is our own code that refuses, in the API's own words.
        let (status, problem) = deployed.keys.get("/v1/me", &refused).await;
        assert_eq!((status, problem["status"].as_u64()), (StatusCode::UNAUTHORIZED, Some(401)), "{problem:#}");
    }
    let member = deployed.issuer.token("tenant_member", AUDIENCE);
    assert_eq!(deployed.api.get("/v1/runs", &member).await.0, StatusCode::FORBIDDEN, "a member of no tenant");
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
    assert_eq!(status, StatusCode::ACCEPTED, "{run:#}\n{}", deployed.complaints().await);
    let done = ended(&deployed, run["id"].as_str().unwrap()).await;
    assert_eq!(
        (&done["status"], &done["progress"]),
        (&json!("completed"), &json!(100)),
        "{done:#}\n{}",
        deployed.complaints().await
    );
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

    // The fields that the alarms' metrics are read from.
    let swept = deployed.said("sweep").await.into_iter().filter(|line| line["message"] == "swept");
    assert!(swept.inspect(|line| assert!(line["overdue_seconds"].is_number(), "{line:#}")).count() > 0);
    let heard = deployed.said("onboard-tenant").await.into_iter().filter(|line| line["outcome"] == "Some(Moved)");
    assert!(heard.count() > 0);
    assert!(deployed.said("send-email").await.iter().all(|line| line["verdict"] != "Unknown"));
}
