//! What the DNS may say of a hostname, before it is live and while it is.

use std::time::Duration;

use local::Run;
use serde_json::json;
use tenantry_model::RunId;
use tenantry_standins::{
    cluster::{Kind, Verb},
    dns::{Fault, Rule},
};
use tenantry_tests::{TestStack, portals::PORTALS};

const NAME: &str = "portal.acme.test";
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// It is live, and nothing of it was touched since.
async fn untouched(stack: &TestStack, run: RunId, why: &str) {
    let row = stack.portal(run).await;
    assert_eq!((row.result["status"].as_str(), row.active), (Some("active"), true), "{why}: {row:#?}");
    let touched: Vec<_> = stack.cluster().requests().into_iter().filter(|seen| seen.verb.writes()).collect();
    assert!(touched.is_empty(), "{why}: {touched:?}");
    assert_eq!(stack.git(&["log", "--format=%s", "main"]).lines().count(), 1, "{why}");
    assert_eq!(stack.visit(NAME).await, Some(200), "{why}");
}

#[tokio::test]
async fn what_is_live_is_touched_by_nothing_that_the_dns_does_not_know() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let run = stack.live_portal(tenant, NAME).await;
    stack.calm().await;
    stack.cluster().forget();

    // Days in which nobody can say.
    for (rule, says) in [
        (Rule::below(".", Fault::ServFail), "SERVFAIL"),
        (Rule::below(".", Fault::Refused), "does not answer for"),
        (Rule::below("acme.test", Fault::ServFail), "SERVFAIL"),
        (Rule::below("acme.test", Fault::Silence), "did not answer in time"),
    ] {
        stack.dns().misbehave([rule.clone()]);
        for _ in 0..2 {
            stack.later(DAY + HOUR).await;
            let (_, _, words) = stack.stands(run).await;
            assert!(words.contains(says), "{rule:?}: {words}");
            assert_eq!(stack.axis(run, "ownership").await, "unclear", "{rule:?}");
            untouched(&stack, run, &format!("{rule:?}")).await;
        }
    }
    // Our own zone is away: that is said to be ours.
    stack.dns().misbehave([Rule::below("portal.tenantry.test", Fault::ServFail)]);
    stack.later(DAY + HOUR).await;
    untouched(&stack, run, "our own zone is away").await;
    stack.dns().behave();
    stack.later(DAY + HOUR).await;
    assert_eq!(stack.stands(run).await, ("active".into(), "active".into(), String::new()));
    assert_eq!(stack.axis(run, "ownership").await, "verified");

    // A CAA record that shuts our authority out: the next renewal would fail, so it is said; and what is live stays.
    stack.dns().set("acme.test", "CAA", 300, ["0 issue \"other.example\""]).unwrap();
    stack.later(DAY + HOUR).await;
    let (_, _, words) = stack.stands(run).await;
    assert!(words.contains("CAA") && words.contains("other.example"), "{words}");
    untouched(&stack, run, "a CAA record").await;
    stack.dns().remove("acme.test", "CAA").unwrap();
    stack.refresh(run).await;
    assert_eq!(stack.stands(run).await.2, "");
    assert_eq!(stack.notices(run, "PortalMoved").await, 0);
}

