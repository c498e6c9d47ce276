//! Hostnames of portals, without the API between.

use std::{path::Path, process::Command, time::Duration};

use tenantry_model::{RunId, TenantId};
use tenantry_standins::cluster::{Cluster, Key, Kind};
use tenantry_store::{
    portal::{self, Added, NewPortal, PortalRow},
    runs::RunRow,
};
use tenantry_workflows::portal_domain::Data;

use crate::{TestStack, wait::until};

pub mod by_hand;
pub mod days;

/// Settings of a stack whose tenants may set hostnames for their portals, in a cluster and a repository of its own.
pub const PORTALS: [(&str, &str); 4] = [
    ("EMAIL_PROVIDER", "resend"),
    ("EDITION", "enterprise"),
    ("PORTAL_DOMAIN_CONFIRM_SECONDS", "300"),
    ("PORTAL_DOMAIN_SETTLE_MILLISECONDS", "50"),
];

impl TestStack {
    /// The cluster's stand-in.
    pub fn cluster(&self) -> &Cluster {
        &self.parts.cluster.as_ref().expect("the cluster's stand-in").cluster
    }

    /// The bare repository that manifests are pushed to.
    pub fn repository(&self) -> &Path {
        &self.parts.cluster.as_ref().expect("the repository").repository
    }

    /// What real git says about the repository.
    pub fn git(&self, arguments: &[&str]) -> String {
        git(self.repository(), arguments)
    }

    /// A tenant sets a hostname; nothing is awaited.
    pub async fn set_portal(&self, tenant: TenantId, domain: &str) -> RunId {
        let new = NewPortal {
            data: Data::new(tenant, domain.parse().expect("a hostname"), Duration::ZERO),
            token: uuid::Uuid::new_v4().simple().to_string(),
            by: "test".to_owned(),
            trace: None,
        };
        let mut tx = self.db().begin().await.expect("a transaction");
        let added = portal::add_portal(&mut tx, &new, self.db().timing()).await.expect("set");
        tx.commit().await.expect("a commit");
        match added {
            Added::New(run, hints) => {
                self.hint(hints).await;
                run
            }
            Added::Existing(run) => run,
        }
    }

    /// The hostname as people read it.
    pub async fn portal(&self, run: RunId) -> PortalRow {
        let mut tx = self.db().begin().await.expect("a transaction");
        portal::portal(&mut tx, run).await.expect("the hostname")
    }

    /// The word that people are shown.
    pub async fn portal_status(&self, run: RunId) -> String {
        self.portal(run).await.result["status"].as_str().expect("a status").to_owned()
    }

    /// Creates the CNAME that the tenant is asked for; the zone is made where there is none.
    pub async fn point(&self, run: RunId) {
        let row = self.portal(run).await;
        self.point_to(&row.domain, &row.canonical_host);
    }

    /// Creates a CNAME.
    pub fn point_to(&self, domain: &str, target: &str) {
        let zone = domain.rsplitn(3, '.').take(2).collect::<Vec<_>>();
        self.dns().add_zone(&format!("{}.{}", zone[1], zone[0])).expect("a zone");
        self.dns().set(domain, "CNAME", 300, [format!("{target}.")]).expect("a record");
    }

    /// A tenant sets a hostname, points it here, and it goes live.
    pub async fn live_portal(&self, tenant: TenantId, domain: &str) -> RunId {
        let run = self.set_portal(tenant, domain).await;
        self.point(run).await;
        self.portal_in(run, "active").await;
        run
    }

    /// Waits until the hostname is in this state of its life. Time passes meanwhile, from one of its timers to the next.
    pub async fn portal_in(&self, run: RunId, state: &str) -> RunRow {
        let what = format!("the hostname to be {state}");
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
                let portal = self.portal(run).await;
                panic!("it is {}, not {state}; error {:?}; {portal:#?}; history:{}", row.state, row.error, history.concat());
            }
        }
    }

    /// The key of an object of a hostname in the cluster.
    pub fn object(&self, run: RunId, kind: Kind) -> Key {
        let namespace = if kind == Kind::VirtualService { "msp" } else { "istio-system" };
        Key::new(kind, namespace, &format!("portal-{}", run.0.simple()))
    }

    /// The standing reconcile.
    pub async fn standing(&self) -> RunId {
        until("the standing reconcile", || async {
            let mut tx = self.db().begin().await.expect("a transaction");
            portal::standing_run(&mut tx).await.expect("rows")
        })
        .await
    }

    /// A client of the gateway that trusts its authority and resolves this host to it.
    pub fn visitor(&self, host: &str) -> reqwest::Client {
        let authority = reqwest::Certificate::from_pem(self.cluster().ca_pem().as_bytes()).expect("a certificate");
        reqwest::Client::builder()
            .tls_certs_only([authority])
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .resolve(host, self.cluster().gateway_https())
            .build()
            .expect("a client")
    }
}

/// What real git says about a repository.
pub fn git(repository: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(repository).args(arguments).output().expect("git");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
