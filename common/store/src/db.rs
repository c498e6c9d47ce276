//! A bounded pool in one role, and transactions that speak for somebody.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tenantry_model::TenantId;

use crate::{Clock, Result, StoreError, Timing};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// A function's statements are few, the same each time, and find their rows by key. They are planned once per connection,
/// and so that a plan made while a table was empty is right when it is large.
const WORKER: &str = "set role tenantry_worker; set plan_cache_mode = force_generic_plan; set enable_seqscan = off";

/// A transaction. Dropped without a commit, nothing of it has happened.
pub type Tx = Transaction<'static, Postgres>;

/// What a pool's connections may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbRole {
    /// The functions: every row.
    Worker,
    /// The API: nothing, until a transaction says for whom it speaks ([`Db::begin_as`]).
    Api,
}

/// For whom a transaction of the API speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A person or machine of the platform: every tenant's rows.
    Platform,
    /// One tenant's rows, and no others.
    Tenant(TenantId),
}

impl Scope {
    /// The scope as a key: the tenant's id, or `platform`.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Platform => "platform".to_owned(),
            Self::Tenant(tenant) => tenant.0.to_string(),
        }
    }
}

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// `postgres://user:password@host:port/database`.
    pub url: SecretString,
    /// Connections at most; at least 1.
    pub max_connections: u32,
    /// How long to wait for a connection before the database counts as unavailable.
    pub patience: Duration,
    /// What the connections may see.
    pub role: DbRole,
    /// A hint that nobody has answered is sent again after this long; a minute is usual.
    pub hint_patience: Duration,
}

/// The database.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    clock: Clock,
    hint_patience: Duration,
}

impl Db {
    /// A pool that connects when it is first used. Each new connection takes its role.
    ///
    /// # Errors
    /// The URL cannot be read.
    pub fn new(options: &DbOptions, clock: Clock) -> Result<Self> {
        let role = match options.role {
            DbRole::Worker => WORKER,
            DbRole::Api => "set role tenantry_tenant",
        };
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections.max(1))
            .acquire_timeout(options.patience)
            // A connection that died is found when it is used, and the command is tried again: no ping each time.
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                Box::pin(async move { sqlx::raw_sql(role).execute(connection).await.map(drop) })
            })
            .connect_lazy_with(connect_options(&options.url)?);
        Ok(Self { pool, clock, hint_patience: options.hint_patience })
    }

    /// No database at all: every use of it fails. For reading on through a configuration that is not usable.
    #[must_use]
    pub fn nowhere() -> Self {
        let pool = PgPoolOptions::new().connect_lazy_with(PgConnectOptions::new_without_pgpass());
        Self { pool, clock: Clock::default(), hint_patience: Duration::from_secs(60) }
    }

    /// The same database by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The clock that this database's rows are written by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// This moment, for what is about to be written.
    #[must_use]
    pub fn timing(&self) -> Timing {
        Timing { now: self.clock.now(), hint_patience: self.hint_patience }
    }

    /// A transaction with the pool's own role.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn begin(&self) -> Result<Tx> {
        // After a restart of the database every pooled connection is dead. Nothing has begun yet, so the next one is tried.
        for _ in 0..self.pool.size() {
            match self.pool.begin().await {
                Err(sqlx::Error::Io(_)) => {}
                Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code.starts_with("57P")) => {}
                begun => return Ok(begun?),
            }
        }
        Ok(self.pool.begin().await?)
    }

    /// A connection, for a statement that is a transaction by itself.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn connection(&self) -> Result<PoolConnection<Postgres>> {
        Ok(self.pool.acquire().await?)
    }

    /// A transaction that speaks for somebody, until it ends.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn begin_as(&self, scope: Scope) -> Result<Tx> {
        let (role, tenant) = match scope {
            Scope::Platform => ("tenantry_operator", String::new()),
            Scope::Tenant(tenant) => ("tenantry_tenant", tenant.0.to_string()),
        };
        let mut tx = self.begin().await?;
        sqlx::query!(
            "select set_config('role', $1, true) as r, set_config('app.current_tenant', $2, true) as t",
            role,
            tenant
        )
        .fetch_one(&mut *tx)
        .await?;
        Ok(tx)
    }

    /// Whether the database answers, and whether its schema is at least the one this code was built for.
    ///
    /// # Errors
    /// [`StoreError::Behind`], or the database cannot be reached.
    pub async fn check(&self) -> Result<()> {
        let found = match sqlx::query_scalar!("select max(version) from _sqlx_migrations where success")
            .fetch_one(&self.pool)
            .await
        {
            Ok(found) => found.unwrap_or(0),
            // No table yet: nothing was ever migrated.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => 0,
            Err(error) => return Err(error.into()),
        };
        let needed = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
        if found < needed { Err(StoreError::Behind { found, needed }) } else { Ok(()) }
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Brings the database to the schema of this code. Safe to run twice, and by two at once.
///
/// # Errors
/// The database cannot be reached, or holds a schema that is not ours.
pub async fn migrate(url: &SecretString) -> Result<()> {
    let mut connection = PgConnection::connect_with(&connect_options(url)?).await?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error) => error.into(),
        other => StoreError::Sql(sqlx::Error::Migrate(Box::new(other))),
    })?;
    connection.close().await?;
    Ok(())
}

fn connect_options(url: &SecretString) -> Result<PgConnectOptions> {
    let options: PgConnectOptions = url.expose_secret().parse()?;
    Ok(options.disable_statement_logging().application_name("tenantry"))
}
