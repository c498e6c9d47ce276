//! What a tenant takes with it is read back, by other programs than the one that wrote it.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::{Value, json};
use tenantry_model::TenantId;
use tenantry_tests::{TestStack, domains::by_hand::How, programs};

use super::{furnish, stack};
use crate::api::Caller;

/// The command line, as an operator types it.
fn tenantry(stack: &TestStack, arguments: &[&str]) -> (Option<i32>, String, String) {
    let ran = Command::new(programs::cli())
        .args(arguments)
        .env("TENANTRY_URL", &stack.stack.api_url)
        .env("TENANTRY_TOKEN", stack.operator())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ran.status.code(), text(ran.stdout), text(ran.stderr))
}

/// The lines of a file by table, as real gzip reads them.
fn lines(file: &Path) -> BTreeMap<String, Vec<Value>> {
    let read = Command::new("gzip").arg("-dc").stdin(std::fs::File::open(file).unwrap()).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let mut tables: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in String::from_utf8(read.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        tables.entry(line["table"].as_str().unwrap().to_owned()).or_default().push(line["row"].clone());
    }
    tables
}

async fn ids(stack: &TestStack, table: &str, column: &str, tenant: TenantId) -> Vec<String> {
    let query = format!("select ({column})::text from {table} where tenant_id = $1 order by 1");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(tenant.0).fetch_all(&stack.sql).await.unwrap()
}

// The command line is waited for by a thread of its own: the API that it asks is in this process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_holds_every_row_that_is_the_tenants_own_and_no_secret_and_every_change_of_it_is_seen() {
    let stack = stack().await;
    let [tenant, neighbour] = stack.tenants(2).await[..] else { panic!("two tenants") };
    let mail = furnish(&stack, tenant, 3).await;
    furnish(&stack, neighbour, 2).await;
    stack.verify_by_hand(tenant, "mail.acme.test", "acme.test").await;
    // One whose words alone are more than a part, and hardly get smaller.
    let mut large = stack.draft(tenant, "large@customer.test");
    let noise = std::iter::successors(Some(1_u32), |n| Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)));
    large.text = Some(noise.take(400_000).map(|n| format!("{n:x}")).collect());
    stack.store(vec![large], 0).await;

    let path = format!("/v1/tenants/{tenant}/exports");
    let run = Caller::operator(&stack).post(&path, json!({})).await.run();
    stack.play(run, "exported", How::Twice).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.ndjson.gz");
    let (name, id, of) = (file.to_str().unwrap(), tenant.to_string(), run.to_string());
    let (code, out, err) = tenantry(&stack, &["tenant", "export", &id, "--of", &of, "--out", name]);
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, out, err) = tenantry(&stack, &["tenant", "export", "verify", name, "--json"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let verified: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&verified["whole"], &verified["tenantId"]), (&json!(true), &json!(id)));
    assert!(verified["parts"].as_u64().unwrap() > 2, "{verified}");

    let tables = lines(&file);
    let of = |table: &str, column: &str| -> Vec<String> {
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut all: Vec<String> = tables[table].iter().map(|row| word(&row[column])).collect();
        all.sort_unstable();
        all
    };
    for (table, column) in [
        ("companies", "id"),
        ("users", "id"),
        ("api_keys", "id"),
        ("templates", "name"),
        ("suppressions", "address"),
        ("email_domains", "id"),
        ("webhook_endpoints", "id"),
        ("messages", "id"),
        ("message_contents", "message_id"),
        ("sends", "message_id"),
        ("notification_choices", "user_id"),
        ("notification_defaults", "category"),
        ("mail_stats", "day"),
    ] {
        assert_eq!(of(table, column), ids(&stack, table, column, tenant).await, "{table}");
        assert_eq!(verified["counts"][table], tables[table].len(), "{table}");
    }
    assert_eq!((tables["tenants"].len(), tables["message_events"].len()), (1, 1));
    assert!(tables["audit"].iter().any(|row| row["action"] == "tenant.export"));
    let words =
        |at: usize| tables["message_contents"].iter().find(|row| row["message_id"] == json!(mail[at].0)).unwrap();
    assert!(words(0)["content"]["text"].as_str().unwrap().starts_with("Dear customer"));
    assert!(words(1)["withheld"].is_string() && words(1)["content"].is_null(), "it holds a credential");
    let text = serde_json::to_string(&tables).unwrap();
    for secret in ["that-nobody-may-see", "password_hash", "secret_hash", "token", &neighbour.0.to_string()] {
        assert!(!text.contains(secret), "{secret}");
    }
    // The names of the records that it has published itself are its own, whoever asked for them.
    let named = text.match_indices("resend").map(|(at, _)| &text[at.saturating_sub(60)..(at + 60).min(text.len())]);
    let named: Vec<&str> = named.filter(|around| !around.contains("resend._domainkey")).collect();
    assert!(named.is_empty(), "a tenant is not told who carries its mail: {named:?}");

    // One byte is another.
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let (code, _, err) = tenantry(&stack, &["tenant", "export", "verify", name]);
    assert!(code == Some(1) && err.contains("is not a whole export"), "{err}");
    let read: i64 = stack.count("audit where action = 'tenant.export_read'").await;
    assert_eq!(read, 1, "who reads an export is noted");
}
