//! A hostname as it usually goes.

use local::Run;
use serde_json::json;
use tenantry_standins::cluster::{Kind, Verb};
use tenantry_tests::{TestStack, portals::PORTALS, wait::until};

const NAME: &str = "portal.acme.test";

#[tokio::test]
async fn a_tenant_sets_one_cname_and_its_portal_is_live_until_it_is_removed() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let run = stack.set_portal(tenant, NAME).await;
    assert_eq!(stack.portal_status(run).await, "pending_dns");
    let canonical = stack.portal(run).await.canonical_host;
    assert!(canonical.ends_with(".portal.tenantry.test"), "{canonical}");

    // One CNAME, and nothing else is asked of anybody.
    stack.point(run).await;
    stack.portal_in(run, "active").await;
    let row = stack.portal(run).await;
    assert_eq!((row.result["status"].as_str(), row.active), (Some("active"), true), "{row:#?}");
    assert_eq!(row.result["axes"], json!({ "ownership": "verified", "certificate": "ready", "routing": "live" }));

    // A browser gets the tenant's portal with a certificate that it trusts.
    let visitor = stack.visitor(NAME);
    let port = stack.cluster().gateway_https().port();
    let answer = visitor.get(format!("https://{NAME}:{port}/")).send().await.unwrap();
    let to = format!("https://{NAME}:{port}/client-portal/dashboard");
    assert_eq!(answer.headers()["location"].to_str().unwrap(), to, "{answer:?}");
    let answer = visitor.get(format!("https://{NAME}:{port}/client-portal/dashboard")).send().await.unwrap();
    assert_eq!(answer.status(), 200);

    // One commit, one file of three documents, pushed before the cluster heard of it.
    let log = stack.git(&["log", "--format=%s", "main"]);
    let slug = log.trim().strip_prefix("chore(portal-domains): sync ").expect("one commit").to_owned();
    let file = stack.git(&["show", &format!("main:portal-domains/{slug}.yaml")]);
    assert_eq!(file.matches("\nkind: ").count(), 3, "{file}");
    assert_eq!(stack.cluster().count(Verb::Apply, Kind::Certificate), 1, "applied once");

    // Gone: nothing is left in the cluster or the repository, and the canonical host goes on serving.
    stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
    stack.portal_in(run, "disabled").await;
    for kind in [Kind::Certificate, Kind::Gateway, Kind::VirtualService] {
        assert_eq!(stack.cluster().get(&stack.object(run, kind)), None, "{kind:?}");
    }
    assert_eq!(stack.git(&["ls-tree", "-r", "--name-only", "main"]), "");
    assert_eq!(stack.git(&["log", "--format=%s", "main"]).lines().count(), 2);
    assert_eq!(stack.portal_status(run).await, "disabled");
    let canonical = stack.visitor(&canonical).get(format!("https://{canonical}:{port}/")).send().await.unwrap();
    assert!(canonical.status().as_u16() < 400, "{canonical:?}");

    // Whoever comes back presses one button.
    stack.signal(run, "refresh", json!({ "by": "ada" })).await.unwrap();
    stack.portal_in(run, "active").await;
    until("three objects again", || async { stack.cluster().get(&stack.object(run, Kind::VirtualService)).map(drop) })
        .await;
}

#[tokio::test]
async fn another_hostname_takes_over_only_when_it_is_live() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let old = stack.live_portal(tenant, NAME).await;
    let new = stack.set_portal(tenant, "www.acme.test").await;
    assert_eq!(stack.portal_status(old).await, "active");
    assert_ne!(stack.portal(old).await.secret_name, stack.portal(new).await.secret_name);
    stack.point(new).await;
    stack.portal_in(new, "active").await;
    stack.portal_in(old, "closed").await;
    let (old_row, new_row) = (stack.portal(old).await, stack.portal(new).await);
    assert!(!old_row.active && new_row.active && old_row.closed_at.is_some());
    assert_eq!(stack.cluster().get(&stack.object(old, Kind::VirtualService)), None);
    assert!(stack.cluster().get(&stack.object(new, Kind::VirtualService)).is_some());
}
