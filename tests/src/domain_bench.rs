//! What a sweep costs when many domains wait for their records: what is due, and not what is stored.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::Result;
use async_trait::async_trait;
use sqlx::PgPool;
use tenantry_kernel::advance;
use tenantry_model::TenantId;
use tenantry_runtime::Hints;
use tenantry_store::{Clock, Db, DbOptions, DbRole, runs::Hint};
use tenantry_workflows::email_domain::{Data, EmailDomain};

use crate::Database;

/// What is measured.
#[derive(Debug, Clone)]
pub struct Options {
    /// Domains that wait, few and many.
    pub stored: [u32; 2],
    /// How many of them are due, at most as many as the fewest stored.
    pub due: u32,
    /// Sweeps of each kind; the median counts.
    pub rounds: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { stored: [100, 10_000], due: 100, rounds: 9 }
    }
}

/// Sweeps of one kind.
#[derive(Debug, Clone)]
pub struct Row {
    /// Domains that waited.
    pub stored: u32,
    /// Of these, due.
    pub due: u32,
    /// Timers that a sweep fired.
    pub fired: usize,
    /// How long a sweep took.
    pub took: Duration,
    /// Pages of the database that it touched.
    pub pages: i64,
}

/// All of them.
#[derive(Debug, Clone)]
pub struct Report(pub Vec<Row>);

/// Whoever is hinted has no time.
struct Nobody;

#[async_trait]
impl Hints for Nobody {
    async fn send(&self, _: Vec<Hint>) {}
}

/// Measures sweeps over few and over many waiting domains, with none of them due and with some.
///
/// # Errors
/// The database.
pub async fn run(options: &Options) -> Result<Report> {
    let mut rows = Vec::new();
    for stored in options.stored {
        let database = Database::new().await;
        let sql = database.superuser();
        let clock = db(&database)?;
        store(&sql, &clock, stored).await?;
        clock.close().await;
        for due in [0, options.due] {
            rows.push(measure(&sql, &database, stored, due, options.rounds).await?);
        }
    }
    Ok(Report(rows))
}

fn db(database: &Database) -> Result<Db> {
    let options = DbOptions {
        url: database.url.clone().into(),
        max_connections: 1,
        patience: Duration::from_secs(10),
        role: DbRole::Worker,
        hint_patience: Duration::from_secs(60),
    };
    Ok(Db::new(&options, Clock::default())?)
}

/// Stores so many domains that wait for their records: one life, told as it goes, and its rows many times over.
async fn store(sql: &PgPool, db: &Db, stored: u32) -> Result<()> {
    let data = Data::new(TenantId::new(), "mail.acme.test".parse()?, Duration::from_secs(3600), Duration::ZERO);
    let mut life = advance::start::<EmailDomain>(data).life;
    for event in [
        serde_json::json!({ "name": "NameClaimed", "with": { "clear": true } }),
        serde_json::json!({ "name": "DomainCreated" }),
    ] {
        let heard = tenantry_kernel::Heard::Event(event);
        let input = tenantry_kernel::Input { kind: tenantry_kernel::EntryKind::Answer, epoch: Some(life.epoch), heard };
        life = advance::advance::<EmailDomain>(&life, input)?.life;
    }
    let now = db.clock().now();
    sqlx::query(
        "with r as (
             insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, result, life, started_by, started_at, updated_at)
             select gen_random_uuid(), 'email_domain', gen_random_uuid(), 1, $3, 3, 'awaiting_dns', 'running', 'awaiting_dns', 30, '{}', $2,
                    'bench', $4, $4
             from generate_series(1, $1) returning id, tenant_id),
         look as (
             insert into timers (id, run_id, tenant_id, epoch, name, timer, due_at, created_at)
             select gen_random_uuid(), id, tenant_id, $3, 'LookAgain', '{\"name\": \"LookAgain\"}', $4 + interval '1 hour', $4 from r)
         insert into timers (id, run_id, tenant_id, epoch, name, timer, due_at, created_at)
         select gen_random_uuid(), id, tenant_id, $3, 'GuardOver', '{\"name\": \"GuardOver\"}', $4 + interval '7 days', $4 from r",
    )
    .bind(i32::try_from(stored)?)
    .bind(serde_json::to_value(&life)?)
    .bind(i32::try_from(life.epoch)?)
    .bind(now)
    .execute(sql)
    .await?;
    sqlx::query("vacuum analyze").execute(sql).await?;
    Ok(())
}

async fn measure(sql: &PgPool, database: &Database, stored: u32, due: u32, rounds: u32) -> Result<Row> {
    let mut sweeps = Vec::new();
    for _ in 0..rounds.max(1) {
        sqlx::query("delete from commands").execute(sql).await?;
        sqlx::query(
            "update timers set due_at = created_at where id in (select id from timers where name = 'LookAgain' limit $1)",
        )
        .bind(i64::from(due))
        .execute(sql)
        .await?;
        let before = pages(sql).await?;
        let db = db(database)?;
        db.check().await?;
        let began = Instant::now();
        let fired = sweep::sweep(&db, &Nobody, began + Duration::from_secs(60)).await?.timers;
        let took = began.elapsed();
        // A connection says what it has touched when it ends.
        db.close().await;
        ended(sql).await?;
        sweeps.push((took, fired, pages(sql).await? - before));
        // They wait again for the next round.
        sqlx::query(
            "insert into timers (id, run_id, tenant_id, epoch, name, timer, due_at, created_at)
             select gen_random_uuid(), r.id, r.tenant_id, r.epoch, 'LookAgain', '{\"name\": \"LookAgain\"}', r.started_at + interval '1 hour', r.started_at
             from runs r where not exists (select from timers t where t.run_id = r.id and t.name = 'LookAgain')",
        )
        .execute(sql)
        .await?;
    }
    sweeps.sort_unstable();
    let (took, fired, _) = sweeps[sweeps.len() / 2];
    // Autovacuum touches pages too, whenever it likes: the round that it left alone says what a sweep does.
    let pages = sweeps.iter().map(|(_, _, pages)| *pages).min().unwrap_or_default();
    Ok(Row { stored, due, fired, took, pages })
}

/// Waits until nobody but us is connected.
async fn ended(sql: &PgPool) -> Result<()> {
    loop {
        let others: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'tenantry'",
        )
        .fetch_one(sql)
        .await?;
        if others == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Pages that anybody has touched in this database so far.
async fn pages(sql: &PgPool) -> Result<i64> {
    let pages: i64 = sqlx::query_scalar(
        "select (sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0)))::bigint
         from pg_statio_user_tables",
    )
    .fetch_one(sql)
    .await?;
    Ok(pages)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| domains that wait | due | fired | a sweep takes | pages touched |\n|---|---|---|---|---|")?;
        for Row { stored, due, fired, took, pages } in &self.0 {
            writeln!(f, "| {stored} | {due} | {fired} | {:.1} ms | {pages} |", took.as_secs_f64() * 1000.0)?;
        }
        for pair in [0, 1] {
            let (few, many) = (&self.0[pair], &self.0[pair + 2]);
            let ratio = many.took.as_secs_f64() / few.took.as_secs_f64();
            writeln!(f, "\n{} due: {} domains cost {ratio:.2} times what {} cost", few.due, many.stored, few.stored)?;
        }
        Ok(())
    }
}
