//! Sending domains, without the API between.

use std::time::Duration;

use tenantry_dns::{RecordType, Wanted};
use tenantry_model::{RunId, TenantId};
use tenantry_standins::{dns::Dns, resend::Resend};
use tenantry_store::{
    domains::{self, Added, DomainRow, NewDomain},
    runs::RunRow,
};
use tenantry_workflows::email_domain::Data;

use crate::{TestStack, wait::until};

pub mod by_hand;

/// Settings of a stack whose mail goes by Resend's stand-in, and whose tenants may bring domains.
pub const DOMAINS: [(&str, &str); 4] = [
    ("EMAIL_PROVIDER", "resend"),
    ("EDITION", "enterprise"),
    ("EMAIL_DOMAIN_TEST_NAMES", "true"),
    ("EMAIL_DOMAIN_COOL_DOWN_DAYS", "7"),
];

impl TestStack {
    /// Resend's stand-in.
    pub fn resend(&self) -> &Resend {
        &self.parts.resend.as_ref().expect("Resend's stand-in").resend
    }

    /// The name server in which it looks, and we do.
    pub fn dns(&self) -> &Dns {
        &self.parts.resend.as_ref().expect("the DNS stand-in").dns
    }

    /// A tenant adds a domain; nothing is awaited.
    pub async fn add_domain(&self, tenant: TenantId, name: &str) -> RunId {
        let hour = Duration::from_secs(3600);
        let new = NewDomain {
            data: Data::new(tenant, name.parse().expect("a domain"), hour, Duration::ZERO),
            mailbox: "noreply".to_owned(),
            region: None,
            token: uuid::Uuid::new_v4().simple().to_string(),
            by: "test".to_owned(),
            trace: None,
        };
        let mut tx = self.db().begin().await.expect("a transaction");
        let added = domains::add_domain(&mut tx, &new, self.db().timing()).await.expect("added");
        tx.commit().await.expect("a commit");
        match added {
            Added::New(run, hints) => {
                self.hint(hints).await;
                run
            }
            Added::Existing(run) => run,
        }
    }

    /// A tenant adds a domain, and is told what to publish.
    pub async fn bring(&self, tenant: TenantId, name: &str) -> RunId {
        let run = self.add_domain(tenant, name).await;
        self.domain_in(run, "awaiting_dns").await;
        run
    }

    /// The domain as people read it.
    pub async fn domain(&self, run: RunId) -> DomainRow {
        let mut tx = self.db().begin().await.expect("a transaction");
        domains::domain(&mut tx, run).await.expect("the domain")
    }

    /// What the domain's owner is to publish now.
    pub async fn wanted(&self, run: RunId) -> Vec<Wanted> {
        serde_json::from_value(self.domain(run).await.wanted).expect("records")
    }

    /// Publishes records in the zone that holds them; the zone is made where there is none.
    pub fn publish(&self, zone: &str, records: &[Wanted]) {
        self.dns().add_zone(zone).expect("a zone");
        for record in records {
            let value = match (record.kind, record.priority) {
                (RecordType::Mx, Some(priority)) => format!("{priority} {}", record.value),
                _ => record.value.clone(),
            };
            self.dns().set(&record.name, &record.kind.to_string(), 300, [value]).expect("a record");
        }
    }

    /// Publishes everything, says so, and waits until mail leaves from it.
    pub async fn verify_domain(&self, run: RunId, zone: &str) {
        self.publish(zone, &self.wanted(run).await);
        self.signal(run, "dnsConfigured", serde_json::json!({})).await.expect("told");
        self.domain_in(run, "verified").await;
    }

    /// When nobody works for the run, its next timer runs out; when it stands in `but` by now, nothing happens.
    pub(crate) async fn next_timer(&self, run: RunId, but: Option<&str>) {
        let (busy, due): (bool, Option<time::OffsetDateTime>) = sqlx::query_as(
            "select exists (select from commands where run_id = $1 and ended_at is null and role = 'command')
                        or exists (select from runs where id = $1 and state = $2),
                    (select min(due_at) from timers where run_id = $1)",
        )
        .bind(run.0)
        .bind(but)
        .fetch_one(&self.sql)
        .await
        .expect("what it waits for");
        let now = self.db().clock().now();
        if let Some(due) = due.filter(|due| !busy && *due > now) {
            self.pass((due - now).unsigned_abs());
        }
    }

    /// Waits until the domain is in this state of its life. Time passes meanwhile, from one of its timers to the next.
    pub async fn domain_in(&self, run: RunId, state: &str) -> RunRow {
        let what = format!("the domain to be {state}");
        let found = until(&what, || async {
            let row = self.run(run).await;
            if row.state == state {
                return Some(row);
            }
            self.next_timer(run, Some(state)).await;
            None
        });
        tokio::select! {
            row = found => row,
            () = tokio::time::sleep(crate::wait::PATIENCE - Duration::from_secs(1)) => {
                let row = self.run(run).await;
                let history: Vec<String> = self.history(run).await.iter().map(|line| format!("\n  {line:?}")).collect();
                let report = self.domain(run).await.report;
                panic!("it is {}, not {state}; error {:?}; report {report:?}; history:{}", row.state, row.error, history.concat());
            }
        }
    }
}
