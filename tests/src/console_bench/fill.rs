//! The filled database.

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, raw_sql};
use tenantry_standins::postgres::Postgres;

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Fill {
    /// Tenants.
    pub tenants: u32,
    /// Messages, over 30 days.
    pub messages: u32,
    /// Other runs, over 90 days.
    pub runs: u32,
    /// Deliveries of webhooks, over 30 days.
    pub deliveries: u32,
    /// Lines of the audit log.
    pub audit: u32,
    /// Tasks that are open.
    pub tasks: u32,
}

impl Default for Fill {
    fn default() -> Self {
        Self { tenants: 10_000, messages: 1_000_000, runs: 100_000, deliveries: 100_000, audit: 100_000, tasks: 2_000 }
    }
}

impl Fill {
    /// What the database is called that is filled like this.
    fn name(&self) -> String {
        let Self { tenants, messages, runs, deliveries, audit, tasks } = self;
        format!("filled_{tenants}_{messages}_{runs}_{deliveries}_{audit}_{tasks}")
    }
}

/// The name of a database with every migration that is filled like this; made, where it is not there yet.
pub(super) async fn filled(postgres: &Postgres, fill: &Fill, say: &impl Fn(&str)) -> Result<String> {
    let name = fill.name();
    if postgres.has_database(&name).await? {
        say(&format!("{name} is there from the last time"));
        return Ok(name);
    }
    // It has its name only once it is whole.
    let begun = format!("{name}_begun");
    if postgres.has_database(&begun).await? {
        postgres.drop_database(&begun).await?;
    }
    postgres.create_database(&begun, None).await?;
    tenantry_store::migrate(&postgres.url(&begun).into()).await?;
    say("filling the database, which takes some minutes");
    let mut sql = PgConnection::connect(&postgres.url(&begun)).await?;
    let Fill { tenants, messages, runs, deliveries, audit, tasks } = fill;
    let wanted = format!(
        "set fill.tenants = {tenants}; set fill.messages = {messages}; set fill.runs = {runs}; set fill.deliveries = {deliveries}; \
         set fill.audit = {audit}; set fill.tasks = {tasks}"
    );
    raw_sql(AssertSqlSafe(wanted)).execute(&mut sql).await?;
    let mut tx = sql.begin().await?;
    raw_sql(include_str!("../fill.sql")).execute(&mut *tx).await.context("fill.sql")?;
    tx.commit().await?;
    // As autovacuum leaves it.
    raw_sql("vacuum analyze").execute(&mut sql).await?;
    sql.close().await?;
    let mut sql = PgConnection::connect(&postgres.url("postgres")).await?;
    raw_sql(AssertSqlSafe(format!("alter database {begun} rename to {name}"))).execute(&mut sql).await?;
    sql.close().await?;
    Ok(name)
}
