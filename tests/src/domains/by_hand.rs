//! A domain's life while nobody is at work: every command is worked by a process of its own, and every hint is lost.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use tenantry_dns::{Places, Resolver};
use tenantry_kernel::Workflow as _;
use tenantry_model::{CommandId, RunId, TenantId};
use tenantry_runtime::{Function, Hints, Message, Worker, config::Reader};
use tenantry_store::{
    Db, DbOptions, DbRole,
    domains::DomainRow,
    runs::{self, Hint},
};
use tenantry_workflows::email_domain::EmailDomain;
use time::OffsetDateTime;

use crate::{TestStack, wait::until};

/// [`super::DOMAINS`], where nobody listens for the API.
pub const BY_HAND: [(&str, &str); 5] = {
    let [one, two, three, four] = super::DOMAINS;
    [one, two, three, four, ("PUBLIC_URL", "http://127.0.0.1:1")]
};
/// Longer than any lease of the functions of domains.
pub const LEASE: Duration = Duration::from_secs(120);
/// More than any part of a life that a test plays takes.
const MOST_STEPS: u32 = 400;

struct Lost;

#[async_trait]
impl Hints for Lost {
    async fn send(&self, _: Vec<Hint>) {}
}

/// A command that may be worked.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Open {
    pub id: uuid::Uuid,
    pub name: String,
    pub performer: String,
}

/// How each command is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By a process that has just started, and ends with the commit.
    Alone,
    /// Another process took it first, and died with it in its hands.
    AfterADeath,
    /// By two processes at once, each of which is told of it twice; and once more when it is done.
    Twice,
}

impl TestStack {
    /// A process of this function that has just started. Its connections are its own, and end with it.
    pub async fn fresh(&self, name: &str) -> Worker {
        let mut read = Reader::new(self.stack.environment.clone());
        let options = DbOptions {
            url: self.database.url.clone().into(),
            max_connections: 2,
            patience: Duration::from_secs(10),
            role: DbRole::Worker,
            hint_patience: self.db().timing().hint_patience,
        };
        let db = &Db::new(&options, self.db().clock().clone()).expect("a URL");
        let function = match name {
            create_domain::NAME => create_domain::function(&mut read, db).await,
            check_dns::NAME => check_dns::function(&mut read, db).await,
            activate_domain::NAME => activate_domain::function(&mut read, db).await,
            delete_domain::NAME => delete_domain::function(&mut read, db).await,
            check_portal::NAME => check_portal::function(&mut read, db).await,
            reconcile_cluster::NAME => reconcile_cluster::function(&mut read, db).await,
            offboard_tenant::NAME => offboard_tenant::function(&mut read, db).await,
            deliver_webhook::NAME => deliver_webhook::function(&mut read, db).await,
            other => panic!("{other} is no function of domains"),
        };
        read.finish().expect("settings");
        Worker::new(function, db.clone(), Arc::new(Lost))
    }

    /// A process of `check-dns` that looks elsewhere than the stack does.
    pub fn looks_at(&self, places: Places) -> Worker {
        let looking = check_dns::Looking { db: self.db().clone(), resolver: Resolver::new(places) };
        let function = Function::new(check_dns::NAME).performs(EmailDomain::KIND, looking);
        Worker::new(function, self.db().clone(), Arc::new(Lost))
    }

    /// The domain's next command that nobody works and that is due.
    pub async fn open(&self, run: RunId) -> Option<Open> {
        sqlx::query_as(
            "select id, name, performer from commands
             where run_id = $1 and role = 'command' and ended_at is null and due_at <= $2 and (lease_until is null or lease_until <= $2)
             order by due_at, id limit 1",
        )
        .bind(run.0)
        .bind(self.db().clock().now())
        .fetch_optional(&self.sql)
        .await
        .expect("the next command")
    }

    /// Works one command, and none that follows from it.
    pub async fn work(&self, open: &Open, how: How) {
        let body = Message::new(open.id.into(), None).body();
        match how {
            How::Alone => {}
            How::AfterADeath => {
                let command = CommandId::from(open.id);
                let dead = runs::claim(self.db(), &open.performer, &[command], LEASE / 2).await.expect("claimed");
                assert_eq!(dead.len(), 1, "{open:?}");
                self.pass(LEASE);
            }
            How::Twice => {
                let (one, two) = (self.fresh(&open.performer).await, self.fresh(&open.performer).await);
                let told = [body.as_str(), body.as_str()];
                tokio::join!(one.handle(&told, Instant::now()), two.handle(&told, Instant::now()));
            }
        }
        // Time for one command.
        self.fresh(&open.performer).await.handle(&[&body], Instant::now()).await;
    }

