//! The audit log as a file, and every chain there is.

use serde_json::{Value, json};
use tenantry_store::platform::{AuditEntry, append_audit};
use tenantry_tests::TestStack;

use super::STILL;
use crate::api::{Caller, active_tenant};

/// A page of an export: its text, and where the next begins.
async fn page(stack: &TestStack, query: &str) -> (String, Option<String>, String) {
    let url = format!("{}/v1/audit/export?{query}", stack.stack.api_url);
    let got = reqwest::Client::new().get(url).bearer_auth(stack.operator()).send().await.unwrap();
    assert_eq!(got.status().as_u16(), 200, "{query}");
    let header = |name: &str| got.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (next, link) = (header("x-next-cursor"), header("link").unwrap_or_default());
    (got.text().await.unwrap(), next, link)
}

async fn write(stack: &TestStack, lines: usize, size: usize) {
    let mut tx = stack.db().begin().await.unwrap();
    for n in 0..lines {
        let subject = n.to_string();
        let after = Some(json!({ "text": "x".repeat(size) }));
        let entry =
            AuditEntry { actor: "=ada", action: "thing.change", subject: &subject, after, ..AuditEntry::default() };
        append_audit(&mut tx, &entry, stack.db().clock().now()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_export_is_every_line_once_in_pages_that_fit_through_a_gateway() {
    let stack = TestStack::with(&[], STILL).await;
    write(&stack, 12, 1_000_000).await;
    for format in ["ndjson", "csv"] {
        let (mut file, mut after, mut pages) = (String::new(), None, 0);
        loop {
            let query = after.map_or(format!("format={format}"), |after| format!("format={format}&after={after}"));
            let (text, next, link) = page(&stack, &query).await;
            assert!(text.len() <= 4_000_000);
            assert_eq!(next.is_some(), link.contains("rel=\"next\""), "{link}");
            file.push_str(&text);
            (after, pages) = (next, pages + 1);
            if after.is_none() {
                break;
            }
        }
        assert_eq!(pages, 4, "{format}");
        let places: Vec<i64> = if format == "csv" {
            let mut lines = file.lines();
            assert!(lines.next().unwrap().starts_with("seq,at,tenantId,actor"));
            let parts = |line: &str| line.split(',').next().unwrap().parse().unwrap();
            lines.inspect(|line| assert!(line.contains(",'=ada,"), "no formula")).map(parts).collect()
        } else {
            let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
            file.lines()
                .map(line)
                .inspect(|line| assert_eq!(line["actor"], "=ada"))
                .map(|line| line["seq"].as_i64().unwrap())
                .collect()
        };
        assert_eq!(places, (1..=12).collect::<Vec<i64>>(), "{format}");
    }
    let operator = Caller::operator(&stack);
    assert_eq!(operator.get("/v1/audit/export?after=%25").await.problem(), (400, "invalid_parameter"));
    assert_eq!(operator.get("/v1/audit/export?format=xml").await.problem(), (400, "invalid_parameter"));
}

#[tokio::test]
async fn an_operator_sees_every_chain_and_a_tenant_its_own() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let operator = Caller::operator(&stack);
    write(&stack, 2, 1).await;
    let patch = json!({"name": "k", "permissions": ["tenants.read"], "tenant": tenant.to_string()});
    assert_eq!(operator.post("/v1/api-keys", patch).await.status, 201);
    let first = operator.get("/v1/audit/chains?limit=1").await;
    assert_eq!(first.body["data"][0]["tenantId"], tenant.to_string(), "{first:?}");
    let rest = operator.get(&format!("/v1/audit/chains?after={}", first.body["next_cursor"].as_str().unwrap())).await;
    assert_eq!(
        (&rest.body["data"][0]["tenantId"], &rest.body["data"][0]["lines"]),
        (&json!(null), &json!(2)),
        "{rest:?}"
    );
    assert_eq!(rest.body["has_more"], false);
    let own = Caller::of(&stack, tenant, "tenant_admin").get("/v1/audit/chains").await;
    assert_eq!(own.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(own.body["data"][0]["tenantId"], tenant.to_string());
}
