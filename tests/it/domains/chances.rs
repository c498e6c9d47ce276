//! Three tenants and two names, and everything that may happen to them in an order that a seed draws; after each step, what must be true.

use std::time::{Duration, Instant};

use fastrand::Rng;
use futures::future::join_all;
use local::Run;
use serde_json::json;
use tenantry_model::{RunId, TenantId};
use tenantry_runtime::Message;
use tenantry_standins::{
    dns,
    resend::{Fault, Route, Rule, Status},
};
use tenantry_store::runs::{self, TaskFilter, TaskRow};
use tenantry_tests::{
    TestStack,
    domains::by_hand::{BY_HAND, How, LEASE, Open},
    wait::until,
};

const SEEDS: std::ops::Range<u64> = 1..4;
const STEPS: usize = 150;
/// As many as a test's stack has.
const CONNECTIONS: usize = 5;
/// Rounds in which everything behaves, until the last domain is gone.
const MOST_ROUNDS: usize = 300;
const ZONE: &str = "acme.test";
const NAMES: [&str; 2] = ["mail.acme.test", "acme.test"];
const ROUTES: [Route; 5] =
    [Route::ListDomains, Route::CreateDomain, Route::GetDomain, Route::VerifyDomain, Route::DeleteDomain];
const NOBODY: Run = Run { workers: false, sweeper: false, api: false };

/// What must be true at every moment: a sentence, and a query that finds where it is not.
const ALWAYS: [(&str, &str); 6] = [
    (
        "whoever sends has the name at the provider, and was proven",
        "select d.id::text from email_domains d where d.sends
           and (d.verified_at is null or not exists (select from provider_domains p where p.domain_id = d.id and p.clear))",
    ),
    ("what is over holds nothing at the provider", "select p.name from provider_domains p join email_domains d on d.id = p.domain_id where d.released_at is not null"),
    (
        "nobody's settings name a domain that does not send",
        "select s.custom_domain from tenant_email_settings s where s.domain_verified
           and not exists (select from email_domains d where d.tenant_id = s.tenant_id and d.name = s.custom_domain and d.sends)",
    ),
    (
        "every life has something that moves it on, and what is over has nothing",
        "select r.id::text || ' in ' || r.state from runs r where r.kind = 'email_domain'
           and (r.ended_at is null) <> (exists (select from commands c where c.run_id = r.id and c.ended_at is null and c.role = 'command')
                or exists (select from timers t where t.run_id = r.id) or exists (select from tasks k where k.run_id = r.id and k.ended_at is null))",
    ),
    ("nothing unexpected happened", "select run_id::text || ' ' || name || ' in ' || from_state from history where outcome = 'unexpected'"),
    (
        "a life that is over is released, and no other is but one that is about to be over",
        "select r.id::text || ' in ' || r.state from runs r join email_domains d on d.id = r.id
         where r.state = 'deactivated' and d.released_at is null
            or r.state not in ('deleting', 'deactivated') and d.released_at is not null",
    ),
];

struct World {
    stack: TestStack,
    tenants: Vec<TenantId>,
    runs: Vec<RunId>,
    rng: Rng,
    did: Vec<String>,
}

impl World {
    async fn new(seed: u64) -> Self {
        let stack = TestStack::with(&BY_HAND, NOBODY).await;
        stack.dns().add_zone(ZONE).unwrap();
        let tenants = stack.tenants(3).await;
        // One of them sends from a name already: there is something to lose.
        let runs = vec![stack.verify_by_hand(tenants[0], NAMES[0], ZONE).await];
        Self { stack, tenants, runs, rng: Rng::with_seed(seed), did: vec![format!("seed {seed}")] }
    }

    fn did(&mut self, what: String) {
        self.did.push(what);
    }

    /// Commands that may be worked, of all domains.
    async fn open(&self) -> Vec<Open> {
        let mut open = Vec::new();
        for run in &self.runs {
            open.extend(self.stack.open(*run).await);
        }
        open
    }

    async fn step(&mut self) {
        match self.rng.u32(0..100) {
            0..6 => self.somebody_adds().await,
            6..20 => self.somebody_publishes().await,
            20..23 => self.somebody_withdraws(),
            23..31 => self.somebody_speaks().await,
            31..80 => self.somebody_works().await,
            80..89 => self.time_passes().await,
            89..93 => self.somebody_answers().await,
            93..95 => self.the_provider_changes(),
            95..98 => self.the_provider_falters(),
            _ => self.the_dns_falters(),
        }
    }

