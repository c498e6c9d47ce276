//! Reconciles by hand, many hostnames at once, and a second hand in the repository.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use local::Run;
use reconcile_cluster::{Parts, Reconciles, reconcile::LOCK};
use tempfile::TempDir;
use tenantry_model::{CommandId, Fault, RunId, TenantId};
use tenantry_runtime::{
    Job, Operation as _,
    config::{self, Environment, Reader},
};
use tenantry_standins::cluster::{Kind, Verb};
use tenantry_store::{Exclusive, portal};
use tenantry_workflows::portal_sync::{Carry, Command, Event};
use time::OffsetDateTime;

use super::git;
use crate::{TestStack, wait::until};

/// [`super::PORTALS`], where nobody listens for the API.
pub const BY_HAND: [(&str, &str); 5] = {
    let [one, two, three, four] = super::PORTALS;
    [one, two, three, four, ("PUBLIC_URL", "http://127.0.0.1:1")]
};
/// Nobody works.
pub const NOBODY: Run = Run { workers: false, sweeper: false, api: false };
/// Everything is done: committed, pushed, applied, pruned.
pub const WHOLE: Carry = Carry { commit: true, pull_request: false, apply: true };
/// Longer than it takes for a hundred hostnames on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// What a reconcile brings back; none: somebody else is at work.
pub type Performed = <Reconciles as tenantry_runtime::Operation>::Seen;

