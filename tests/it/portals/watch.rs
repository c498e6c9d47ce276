//! A hostname in use that goes elsewhere, one that comes back, and removals from wherever it is.

use std::time::Duration;

use local::Run;
use serde_json::json;
use tenantry_model::{RunId, TenantId};
use tenantry_standins::cluster::{Fault, Issuance, Problem, Rule, Verb};
use tenantry_tests::{TestStack, portals::PORTALS};

const NAME: &str = "portal.acme.test";
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn who_moves_away_is_warned_served_for_a_week_and_then_taken_down() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let run = stack.live_portal(tenant, NAME).await;
    stack.calm().await;
    stack.dns().add_zone("other.test").unwrap();
    stack.dns().set("shop.other.test", "A", 300, ["127.0.0.9"]).unwrap();
    let moves = || stack.point_to(NAME, "shop.other.test");

    // One look is none; a second, an hour later, is.
    moves();
    stack.later(DAY + HOUR).await;
    let (state, status, words) = stack.stands(run).await;
    assert_eq!((state.as_str(), status.as_str(), stack.notices(run, "PortalMoved").await), ("active", "active", 0));
    assert!(words.contains("shop.other.test"), "{words}");
    stack.later(30 * MINUTE).await;
    stack.refresh(run).await;
    assert_eq!(stack.stands(run).await.0, "active");
    stack.later(HOUR).await;
    let (state, status, words) = stack.stands(run).await;
    assert_eq!((state.as_str(), status.as_str(), stack.notices(run, "PortalMoved").await), ("moved", "active", 1));
    assert!(words.contains("shop.other.test"), "{words}");
    assert_eq!((stack.axis(run, "ownership").await.as_str(), stack.visit(NAME).await), ("moved", Some(200)));

    // Back within the week: no trace.
    stack.later(6 * DAY).await;
    assert_eq!((stack.stands(run).await.0.as_str(), stack.visit(NAME).await), ("moved", Some(200)));
    stack.point(run).await;
    stack.refresh(run).await;
    assert_eq!(stack.stands(run).await, ("active".into(), "active".into(), String::new()));
    assert_eq!((stack.axis(run, "ownership").await.as_str(), stack.operators_told(run).await.len()), ("verified", 0));
    assert!(stack.portal(run).await.proven_at.is_some());

    // Away again, and for good; the DNS is down when the week is over.
    moves();
    stack.later(2 * DAY).await;
    stack.later(2 * HOUR).await;
    assert_eq!(stack.stands(run).await.0, "moved");
    stack.dns().misbehave([tenantry_standins::dns::Rule::below("acme.test", tenantry_standins::dns::Fault::ServFail)]);
    stack.later(8 * DAY).await;
    assert_eq!((stack.stands(run).await.0.as_str(), stack.visit(NAME).await), ("moved", Some(200)));
    stack.dns().behave();
    stack.later(DAY + HOUR).await;
    stack.portal_in(run, "disabled").await;
    let (_, status, words) = stack.stands(run).await;
    assert_eq!(status, "disabled");
    assert!(words.contains("pointed elsewhere for too long") && words.contains("canonical host"), "{words}");
    assert_eq!((stack.visit(NAME).await, stack.left_of(&[run])), (None, Vec::new()));
    let canonical = stack.portal(run).await.canonical_host;
    assert!(stack.visit(&canonical).await.is_some(), "the canonical host goes on serving");
}

/// Brings a hostname of its own to this state, in which it stays.
async fn bring(stack: &TestStack, state: &str, tenants: [TenantId; 2]) -> RunId {
    let host = format!("portal.{}.test", state.replace('_', "-"));
    let zone = host.strip_prefix("portal.").unwrap();
    stack.dns().add_zone(zone).unwrap();
    let holder = (state == "held").then(|| stack.live_portal(tenants[1], &host));
    if let Some(holder) = holder {
        holder.await;
    }
    match state {
        "issuing" => stack.cluster().issue(&host, Issuance::Pending("Waiting".to_owned())),
        "certificate_failed" => stack.cluster().issue(&host, Issuance::Refused(Problem::dns(&host))),
        "deploying" => {
            stack.cluster().issue(&host, Issuance::Lasting(time::Duration::days(90)));
            stack.cluster().gateway_lag(HOUR);
        }
        "preflighting" => stack.dns().set(zone, "CAA", 300, ["0 issue \";\""]).unwrap(),
        _ => {}
    }
    let run = stack.set_portal(tenants[0], &host).await;
    let name = format!("portal-{}", run.0.simple());
    match state {
        "applying" => stack.cluster().misbehave(1, [Rule::on(Verb::Apply, Fault::Error(503)).named(&name)]),
        "refused" => stack.cluster().misbehave(1, [Rule::refuse(&name, "not here")]),
        "ordering" => {
            sqlx::query(
                "insert into certificate_orders (id, domain_id, name, registered, at)
                 select gen_random_uuid(), $1, 'other', $2, $3 from generate_series(1, 100)",
            )
            .bind(run.0)
            .bind(zone)
            .bind(stack.db().clock().now())
            .execute(&stack.sql)
            .await
            .unwrap();
        }
        _ => {}
    }
    match state {
        "awaiting_dns" => stack.calm().await,
        "dns_failed" => stack.later(3 * DAY).await,
        "moved" => {
            stack.point(run).await;
            stack.portal_in(run, "active").await;
            stack.dns().set(&host, "CNAME", 300, ["shop.other.test."]).unwrap();
            stack.later(DAY + HOUR).await;
            stack.later(HOUR).await;
        }
        _ => stack.point(run).await,
    }
    stack.portal_in(run, state).await;
    run
}

#[tokio::test]
async fn a_removal_from_any_state_leaves_nothing_behind() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    stack.dns().add_zone("other.test").unwrap();
    stack.dns().set("shop.other.test", "A", 300, ["127.0.0.9"]).unwrap();
    let states = [
        "awaiting_dns",
        "preflighting",
        "ordering",
        "applying",
        "refused",
        "issuing",
        "certificate_failed",
        "deploying",
        "active",
        "moved",
        "dns_failed",
        "held",
    ];
    let tenants = stack.tenants(2 * states.len()).await;
    for (state, tenants) in states.into_iter().zip(tenants.chunks(2)) {
        let run = bring(&stack, state, [tenants[0], tenants[1]]).await;
        stack.signal(run, "remove", json!({ "by": "ada" })).await.unwrap();
        stack.portal_in(run, "disabled").await;
        stack.calm().await;
        assert_eq!(stack.left_of(&[run]), Vec::<String>::new(), "{state}");
        let row = stack.portal(run).await;
        assert_eq!((row.result["status"].as_str(), row.active), (Some("disabled"), false), "{state}");
        let holds: bool = sqlx::query_scalar("select holds or serves or retired from portal_domains where id = $1")
            .bind(run.0)
            .fetch_one(&stack.sql)
            .await
            .unwrap();
        assert!(!holds, "{state}: the name is free");
        assert_eq!(stack.visit(&row.domain).await, (state == "held").then_some(200), "{state}");
        stack.cluster().behave();
        stack.cluster().gateway_lag(Duration::ZERO);
    }
    // Free for the next one.
    let next = stack.set_portal(tenants[1], "portal.active.test").await;
    stack.point(next).await;
    stack.portal_in(next, "active").await;
    assert_eq!(stack.visit("portal.active.test").await, Some(200));
}