#[tokio::test]
async fn nothing_is_ordered_that_must_fail_and_it_goes_on_when_that_is_mended() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(4).await;
    for zone in ["acme.test", "beta.test", "gamma.test", "delta.test"] {
        stack.dns().add_zone(zone).unwrap();
    }
    // A CAA record above the name.
    let caa = stack.set_portal(tenants[0], NAME).await;
    stack.point(caa).await;
    stack.dns().set("acme.test", "CAA", 300, ["0 issue \"other.example\"", "0 issuewild \";\""]).unwrap();
    // Our address, and somebody's IPv6 address beside it, at the top of a zone.
    let stray = stack.set_portal(tenants[1], "beta.test").await;
    stack.dns().set("beta.test", "A", 300, ["127.0.0.1"]).unwrap();
    text(&stack, stray).await;
    stack.dns().set("beta.test", "AAAA", 300, ["2001:db8::7"]).unwrap();
    // What another certificate was once had with.
    let challenge = stack.set_portal(tenants[2], "portal.gamma.test").await;
    stack.point(challenge).await;
    stack.dns().set("_acme-challenge.portal.gamma.test", "CNAME", 300, ["gamma.acme-dns.test."]).unwrap();
    // The servers do not say whether there are CAA records.
    let unclear = stack.set_portal(tenants[3], "portal.delta.test").await;
    stack.point(unclear).await;
    stack.dns().misbehave([Rule::below("delta.test", Fault::ServFail).of("CAA")]);

    for (run, says) in [(caa, ["CAA", "other.example"]), (unclear, ["CAA", "delta.test"])] {
        stack.portal_in(run, "preflighting").await;
        stack.calm().await;
        let (state, status, words) = stack.stands(run).await;
        assert_eq!((state.as_str(), status.as_str()), ("preflighting", "verifying_dns"));
        assert!(says.iter().all(|says| words.contains(says)), "{words}");
    }
    let (_, _, words) = stack.stands(stray).await;
    assert!(words.contains("2001:db8::7"), "{words}");
    assert_ne!(stack.portal_status(stray).await, "active");
    stack.later(DAY).await;
    for run in [caa, stray, unclear] {
        assert!(stack.left_of(&[run]).is_empty(), "nothing is applied");
        let orders: i64 = sqlx::query_scalar("select count(*) from certificate_orders where domain_id = $1")
            .bind(run.0)
            .fetch_one(&stack.sql)
            .await
            .unwrap();
        assert_eq!(orders, 0, "nothing is counted");
    }
    // A stray `_acme-challenge` stands in the way of others' ways, not of ours; it is known of.
    stack.portal_in(challenge, "active").await;
    assert_eq!(stack.cluster().count(Verb::Apply, Kind::Certificate), 1);

    stack.dns().behave();
    stack.dns().set("acme.test", "CAA", 300, ["0 issue \"other.example\"", "0 issue \"letsencrypt.org\""]).unwrap();
    stack.dns().remove("beta.test", "AAAA").unwrap();
    for run in [caa, stray, unclear] {
        stack.refresh(run).await;
        stack.portal_in(run, "active").await;
        stack.calm().await;
    }
    assert_eq!(stack.stands(caa).await.2, "");
}

/// The tenant publishes the text that shows whose the name is.
async fn text(stack: &TestStack, run: RunId) {
    let row = stack.portal(run).await;
    let value = format!("tenantry-verify={}", row.token);
    stack.dns().set(&format!("_tenantry.{}", row.domain), "TXT", 300, [value]).unwrap();
}

#[tokio::test]
async fn addresses_alone_are_no_proof_and_with_the_text_an_apex_goes_live() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(2).await;
    // The top of a zone, where no CNAME can stand; a CNAME that the DNS host has flattened.
    for zone in ["acme.test", "beta.test"] {
        stack.dns().add_zone(zone).unwrap();
    }
    let apex = stack.set_portal(tenants[0], "acme.test").await;
    let flat = stack.set_portal(tenants[1], "portal.beta.test").await;
    stack.dns().set("acme.test", "A", 300, ["127.0.0.1"]).unwrap();
    stack.dns().set("portal.beta.test", "A", 300, ["127.0.0.1"]).unwrap();

    for run in [apex, flat] {
        stack.refresh(run).await;
        stack.next(run).await;
        stack.next(run).await;
        let (state, status, words) = stack.stands(run).await;
        assert_eq!((state.as_str(), status.as_str()), ("awaiting_dns", "pending_dns"), "{words}");
        let token = stack.portal(run).await.token;
        assert!(words.contains("_tenantry") && words.contains(&token), "the text to publish is said: {words}");
    }
    // Somebody else's text, or half of one, is none.
    let other = stack.portal(flat).await.token;
    stack.dns().set("_tenantry.acme.test", "TXT", 300, [format!("tenantry-verify={other}")]).unwrap();
    stack.refresh(apex).await;
    assert_eq!(stack.stands(apex).await.0, "awaiting_dns");
    assert_eq!(stack.axis(apex, "ownership").await, "pending");

    for run in [apex, flat] {
        text(&stack, run).await;
        stack.portal_in(run, "active").await;
    }
    for host in ["acme.test", "portal.beta.test"] {
        assert_eq!(stack.visit(host).await, Some(200), "{host}");
    }
    // Once it is served, the text may go: the addresses are enough, as long as nobody else shows that it is his.
    stack.dns().remove("_tenantry.acme.test", "TXT").unwrap();
    stack.later(2 * DAY).await;
    stack.later(2 * DAY).await;
    assert_eq!(stack.stands(apex).await.1, "active");
    assert_eq!(stack.notices(apex, "PortalMoved").await, 0);
}

