//! Every route, every role, and another tenant's ids.

use reqwest::Method;
use serde_json::{Value, json};
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::{EmailDomainId, RunId, TenantId, WebhookEndpointId, WebhookEventId};
use tenantry_store::{
    domains::{Added, NewDomain, add_domain},
    portal::{self, NewPortal, add_portal},
    runs::{NewRun, start},
    webhooks::{NewEvent, deliver_by_hand, put_event},
};
use tenantry_tests::TestStack;
use tenantry_workflows::{
    email_domain::Data,
    portal_domain,
    tenant_offboarding::{Data as Leaving, TenantOffboarding},
};

use super::{Caller, Got, active_tenant, tenant_with_task};

/// A route, a harmless body for it, and who but the operator may use it.
struct Route {
    method: &'static str,
    path: &'static str,
    body: Option<&'static str>,
    admin: bool,
    member: bool,
}

const fn route(
    method: &'static str,
    path: &'static str,
    body: Option<&'static str>,
    admin: bool,
    member: bool,
) -> Route {
    Route { method, path, body, admin, member }
}

/// What changes something is asked in a way that is refused as wrong, once it is allowed.
const ROUTES: [Route; 108] = [
    route("post", "/v1/tenants", Some("{}"), false, false),
    route("get", "/v1/tenants", None, true, true),
    route("get", "/v1/tenants/{tenant}", None, true, true),
    route("post", "/v1/tenant-imports", Some("{}"), false, false),
    route("get", "/v1/tenant-imports", None, false, false),
    route("get", "/v1/tenant-imports/{import}", None, false, false),
    route("get", "/v1/tenant-imports/{import}/rows", None, false, false),
    route("patch", "/v1/tenants/{tenant}", Some("{}"), false, false),
    route("post", "/v1/tenants/{tenant}/suspend", Some("{}"), false, false),
    route("post", "/v1/tenants/{tenant}/resume", Some(r#"{"no":1}"#), false, false),
    route("get", "/v1/runs", None, true, true),
    route("get", "/v1/runs/{run}", None, true, true),
    route("get", "/v1/runs/{run}/timeline", None, true, true),
    route("post", "/v1/runs/{run}/signals", Some(r#"{"name":"explode"}"#), false, false),
    route("post", "/v1/runs/{run}/cancel", Some(r#"{"no":1}"#), false, false),
    route("post", "/v1/runs/{run}/retry", Some(r#"{"no":1}"#), false, false),
    route("post", "/v1/runs/{run}/pause", Some(r#"{"no":1}"#), false, false),
    route("post", "/v1/runs/{run}/resume", Some(r#"{"no":1}"#), false, false),
    route("get", "/v1/runs/{run}/cancel-preview", None, false, false),
    route("post", "/v1/runs/bulk", Some(r#"{"action":"retry","filter":{}}"#), false, false),
    route("post", "/v1/runs/{run}/credential", None, false, false),
    route("post", "/v1/drills", Some(r#"{"no":1}"#), false, false),
    route("get", "/v1/tasks", None, true, false),
    route("get", "/v1/tasks/{task}", None, true, false),
    route("post", "/v1/tasks/{task}/answer", Some(r#"{"answer":{"action":"explode"}}"#), true, false),
    route("post", "/v1/tasks/{task}/claim", Some(r#"{"no":1}"#), true, false),
    route("post", "/v1/tasks/{task}/release", Some(r#"{"no":1}"#), true, false),
    route("get", "/v1/audit", None, true, false),
    route("get", "/v1/audit/chains", None, true, false),
    route("get", "/v1/audit/export", None, true, false),
    route("get", "/v1/audit/verification", None, true, false),
    route("post", "/v1/api-keys", Some("{}"), true, false),
    route("get", "/v1/api-keys", None, true, false),
    route("delete", "/v1/api-keys/{key}", None, true, false),
    route("get", "/v1/tenants/{tenant}/email-settings", None, true, true),
    route("patch", "/v1/tenants/{tenant}/email-settings", Some("{}"), true, false),
    route("get", "/v1/tenants/{tenant}/suppressions", None, true, false),
    route("post", "/v1/tenants/{tenant}/suppressions", Some(r#"{"address":"x"}"#), true, false),
    route("get", "/v1/tenants/{tenant}/suppressions/{address}", None, true, false),
    route("delete", "/v1/tenants/{tenant}/suppressions/{address}", None, true, false),
    route("get", "/v1/tenants/{tenant}/notification-defaults", None, true, true),
    route(
        "put",
        "/v1/tenants/{tenant}/notification-defaults",
        Some(r#"{"data":[{"category":"X","enabled":true}]}"#),
        true,
        false,
    ),
    route("get", "/v1/tenants/{tenant}/users/{user}/preferences", None, true, false),
    route(
        "put",
        "/v1/tenants/{tenant}/users/{user}/preferences",
        Some(r#"{"data":[{"category":"X","enabled":true}]}"#),
        true,
        false,
    ),
    route("post", "/v1/tenants/{tenant}/sending/pause", Some("{}"), false, false),
    route("post", "/v1/tenants/{tenant}/sending/resume", Some("{}"), false, false),
    route("get", "/v1/mail/providers", None, false, false),
    route("post", "/v1/mail/providers/{name}/validate", None, false, false),
    route("post", "/v1/messages", Some("{}"), true, false),
    route("get", "/v1/messages", None, true, false),
    route("post", "/v1/messages/batch", Some("{}"), true, false),
    route("post", "/v1/messages/explain", Some("{}"), true, false),
    route("get", "/v1/messages/{message}", None, true, false),
    route("get", "/v1/messages/{message}/content", None, true, false),
    route("get", "/v1/messages/{message}/timeline", None, true, false),
    route("get", "/v1/messages/{message}/explain", None, true, false),
    route("post", "/v1/messages/{message}/cancel", Some("{}"), true, false),
    route("post", "/v1/messages/{message}/reschedule", Some(r#"{"sendAt":"2020-01-01T00:00:00Z"}"#), true, false),
    route("get", "/v1/mail/stats", None, true, false),
    route("get", "/v1/templates", None, true, false),
    route("get", "/v1/tenants/{tenant}/templates", None, true, false),
    route("get", "/v1/tenants/{tenant}/templates/{template}", None, true, false),
    route("get", "/v1/tenants/{tenant}/templates/{template}/{locale}", None, true, false),
    route("put", "/v1/tenants/{tenant}/templates/{template}/{locale}", Some(r#"{"subject":"s"}"#), true, false),
    route("delete", "/v1/tenants/{tenant}/templates/{template}/{locale}", None, true, false),
    route("post", "/v1/tenants/{tenant}/templates/{template}/{locale}/publish", None, true, false),
    route(
        "post",
        "/v1/tenants/{tenant}/templates/{template}/{locale}/preview",
        Some(r#"{"version":"x"}"#),
        true,
        false,
    ),
    route("post", "/v1/tenants/{tenant}/templates/{template}/{locale}/test", Some(r#"{"to":[]}"#), true, false),
    route("get", "/v1/tenants/{tenant}/templates/{template}/{locale}/versions", None, true, false),
    route("post", "/v1/tenants/{tenant}/templates/{template}/{locale}/restore", Some(r#"{"version":0}"#), true, false),
    route("get", "/v1/tenants/{tenant}/email-domains", None, true, true),
    route("post", "/v1/tenants/{tenant}/email-domains", Some(r#"{"name":"acme"}"#), true, false),
    route("get", "/v1/tenants/{tenant}/email-domains/{domain}", None, true, true),
    route("post", "/v1/tenants/{tenant}/email-domains/{domain}/check", Some("{}"), true, false),
    route("get", "/v1/tenants/{tenant}/email-domains/{domain}/records", None, true, true),
    route("post", "/v1/tenants/{tenant}/email-domains/{domain}/links", Some(r#"{"hours":0}"#), true, false),
    route("delete", "/v1/tenants/{tenant}/email-domains/{domain}", None, true, false),
    route("get", "/v1/email-domains", None, false, false),
    route("get", "/v1/email-domains/orphans", None, false, false),
    route("get", "/v1/tenants/{tenant}/portal-domain", None, true, true),
    route("put", "/v1/tenants/{tenant}/portal-domain", Some(r#"{"domain":"acme"}"#), true, false),
    route("delete", "/v1/tenants/{tenant}/portal-domain", None, true, false),
    route("post", "/v1/tenants/{tenant}/portal-domain/refresh", None, true, false),
    route("post", "/v1/tenants/{tenant}/portal-domain/retry", None, true, false),
    route("get", "/v1/portal-domains", None, false, false),
    route("post", "/v1/portal-syncs", Some(r#"{"no":1}"#), false, false),
    route("get", "/v1/portal-syncs/{sync}", None, false, false),
    route("post", "/v1/portal-syncs/standing/refresh", Some(r#"{"no":1}"#), false, false),
    route("get", "/v1/webhook-event-types", None, true, false),
    route("get", "/v1/tenants/{tenant}/webhook-endpoints", None, true, false),
    route("post", "/v1/tenants/{tenant}/webhook-endpoints", Some(r#"{"url":"x"}"#), true, false),
    route("get", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}", None, true, false),
    route("patch", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}", Some("{}"), true, false),
    route("post", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}/rotate-secret", Some("{}"), true, false),
    route("post", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}/test", Some("{}"), true, false),
    route(
        "post",
        "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}/replay",
        Some(r#"{"since":"2000-01-01T00:00:00Z"}"#),
        true,
        false,
    ),
    route("get", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}/deliveries", None, true, false),
    route("get", "/v1/tenants/{tenant}/webhook-deliveries/{delivery}", None, true, false),
    route("post", "/v1/tenants/{tenant}/webhook-deliveries/{delivery}/replay", Some("{}"), true, false),
    // Last: it is gone for those that follow.
    route("delete", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint}", None, true, false),
    route("post", "/v1/tenants/{tenant}/offboarding", Some(r#"{"graceDays":91}"#), false, false),
    route("get", "/v1/tenants/{tenant}/offboarding", None, false, false),
    route("post", "/v1/tenants/{tenant}/offboarding/restore", Some(r#"{"no":1}"#), false, false),
    route("post", "/v1/tenants/{tenant}/offboarding/remove-now", Some(r#"{"no":1}"#), false, false),
    route("post", "/v1/tenants/{tenant}/exports", Some(r#"{"no":1}"#), false, false),
    route("get", "/v1/tenants/{tenant}/exports", None, false, false),
    route("get", "/v1/tenants/{tenant}/exports/{export}", None, false, false),
    route("get", "/v1/tenants/{tenant}/exports/{export}/parts/{n}", None, false, false),
];
/// Those that any caller, or anybody at all, may use.
const OF_ALL: [&str; 9] = [
    "get /v1/me",
    "get /v1/health",
    "post /v1/invitations/accept",
    "get /dns/{token}",
    "post /dns/{token}/check",
    "get /v1/unsubscribe/{token}",
    "post /v1/unsubscribe/{token}",
    "post /v1/provider-events/resend",
    "post /v1/provider-events/ses",
];

/// An address on the suppression list of the tenant whose things they are.
const ADDRESS: &str = "left@customer.example";

/// A tenant's objects.
struct Things {
    user: String,
    tenant: String,
    run: String,
    task: String,
    key: String,
    message: String,
    domain: String,
    endpoint: String,
    delivery: String,
    export: String,
    sync: String,
    import: String,
}

impl Things {
    fn path(&self, route: &Route) -> String {
        [
            ("{tenant}", &self.tenant),
            ("{run}", &self.run),
            ("{task}", &self.task),
            ("{key}", &self.key),
            ("{message}", &self.message),
            ("{user}", &self.user),
            ("{domain}", &self.domain),
            ("{endpoint}", &self.endpoint),
            ("{delivery}", &self.delivery),
            ("{export}", &self.export),
            ("{n}", &"1".to_owned()),
            ("{sync}", &self.sync),
            ("{import}", &self.import),
            ("{template}", &"welcome".to_owned()),
            ("{locale}", &"de".to_owned()),
        ]
        .iter()
        .fold(route.path.replace("{address}", ADDRESS).replace("{name}", "smtp"), |path, (name, id)| {
            path.replace(name, id)
        })
    }
}

/// Where tenants may have domains, too.
async fn stack() -> TestStack {
    let settings =
        [("EDITION", "enterprise"), ("EMAIL_FALLBACK_PROVIDER", "resend"), ("EMAIL_DOMAIN_TEST_NAMES", "true")];
    TestStack::with(&settings, local::Run::ALL).await
}

async fn things(stack: &TestStack) -> Things {
    let (tenant, run) = tenant_with_task(stack).await;
    let task = stack.task(run).await.id.to_string();
    let wanted = json!({"name": "k", "permissions": ["tenants.read"], "tenant": tenant.to_string()});
    let made = Caller::operator(stack).post("/v1/api-keys", wanted).await;
    let key = made.body["id"].as_str().unwrap().to_owned();
    let wanted = json!({"tenantId": tenant.to_string(), "to": "ada@customer.example", "subject": "s", "text": "t", "sendAt": super::messages::in_an_hour(stack)});
    let sent = Caller::operator(stack).post("/v1/messages", wanted).await;
    let message = sent.body["id"].as_str().unwrap().to_owned();
    let suppressions = format!("/v1/tenants/{tenant}/suppressions");
    Caller::operator(stack).post(&suppressions, json!({ "address": ADDRESS })).await;
    let user =
        sqlx::query_scalar("select id from users where tenant_id = $1").bind(tenant.0).fetch_one(&stack.sql).await;
    let user = tenantry_model::UserId(user.unwrap()).to_string();
    let domain = domain(stack, tenant).await;
    let (endpoint, delivery) = webhook(stack, tenant).await;
    let export = export(stack, tenant).await;
    let sync = portal(stack, tenant).await.to_string();
    let file = b"tenantName,firstName,lastName,email\n,,,\n";
    let begun = Caller::operator(stack).upload("/v1/tenant-imports", "text/csv", file, None).await.run();
    let import = stack.ends(begun, "completed").await.id.to_string();
    Things {
        user,
        tenant: tenant.to_string(),
        run: run.to_string(),
        task,
        key,
        message,
        domain,
        endpoint,
        delivery,
        export,
        sync,
        import,
    }
}

/// A domain whose life stands still, so that nothing of it changes by itself.
async fn domain(stack: &TestStack, tenant: TenantId) -> String {
    let hour = std::time::Duration::from_secs(3600);
    let new = NewDomain {
        data: Data::new(tenant, "mail.acme.test".parse().unwrap(), hour, hour),
        mailbox: "noreply".to_owned(),
        region: None,
        token: "a".repeat(32),
        by: "test".to_owned(),
        trace: None,
    };
    let mut tx = stack.db().begin().await.unwrap();
    let Added::New(life, _) = add_domain(&mut tx, &new, stack.db().timing()).await.unwrap() else {
        panic!("the tenant has no domain yet");
    };
    sqlx::query("update commands set status = 'withdrawn', ended_at = now() where run_id = $1")
        .bind(life.0)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    EmailDomainId(life.0).to_string()
}

/// An endpoint, and a delivery to it whose life stands still.
async fn webhook(stack: &TestStack, tenant: TenantId) -> (String, String) {
    let wanted = json!({ "url": "https://hooks.acme.invalid/" });
    let made = Caller::operator(stack).post(&format!("/v1/tenants/{tenant}/webhook-endpoints"), wanted).await;
    let endpoint: WebhookEndpointId = made.body["id"].as_str().unwrap().parse().unwrap();
    let (timing, event) = (stack.db().timing(), WebhookEventId::new());
    let mut tx = stack.db().begin().await.unwrap();
    let new = NewEvent { id: event, tenant, what: "tenant.created", body: "{}" };
    put_event(&mut tx, &new, timing.now).await.unwrap();
    let events = [(event, "tenant.created".to_owned())];
    let (ids, _) = deliver_by_hand(&mut tx, tenant, endpoint, &events, "test", timing).await.unwrap();
    sqlx::query("update commands set status = 'withdrawn', ended_at = now() where run_id = $1")
        .bind(ids[0].0)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (endpoint.to_string(), ids[0].to_string())
}

/// A portal whose life stands still, and a standing reconcile that does as well.
async fn portal(stack: &TestStack, tenant: TenantId) -> RunId {
    let timing = stack.db().timing();
    let hour = std::time::Duration::from_secs(3600);
    let new = NewPortal {
        data: portal_domain::Data::new(tenant, "portal.acme.test".parse().unwrap(), hour),
        token: "a".repeat(32),
        by: "test".to_owned(),
        trace: None,
    };
    let mut tx = stack.db().begin().await.unwrap();
    add_portal(&mut tx, &new, timing).await.unwrap();
    portal::stand(&mut tx, hour, timing).await.unwrap();
    sqlx::query(
        "update commands set status = 'withdrawn', ended_at = now()
         where run_id in (select id from runs where kind in ('portal_domain', 'portal_sync'))",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    let standing = portal::standing_run(&mut tx).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    standing
}

/// An export that is whole; and an offboarding that was called off, so that the tenant's people are let in.
async fn export(stack: &TestStack, tenant: TenantId) -> String {
    let exports = format!("/v1/tenants/{tenant}/exports?wait=25");
    let made = Caller::operator(stack).post(&exports, json!({})).await;
    assert_eq!((made.status, &made.body["status"]), (202, &json!("completed")), "{made:?}");
    let offboarding = NewRun {
        id: RunId::new(),
        kind: TenantOffboarding::KIND,
        tenant: Some(tenant),
        external_key: None,
        started_by: "test".to_owned(),
        trace: None,
        change: advance::start::<TenantOffboarding>(Leaving::new(tenant, "Acme".into(), "a test".into(), 30)),
    };
    let mut tx = stack.db().begin().await.unwrap();
    start(&mut tx, &offboarding, stack.db().timing()).await.unwrap();
    for over in [
        "update runs set state = 'restored', status = 'cancelled', ended_at = now() where id = $1",
        "update commands set status = 'withdrawn', ended_at = now() where run_id = $1",
    ] {
        sqlx::query(over).bind(offboarding.id.0).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    made.body["id"].as_str().unwrap().to_owned()
}

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
                       (select string_agg(p::text, ' ' order by id) from portal_domains p))",
    )
    .fetch_one(&stack.sql)
    .await
    .unwrap();
    Value::from(text)
}
