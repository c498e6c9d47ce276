//! Onboarding as it is: the run written as the API does, its hint sent, worked by the functions behind their queues.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use local::{Parts, PartsOptions, Stack, StackOptions};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tenantry_model::RunId;
use tenantry_runtime::{Hints as _, Queues, config::Environment};
use tenantry_store::Db;
use tokio::{sync::oneshot, task::JoinSet};

use super::{CONNECTIONS, Counted, Options, Transport, count::Listener, measure, measure::Onboards};
use crate::Onboard;

/// Nothing takes this long unless it is lost.
const LOST: Duration = Duration::from_secs(60);

type Waiting = Arc<Mutex<HashMap<RunId, oneshot::Sender<String>>>>;

/// The stack, and who waits for its runs.
pub(super) struct Engine {
    pub(super) stack: Stack,
    parts: Parts,
    hints: Queues,
    waiting: Waiting,
    url: String,
    transport: Transport,
    sql: PgPool,
    _watching: JoinSet<()>,
}

impl Engine {
    /// A stack on this database, with a queue and a mail server of its own.
    pub(super) async fn start(url: &str, transport: Transport, options: Options) -> Result<Self> {
        Self::by_way_of(url, url, transport, options).await
    }

    /// The same, with the functions reaching the database by way of `way`.
    async fn by_way_of(way: &str, url: &str, transport: Transport, options: Options) -> Result<Self> {
        let table: HashMap<&str, String> = HashMap::from([
            ("DATABASE_URL", way.to_owned()),
            ("DATABASE_CONNECTIONS", CONNECTIONS.to_string()),
            ("PASSWORD_HASH_COST", "4".to_owned()),
            ("EMAIL_PROVIDER", transport.name().to_owned()),
        ]);
        let environment = Environment::new(move |name| table.get(name).cloned());
        let parts = PartsOptions { environment: Some(environment.clone()), ..PartsOptions::default() };
        let parts = Parts::start(&parts).await?;
        let stack = StackOptions { pumps: options.pumps, ..StackOptions::new(environment) };
        let stack = Stack::start(&parts, stack).await?;
        let sql = PgPoolOptions::new().max_connections(2).connect(url).await?;
        let waiting = Waiting::default();
        let mut watching = JoinSet::new();
        watching.spawn(watch(sql.clone(), Arc::clone(&waiting)));
        let hints = Queues::new(stack.queues.clone(), "tenantry-");
        Ok(Self { stack, parts, hints, waiting, url: url.to_owned(), transport, sql, _watching: watching })
    }

    pub(super) fn db(&self) -> &Db {
        &self.stack.db
    }

    /// Counts what an onboarding asks of Postgres and of the queue, at full concurrency, on a stack of its own.
    pub(super) async fn counted(&self, options: Options) -> Result<Counted> {
        let port = self.sql.connect_options().get_port();
        let listener = Listener::start(port).await?;
        let counted = Self::by_way_of(&listener.url(&self.url)?, &self.url, self.transport, options).await?;
        measure::busy(&counted, options.concurrency, options.concurrency * 2).await?;
        counted.settled().await?;
        listener.reset();
        let (wal, requests) = (self.wal().await?, counted.requests());
        measure::busy(&counted, options.concurrency, options.busy).await?;
        counted.settled().await?;
        let number = options.busy as f64;
        let of = |(action, count): (String, u64)| {
            let before = requests.get(&action).copied().unwrap_or_default();
            (action, (count - before) as f64 / number)
        };
        let result = Counted {
            requests: counted.requests().into_iter().map(of).filter(|(_, count)| *count > 0.0).collect(),
            wal: (self.wal().await? - wal) / number,
            ..listener.each(options.busy)
        };
        counted.stop().await;
        Ok(result)
    }

    fn requests(&self) -> BTreeMap<String, u64> {
        self.parts.sqs.as_ref().map(tenantry_standins::sqs::Sqs::requests).unwrap_or_default()
    }

    async fn wal(&self) -> Result<f64> {
        Ok(sqlx::query_scalar("select (pg_current_wal_insert_lsn() - '0/0')::float8").fetch_one(&self.sql).await?)
    }

    /// What is in the database, in MiB, by table, with its indexes.
    pub(super) async fn sizes(&self) -> Result<Vec<(String, f64)>> {
        let sizes = "select relname::text, pg_total_relation_size(oid)::float8 / 1048576 from pg_class
                     where relkind = 'r' and relnamespace = 'public'::regnamespace order by 2 desc limit 4";
        Ok(sqlx::query_as(sizes).fetch_all(&self.sql).await?)
    }

    pub(super) async fn stop(self) {
        self.stack.stop().await;
        self.sql.close().await;
        self.parts.stop().await;
    }
}

impl Onboards for Engine {
    async fn onboard(&self) -> Result<()> {
        let (run, hints) = Onboard::another().write(self.db()).await;
        let (tell, told) = oneshot::channel();
        self.waiting.lock().expect("a list").insert(run, tell);
        self.hints.send(hints).await;
        let status = tokio::time::timeout(LOST, told).await.context("an onboarding was lost")??;
        ensure!(status == "completed", "{run} is {status}");
        Ok(())
    }

    async fn settled(&self) -> Result<()> {
        let open = "select count(*) from commands where status = 'open'";
        while sqlx::query_scalar::<_, i64>(open).fetch_one(&self.sql).await? > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

/// Tells those who wait when their runs have ended. One question for all of them, so that watching costs little.
async fn watch(sql: PgPool, waiting: Waiting) {
    loop {
        let runs: Vec<uuid::Uuid> = waiting.lock().expect("a list").keys().map(|run| run.0).collect();
        // A few are watched closely; many do not notice another few milliseconds.
        if runs.len() > 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        } else {
            // Closer than tokio's timer can.
            let _ = tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_micros(500))).await;
        }
        if runs.is_empty() {
            continue;
        }
        let ended = sqlx::query_as::<_, (uuid::Uuid, String)>(
            "select id, status from runs where id = any($1) and ended_at is not null",
        );
        for (run, status) in ended.bind(&runs).fetch_all(&sql).await.unwrap_or_default() {
            if let Some(tell) = waiting.lock().expect("a list").remove(&RunId(run)) {
                // Nobody may be left to hear it.
                let _ = tell.send(status);
            }
        }
    }
}