impl TestStack {
    /// What a reconcile works with, in a process that has just started, with settings of its own besides those of the stack.
    pub async fn reconciler(&self, settings: &[(&'static str, &str)]) -> Arc<Parts> {
        let own: Vec<(&str, String)> = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let stack = self.stack.environment.clone();
        let environment = Environment::new(move |name| {
            let own = own.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
            own.or_else(|| stack.get(name))
        });
        let mut read = Reader::new(environment);
        let settings = config::portal_cluster(&mut read).await;
        read.finish().expect("settings");
        Parts::new(settings).expect("a repository")
    }

    /// Reconciles in the world, and writes nothing down: what is left when a process dies right after.
    pub async fn perform(&self, parts: &Arc<Parts>, carry: Carry, released: Option<&str>) -> Result<Performed, Fault> {
        let (operation, job) = self.reconcile_job(parts).await;
        let command = Command::Reconcile { carry, released: released.map(str::to_owned) };
        operation.perform(&job, &command).await
    }

    /// Reconciles, and writes down what was done.
    pub async fn reconcile(&self, parts: &Arc<Parts>, carry: Carry, released: Option<&str>) -> Event {
        let (operation, job) = self.reconcile_job(parts).await;
        let command = Command::Reconcile { carry, released: released.map(str::to_owned) };
        let seen = operation.perform(&job, &command).await.expect("a reconcile");
        let mut tx = self.db().begin().await.expect("a transaction");
        let event = operation.record(&mut tx, &job, &command, &seen).await.expect("rows");
        tx.commit().await.expect("a commit");
        if event != Event::Busy {
            // The right goes with a connection, and that is closed when the server says so.
            drop(seen);
            drop(self.nobody_reconciles().await);
        }
        event
    }

    async fn reconcile_job(&self, parts: &Arc<Parts>) -> (Reconciles, Job) {
        let mut tx = self.db().begin().await.expect("a transaction");
        portal::stand(&mut tx, Duration::from_secs(900), self.db().timing()).await.expect("a standing run");
        let standing = portal::standing_run(&mut tx).await.expect("rows").expect("a standing run");
        tx.commit().await.expect("a commit");
        let job =
            Job { run: standing, tenant: None, command: CommandId::new(), attempt: 1, now: self.db().clock().now() };
        (Reconciles { db: self.db().clone(), parts: Arc::clone(parts) }, job)
    }

    /// So many tenants with a hostname each that is wanted in the cluster, without lives. Everything about them is the same each time.
    pub async fn wanted_portals(&self, number: u32) -> Vec<RunId> {
        self.portals_from(1, number).await
    }

    /// The same, from the one with this number on.
    pub async fn portals_from(&self, first: u32, number: u32) -> Vec<RunId> {
        let rows: Vec<uuid::Uuid> = sqlx::query_scalar(
            "with n as (select n, lpad(n::text, 5, '0') as name, lpad(n::text, 12, '0') as tail from generate_series($3, $3 + $1 - 1) n),
                  t as (
                 insert into tenants (id, run_id, name, slug, email, contract_line, status, portal_host, created_at, updated_at, activated_at)
                 select ('00000000-0000-7000-8000-' || tail)::uuid, ('00000000-0000-7000-8000-' || tail)::uuid, 'Host ' || n, 'host-' || name,
                        'admin@host-' || name || '.example', 'standard', 'active', 'host-' || name || '.portal.tenantry.test', $2, $2, $2
                 from n returning id),
                  r as (
                 insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, result, life, started_by, started_at,
                                   updated_at)
                 select ('00000000-0000-7000-9000-' || tail)::uuid, 'portal_domain', ('00000000-0000-7000-8000-' || tail)::uuid, 1, 1, 1,
                        'active', 'running', 'active', 100, '{}', '{}', 'test', $2, $2
                 from n returning id)
             insert into portal_domains (id, tenant_id, domain, canonical_host, token, secret_name, holds, serves, revision, wished_at,
                                         created_by, created_at)
             select ('00000000-0000-7000-9000-' || tail)::uuid, ('00000000-0000-7000-8000-' || tail)::uuid, 'portal.host-' || name || '.test',
                    'host-' || name || '.portal.tenantry.test', 'token-of-a-hostname-in-a-test-' || tail,
                    'portal-domain-host-' || name, true, true, 1, $2, 'test', $2
             from n, (select count(*) from t) t, (select count(*) from r) r returning id",
        )
        .bind(i32::try_from(number).expect("a number"))
        .bind(self.db().clock().now())
        .bind(i32::try_from(first).expect("a number"))
        .fetch_all(&self.sql)
        .await
        .expect("hostnames");
        rows.into_iter().map(RunId).collect()
    }

    /// These hostnames are not wanted any more, and their rows say so.
    pub async fn retire_portals(&self, runs: &[RunId]) {
        let ids: Vec<uuid::Uuid> = runs.iter().map(|run| run.0).collect();
        sqlx::query(
            "update portal_domains set serves = false, active = false, retired = true, revision = revision + 1
             where id = any($1) and serves",
        )
        .bind(ids)
        .execute(&self.sql)
        .await
        .expect("retired");
    }

    /// The rows of these hostnames are gone, with all that depends on them: as after a database was restored.
    pub async fn lose_portals(&self, runs: &[RunId]) {
        let ids: Vec<uuid::Uuid> = runs.iter().map(|run| run.0).collect();
        let mut tx = self.sql.begin().await.expect("a transaction");
        for statement in [
            "delete from portal_objects where domain_id = any($1)",
            "delete from certificate_orders where domain_id = any($1)",
            "delete from portal_domains where id = any($1)",
        ] {
            sqlx::query(statement).bind(&ids).execute(&mut *tx).await.expect("deleted");
        }
        tx.commit().await.expect("a commit");
    }

    /// Takes the right to reconcile, so that everybody waits.
    pub async fn nobody_reconciles(&self) -> Exclusive {
        until("the right to reconcile", || async { self.db().exclusive(LOCK).await.expect("the database") }).await
    }

    /// The connection that holds the right to reconcile is ended by the database; false where nobody holds it.
    pub async fn break_the_lock(&self) -> bool {
        let ended: Vec<bool> = sqlx::query_scalar(
            "select pg_terminate_backend(l.pid) from pg_locks l, hashtextextended('exclusive:' || $1, 0) as k(key)
             where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
               and l.database = (select oid from pg_database where datname = current_database())
               and ((l.classid::bigint << 32) | l.objid::bigint) = k.key",
        )
        .bind(LOCK)
        .fetch_all(&self.sql)
        .await
        .expect("the database");
        let broken = ended == [true];
        // It is over when nobody holds it.
        drop(self.nobody_reconciles().await);
        broken
    }

    /// Tenants set a hostname each, `portal.acme-N.test` from `first` on, and point them here; nothing is awaited.
    pub async fn set_and_point(&self, tenants: &[TenantId], first: usize) -> Vec<RunId> {
        let mut runs = Vec::new();
        for (tenant, n) in tenants.iter().zip(first..) {
            let run = self.set_portal(*tenant, &format!("portal.acme-{n}.test")).await;
            self.point(run).await;
            runs.push(run);
        }
        runs
    }

    /// Waits until all these hostnames are in this state. Time passes only when nobody works for any that is not.
    pub async fn portals_in(&self, runs: &[RunId], state: &str) {
        let ids: Vec<uuid::Uuid> = runs.iter().map(|run| run.0).collect();
        let began = Instant::now();
        loop {
            let now = self.db().clock().now();
            let (left, busy, due): (i64, bool, Option<OffsetDateTime>) = sqlx::query_as(
                "with r as (select id from runs where id = any($1) and state <> $2),
                      c as (select due_at, wake_at, lease_until, attempt from commands
                            where run_id in (select id from r) and ended_at is null and role = 'command')
                 select (select count(*) from r),
                        exists (select from c where (due_at <= $3 and attempt = 0) or lease_until is not null),
                        (select min(at) from (select due_at as at from timers where run_id in (select id from r)
                                              union all select greatest(due_at, wake_at) from c) due)",
            )
            .bind(&ids)
            .bind(state)
            .bind(now)
            .fetch_one(&self.sql)
            .await
            .expect("where they are");
            if left == 0 {
                return;
            }
            if let Some(due) = due.filter(|due| !busy && *due > now) {
                self.pass((due - now).unsigned_abs());
            }
            if began.elapsed() > LONG {
                let states: Vec<(String, i64, Option<String>)> = sqlx::query_as(
                    "select state, count(*), max(error ->> 'message') from runs where id = any($1) group by 1",
                )
                .bind(&ids)
                .fetch_all(&self.sql)
                .await
                .expect("states");
                panic!("they are {states:?}, not all {state}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Time passes until the next thing is due for the run: a timer, or a command that is tried again.
    pub async fn hurry(&self, run: RunId) {
        let due: Option<OffsetDateTime> = sqlx::query_scalar(
            "select min(at) from (
                 select due_at as at from timers where run_id = $1
                 union all
                 select case when lease_until is null then greatest(due_at, wake_at) end from commands
                 where run_id = $1 and ended_at is null and role = 'command') due",
        )
        .bind(run.0)
        .fetch_one(&self.sql)
        .await
        .expect("what is due next");
        let now = self.db().clock().now();
        if let Some(due) = due.filter(|due| *due > now) {
            self.pass((due - now).unsigned_abs());
        }
    }

    /// Waits until nobody works for a run.
    pub async fn quiet(&self, run: RunId) {
        until("the run to rest", || async {
            let open: i64 = sqlx::query_scalar(
                "select count(*) from commands where run_id = $1 and ended_at is null and role = 'command'",
            )
            .bind(run.0)
            .fetch_one(&self.sql)
            .await
            .expect("commands");
            (open == 0).then_some(())
        })
        .await;
    }

    /// The standing reconcile takes a whole turn now; says where it is afterwards.
    pub async fn turn(&self) -> String {
        let standing = self.standing().await;
        self.quiet(standing).await;
        self.signal(standing, "refresh", serde_json::json!({ "by": "test" })).await.expect("told");
        self.quiet(standing).await;
        self.run(standing).await.state
    }

    /// What operators were told of a run, oldest first.
    pub async fn operators_heard(&self, run: RunId) -> Vec<String> {
        sqlx::query_scalar(
            "select command -> 'with' ->> 'title' || ': ' || (command -> 'with' ->> 'text') from commands
             where run_id = $1 and role = 'notice' and name = 'OperatorAsked' order by created_at, id",
        )
        .bind(run.0)
        .fetch_all(&self.sql)
        .await
        .expect("notices")
    }

    /// How often all objects were listed.
    pub fn lists(&self) -> usize {
        self.cluster().count(Verb::List, Kind::Gateway)
    }

    /// How many objects were applied.
    pub fn applies(&self) -> usize {
        [Kind::Certificate, Kind::Gateway, Kind::VirtualService]
            .map(|kind| self.cluster().count(Verb::Apply, kind))
            .iter()
            .sum()
    }

    /// How many objects of hostnames there are.
    pub fn objects(&self) -> usize {
        [Kind::Certificate, Kind::Gateway, Kind::VirtualService]
            .map(|kind| self.cluster().list(kind).len())
            .iter()
            .sum()
    }

    /// The subjects of the branch, newest first.
    pub fn subjects(&self, branch: &str) -> Vec<String> {
        let there = self.git(&["for-each-ref", &format!("refs/heads/{branch}")]);
        if there.is_empty() {
            return Vec::new();
        }
        self.git(&["log", "--format=%s", branch]).lines().map(str::to_owned).collect()
    }

    /// Somebody else clones the repository and commits these files; nothing is pushed yet.
    pub fn other_clone(&self, files: &[(&str, &str)]) -> TempDir {
        let work = TempDir::new().expect("a folder");
        git(work.path(), &["clone", "-q", &self.repository().to_string_lossy(), "."]);
        git(work.path(), &["checkout", "-q", "-B", "main"]);
        for (path, text) in files {
            let file = work.path().join(path);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(file, text).expect("a file");
        }
        git(work.path(), &["add", "-A"]);
        let who = ["-c", "user.name=Other", "-c", "user.email=other@example.com"];
        git(work.path(), &[&who[..], &["commit", "-q", "-m", "other"]].concat());
        work
    }

    /// Somebody else changes files and pushes.
    pub fn other_pushes(&self, files: &[(&str, &str)]) {
        git(self.other_clone(files).path(), &["push", "-q", "origin", "main"]);
    }

    /// A hook of the repository's server.
    pub fn hook(&self, name: &str, script: &str) {
        let path = self.repository().join("hooks").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a hook");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a hook");
    }

    /// It is not asked any more.
    pub fn unhook(&self, name: &str) {
        std::fs::remove_file(self.repository().join("hooks").join(name)).expect("the hook");
    }

    /// The next push is overtaken by one of somebody else: right after we looked, and before ours lands.
    pub fn overtake(&self, other: &Path) {
        let (once, other) = (self.repository().join("overtaken"), other.display());
        let push = format!("env -i PATH=\"$PATH\" HOME=\"$HOME\" git -C '{other}' push -q origin main >&2");
        self.hook("pre-receive", &format!("[ -e '{once}' ] && exit 0\ntouch '{once}'\n{push}", once = once.display()));
    }
}
