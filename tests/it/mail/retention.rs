//! What a message says: sealed as long as it is kept, and kept as long as it may be.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tenantry_model::RunId;
use tenantry_standins::{
    issuer::Claims,
    smtp::{Rule, Stage},
};
use tenantry_tests::{Database, TestStack, wait::until};

use crate::api::Caller;

fn days(days: f64) -> Duration {
    Duration::from_secs_f64(days * 86_400.0)
}

async fn accepted(admin: &Caller, body: Value) -> (String, RunId) {
    let got = admin.post_once("/v1/messages", &uuid::Uuid::new_v4().to_string(), &body).await;
    assert_eq!(got.status, 202, "{got:?}");
    let id = got.body["id"].as_str().unwrap().to_owned();
    let run = id.replace("msg_", "run_").parse().unwrap();
    (id, run)
}

#[tokio::test]
async fn words_are_kept_for_as_many_days_as_is_set() {
    let settings = [("EMAIL_BODY_DAYS", "3"), ("EMAIL_TENANT_PER_MINUTE", "0")];
    let stack = TestStack::with(&settings, local::Run::ALL).await;
    let tenants = stack.tenants(2).await;
    let callers = [0, 1].map(|one| {
        // Longer than this test lets pass.
        let claims = Claims::of("admin").tenant(tenants[one].to_string()).role("tenant_admin").valid_for(days(30.0));
        Caller::with(&stack, stack.issuer().mint(&claims))
    });
    let body = || json!({"to": "ada@customer.example", "subject": "Hello", "text": "Hello.", "category": "invoices"});
    let (now, run) = accepted(&callers[0], body()).await;
    stack.settles(run, "sent").await;
    // One that leaves in two days is kept for three days from then, and one that has not left is kept.
    let mut later = body();
    let at = stack.db().clock().now() + days(2.0);
    later["sendAt"] = json!(at.format(&time::format_description::well_known::Rfc3339).unwrap());
    let (later, later_run) = accepted(&callers[0], later).await;
    sqlx::query("insert into lanes (tenant_id, paused) values ($1, 'looked into')")
        .bind(tenants[1].0)
        .execute(&stack.sql)
        .await
        .unwrap();
    let (held, held_run) = accepted(&callers[1], body()).await;
    let content = async |caller: &Caller, id: &str| caller.get(&format!("/v1/messages/{id}/content")).await;

    stack.pass(days(2.9));
    stack.settles(later_run, "sent").await;
    // The sweeper has looked since: what is over by now is gone, and nothing else.
    assert_eq!(stack.count("message_contents").await, 3);
    let kept = content(&callers[0], &now).await;
    assert_eq!(kept.body["text"], "Hello.", "{kept:?}");

    stack.pass(days(0.2));
    until("the first to be erased", || async { (stack.count("message_contents").await == 2).then_some(()) }).await;
    assert_eq!(content(&callers[0], &now).await.problem(), (410, "content_erased"));
    let shown = callers[0].get(&format!("/v1/messages/{now}")).await;
    assert_eq!((&shown.body["status"], &shown.body["contentAvailable"]), (&json!("sent"), &json!(false)), "{shown:?}");
    assert_eq!(content(&callers[0], &later).await.status, 200);

    stack.pass(days(2.0));
    until("the second to be erased", || async { (stack.count("message_contents").await == 1).then_some(()) }).await;
    assert_eq!(content(&callers[1], &held).await.status, 200, "it has not left");
    sqlx::query("update lanes set paused = null").execute(&stack.sql).await.unwrap();
    stack.settles(held_run, "sent").await;
    until("the last to be erased", || async { (stack.count("message_contents").await == 0).then_some(()) }).await;
    assert_eq!(stack.count("messages").await, 3, "what became of them stays");
}

/// Every row of every table, as text: bytes in hexadecimal.
async fn everything(stack: &TestStack) -> Vec<(String, String)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')",
    )
    .fetch_all(&stack.sql)
    .await
    .unwrap();
    assert!(tables.len() > 30, "{tables:?}");
    let mut rows = Vec::new();
    for table in tables {
        // The name comes from the catalogue, quoted.
        let query = sqlx::AssertSqlSafe(format!("select to_jsonb(t)::text from {table} t"));
        let found: Vec<String> = sqlx::query_scalar(query).fetch_all(&stack.sql).await.unwrap();
        rows.extend(found.into_iter().map(|row| (table.clone(), row)));
    }
    rows
}

/// The tables in which a word stands: as it is, in hexadecimal, or within something in base64.
fn holding(rows: &[(String, String)], word: &str) -> Vec<String> {
    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    // Wherever in a group of three bytes it begins, its middle looks like one of these.
    let shifted = (0..3).map(|before| {
        let encoded = BASE64_STANDARD.encode(format!("{}{word}", "\0".repeat(before)));
        encoded[4..encoded.len() - 4].to_owned()
    });
    let forms: Vec<String> = [word.to_owned(), hex].into_iter().chain(shifted).collect();
    let found = rows.iter().filter(|(_, row)| forms.iter().any(|form| row.contains(form.as_str())));
    let mut tables: Vec<String> = found.map(|(table, _)| table.clone()).collect();
    tables.dedup();
    tables
}