    /// What is due of the domain is done, by one process; where nothing is, its timers run out, and time passes until something is.
    pub async fn step(&self, run: RunId, how: How) {
        if let Some(open) = self.open(run).await {
            return self.work(&open, how).await;
        }
        let next: Option<OffsetDateTime> = sqlx::query_scalar(
            "select min(at) from (
                 select due_at as at from timers where run_id = $1
                 union all
                 select greatest(due_at, lease_until) from commands where run_id = $1 and role = 'command' and ended_at is null) due",
        )
        .bind(run.0)
        .fetch_one(&self.sql)
        .await
        .expect("what is due next");
        let wait = next.expect("a command or a timer") - self.db().clock().now();
        if wait.is_positive() {
            self.pass(wait.unsigned_abs());
        }
        self.fire().await;
    }

    /// Timers that are due run out.
    pub async fn fire(&self) {
        sweep::sweep(self.db(), &Lost, Instant::now() + Duration::from_secs(30)).await.expect("a sweep");
    }

    /// Plays the domain's life until it is in this state.
    pub async fn play(&self, run: RunId, state: &str, how: How) {
        for _ in 0..MOST_STEPS {
            if self.run(run).await.state == state {
                return;
            }
            self.step(run, how).await;
        }
        let history: Vec<String> = self.history(run).await.iter().map(|line| format!("\n  {line:?}")).collect();
        panic!("it never is {state}; history:{}", history.concat());
    }

    /// Plays it until nothing is left to do at this moment.
    pub async fn settle(&self, run: RunId) {
        for _ in 0..MOST_STEPS {
            self.fire().await;
            let Some(open) = self.open(run).await else { return };
            self.work(&open, How::Alone).await;
        }
        panic!("there is always something to do for {run}");
    }

    /// A tenant adds a domain and is told what to publish, and nobody was at work before or is afterwards.
    pub async fn bring_by_hand(&self, tenant: TenantId, name: &str) -> RunId {
        let run = self.add_domain(tenant, name).await;
        self.play(run, "awaiting_dns", How::Alone).await;
        run
    }

    /// The same, with everything published in the zone, until mail leaves from it.
    pub async fn verify_by_hand(&self, tenant: TenantId, name: &str, zone: &str) -> RunId {
        let run = self.bring_by_hand(tenant, name).await;
        self.publish(zone, &self.wanted(run).await);
        self.play(run, "verified", How::Alone).await;
        run
    }

    /// Somebody wants it looked at now, and it is: by everything that belongs to it, or by this process alone.
    pub async fn look(&self, run: RunId, by: Option<&Worker>) -> DomainRow {
        let before = self.domain(run).await.looked_at;
        self.signal(run, "refreshStatus", serde_json::json!({})).await.expect("told");
        match by {
            None => self.settle(run).await,
            Some(worker) => {
                let open = self.open(run).await.expect("a look is asked for");
                assert_eq!(open.performer, worker.name());
                worker.handle(&[&Message::new(open.id.into(), None).body()], Instant::now()).await;
            }
        }
        let row = self.domain(run).await;
        assert!(row.looked_at > before, "nobody has looked");
        row
    }

    /// What was told of the domain, oldest first.
    pub async fn told(&self, run: RunId) -> Vec<String> {
        sqlx::query_scalar("select name from commands where run_id = $1 and role = 'notice' order by created_at, id")
            .bind(run.0)
            .fetch_all(&self.sql)
            .await
            .expect("notices")
    }

    /// How long a timer of the domain waits, from when it was set.
    pub async fn wait_of(&self, run: RunId, timer: &str) -> Option<Duration> {
        let waits: Vec<(OffsetDateTime, OffsetDateTime)> =
            sqlx::query_as("select created_at, due_at from timers where run_id = $1 and name = $2")
                .bind(run.0)
                .bind(timer)
                .fetch_all(&self.sql)
                .await
                .expect("timers");
        assert!(waits.len() < 2, "{timer} is set twice");
        waits.first().map(|(from, to)| (*to - *from).unsigned_abs())
    }

    /// A message of the tenant leaves now: from which address?
    pub async fn sends_from(&self, tenant: TenantId) -> String {
        let to = format!("{}@customer.test", uuid::Uuid::new_v4().simple());
        let id = self.store(vec![self.draft(tenant, &to)], 0).await.0[0];
        let worker = self.stack.worker("send-email").expect("the function");
        until("the message to leave", || async {
            let soon = Instant::now() + Duration::from_secs(20);
            worker.handle(&[&Message::new(CommandId::new(), None).body()], soon).await;
            (self.run(id).await.state == "sent").then_some(())
        })
        .await;
        let mail = self.resend().accepted().into_iter().find(|mail| mail.to.iter().any(|one| one.contains(&to)));
        mail.expect("the mail").from.clone()
    }

    /// Nothing happened to the domain that its life did not expect.
    pub async fn nothing_unexpected(&self) {
        assert_eq!(self.count("history where outcome = 'unexpected'").await, 0);
    }
}
