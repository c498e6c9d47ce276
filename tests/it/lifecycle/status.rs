//! Which status follows which, and what is written and told of it.

use serde_json::{Value, json};
use tenantry_model::TenantId;
use tenantry_tests::{TestStack, wait::until};

use super::{patch, resume, suspend};
use crate::api::{Caller, active_tenant};

/// Puts a tenant on its way out, as its offboarding does.
pub(super) async fn leave(stack: &TestStack, tenant: TenantId) {
    sqlx::query("update tenants set status = 'offboarding', offboarding_run = $1 where id = $1")
        .bind(tenant.0)
        .execute(&stack.sql)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_suspension_is_written_told_and_kept_once() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let operator = Caller::operator(&stack);
    let path = format!("/v1/tenants/{tenant}");
    let first = json!({ "reason": "first" });
    let suspended = operator.post_once(&format!("{path}/suspend"), "key", &first).await;
    assert_eq!((&suspended.body["status"], &suspended.body["suspendedReason"]), (&json!("suspended"), &json!("first")));
    assert!(suspended.body["suspendedAt"].is_string(), "{suspended:?}");
    let replayed = operator.post_once(&format!("{path}/suspend"), "key", &first).await;
    assert_eq!((replayed.header("idempotent-replayed"), &replayed.body), ("true", &suspended.body));
    let again = operator.post(&format!("{path}/suspend"), json!({ "reason": "second" })).await;
    assert_eq!((again.status, &again.body), (200, &suspended.body), "it keeps the reason that it has");

    let resumed = resume(&stack, tenant).await;
    assert!(resumed.body["suspendedAt"].is_null() && resumed.body["suspendedReason"].is_null(), "{resumed:?}");
    let idle = resume(&stack, tenant).await;
    assert_eq!(idle.body, resumed.body, "what is so already changes nothing");

    let runs = operator.get(&format!("/v1/runs?kind=tenant_change&tenant={tenant}")).await;
    let runs: Vec<(&Value, &Value)> =
        runs.body["data"].as_array().unwrap().iter().map(|run| (&run["step"], &run["status"])).collect();
    let completed = json!("completed");
    assert_eq!(runs, [(&json!("resumed"), &completed), (&json!("suspended"), &completed)]);
    until("both to be told", || async {
        let told =
            "commands where name in ('TenantSuspended', 'TenantResumed') and role = 'notice' and status = 'done'";
        (stack.count(told).await == 2).then_some(())
    })
    .await;

    let audit = operator.get(&format!("/v1/audit?tenant={tenant}")).await;
    let lines: Vec<&Value> = audit.body["data"].as_array().unwrap().iter().collect();
    let of = |action: &str| lines.iter().filter(|line| line["action"] == action).count();
    assert_eq!((of("tenant.suspend"), of("tenant.resume")), (1, 1), "{audit:?}");
    let line = lines.iter().find(|line| line["action"] == "tenant.suspend").unwrap();
    assert_eq!(line["before"], json!({ "status": "active", "reason": null }));
    assert_eq!(line["after"], json!({ "status": "suspended", "reason": "first" }));
    assert!(line["runId"].is_string(), "{line}");
    assert_eq!(stack.count("tenants where version = 1").await, 0, "each change counts");
}

#[tokio::test]
async fn what_the_status_does_not_allow_is_refused_with_words() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    let operator = Caller::operator(&stack);
    let path = format!("/v1/tenants/{tenant}");
    for (status, suspended, resumed) in [
        ("provisioning", "being set up", "being set up"),
        ("offboarding", "stopped already", "call its offboarding off"),
        ("offboarded", "has left", "has left"),
    ] {
        match status {
            "provisioning" => {
                let update = "update tenants set status = 'provisioning', portal_host = null, activated_at = null";
                sqlx::query(update).execute(&stack.sql).await.unwrap();
            }
            "offboarding" => {
                let update = "update tenants set portal_host = 'x', activated_at = now(), status = 'active'";
                sqlx::query(update).execute(&stack.sql).await.unwrap();
                leave(&stack, tenant).await;
            }
            _ => {
                let update = "update tenants set status = 'offboarded', email = null, portal_host = null";
                sqlx::query(update).execute(&stack.sql).await.unwrap();
            }
        }
        let version = operator.get(&path).await;
        for (turn, body, words) in [("suspend", json!({ "reason": "r" }), suspended), ("resume", json!({}), resumed)] {
            let got = operator.post(&format!("{path}/{turn}"), body).await;
            assert_eq!(got.problem(), (409, "tenant_status_unfit"), "{turn} while {status}");
            assert!(got.body["detail"].as_str().unwrap().contains(words), "{got:?}");
        }
        let got = patch(&operator, tenant, Some(version.header("etag")), &json!({ "name": "Another" })).await;
        assert_eq!(got.problem(), (409, "tenant_status_unfit"), "changed while {status}");
        assert_eq!(operator.get(&path).await.body, version.body);
    }
    for reason in ["", " ", "two\nlines", &"x".repeat(501)] {
        let got = operator.post(&format!("{path}/suspend"), json!({ "reason": reason })).await;
        assert_eq!((got.status, got.pointers()), (422, vec!["/reason"]), "{reason:?}");
    }
    let nobody = TenantId::new();
    assert_eq!(operator.post(&format!("/v1/tenants/{nobody}/resume"), json!({})).await.problem(), (404, "not_found"));
    assert_eq!(stack.count("runs").await, 0);
}

#[tokio::test]
async fn suspended_and_resumed_at_the_same_moment_it_is_one_of_the_two_and_its_lane_says_the_same() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    let (path, operator) = (format!("/v1/tenants/{tenant}"), Caller::operator(&stack));
    let (suspended, resumed) = (format!("{path}/suspend"), format!("{path}/resume"));
    for _ in 0..10 {
        let turns = (0..6).map(|n| {
            let (to, body) = if n % 2 == 0 { (&suspended, json!({ "reason": "r" })) } else { (&resumed, json!({})) };
            operator.post(to, body)
        });
        for got in futures::future::join_all(turns).await {
            assert_eq!(got.status, 200, "{got:?}");
        }
        let unlike = "tenants t left join lanes l on l.tenant_id = t.id where (t.status = 'suspended') <> coalesce(l.shut, false)";
        assert_eq!(stack.count(unlike).await, 0);
    }
    let runs = stack.count("runs where kind = 'tenant_change'").await;
    assert_eq!(stack.count("audit where action in ('tenant.suspend', 'tenant.resume')").await, runs);
    let turns: Vec<String> =
        sqlx::query_scalar("select step from runs where kind = 'tenant_change' order by updated_at, id")
            .fetch_all(&stack.sql)
            .await
            .unwrap();
    assert!(turns.iter().filter(|turn| *turn == "suspended").count().abs_diff(turns.len() / 2) <= 1, "{turns:?}");
    suspend(&stack, tenant).await;
}