    async fn somebody_adds(&mut self) {
        let (tenant, name) = (self.rng.usize(0..self.tenants.len()), NAMES[self.rng.usize(0..NAMES.len())]);
        let run = self.stack.add_domain(self.tenants[tenant], name).await;
        if !self.runs.contains(&run) {
            self.runs.push(run);
        }
        self.did(format!("tenant {tenant} adds {name}: {run}"));
    }

    async fn somebody_publishes(&mut self) {
        let Some(run) = self.rng.choice(self.runs.clone()) else { return };
        let mut wanted = self.stack.wanted(run).await;
        let beside = self.rng.bool();
        if beside && !wanted.is_empty() {
            let own = wanted.remove(0);
            self.stack.dns().add(&own.name, "TXT", 300, &own.value).unwrap();
        }
        self.stack.publish(ZONE, &wanted);
        self.did(format!("{run} is published, beside others: {beside}"));
    }

    fn somebody_withdraws(&mut self) {
        let name = NAMES[self.rng.usize(0..NAMES.len())];
        let prefix = ["_tenantry", "resend._domainkey", "send"][self.rng.usize(0..3)];
        self.stack.dns().remove(&format!("{prefix}.{name}"), "TXT").unwrap();
        self.did(format!("{prefix}.{name} is withdrawn"));
    }

    async fn somebody_speaks(&mut self) {
        let Some(run) = self.rng.choice(self.runs.clone()) else { return };
        let word = ["dnsConfigured", "dnsConfigured", "refreshStatus", "refreshStatus", "remove"][self.rng.usize(0..5)];
        let heard = self.stack.signal(run, word, json!({ "by": "ada" })).await;
        assert!(matches!(heard, Ok(()) | Err(tenantry_store::StoreError::Deaf(_))), "{heard:?}");
        self.did(format!("{run} hears {word}"));
    }

    async fn somebody_works(&mut self) {
        let Some(open) = self.rng.choice(self.open().await) else { return };
        let how = self.rng.u32(0..10);
        self.did(format!("{} of {:?}, way {how}", open.name, open.id));
        let (stack, body) = (&self.stack, Message::new(open.id.into(), None).body());
        match how {
            0..5 => stack.work(&open, How::Alone).await,
            5 => stack.work(&open, How::Twice).await,
            6 => stack.work(&open, How::AfterADeath).await,
            // It dies at any moment.
            7 | 8 => {
                let (worker, told) = (stack.fresh(&open.performer).await, [body.as_str()]);
                let moment = Duration::from_micros(self.rng.u64(0..40_000));
                let _ = tokio::time::timeout(moment, worker.handle(&told, Instant::now())).await;
                stack.pass(LEASE);
            }
            // Every connection is cut meanwhile.
            _ => {
                let (worker, told) = (stack.fresh(&open.performer).await, [body.as_str()]);
                tokio::join!(worker.handle(&told, Instant::now()), self.cut());
                self.answers().await;
                stack.pass(LEASE);
            }
        }
    }

