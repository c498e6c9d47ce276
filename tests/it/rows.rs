//! What the database itself refuses, whoever asks.

use serde_json::json;
use tenantry_store::{
    Clock, Db, DbOptions, DbRole, Scope, StoreError,
    platform::{self, AuditEntry, Rate},
    runs, tenancy,
};
use tenantry_tests::{Database, Onboard, TestStack};

fn api_of(database: &Database) -> Db {
    let options = DbOptions {
        url: database.url.clone().into(),
        max_connections: 5,
        patience: std::time::Duration::from_secs(5),
        role: DbRole::Api,
        hint_patience: std::time::Duration::from_secs(60),
    };
    Db::new(&options, Clock::default()).unwrap()
}

#[tokio::test]
async fn impossible_rows_are_refused_by_the_schema() {
    let database = Database::new().await;
    let sql = database.superuser();
    let run = "insert into runs (id, kind, version, epoch, seq, state, status, step, progress, result, life, started_by, started_at, updated_at, ended_at) values (gen_random_uuid(), 'drill', 1, 1, 1, 's', ";
    let command = "insert into commands (id, run_id, epoch, role, name, performer, command, status, attempt, due_at, wake_at, lease_token, lease_until, created_at, ended_at) select gen_random_uuid(), id, 1, 'command', 'n', 'p', '{}', ";
    let ok = format!("{run} 'running', 'x', 0, '{{}}', '{{}}', 'me', now(), now(), null)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(ok)).execute(&sql).await.unwrap();
    for (what, statement) in [
        ("an ended run without an end", format!("{run} 'completed', 'x', 0, '{{}}', '{{}}', 'me', now(), now(), null)")),
        ("a run at 101 %", format!("{run} 'running', 'x', 101, '{{}}', '{{}}', 'me', now(), now(), null)")),
        ("half a lease", format!("{command} 'open', 1, now(), now(), gen_random_uuid(), null, now(), null from runs")),
        ("a lease on what is done", format!("{command} 'done', 1, now(), now(), gen_random_uuid(), now(), now(), now() from runs")),
        ("a lease without a try", format!("{command} 'open', 0, now(), now(), gen_random_uuid(), now(), now(), null from runs")),
        ("a suspended tenant that does not say why", "insert into tenants (id, run_id, name, slug, email, contract_line, status, portal_host, created_at, updated_at, activated_at) values (gen_random_uuid(), gen_random_uuid(), 'n', 'n', 'a@b.c', 'basic', 'suspended', 'h', now(), now(), now())".to_owned()),
        ("a tenant that leaves without a run", "insert into tenants (id, run_id, name, slug, email, contract_line, status, portal_host, created_at, updated_at, activated_at) values (gen_random_uuid(), gen_random_uuid(), 'n', 'n', 'a@b.c', 'basic', 'offboarding', 'h', now(), now(), now())".to_owned()),
        ("a living tenant without an address", "insert into tenants (id, run_id, name, slug, contract_line, status, created_at, updated_at) values (gen_random_uuid(), gen_random_uuid(), 'n', 'n', 'basic', 'provisioning', now(), now())".to_owned()),
        ("an active tenant without a portal", "insert into tenants (id, run_id, name, slug, email, contract_line, status, created_at, updated_at) values (gen_random_uuid(), gen_random_uuid(), 'n', 'n', 'a@b.c', 'basic', 'active', now(), now())".to_owned()),
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&sql).await;
        let refused = refused.expect_err(what).into_database_error().unwrap();
        assert_eq!(refused.code().as_deref(), Some("23514"), "{what}: {refused}");
    }
}

