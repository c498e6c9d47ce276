//! Tenants that leave: what they take with them, what goes, what stays, and the way back.

mod batches;
mod export;
mod leave;
mod stay;
mod stuck;

use std::collections::BTreeMap;

use local::Run;
use serde_json::{Value, json};
use tenantry_model::{RunId, TenantId};
use tenantry_tests::TestStack;

use crate::api::{Caller, Got};

/// Tenants may bring domains and hostnames; nobody works but whom the test starts, and the API answers.
const SETTINGS: [(&str, &str); 6] = [
    ("EMAIL_PROVIDER", "resend"),
    ("EDITION", "enterprise"),
    ("EMAIL_DOMAIN_TEST_NAMES", "true"),
    ("EMAIL_DOMAIN_COOL_DOWN_DAYS", "7"),
    ("PORTAL_DOMAIN_CONFIRM_SECONDS", "300"),
    ("PORTAL_DOMAIN_SETTLE_MILLISECONDS", "50"),
];

/// A row in every table that a tenant fills; the ids are made of the tenant's. What is forgotten after a while is of a later day, so
/// that no grace period takes it away.
const ROWS: [&str; 16] = [
    "insert into companies (id, tenant_id, name, created_at, updated_at) values ($1, $1, 'Acme Ltd', now(), now())",
    "insert into tenant_companies (tenant_id, company_id, is_default, created_at, updated_at) values ($1, $1, true, now(), now())",
    "insert into users (id, tenant_id, first_name, last_name, email, password_hash, must_change_password, created_at, updated_at)
     values ($1, $1, 'Ada', 'Lovelace', 'ada@acme.example', '$2b$hash-that-nobody-may-see', false, now(), now())",
    "insert into roles (tenant_id, name, created_at, updated_at) values ($1, 'tenant_admin', now(), now())",
    "insert into user_roles (tenant_id, user_id, role, created_at, updated_at) values ($1, $1, 'tenant_admin', now(), now())",
    "insert into invitations (token_hash, tenant_id, user_id, expires_at, created_at) values (sha256(($1::uuid)::text::bytea), $1, $1, now(), now())",
    "insert into notification_defaults (tenant_id, category, enabled, locked, created_at, updated_at) values ($1, 'invoices', true, false, now(), now())",
    "insert into notification_choices (tenant_id, user_id, category, enabled, updated_at) values ($1, $1, 'invoices', false, now())",
    "insert into templates (tenant_id, name, locale, version, status, source, created_by, created_at, updated_at)
     values ($1, 'welcome', 'de', 1, 'draft', '{\"subject\": \"Hallo\"}', 'ada', now(), now())",
    "insert into suppressions (tenant_id, address, reason, created_by, created_at)
     select $1, 'gone-' || n || '@customer.test', 'manual', 'ada', now() from generate_series(1, 1200) n",
    // Soft bounces are forgotten after thirty days, whoever leaves: this one is younger when the story ends.
    "insert into soft_bounces (tenant_id, address, message_id, at) values ($1, 'full@customer.test', $1, now() + interval '60 days')",
    "insert into mail_stats (tenant_id, day, provider, sent) values ($1, '2026-11-20', 'primary', 3)",
    "insert into api_keys (id, tenant_id, name, secret_hash, permissions, created_by, created_at)
     values ($1, $1, 'erp', sha256(('key' || ($1::uuid)::text)::bytea), '{messages.send}', 'ada', now())",
    "insert into webhook_endpoints (id, tenant_id, url, events, secret, created_by, created_at, updated_at)
     values ($1, $1, 'https://hooks.acme.test/', '{*}', 'whsec-that-nobody-may-see', 'ada', now(), now())",
    "insert into webhook_events (id, tenant_id, type, body, created_at, erase_at) values ($1, $1, 'tenant.created', '{}', now(), now() + interval '1 year')",
    "insert into idempotency_keys (scope, route, key, body_hash, status, body, created_at)
     values (($1::uuid)::text, 'POST /v1/messages', 'k', sha256('x'), 202, '{}', now())",
];

async fn stack() -> TestStack {
    TestStack::with(&SETTINGS, Run { workers: false, sweeper: false, api: true }).await
}

/// Fills a tenant's tables, and stores so many messages of which the first has left.
async fn furnish(stack: &TestStack, tenant: TenantId, messages: usize) -> Vec<RunId> {
    for row in ROWS {
        sqlx::query(row).bind(tenant.0).execute(&stack.sql).await.unwrap_or_else(|error| panic!("{row}: {error}"));
    }
    let mut drafts = vec![];
    for n in 0..messages {
        let mut draft = stack.draft(tenant, &format!("customer-{n}@customer.test"));
        draft.tags.insert("order".to_owned(), n.to_string());
        draft.sensitive = n == 1;
        drafts.push(draft);
    }
    let (ids, _) = stack.store(drafts, 0).await;
    for told in [
        "insert into sends (message_id, tenant_id, provider, provider_message_id, message_id_header, sender, attempts, accepted_at)
         select id, tenant_id, 'primary', id::text, '<' || id || '@acme.test>', 'noreply@acme.test', 1, now() from messages where id = $1",
        "insert into provider_events (provider, id, kind, message_id, tenant_id, detail, occurred_at, received_at)
         select 'primary', id::text, 'delivered', id, tenant_id, '{}', now(), now() from messages where id = $1",
    ] {
        sqlx::query(told).bind(ids[0].0).execute(&stack.sql).await.unwrap();
    }
    ids
}

async fn begin(stack: &TestStack, tenant: TenantId, days: u32) -> RunId {
    let body = json!({ "dryRun": false, "reason": "the contract has ended", "graceDays": days });
    let got = Caller::operator(stack).post(&format!("/v1/tenants/{tenant}/offboarding"), body).await;
    assert_eq!((got.status, &got.body["kind"]), (202, &json!("tenant_offboarding")), "{got:?}");
    got.run()
}

async fn turn(stack: &TestStack, tenant: TenantId, turn: &str) -> Got {
    Caller::operator(stack).post(&format!("/v1/tenants/{tenant}/offboarding/{turn}"), json!({})).await
}

async fn status(stack: &TestStack, tenant: TenantId) -> String {
    sqlx::query_scalar("select status from tenants where id = $1").bind(tenant.0).fetch_one(&stack.sql).await.unwrap()
}

/// The tables that say whose their rows are.
async fn tables(stack: &TestStack) -> Vec<String> {
    sqlx::query_scalar(
        "select c.table_name::text from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE' order by 1",
    )
    .fetch_all(&stack.sql)
    .await
    .unwrap()
}

/// All rows of a tenant, by table, as text.
async fn rows(stack: &TestStack, tenant: TenantId) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for table in tables(stack).await {
        let query = format!("select t::text from {table} t where tenant_id = $1 order by 1");
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(tenant.0).fetch_all(&stack.sql).await.unwrap();
        if !rows.is_empty() {
            all.insert(table, rows);
        }
    }
    let own = sqlx::query_scalar("select t::text from tenants t where id = $1").bind(tenant.0).fetch_all(&stack.sql);
    all.insert("tenants".to_owned(), own.await.unwrap());
    all
}

/// Rows by table.
fn counts(rows: &BTreeMap<String, Vec<String>>) -> Value {
    rows.iter().map(|(table, rows)| (table.clone(), json!(rows.len()))).collect::<serde_json::Map<_, _>>().into()
}
