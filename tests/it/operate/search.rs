//! Runs are found by what they are about.

use serde_json::json;
use tenantry_tests::{Onboard, TestStack};

use super::{STILL, drill};
use crate::api::{Caller, Got, active_tenant};

fn ids(list: &Got) -> Vec<String> {
    list.body["data"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_run_is_found_by_the_beginning_of_what_it_is_about() {
    let stack = TestStack::with(&[], STILL).await;
    let onboard = |name: &str| Onboard { tenant_name: name.to_owned(), ..Onboard::another() };
    let (acme, _) = onboard("Acme GmbH").write(stack.db()).await;
    let (ascii, _) = onboard("100% \\_ Wine").write(stack.db()).await;
    let (zoo, _) = onboard("Zoë & Söhne").write(stack.db()).await;
    drill(&stack).await;
    let operator = Caller::operator(&stack);
    for (text, found) in [
        ("acme", vec![acme]),
        ("ACME G", vec![acme]),
        ("cme", vec![]),
        ("acme+gmbh+%26+co", vec![]),
        ("100%25", vec![ascii]),
        ("100%25+%5C_", vec![ascii]),
        ("%25", vec![]),
        ("zo%C3%AB", vec![zoo]),
        (&zoo.to_string(), vec![zoo]),
    ] {
        let list = operator.get(&format!("/v1/runs?entity={text}")).await;
        assert_eq!(list.status, 200, "{text}: {list:?}");
        assert_eq!(ids(&list), found.iter().map(ToString::to_string).collect::<Vec<_>>(), "{text}");
    }
    let list = operator.get("/v1/runs?entity=acme").await;
    assert_eq!(list.body["data"][0]["entity"], "Acme GmbH");
    assert_eq!(ids(&operator.get("/v1/runs?kind=drill").await).len(), 1);
    assert_eq!(ids(&operator.get("/v1/runs?paused=false").await).len(), 4);
}

#[tokio::test]
async fn what_concerns_a_tenant_is_found_by_its_name_and_by_nobody_else() {
    let stack = TestStack::start().await;
    let (tenant, run) = active_tenant(&stack).await;
    let (other, _) = active_tenant(&stack).await;
    let slug: String = sqlx::query_scalar("select slug from tenants where id = $1")
        .bind(tenant.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    sqlx::query("update runs set entity = null where id = $1").bind(run.0).execute(&stack.sql).await.unwrap();
    for (caller, found) in [
        (Caller::operator(&stack), vec![run.to_string()]),
        (Caller::of(&stack, tenant, "tenant_member"), vec![run.to_string()]),
        (Caller::of(&stack, other, "tenant_admin"), vec![]),
    ] {
        assert_eq!(ids(&caller.get(&format!("/v1/runs?entity={slug}")).await), found);
    }
}

#[tokio::test]
async fn a_page_of_what_was_found_goes_on_both_ways() {
    let stack = TestStack::with(&[], STILL).await;
    let mut begun = Vec::new();
    for n in 0..5 {
        let onboard = Onboard { tenant_name: format!("Acme {n}"), ..Onboard::another() };
        begun.insert(0, onboard.write(stack.db()).await.0.to_string());
    }
    let operator = Caller::operator(&stack);
    let first = operator.get("/v1/runs?entity=acme&limit=2").await;
    assert_eq!((ids(&first), &first.body["has_more"]), (begun[..2].to_vec(), &json!(true)));
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = operator.get(&format!("/v1/runs?entity=acme&limit=2&after={cursor}")).await;
    assert_eq!(ids(&second), begun[2..4]);
    let cursor = second.body["next_cursor"].as_str().unwrap();
    let back = operator.get(&format!("/v1/runs?entity=acme&limit=2&before={cursor}")).await;
    assert_eq!(ids(&back), begun[1..3]);
}