#[tokio::test]
async fn a_tenant_sees_its_own_rows_and_without_a_tenant_nothing_is_seen() {
    let stack = TestStack::start().await;
    let (one, two) = (stack.onboard(&Onboard::another()).await, stack.onboard(&Onboard::another()).await);
    let one = stack.ends(one, "completed").await;
    let two = stack.ends(two, "completed").await;
    let api = api_of(&stack.database);

    let mut tx = api.begin_as(Scope::Tenant(one.tenant.unwrap())).await.unwrap();
    assert!(runs::run(&mut tx, one.id).await.is_ok());
    assert!(matches!(runs::run(&mut tx, two.id).await, Err(StoreError::NotFound(_))));
    assert!(matches!(tenancy::tenant(&mut tx, two.tenant.unwrap()).await, Err(StoreError::NotFound(_))));
    assert!(runs::history_of(&mut tx, two.id).await.unwrap().is_empty());
    assert_eq!(
        tenancy::tenants(&mut tx, &tenancy::TenantFilter { limit: 100, ..Default::default() }).await.unwrap().len(),
        1
    );

    // A transaction that forgot to say for whom it speaks.
    let mut tx = api.begin().await.unwrap();
    assert!(
        tenancy::tenants(&mut tx, &tenancy::TenantFilter { limit: 100, ..Default::default() })
            .await
            .unwrap()
            .is_empty()
    );
    let mut tx = api.begin_as(Scope::Platform).await.unwrap();
    assert_eq!(
        tenancy::tenants(&mut tx, &tenancy::TenantFilter { limit: 100, ..Default::default() }).await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn the_audit_log_cannot_be_changed_and_tells_when_it_was() {
    let database = Database::new().await;
    let db = api_of(&database);
    let mut tx = db.begin_as(Scope::Platform).await.unwrap();
    for n in 0..5 {
        let entry = AuditEntry {
            actor: "ada",
            action: "thing.change",
            subject: &n.to_string(),
            after: Some(json!({ "n": n })),
            ..Default::default()
        };
        platform::append_audit(&mut tx, &entry, db.clock().now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.begin_as(Scope::Platform).await.unwrap();
    assert_eq!(platform::broken_audit(&mut tx, Scope::Platform).await.unwrap(), None);
    // The transaction ends, for the guard can only be switched off while nobody reads.
    tx.commit().await.unwrap();

    let sql = database.superuser();
    for statement in ["update audit set actor = 'eve'", "delete from audit", "truncate audit"] {
        let refused = sqlx::raw_sql(statement).execute(&sql).await.expect_err(statement);
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
    // Somebody with the keys to the house switches the guard off and changes the past.
    sqlx::raw_sql(
        "alter table audit disable trigger audit_is_append_only; update audit set after = '{\"n\": 42}' where seq = 3",
    )
    .execute(&sql)
    .await
    .unwrap();
    let mut tx = db.begin_as(Scope::Platform).await.unwrap();
    assert_eq!(platform::broken_audit(&mut tx, Scope::Platform).await.unwrap(), Some(3));
    sqlx::raw_sql("delete from audit where seq = 3").execute(&sql).await.unwrap();
    assert_eq!(platform::broken_audit(&mut tx, Scope::Platform).await.unwrap(), Some(4), "a gap is seen too");
}

#[tokio::test]
async fn a_rate_is_exact_under_concurrency_and_comes_back_with_time() {
    let database = Database::new().await;
    let db = api_of(&database);
    let rate = Rate { quota: 10, window: std::time::Duration::from_secs(60) };
    let taken = futures::future::join_all((0..30).map(|_| platform::take(&db, "ada", rate))).await;
    let allowed = taken.iter().filter(|taken| taken.as_ref().unwrap().allowed).count();
    assert_eq!(allowed, 10);
    // Asked after all of them: what one of those thirty is told depends on who of them looked at the clock first.
    let refused = platform::take(&db, "ada", rate).await.unwrap();
    assert!(
        !refused.allowed
            && refused.reset > std::time::Duration::ZERO
            && refused.reset <= std::time::Duration::from_secs(6),
        "{refused:?}"
    );
    db.clock().turn(std::time::Duration::from_secs(6));
    assert!(platform::take(&db, "ada", rate).await.unwrap().allowed);
    assert!(platform::take(&db, "grace", rate).await.unwrap().allowed, "another caller has its own rate");
}

#[tokio::test]
async fn a_database_that_is_behind_or_away_is_named_and_nothing_is_lost() {
    let stack = TestStack::with(&[], local::Run { workers: false, sweeper: false, api: false }).await;
    let (run, hints) = Onboard::another().write(stack.db()).await;
    let body = tenantry_runtime::Message::new(hints[0].command, None).body();
    let soon = || std::time::Instant::now() + std::time::Duration::from_secs(50);
    let last: i64 =
        sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(&stack.sql).await.unwrap();
    sqlx::query("update _sqlx_migrations set success = false where version = $1")
        .bind(last)
        .execute(&stack.sql)
        .await
        .unwrap();
    let behind = stack.db().check().await.unwrap_err();
    assert!(behind.to_string().contains(&format!("needs {last}")), "{behind}");
    let worker = stack.stack.worker("onboard-tenant").unwrap();
    assert_eq!(worker.handle(&[&body], soon()).await, [false], "the message goes back");

    sqlx::query("update _sqlx_migrations set success = true").execute(&stack.sql).await.unwrap();
    assert_eq!(worker.handle(&[&body], soon()).await, [true]);
    assert_eq!(stack.run(run).await.state, "sending_welcome_email");

    let nowhere = DbOptions {
        url: "postgres://nobody@127.0.0.1:1/nothing".to_owned().into(),
        max_connections: 1,
        patience: std::time::Duration::from_millis(200),
        role: DbRole::Worker,
        hint_patience: std::time::Duration::from_secs(60),
    };
    let away = Db::new(&nowhere, Clock::default()).unwrap().check().await.unwrap_err();
    assert!(matches!(away, StoreError::Unavailable(_)), "{away:?}");
}
