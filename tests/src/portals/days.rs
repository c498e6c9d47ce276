//! Hostnames over hours and days.

use std::{collections::HashSet, time::Duration};

use serde_json::Value;
use tenantry_model::RunId;
use tenantry_standins::cluster::{Kind, Verb};
use time::OffsetDateTime;

use crate::{TestStack, wait::PATIENCE};

/// What any hostname or reconcile has to do.
#[derive(Debug, sqlx::FromRow)]
struct Work {
    /// Somebody is at it, or a timer has run out that nobody has heard of yet.
    busy: bool,
    /// When the next command is due, and when it is hinted at again.
    due: Option<OffsetDateTime>,
    hint: Option<OffsetDateTime>,
}

impl TestStack {
    /// Waits until nobody works for any hostname or reconcile. What is to be tried again later is tried now: the clock is turned to it.
    pub async fn calm(&self) {
        let mut last = None;
        let calm = async {
            loop {
                let now = self.db().clock().now();
                let work: Work = sqlx::query_as(
                    "with r as (select id from runs where kind like 'portal%'),
                          c as (select c.* from commands c join r on r.id = c.run_id where c.ended_at is null and c.role = 'command')
                     select exists (select from c where lease_token is not null)
                                or exists (select from timers t join r on r.id = t.run_id where t.due_at <= $1) as busy,
                            (select min(due_at) from c) as due, (select min(wake_at) from c) as hint",
                )
                .bind(now)
                .fetch_one(&self.sql)
                .await
                .expect("what there is to do");
                match (work.busy, work.due, work.hint) {
                    (false, None, _) => return,
                    (false, Some(due), hint) if due > now => {
                        self.pass((hint.map_or(due, |hint| hint.max(due)) - now).unsigned_abs())
                    }
                    _ => tokio::time::sleep(Duration::from_millis(5)).await,
                }
                last = Some(work);
            }
        };
        let calmed = tokio::time::timeout(PATIENCE, calm).await;
        assert!(calmed.is_ok(), "it does not come to rest: {last:?}");
    }

    /// So much time passes at once, and everything that follows is done.
    pub async fn later(&self, time: Duration) {
        self.calm().await;
        self.pass(time);
        self.calm().await;
    }

    /// The hostname's next timer runs out, and everything that follows is done.
    pub async fn next(&self, run: RunId) {
        self.calm().await;
        self.next_timer(run, None).await;
        self.calm().await;
    }

    /// Somebody asks to look now, and everything that follows is done.
    pub async fn refresh(&self, run: RunId) {
        self.signal(run, "refresh", serde_json::json!({ "by": "ada" })).await.expect("looked at");
        self.calm().await;
    }

    /// The hostname is removed, and everything that follows is done.
    pub async fn remove_portal(&self, run: RunId) {
        self.signal(run, "remove", serde_json::json!({ "by": "ada" })).await.expect("removed");
        self.calm().await;
    }

    /// The state of the life, the word that people are shown, and what the tenant is told.
    pub async fn stands(&self, run: RunId) -> (String, String, String) {
        let (state, result) = (self.run(run).await.state, self.portal(run).await.result);
        let text = |name: &str| result[name].as_str().expect("a text").to_owned();
        (state, text("status"), text("message"))
    }

    /// One of the three axes.
    pub async fn axis(&self, run: RunId, axis: &str) -> String {
        self.portal(run).await.result["axes"][axis].as_str().expect("an axis").to_owned()
    }

    /// What the operators were told of the hostname, the oldest first.
    pub async fn operators_told(&self, run: RunId) -> Vec<String> {
        let told: Vec<Value> =
            sqlx::query_scalar("select command from commands where run_id = $1 and name = 'OperatorAsked' order by id")
                .bind(run.0)
                .fetch_all(&self.sql)
                .await
                .expect("notices");
        told.iter().map(|told| format!("{} {}", told["with"]["title"], told["with"]["text"])).collect()
    }

    /// What a visitor gets at a hostname: the status and where it is sent; none: no answer with a certificate that it trusts.
    pub async fn visit(&self, host: &str) -> Option<u16> {
        let port = self.cluster().gateway_https().port();
        let answer = self.visitor(host).get(format!("https://{host}:{port}/client-portal/dashboard")).send().await;
        answer.ok().map(|answer| answer.status().as_u16())
    }

    /// What of these hostnames is there: in the cluster or in the repository.
    pub fn left_of(&self, runs: &[RunId]) -> Vec<String> {
        let kinds = [Kind::Certificate, Kind::Gateway, Kind::VirtualService];
        let objects = kinds.into_iter().flat_map(|kind| runs.iter().map(move |run| self.object(*run, kind)));
        let there = objects.filter(|key| self.cluster().get(key).is_some()).map(|key| format!("{key:?}"));
        // Before the first commit there is no branch.
        let branch = self.git(&["for-each-ref", "refs/heads/main"]);
        let files = if branch.is_empty() { branch } else { self.git(&["ls-tree", "-r", "--name-only", "main"]) };
        let names: Vec<String> = runs.iter().map(|run| format!("portal-{}", run.0.simple())).collect();
        let in_git = files.lines().filter(|file| {
            let text = self.git(&["show", &format!("main:{file}")]);
            names.iter().any(|name| text.contains(name))
        });
        there.chain(in_git.map(str::to_owned)).collect()
    }

    /// At no moment until now two of these hostnames, which are one name, were routed at once; and one holder at most there is.
    pub async fn one_at_a_time(&self, host: &str) {
        let runs: Vec<uuid::Uuid> = sqlx::query_scalar("select id from portal_domains where domain = $1")
            .bind(host)
            .fetch_all(&self.sql)
            .await
            .expect("rows");
        let holders: i64 = sqlx::query_scalar(
            "select count(*) from portal_domains where domain = $1 and (holds or serves or retired or active)",
        )
        .bind(host)
        .fetch_one(&self.sql)
        .await
        .expect("a count");
        assert!(holders <= 1, "{holders} have {host}");
        let names: HashSet<String> = runs.iter().map(|run| format!("portal-{}", run.simple())).collect();
        for kind in [Kind::VirtualService, Kind::Gateway, Kind::Certificate] {
            let mut there = HashSet::new();
            for write in self.cluster().journal() {
                if write.key.kind != kind || !names.contains(&write.key.name) {
                    continue;
                }
                match write.verb {
                    Verb::Delete => there.remove(&write.key.name),
                    _ => there.insert(write.key.name.clone()),
                };
                assert!(there.len() <= 1, "two of {kind:?} for {host} at {write:?}: {there:?}");
            }
        }
    }
}
