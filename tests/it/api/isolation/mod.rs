//! Every route, every role, and another tenant's ids.

mod routes;
mod things;

use reqwest::Method;
use serde_json::{Value, json};
use tenantry_tests::TestStack;

use self::routes::{OF_ALL, ROUTES, Route};
pub(crate) use self::things::{Things, stack, things};
use super::{Caller, Got, active_tenant};

async fn ask(caller: &Caller, route: &Route, things: &Things) -> Got {
    let method = route.method.to_uppercase().parse::<Method>().unwrap();
    caller.ask(method, &things.path(route), route.body.map(|body| body.as_bytes().to_vec()), &[]).await
}

#[test]
fn the_table_holds_every_route_there_is() {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let mut there: Vec<String> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        there.extend(methods.as_object().unwrap().keys().map(|method| format!("{method} {path}")));
    }
    let named = |path: &str| {
        ["{tenant}", "{run}", "{task}", "{key}", "{message}", "{sync}", "{import}"]
            .iter()
            .fold(path.replace("{template}", "{name}"), |path, name| path.replace(name, "{id}"))
    };
    let mut held: Vec<String> = ROUTES.iter().map(|route| format!("{} {}", route.method, named(route.path))).collect();
    held.extend(OF_ALL.map(str::to_owned));
    there.sort();
    held.sort();
    assert_eq!(held, there);
}

#[tokio::test]
async fn every_route_lets_in_whom_it_should_and_nobody_else() {
    let stack = stack().await;
    let things = things(&stack).await;
    let tenant = things.tenant.parse().unwrap();
    let callers = [
        ("member", Caller::of(&stack, tenant, "tenant_member")),
        ("admin", Caller::of(&stack, tenant, "tenant_admin")),
        ("operator", Caller::operator(&stack)),
        ("nobody", Caller::stranger(&stack)),
    ];
    for route in &ROUTES {
        for (role, caller) in &callers {
            let got = ask(caller, route, &things).await;
            let may = match *role {
                "operator" => true,
                "admin" => route.admin,
                "member" => route.member,
                _ => {
                    assert_eq!(got.status, 401, "{} {} for nobody", route.method, route.path);
                    continue;
                }
            };
            let (method, path) = (route.method, route.path);
            if may {
                assert!(
                    got.status != 403 && got.status < 500 && got.status != 404,
                    "{method} {path} for the {role}: {got:?}"
                );
            } else {
                assert_eq!(got.problem(), (403, "permission_missing"), "{method} {path} for the {role}");
            }
        }
    }
}

#[tokio::test]
async fn another_tenants_objects_are_not_there() {
    let stack = stack().await;
    let theirs = things(&stack).await;
    let (mine, _) = active_tenant(&stack).await;
    let callers =
        [("member", Caller::of(&stack, mine, "tenant_member")), ("admin", Caller::of(&stack, mine, "tenant_admin"))];
    let before = everything(&stack).await;
    for route in ROUTES.iter().filter(|route| route.path.contains('{')) {
        for (role, caller) in &callers {
            let got = ask(caller, route, &theirs).await;
            let may = if *role == "admin" { route.admin } else { route.member };
            let expected = if may { (404, "not_found") } else { (403, "permission_missing") };
            assert_eq!(got.problem(), expected, "{} {} for a {role} of another tenant", route.method, route.path);
            assert!(!got.body.to_string().contains(&theirs.tenant) || route.path.contains("{tenant}"));
        }
    }
    let admin = &callers[1].1;
    let named = [
        "/v1/overview?tenant=",
        "/v1/audit?tenant=",
        "/v1/audit/verification?tenant=",
        "/v1/audit/export?tenant=",
        "/v1/api-keys?tenant=",
        "/v1/messages?tenantId=",
        "/v1/mail/stats?tenantId=",
    ];
    for path in named {
        assert_eq!(admin.get(&format!("{path}{}", theirs.tenant)).await.problem(), (404, "not_found"), "{path}");
    }
    let wanted = json!({"name": "k", "permissions": ["tenants.read"], "tenant": theirs.tenant});
    assert_eq!(admin.post("/v1/api-keys", wanted).await.problem(), (404, "not_found"));
    let wanted = json!({"tenantId": theirs.tenant, "to": "ada@customer.example", "subject": "s", "text": "t"});
    for path in ["/v1/messages", "/v1/messages/explain"] {
        assert_eq!(admin.post(path, wanted.clone()).await.problem(), (404, "not_found"), "{path}");
    }
    assert_eq!(everything(&stack).await, before, "and nothing of theirs has changed");
}

#[tokio::test]
async fn lists_hold_what_is_ones_own() {
    let stack = stack().await;
    let theirs = things(&stack).await;
    let (mine, _) = active_tenant(&stack).await;
    Caller::operator(&stack).post("/v1/drills?wait=20", json!({})).await;
    let admin = Caller::of(&stack, mine, "tenant_admin");
    for path in ["/v1/tenants", "/v1/runs", "/v1/tasks?status=any", "/v1/audit", "/v1/api-keys", "/v1/messages"] {
        let list = admin.get(path).await;
        assert_eq!(list.status, 200, "{path}");
        let text = list.body.to_string();
        for id in [&theirs.tenant, &theirs.run, &theirs.task, &theirs.key, &theirs.message, &theirs.domain] {
            assert!(!text.contains(id.as_str()), "{path} holds {id}");
        }
        assert!(!text.contains("\"drill\""), "{path} holds the platform's runs");
    }
    let tenants = admin.get("/v1/tenants").await;
    assert_eq!(tenants.body["data"].as_array().unwrap().len(), 1);
    for filtered in ["/v1/runs?tenant=", "/v1/tasks?tenant="] {
        assert_eq!(admin.get(&format!("{filtered}{}", theirs.tenant)).await.body["data"], json!([]));
    }
}

/// All rows that a tenant has, as text.
async fn everything(stack: &TestStack) -> Value {
    let text: String = sqlx::query_scalar(
        "select concat((select string_agg(t::text, ' ' order by id) from tenants t), (select string_agg(r::text, ' ' order by id) from runs r where kind <> 'orphan_report'),
                       (select string_agg(k::text, ' ' order by id) from tasks k), (select string_agg(a::text, ' ' order by id) from api_keys a),
                       (select count(*) from audit), (select string_agg(d::text, ' ' order by id) from email_domains d),
                       (select string_agg(p::text, ' ' order by id) from portal_domains p),
                       (select string_agg(w::text, ' ' order by id) from webhook_endpoints w),
                       (select string_agg(v::text, ' ' order by id) from webhook_deliveries v),
                       (select string_agg(e::text, ' ' order by id) from exports e))",
    )
    .fetch_one(&stack.sql)
    .await
    .unwrap();
    Value::from(text)
}