#[tokio::test]
async fn no_word_of_a_message_can_be_read_in_the_database() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let words =
        ["Flusspferdtext", "Flusspferdhtml", "Flusspferddatei", "flusspferdname", "Flusspferdkopf", "Flusspferdwort"];
    let body = json!({
        "to": {"name": "Frau Flusspferdwort", "address": "ada@customer.example"}, "subject": "Nashornbetreff", "category": "invoices",
        "text": "Mit Flusspferdtext.", "html": "<p>Mit <b>Flusspferdhtml</b>.</p>", "headers": {"X-Ref": "Flusspferdkopf"},
        "attachments": [{"filename": "flusspferdname.txt", "content": BASE64_STANDARD.encode("Mit Flusspferddatei."), "contentType": "text/plain"}],
    });
    // Once before it leaves, once after, and once when it was refused.
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "451 4.7.1 later").to("ada").times(1)]);
    let (id, run) = accepted(&admin, body.clone()).await;
    stack.settles(run, "deferred").await;
    let deferred = everything(&stack).await;
    stack.pass(Duration::from_secs(600));
    stack.settles(run, "sent").await;
    let mut wrong = body;
    wrong["to"] = json!("nobody");
    assert_eq!(admin.post_once("/v1/messages", "wrong", &wrong).await.status, 422);
    let sent = everything(&stack).await;
    for rows in [&deferred, &sent] {
        for word in words {
            assert_eq!(holding(rows, word), Vec::<String>::new(), "{word} can be read");
        }
        assert_eq!(holding(rows, "Nashornbetreff"), ["public.messages"], "what is looked for is found");
    }
    // And it is there, for whoever has the key.
    let raw = String::from_utf8_lossy(&stack.mail().mailbox().messages()[0].raw).into_owned();
    assert!(raw.contains("Flusspferdtext"), "{raw}");
    let content = admin.get(&format!("/v1/messages/{id}/content")).await;
    assert!(content.body["html"].as_str().unwrap().contains("Flusspferdhtml"), "{content:?}");
    let sealed: Vec<u8> =
        sqlx::query_scalar("select sealed from message_contents").fetch_one(&stack.sql).await.unwrap();
    let opened = stack.outbox().await.open(run.0.into(), &sealed).unwrap();
    assert!(opened.text.unwrap().contains("Flusspferdtext"));
    let another = stack.outbox().await.open(uuid::Uuid::now_v7().into(), &sealed);
    assert!(another.is_err(), "sealed for its own message, and of no use in another's row");
}

const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

#[tokio::test]
async fn what_was_sealed_by_the_old_key_leaves_under_the_new_one_and_waits_where_nobody_has_its_key() {
    let database = Database::new().await;
    let again = || Database::at(&database.name, &database.url);
    let nobody = local::Run { api: false, workers: false, sweeper: false };
    let old = TestStack::on(again(), &[("SEALING_KEYS", OLD)], nobody).await;
    let tenant = old.tenants(1).await[0];
    let (ids, _) = old.store(vec![old.draft(tenant, "ada@customer.example")], 0).await;

    // The old key was thrown away too early: the message is held, and neither lost nor sent without its words.
    let careless = TestStack::on(again(), &[("SEALING_KEYS", NEW)], local::Run::ALL).await;
    let held = careless.settles(ids[0], "deferred").await;
    assert!(held.ended_at.is_none());
    assert!(careless.mail().mailbox().messages().is_empty());
    careless.stack.stop().await;

    let both = format!("{NEW},{OLD}");
    let rotated = TestStack::on(again(), &[("SEALING_KEYS", &both)], local::Run::ALL).await;
    rotated.pass(Duration::from_secs(1800));
    rotated.settles(ids[0], "sent").await;
    let new = rotated.post(vec![rotated.draft(tenant, "bob@customer.example")]).await;
    rotated.settles(new[0], "sent").await;
    let mails = rotated.mail().mailbox().messages();
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().all(|mail| mail.text().is_some_and(|text| text.contains("here it is"))));

    let keys: Vec<Vec<u8>> = sqlx::query_scalar(
        "select substring(sealed from 1 for 5) from message_contents c join messages m on m.id = c.message_id order by m.id",
    )
    .fetch_all(&rotated.sql)
    .await
    .unwrap();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1], "the new one is sealed by the new key");
    let only_new = tenantry_secrets::Sealer::new(&NEW.to_owned().into()).unwrap();
    let sealed: Vec<u8> = sqlx::query_scalar("select sealed from message_contents where message_id = $1")
        .bind(new[0].0)
        .fetch_one(&rotated.sql)
        .await
        .unwrap();
    assert!(only_new.open_bytes(&sealed, new[0].0.as_bytes()).is_ok());
}
