//! The overview against the rows that it is about.

use serde_json::Value;
use tenantry_model::TenantId;
use tenantry_tests::TestStack;
use uuid::Uuid;

use super::{Caller, Got, active_tenant, tenant_with_task};

/// Fills the database with a platform that has been busy for a while.
async fn filled(stack: &TestStack) {
    let mut tx = stack.sql.begin().await.unwrap();
    sqlx::query(
        "select set_config('fill.tenants', '110', true), set_config('fill.runs', '400', true), set_config('fill.messages', '3000', true), set_config('fill.tasks', '60', true),
                set_config('fill.now', $1::timestamptz::text, true)",
    )
    .bind(stack.db().clock().now())
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::raw_sql(include_str!("../../src/fill.sql")).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// A number that a query finds.
async fn number(stack: &TestStack, sql: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select ({sql})::bigint"))).fetch_one(&stack.sql).await.unwrap()
}

fn need<'a>(got: &'a Got, kind: &str) -> Option<&'a Value> {
    let all = got.body["needsAction"].as_array().unwrap_or_else(|| panic!("{got:?}"));
    all.iter().find(|need| need["kind"] == kind)
}

fn sum(days: &Value, what: &str) -> i64 {
    days.as_array().unwrap().iter().map(|day| day[what].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn operators_see_the_whole_platform_as_its_rows_are() {
    let stack = TestStack::start().await;
    filled(&stack).await;
    let operator = Caller::operator(&stack);

    let got = operator.get("/v1/overview").await;

    assert_eq!(got.status, 200, "{got:?}");
    let now = stack.db().clock().now();
    let today = format!("'{}'::date", now.date());
    for (kind, rows) in [
        ("task", "select count(*) from tasks where status = 'open'".to_owned()),
        (
            "failed_run",
            format!(
                "select count(*) from runs where status = 'failed' and kind not in ('email_delivery', 'webhook_delivery') and ended_at > '{now}'::timestamptz - interval '7 days'"
            ),
        ),
        ("degraded_domain", "select count(*) from runs where kind = 'email_domain' and state = 'degraded'".to_owned()),
        (
            "webhook_failing",
            "select count(*) from webhook_endpoints where failing_since is not null and deleted_at is null".to_owned(),
        ),
        (
            "stuck_portal",
            "select count(*) from runs where kind = 'portal_domain' and state in ('dns_failed', 'certificate_failed')"
                .to_owned(),
        ),
        (
            "waiting_long",
            format!(
                "select count(*) from runs where state = 'awaiting_dns' and started_at < '{now}'::timestamptz - interval '3 days'"
            ),
        ),
    ] {
        let expected = number(&stack, &rows).await;
        let counted = need(&got, kind).map_or(0, |need| need["count"].as_i64().unwrap());
        assert_eq!(counted, expected, "{kind}: {got:?}");
        assert!(kind == "failed_run" || expected > 0, "nothing to count: {kind}");
    }
    let paused = number(&stack, "select count(*) from lanes where paused is not null").await;
    assert_eq!((paused, need(&got, "paused_sending").is_none()), (0, true), "what there is none of is not named");
    let counts = &got.body["counts"];
    assert_eq!(
        counts["tenants"]["suspended"],
        number(&stack, "select count(*) from tenants where status = 'suspended'").await
    );
    assert_eq!(counts["domains"]["verified"], number(&stack, "select count(*) from email_domains where sends").await);
    assert_eq!(counts["portals"]["active"], number(&stack, "select count(*) from portal_domains where active").await);
    assert_eq!(
        counts["runs"]["waiting"],
        number(&stack, "select count(*) from runs where status = 'waiting' and kind = 'tenant_onboarding'").await
    );

    let days = got.body["days"].as_array().unwrap();
    assert_eq!(days.len(), 14);
    assert_eq!(days[13]["day"], now.date().to_string());
    let started = format!(
        "select count(*) from runs where kind not in ('email_delivery', 'webhook_delivery') and started_at >= {today} - 13"
    );
    assert_eq!(sum(&got.body["days"], "started"), number(&stack, &started).await);
    for provider in got.body["deliveryByProvider"].as_array().unwrap() {
        let of = format!(
            "from mail_stats where provider = '{}' and day >= {today} - 13",
            provider["provider"].as_str().unwrap()
        );
        assert_eq!(sum(&provider["days"], "sent"), number(&stack, &format!("select sum(sent) {of}")).await);
        assert_eq!(sum(&provider["days"], "bounced"), number(&stack, &format!("select sum(bounced) {of}")).await);
    }
    assert_eq!(got.body["deliveryByProvider"].as_array().unwrap().len(), 2);
    let verified =
        format!("select count(*) from email_domains where verified_at >= '{now}'::timestamptz - interval '30 days'");
    assert_eq!(got.body["timeToVerified"]["count"], number(&stack, &verified).await);
    assert!(got.body["timeToVerified"]["p50Seconds"].as_f64() <= got.body["timeToVerified"]["p95Seconds"].as_f64());
}

#[tokio::test]
async fn days_that_are_over_are_counted_once() {
    let stack = TestStack::start().await;
    filled(&stack).await;
    let operator = Caller::operator(&stack);
    let first = operator.get("/v1/overview").await;
    assert_eq!(number(&stack, "select count(*) from platform_days").await, 13, "all but today");

    // What happens long after a day is over is not looked for; what happens today is.
    let change = "update mail_stats set sent = sent + 1000";
    sqlx::query(change).execute(&stack.sql).await.unwrap();
    let second = operator.get("/v1/overview").await;

    assert_eq!(first.body["days"], second.body["days"]);
    let (before, after) = (&first.body["counts"], &second.body["counts"]);
    assert_eq!(before["messagesYesterday"], after["messagesYesterday"]);
    assert_ne!(before["messagesToday"], after["messagesToday"], "today goes on");
}

#[tokio::test]
async fn a_tenant_sees_its_own_and_no_provider() {
    let stack = TestStack::start().await;
    filled(&stack).await;
    let (tenant, _) = tenant_with_task(&stack).await;
    let (other, _) = active_tenant(&stack).await;
    let admin = Caller::of(&stack, tenant, "tenant_admin");

    let own = admin.get("/v1/overview").await;

    assert_eq!(own.body["counts"]["tenants"], serde_json::json!({ "active": 1 }));
    assert_eq!(need(&own, "task").unwrap()["count"], 1, "{own:?}");
    assert_eq!(need(&own, "task").unwrap()["sample"][0]["tenantId"], tenant.to_string());
    assert_eq!(own.body["needsAction"].as_array().unwrap().len(), 1, "nothing of others: {own:?}");
    assert_eq!(sum(&own.body["days"], "started"), 1, "its onboarding");
    assert_eq!(admin.get(&format!("/v1/overview?tenant={tenant}")).await.body, own.body);
    assert_eq!(admin.get(&format!("/v1/overview?tenant={other}")).await.problem(), (404, "not_found"));

    let filled: Uuid =
        sqlx::query_scalar("select tenant_id from mail_stats group by 1 order by sum(sent) desc limit 1")
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    let filled = TenantId(filled);
    let theirs = Caller::of(&stack, filled, "tenant_admin").get("/v1/overview").await;
    let mail = theirs.body["deliveryByProvider"].as_array().unwrap();
    assert_eq!((mail.len(), &mail[0]["provider"]), (1, &Value::from("mail")), "{theirs:?}");
    let text = theirs.body.to_string();
    assert!(!text.contains("resend") && !text.contains("ses\""), "{text}");
    // An operator reads the same of it, by provider.
    let named = Caller::operator(&stack).get(&format!("/v1/overview?tenant={filled}")).await;
    assert_eq!(named.body["days"], theirs.body["days"]);
    let sent: i64 =
        named.body["deliveryByProvider"].as_array().unwrap().iter().map(|of| sum(&of["days"], "sent")).sum();
    assert_eq!(sum(&mail[0]["days"], "sent"), sent);
    assert_eq!(
        number(&stack, "select count(*) from platform_days").await,
        0,
        "nobody has asked of all tenants together"
    );
}

#[tokio::test]
async fn whoever_may_not_read_mail_or_tasks_is_told_nothing_of_them() {
    let stack = TestStack::start().await;
    let (tenant, _) = tenant_with_task(&stack).await;
    let got = Caller::of(&stack, tenant, "tenant_member").get("/v1/overview").await;
    assert_eq!(got.status, 200, "{got:?}");
    assert!(need(&got, "task").is_none(), "{got:?}");
    assert_eq!(got.body["deliveryByProvider"], serde_json::json!([]));
    assert!(got.body["counts"].get("messagesToday").is_none(), "{got:?}");
    let unknown = format!("/v1/overview?tenant={}", TenantId::new());
    assert_eq!(Caller::operator(&stack).get(&unknown).await.problem(), (404, "not_found"));
}
