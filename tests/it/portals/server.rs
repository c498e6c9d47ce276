//! The reconcile against an API server by the production client: that which `TENANTRY_TEST_KUBECONFIG` names, usually the stand-in.
//!
//! It needs the CRDs of cert-manager and Istio, and may make namespaces: it works in two of its own and deletes them. Nothing picks up what
//! it writes there: neither the issuer nor the gateway that it names exists.
#![allow(clippy::print_stderr, reason = "a person reads why it was skipped")]

use std::{panic::AssertUnwindSafe, path::PathBuf};

use futures::FutureExt as _;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, Config,
    api::{DeleteParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use reconcile_cluster::labels;
use tenantry_cluster::{Access, Cluster, Deleted, Found, Kind};
use tenantry_tests::{
    TestStack,
    portals::by_hand::{BY_HAND, NOBODY, WHOLE},
};
use tenantry_workflows::portal_sync::{Event, Summary};

struct There {
    stack: TestStack,
    file: PathBuf,
    gateways: String,
    services: String,
}

impl There {
    async fn client(&self, field_manager: &str) -> Cluster {
        let access = Access::Kubeconfig { file: Some(self.file.clone()), context: None };
        Cluster::connect(access, field_manager).await.unwrap()
    }

    async fn turn(&self, force: bool) -> Summary {
        let file = self.file.to_string_lossy();
        let settings = [
            ("PORTAL_DOMAIN_KUBECONFIG", &*file),
            ("PORTAL_DOMAIN_GATEWAY_NAMESPACE", &self.gateways),
            ("PORTAL_DOMAIN_SERVICE_NAMESPACE", &self.services),
            ("PORTAL_DOMAIN_GATEWAY_SELECTOR", "tenantry-test=nothing"),
            ("PORTAL_DOMAIN_CERT_ISSUER", "tenantry-test-nobody"),
            ("PORTAL_DOMAIN_FORCE", if force { "true" } else { "false" }),
        ];
        let parts = self.stack.reconciler(&settings).await;
        match self.stack.reconcile(&parts, WHOLE, None).await {
            Event::Reconciled { summary, held: None, more: false, .. } => summary,
            other => panic!("{other:?}"),
        }
    }

    async fn found(&self, cluster: &Cluster) -> Vec<Found> {
        let mut all = Vec::new();
        for (kind, namespace) in self.namespaces() {
            all.extend(cluster.list(kind, namespace, &labels::selector()).await.unwrap());
        }
        all
    }

    fn namespaces(&self) -> [(Kind, &str); 3] {
        [(Kind::Certificate, &self.gateways), (Kind::Gateway, &self.gateways), (Kind::VirtualService, &self.services)]
    }

    /// Made, left alone, brought back, set right, taken down.
    async fn lives(&self) {
        let cluster = self.client("tenantry").await;
        let runs = self.stack.wanted_portals(3).await;
        let summary = self.turn(false).await;
        assert_eq!((summary.created, summary.refused), (9, 0), "{summary:?}");
        let there = self.found(&cluster).await;
        assert_eq!(there.len(), 9);
        let summary = self.turn(false).await;
        assert_eq!((summary.created, summary.changed, summary.unchanged), (0, 0, 9), "{summary:?}");

        // Deleted by hand: only where it still is the one that was meant.
        let gateway = there.iter().find(|found| found.key.kind == Kind::Gateway).unwrap();
        let nobody = uuid::Uuid::new_v4().to_string();
        assert!(matches!(cluster.delete(&gateway.key, &nobody).await, Ok(Deleted::AnotherOne)));
        assert!(matches!(cluster.delete(&gateway.key, &gateway.uid).await, Ok(Deleted::Deleted)));
        assert_eq!(self.turn(false).await.created, 1);

        // Somebody else has set a field otherwise: he is named, and taken over where that is wanted.
        let (_, body) = cluster.get(&gateway.key).await.unwrap().unwrap();
        let mut spec = body["spec"].clone();
        spec["servers"][0]["hosts"] = serde_json::json!(["evil.test"]);
        let theirs = tenantry_cluster::Object {
            key: gateway.key.clone(),
            labels: Default::default(),
            annotations: Default::default(),
            spec,
        };
        self.client("somebody").await.apply(&theirs, None, true).await.unwrap();
        let summary = self.turn(false).await;
        assert_eq!((summary.changed, summary.refused), (1, 1), "{summary:?}");
        let why: String = sqlx::query_scalar("select refused from portal_objects where refused is not null")
            .fetch_one(&self.stack.sql)
            .await
            .unwrap();
        assert!(why.contains("somebody") && why.contains(".spec.servers"), "{why}");
        assert_eq!(self.turn(true).await.refused, 0);
        let (_, after) = cluster.get(&gateway.key).await.unwrap().unwrap();
        assert_eq!(after["spec"], body["spec"]);

        // Not wanted any more.
        self.stack.retire_portals(&runs).await;
        assert_eq!(self.turn(false).await.deleted, 9);
        assert!(self.found(&cluster).await.iter().all(|found| found.deleting));
    }
}

#[tokio::test]
async fn an_api_server_takes_keeps_and_lets_go_of_what_is_written() {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let named = std::env::var_os("TENANTRY_TEST_KUBECONFIG").map(PathBuf::from);
    let real = named.is_some();
    let file = named.unwrap_or_else(|| stack.parts.cluster.as_ref().unwrap().kubeconfig());
    let suffix = &uuid::Uuid::new_v4().simple().to_string()[..10];
    let there = There {
        stack,
        gateways: format!("tenantry-test-gateways-{suffix}"),
        services: format!("tenantry-test-services-{suffix}"),
        file,
    };
    let config = Kubeconfig::read_from(&there.file).unwrap();
    let config = Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await.unwrap();
    let namespaces: Api<Namespace> = Api::all(Client::try_from(config).unwrap());
    for name in [&there.gateways, &there.services] {
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.clone());
        namespaces.create(&PostParams::default(), &namespace).await.unwrap();
    }
    // The namespaces go, whatever comes of it.
    let outcome = AssertUnwindSafe(async {
        let checked = there.client("tenantry").await.check(&there.namespaces()).await.unwrap();
        if real && !checked.unknown.is_empty() {
            eprintln!("skipped: {} is without the definitions of {}", there.file.display(), checked.unknown.join(", "));
            return;
        }
        assert!(checked.is_ready(), "{checked:?}");
        there.lives().await;
    })
    .catch_unwind()
    .await;
    for name in [&there.gateways, &there.services] {
        namespaces.delete(name, &DeleteParams::default()).await.unwrap();
    }
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}