#[tokio::test]
async fn a_cname_must_be_there_twice_five_minutes_apart_and_after_three_days_it_is_over() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(2).await;
    let run = stack.set_portal(tenants[0], NAME).await;
    stack.dns().add_zone("acme.test").unwrap();
    stack.dns().add_zone("other.test").unwrap();
    stack.dns().add_zone("tenantry.test").unwrap();
    stack.dns().set("shop.other.test", "A", 300, ["127.0.0.9"]).unwrap();
    stack.calm().await;
    let (state, status, words) = stack.stands(run).await;
    assert_eq!((state.as_str(), status.as_str()), ("awaiting_dns", "pending_dns"));
    assert!(words.contains("does not exist") && words.contains(".portal.tenantry.test"), "{words}");

    // It leads somewhere else; to another tenant's portal; almost to the right one.
    let canonical = stack.portal(run).await.canonical_host;
    let other = stack.set_portal(tenants[1], "www.beta.test").await;
    let other = stack.portal(other).await.canonical_host;
    for (target, says) in [
        ("shop.other.test", "and not for"),
        // Where it leads in the end nobody can say; that is said, and nothing about certificates.
        ("shop.nowhere.example", "portal.acme.test"),
        (&*other, "another portal of this platform"),
        (&*canonical.replace("portal.", "protal."), "typing mistake"),
        (&*format!("{canonical}.acme.test"), "acme.test"),
    ] {
        stack.point_to(NAME, target);
        stack.refresh(run).await;
        let (state, status, words) = stack.stands(run).await;
        assert_eq!((state.as_str(), status.as_str()), ("awaiting_dns", "pending_dns"), "{target}");
        assert!(words.contains(says) && !words.contains("CAA"), "{target}: {words}");
        assert!(words.contains(&canonical) || target.ends_with(".example"), "{target}: {words}");
    }

    // Seen once; whoever is impatient is not told a second time.
    stack.point(run).await;
    stack.refresh(run).await;
    assert_eq!(stack.stands(run).await.1, "verifying_dns");
    for _ in 0..3 {
        stack.pass(MINUTE);
        stack.refresh(run).await;
        assert_eq!(stack.stands(run).await.0, "awaiting_dns");
    }
    assert_eq!(stack.notices(run, "PortalDnsVerified").await, 0);
    // Gone when it should be seen again.
    stack.dns().remove(NAME, "CNAME").unwrap();
    stack.later(5 * MINUTE).await;
    let (state, status, words) = stack.stands(run).await;
    assert_eq!((state.as_str(), status.as_str()), ("awaiting_dns", "pending_dns"), "{words}");
    assert!(stack.portal(run).await.proven_at.is_none());

    // Three days.
    stack.point_to(NAME, "shop.other.test");
    stack.refresh(run).await;
    stack.later(3 * DAY).await;
    let (state, status, words) = stack.stands(run).await;
    assert_eq!((state.as_str(), status.as_str()), ("dns_failed", "dns_failed"));
    assert!(words.starts_with("We have looked for three days. What we saw last:"), "{words}");
    assert!(words.contains("shop.other.test"), "{words}");
    assert_eq!((stack.notices(run, "PortalReminded").await, stack.notices(run, "PortalFailed").await), (1, 1));
    assert_eq!(stack.portal(run).await.error.unwrap()["message"], json!(words));
    assert!(stack.left_of(&[run]).is_empty());

    stack.point(run).await;
    stack.signal(run, "retry", json!({ "by": "ada" })).await.unwrap();
    stack.portal_in(run, "active").await;
    assert_eq!(stack.stands(run).await.2, "");
    assert_eq!(stack.portal(run).await.error, None);
    assert_eq!(stack.visit(NAME).await, Some(200));
}
