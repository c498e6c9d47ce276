//! A whole stack on a database of its own.

use std::{collections::HashMap, time::Duration};

use local::{Parts, PartsOptions, Run, Stack, StackOptions, announce};
use sqlx::PgPool;
use tenantry_model::RunId;
use tenantry_runtime::{Hints as _, Queues, config::Environment};
use tenantry_standins::{issuer::Issuer, smtp::Smtp, sqs::Sqs};
use tenantry_store::{
    Db,
    runs::{self, HistoryRow, RunRow, TaskRow},
};

use crate::{Database, Onboard, wait::until};

/// Functions, sweeper, API, queue, mail server, issuer; and a clock that turns.
pub struct TestStack {
    pub parts: Parts,
    pub stack: Stack,
    /// Sees everything and is bound by nothing.
    pub sql: PgPool,
    pub database: Database,
}

impl TestStack {
    /// Everything, with usual settings.
    pub async fn start() -> Self {
        Self::with(&[], Run::ALL).await
    }

    /// With settings of one's own, and in some roles only.
    pub async fn with(settings: &[(&'static str, &str)], run: Run) -> Self {
        Self::on(Database::new().await, settings, run).await
    }

    /// On a database that is there already.
    pub async fn on(database: Database, settings: &[(&'static str, &str)], run: Run) -> Self {
        let mut table: HashMap<&'static str, String> = HashMap::from([
            ("DATABASE_URL", database.url.clone()),
            ("DATABASE_CONNECTIONS", "5".to_owned()),
            ("HINT_PATIENCE_SECONDS", "2".to_owned()),
            ("PASSWORD_HASH_COST", "4".to_owned()),
        ]);
        table.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let environment = Environment::new(move |name| table.get(name).cloned());
        let parts = PartsOptions { environment: Some(environment.clone()), ..PartsOptions::default() };
        let parts = Parts::start(&parts).await.expect("the parts");
        let options = StackOptions { sweep_every: Duration::from_millis(100), run, ..StackOptions::new(environment) };
        let stack = Stack::start(&parts, options).await.expect("the stack");
        let sql = database.superuser();
        Self { parts, stack, sql, database }
    }

    /// A second process's worth of pumps, which hand this stack's messages to functions behind a URL.
    pub async fn bridge(&self, functions: &str) -> Stack {
        let environment = self.stack.environment.clone();
        let run = Run { workers: true, sweeper: false, api: false };
        let options = StackOptions { run, functions: Some(functions.to_owned()), ..StackOptions::new(environment) };
        Stack::start(&self.parts, options).await.expect("the bridge")
    }

    pub fn db(&self) -> &Db {
        &self.stack.db
    }

    pub fn mail(&self) -> &Smtp {
        self.parts.smtp.as_ref().expect("the mail server is a stand-in")
    }

    pub fn sqs(&self) -> &Sqs {
        self.parts.sqs.as_ref().expect("the queue is in this process")
    }

    pub fn issuer(&self) -> &Issuer {
        self.parts.issuer.as_ref().expect("the issuer is a stand-in")
    }

    /// A token of a platform operator.
    pub fn operator(&self) -> String {
        announce::operator_token(self.issuer())
    }

    /// Turns the clock of the whole stack forward.
    pub fn pass(&self, time: Duration) {
        self.db().clock().turn(time);
    }

    /// Sends hints as the stack does.
    pub async fn hint(&self, hints: Vec<runs::Hint>) {
        Queues::new(self.stack.queues.clone(), "tenantry-").send(hints).await;
    }

    /// Starts an onboarding, with its hints.
    pub async fn onboard(&self, onboard: &Onboard) -> RunId {
        let (run, hints) = onboard.write(self.db()).await;
        self.hint(hints).await;
        run
    }

    /// The run as it stands.
    pub async fn run(&self, id: RunId) -> RunRow {
        let mut tx = self.db().begin().await.expect("a transaction");
        runs::run(&mut tx, id).await.expect("the run")
    }

    /// The run, unless the database is away right now.
    pub async fn run_if_there(&self, id: RunId) -> Option<RunRow> {
        let mut tx = self.db().begin().await.ok()?;
        runs::run(&mut tx, id).await.ok()
    }

    /// Waits until the run has this status.
    pub async fn ends(&self, id: RunId, status: &str) -> RunRow {
        let mut last = String::new();
        let what = format!("{id} to be {status}");
        let found = until(&what, || async {
            let run = self.run(id).await;
            (run.status == status).then_some(run)
        });
        tokio::select! {
            run = found => run,
            () = tokio::time::sleep(crate::wait::PATIENCE - Duration::from_secs(1)) => {
                let run = self.run(id).await;
                for row in self.history(id).await {
                    last.push_str(&format!("\n  {row:?}"));
                }
                panic!("{id} is {} in {}, not {status}; error {:?}; history:{last}", run.status, run.state, run.error);
            }
        }
    }

    /// The run's history.
    pub async fn history(&self, id: RunId) -> Vec<HistoryRow> {
        let mut tx = self.db().begin().await.expect("a transaction");
        runs::history_of(&mut tx, id).await.expect("the history")
    }

    /// The run's open task, once there is one.
    pub async fn task(&self, id: RunId) -> TaskRow {
        until("an open task", || async {
            let mut tx = self.db().begin().await.expect("a transaction");
            let filter =
                runs::TaskFilter { run: Some(id), status: Some("open".into()), limit: 1, ..Default::default() };
            runs::tasks(&mut tx, &filter).await.expect("tasks").pop()
        })
        .await
    }

    /// A person answers the run's open task.
    pub async fn answer(&self, id: RunId, answer: serde_json::Value) {
        let task = self.task(id).await;
        let run = self.run(id).await;
        let kind = tenantry_workflows::kind(&run.kind).expect("a kind");
        let event = kind.answered(&task.task, answer.clone(), "operator").expect("a usable answer");
        let mut tx = self.db().begin().await.expect("a transaction");
        let hints = runs::answer_task(&mut tx, &run, &task, event, answer, "operator", self.db().timing())
            .await
            .expect("an answer");
        tx.commit().await.expect("a commit");
        self.hint(hints).await;
    }

    /// A signal, as the API gives it.
    ///
    /// # Errors
    /// The refusal.
    pub async fn signal(
        &self,
        id: RunId,
        name: &str,
        body: serde_json::Value,
    ) -> Result<(), tenantry_store::StoreError> {
        loop {
            let run = self.run(id).await;
            let event =
                tenantry_workflows::kind(&run.kind).expect("a kind").signal(name, body.clone()).expect("a signal");
            let mut tx = self.db().begin().await?;
            match runs::signal(&mut tx, &run, event, uuid::Uuid::new_v4().to_string(), self.db().timing()).await {
                Ok(hints) => {
                    tx.commit().await.expect("a commit");
                    self.hint(hints).await;
                    return Ok(());
                }
                Err(tenantry_store::StoreError::Changed) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// How many rows a table holds.
    pub async fn count(&self, table: &str) -> i64 {
        // The name comes from a test, never from outside.
        let query = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(query).fetch_one(&self.sql).await.expect("a count")
    }

    /// Rows of every table that a rollback must leave empty.
    pub async fn rows_of_tenants(&self) -> i64 {
        let mut rows = 0;
        for table in [
            "tenants",
            "companies",
            "tenant_companies",
            "users",
            "roles",
            "user_roles",
            "credentials",
            "invitations",
            "tenant_email_settings",
            "notification_defaults",
        ] {
            rows += self.count(table).await;
        }
        rows
    }
}