    /// Cuts every connection, as a restart does, and waits until they are gone.
    async fn cut(&self) {
        let cut: Vec<(i32, bool)> = sqlx::query_as(
            "select pid, pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        )
        .fetch_all(&self.stack.sql)
        .await
        .unwrap();
        let cut: Vec<i32> = cut.into_iter().map(|(pid, _)| pid).collect();
        until("the connections to go", || async {
            let left: i64 = sqlx::query_scalar("select count(*) from pg_stat_activity where pid = any($1)")
                .bind(&cut)
                .fetch_one(&self.stack.sql)
                .await
                .ok()?;
            (left == 0).then_some(())
        })
        .await;
    }

    /// The pool has noticed which of its connections are gone.
    async fn answers(&self) {
        until("every connection to answer", || async {
            let all = join_all((0..CONNECTIONS).map(|_| self.stack.db().begin())).await;
            all.iter().all(Result::is_ok).then_some(())
        })
        .await;
    }

    async fn time_passes(&mut self) {
        let hours = [0, 1, 6, 24, 48][self.rng.usize(0..5)];
        self.stack.pass(Duration::from_secs(600 + 3600 * hours));
        self.stack.fire().await;
        self.did(format!("{hours} hours pass"));
    }

    async fn tasks(&self) -> Vec<TaskRow> {
        let filter = TaskFilter { status: Some("open".into()), limit: 100, ..TaskFilter::default() };
        let mut tx = self.stack.db().begin().await.unwrap();
        runs::tasks(&mut tx, &filter).await.unwrap()
    }

    async fn somebody_answers(&mut self) {
        let Some(task) = self.rng.choice(self.tasks().await) else { return };
        let choices = task.schema["properties"]["action"]["oneOf"].as_array().unwrap().clone();
        let action = choices[self.rng.usize(0..choices.len())]["const"].clone();
        self.did(format!("{} of {} is answered {action}", task.name, task.run));
        self.stack.answer(task.run, json!({ "action": action })).await;
    }

    fn the_provider_changes(&mut self) {
        let name = NAMES[self.rng.usize(0..NAMES.len())];
        let lost = self.rng.bool();
        let was = if lost {
            self.stack.resend().remove_domain(name)
        } else {
            self.stack.resend().finish_verification(name, Status::Failed)
        };
        self.did(format!("the provider changes {name}, lost: {lost}, was there: {was}"));
    }

    fn the_provider_falters(&mut self) {
        let faults =
            [Fault::Reset, Fault::Error(500, "application_error".into()), Fault::RateLimited(1), Fault::Garbage];
        let rule = Rule::on(ROUTES[self.rng.usize(0..ROUTES.len())], faults[self.rng.usize(0..faults.len())].clone());
        let rule = if self.rng.bool() { rule.after() } else { rule };
        self.did(format!("the provider: {rule:?}"));
        if self.rng.bool() {
            self.stack.resend().behave();
        } else {
            self.stack.resend().misbehave(self.rng.u64(..), [rule.with_probability(0.7)]);
        }
    }

    fn the_dns_falters(&mut self) {
        let rule = match self.rng.u32(0..4) {
            0 => Some(dns::Rule::below(".", dns::Fault::ServFail)),
            1 => Some(dns::Rule::below(ZONE, dns::Fault::Refused).of("TXT")),
            _ => None,
        };
        self.did(format!("the DNS: {rule:?}"));
        self.stack.dns().misbehave(rule);
    }

    async fn holds(&self) {
        for (sentence, query) in ALWAYS {
            let broken: Vec<String> = sqlx::query_scalar(query).fetch_all(&self.stack.sql).await.unwrap();
            assert!(broken.is_empty(), "{sentence}: {broken:?}, after:\n{}", self.did.join("\n"));
        }
        for domain in self.stack.resend().domains() {
            let wanted: bool =
                sqlx::query_scalar("select exists (select from email_domains where name = $1 and released_at is null)")
                    .bind(&domain.name)
                    .fetch_one(&self.stack.sql)
                    .await
                    .unwrap();
            assert!(wanted, "{} is nobody's at the provider, after:\n{}", domain.name, self.did.join("\n"));
        }
    }

    /// Everything behaves, everybody leaves: nothing remains.
    async fn ends(&mut self) {
        self.stack.resend().behave();
        self.stack.dns().behave();
        for round in 0..MOST_ROUNDS {
            let mut left = 0;
            for run in self.runs.clone() {
                let row = self.stack.run(run).await;
                if row.state == "deactivated" {
                    continue;
                }
                left += 1;
                if round == 0 {
                    self.stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
                }
                self.stack.settle(run).await;
            }
            self.holds().await;
            if left == 0 {
                break;
            }
            self.stack.pass(Duration::from_secs(600));
        }
        let still: Vec<String> = sqlx::query_scalar(
            "select id::text || ' in ' || state from runs where kind = 'email_domain' and ended_at is null",
        )
        .fetch_all(&self.stack.sql)
        .await
        .unwrap();
        assert!(still.is_empty(), "{still:?} never went, after:\n{}", self.did.join("\n"));
        assert!(self.stack.resend().domains().is_empty(), "the provider has none");
        assert_eq!(self.stack.count("provider_domains").await, 0);
        assert_eq!(self.stack.count("tenant_email_settings where tier <> 'platform' or domain_verified").await, 0);
    }
}

#[tokio::test]
async fn whatever_happens_in_whatever_order_a_name_is_its_owners_and_nothing_is_left_behind() {
    for seed in SEEDS {
        let mut world = World::new(seed).await;
        for _ in 0..STEPS {
            world.step().await;
            world.holds().await;
        }
        world.ends().await;
    }
}
