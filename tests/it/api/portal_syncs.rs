//! Hostnames of all tenants, and reconciles of the cluster, as operators see them.

use serde_json::{Value, json};
use tenantry_store::portal;

use super::{
    Caller, Got,
    email_domains::{happens, named},
    portal_domains::{live, set, stack},
};

#[tokio::test]
async fn hostnames_of_all_are_listed_by_status_name_and_page() {
    let (stack, tenant, other, admin) = stack().await;
    let first = set(&admin, tenant, "a.acme.test").await;
    live(&stack, first).await;
    set(&Caller::of(&stack, other, "tenant_admin"), other, "b.acme.test").await;
    assert_eq!(admin.get("/v1/portal-domains").await.problem(), (403, "permission_missing"));
    let operator = Caller::operator(&stack);
    let names = |got: &Got| -> Vec<String> {
        got.body["data"].as_array().unwrap().iter().map(|one| one["domain"].as_str().unwrap().to_owned()).collect()
    };
    let list = async |query: &str| names(&operator.get(&format!("/v1/portal-domains{query}")).await);
    assert_eq!(list("").await, ["b.acme.test", "a.acme.test"]);
    assert_eq!(list("?status=active").await, ["a.acme.test"]);
    assert_eq!(list("?domain=B.acme.test").await, ["b.acme.test"]);
    assert_eq!(list(&format!("?tenant={tenant}")).await, ["a.acme.test"]);
    let page = operator.get("/v1/portal-domains?limit=1").await;
    assert_eq!(
        (names(&page), &page.body["data"][0]["tenantId"]),
        (vec!["b.acme.test".to_owned()], &json!(other.to_string()))
    );
    let next = page.body["next_cursor"].as_str().unwrap();
    assert_eq!(list(&format!("?limit=1&after={next}")).await, ["a.acme.test"]);
    assert_eq!(operator.get(&format!("/v1/runs?after={next}")).await.problem(), (400, "invalid_parameter"));
    assert_eq!(operator.get("/v1/portal-domains?status=open").await.problem(), (400, "invalid_parameter"));
}

#[tokio::test]
async fn a_reconcile_is_begun_and_shown_with_its_plan() {
    let (stack, _, _, admin) = stack().await;
    assert_eq!(admin.post("/v1/portal-syncs", json!({})).await.problem(), (403, "permission_missing"));
    let operator = Caller::operator(&stack);
    let begun = operator.post("/v1/portal-syncs", json!({ "pullRequest": true })).await;
    assert_eq!((begun.status, &begun.body["step"]), (202, &json!("reconciling")), "{begun:?}");
    assert_eq!(begun.body["carry"], json!({ "commit": true, "pullRequest": true, "apply": false }));
    assert_eq!((&begun.body["summary"], &begun.body["outstanding"]), (&Value::Null, &json!(false)));
    let at = begun.header("location").to_owned();
    let run = begun.body["runId"].as_str().unwrap().parse().unwrap();
    let summary = json!({ "created": 3, "changed": 0, "deleted": 0, "unchanged": 6, "refused": 0, "orphans": 0, "files": 1, "commit": "abc", "branch": "b" });
    let held = json!({ "objects": 9, "digest": "d", "words": "Nine would go." });
    let done = named("Reconciled", json!({ "summary": summary, "held": held, "more": false }));
    let mut tx = stack.db().begin().await.unwrap();
    portal::keep_plan(&mut tx, run, "+ Gateway", "kubectl apply", stack.db().clock().now()).await.unwrap();
    tx.commit().await.unwrap();
    happens(&stack, run, &[done]).await;
    let shown = operator.get(&format!("{at}?wait=5&since=0")).await.body;
    assert_eq!((&shown["step"], &shown["summary"]), (&json!("done"), &summary), "{shown}");
    assert_eq!((&shown["diff"], &shown["commands"]), (&json!("+ Gateway"), &json!("kubectl apply")));
    assert_eq!(
        (&shown["held"], &shown["outstanding"]),
        (&json!({ "objects": 9, "words": "Nine would go." }), &json!(true))
    );
    let audit = operator.get("/v1/audit?action=portal_sync.start").await;
    assert_eq!(audit.body["data"][0]["after"]["carry"]["pullRequest"], true, "{audit:?}");
    let drill = operator.post("/v1/drills", json!({})).await.run();
    assert_eq!(operator.get(&format!("/v1/portal-syncs/{drill}")).await.problem(), (404, "not_found"));
}

#[tokio::test]
async fn the_standing_one_is_hastened() {
    let (stack, _, _, admin) = stack().await;
    let operator = Caller::operator(&stack);
    let at = "/v1/portal-syncs/standing/refresh";
    assert_eq!(admin.post(at, json!({})).await.problem(), (403, "permission_missing"));
    assert_eq!(operator.post(at, json!({})).await.problem(), (404, "not_found"));
    let mut tx = stack.db().begin().await.unwrap();
    let hour = std::time::Duration::from_secs(3600);
    portal::stand(&mut tx, hour, stack.db().timing()).await.unwrap();
    let run = portal::standing_run(&mut tx).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let none = json!({ "summary": {}, "held": null, "more": false });
    happens(&stack, run, &[named("Reconciled", none)]).await;
    let hastened = operator.post(at, json!({})).await;
    assert_eq!((hastened.status, &hastened.body["runId"]), (202, &json!(run.to_string())), "{hastened:?}");
    assert_eq!((&hastened.body["standing"], &hastened.body["step"]), (&json!(true), &json!("reconciling")));
    assert_eq!(operator.get("/v1/audit?action=portal_sync.refresh").await.body["data"][0]["subject"], run.to_string());
}
