//! Certificates: why there is none yet, why there will be none, when one may be ordered, and renewals.

use std::time::Duration;

use local::Run;
use serde_json::json;
use tenantry_standins::cluster::{Issuance, Kind, Mood, Problem};
use tenantry_tests::{TestStack, portals::PORTALS, wait::until};

const NAME: &str = "portal.acme.test";
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// No word of how the platform is built.
fn plain(words: &str) {
    for word in ["kubernetes", "istio", "cert-manager", "namespace", "letsencrypt-", "msp", "urn:", "virtualservice"] {
        assert!(!words.to_lowercase().contains(word), "{word}: {words}");
    }
}

#[tokio::test]
async fn not_ready_is_not_failed_and_why_is_said() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(2).await;
    // The authority's own look finds nobody.
    let refused = "Get \"http://portal.acme.test/.well-known/acme-challenge/x\": dial tcp 203.0.113.7:80: connect: connection refused";
    stack.cluster().issue(NAME, Issuance::SelfCheckFails(refused.to_owned()));
    // There is no issuer: ours to mend.
    stack.cluster().issue("portal.beta.test", Issuance::NoIssuer);
    let [slow, ours] = [(tenants[0], NAME), (tenants[1], "portal.beta.test")];
    let slow = stack.set_portal(slow.0, slow.1).await;
    let ours = stack.set_portal(ours.0, ours.1).await;
    for run in [slow, ours] {
        stack.point(run).await;
        stack.portal_in(run, "issuing").await;
    }
    until("what the authority says", || async {
        stack.next(slow).await;
        stack.stands(slow).await.2.contains("connection refused").then_some(())
    })
    .await;
    let (_, status, words) = stack.stands(slow).await;
    assert_eq!(status, "certificate_issuing");
    assert!(words.contains("http://portal.acme.test/.well-known/acme-challenge/"), "{words}");
    assert!(!words.contains("203.0.113.7"), "what the authority saw is not repeated: {words}");
    plain(&words);
    stack.next(ours).await;
    let (_, status, words) = stack.stands(ours).await;
    assert_eq!(status, "certificate_issuing");
    assert!(words.contains("on our side") && words.contains("nothing for you to do"), "{words}");
    plain(&words);

    // Half an hour later the operators are told once, with what is seen.
    stack.later(31 * MINUTE).await;
    stack.later(2 * HOUR).await;
    for run in [slow, ours] {
        let told = stack.operators_told(run).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("more than half an hour"), "{told:?}");
        assert_eq!(stack.stands(run).await.0, "issuing");
        assert_eq!(stack.notices(run, "PortalFailed").await, 0);
    }
    assert_eq!(stack.count("certificate_orders").await, 2);

    for run in [slow, ours] {
        let host = stack.portal(run).await.domain;
        stack.cluster().issue(&host, Issuance::AtOnce);
        stack.portal_in(run, "active").await;
        assert_eq!(stack.visit(&host).await, Some(200));
    }
    assert_eq!(stack.count("certificate_orders").await, 2, "one order each was enough");
}

#[tokio::test]
async fn a_refusal_says_why_and_a_retry_orders_anew() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenants = stack.tenants(3).await;
    let limited = Problem::rate_limited("gamma.test", "2026-12-01 10:00:00 UTC");
    for (tenant, host, problem, says) in [
        (tenants[0], NAME, Problem::caa(NAME), "CAA record"),
        (tenants[1], "portal.beta.test", Problem::dns("portal.beta.test"), "cannot resolve"),
        (tenants[2], "portal.gamma.test", limited, "2026-12-01 10:00 UTC"),
    ] {
        stack.cluster().issue(host, Issuance::Refused(problem));
        let run = stack.set_portal(tenant, host).await;
        stack.point(run).await;
        stack.portal_in(run, "certificate_failed").await;
        stack.calm().await;
        let (_, status, words) = stack.stands(run).await;
        assert_eq!(status, "certificate_failed", "{host}");
        assert!(words.contains(says) && words.contains(host), "{words}");
        plain(&words);
        assert_eq!(stack.portal(run).await.error.unwrap()["message"], json!(words));
        let told = stack.operators_told(run).await;
        assert!(told.len() == 1 && told[0].contains("urn:ietf:params:acme:error"), "{told:?}");
        assert_eq!(stack.notices(run, "PortalFailed").await, 1);

        // A look is no order.
        stack.refresh(run).await;
        stack.later(HOUR).await;
        assert_eq!(
            (stack.stands(run).await.0.as_str(), stack.operators_told(run).await.len()),
            ("certificate_failed", 1)
        );
        let orders =
            || sqlx::query_as("select count(*), count(failed_at) from certificate_orders where domain_id = $1");
        let counted: (i64, i64) = orders().bind(run.0).fetch_one(&stack.sql).await.unwrap();
        assert_eq!(counted, (1, 1), "the refusal is counted");

        // Retried while nothing has changed: the same, and not active; then it is mended.
        stack.signal(run, "retry", json!({ "by": "ada" })).await.unwrap();
        stack.calm().await;
        stack.portal_in(run, "certificate_failed").await;
        let counted: (i64, i64) = orders().bind(run.0).fetch_one(&stack.sql).await.unwrap();
        assert_eq!(counted.0, 2, "an order that is made anew is counted anew");
        stack.cluster().issue(host, Issuance::AtOnce);
        stack.signal(run, "retry", json!({ "by": "ada" })).await.unwrap();
        stack.portal_in(run, "active").await;
        assert_eq!((stack.stands(run).await.2.as_str(), stack.visit(host).await), ("", Some(200)));
        assert_eq!(stack.portal(run).await.error, None);
    }
}

#[tokio::test]
async fn orders_wait_for_the_authoritys_limits_and_are_made_by_themselves() {
    let settings = [&PORTALS[..], &[("PORTAL_DOMAIN_ORDERS_REGISTERED", "1")]].concat();
    let stack = TestStack::with(&settings, Run::ALL).await;
    let tenants = stack.tenants(3).await;
    let first = stack.live_portal(tenants[0], NAME).await;
    let second = stack.set_portal(tenants[1], "www.acme.test").await;
    stack.point(second).await;
    stack.portal_in(second, "ordering").await;
    stack.calm().await;
    let (_, status, words) = stack.stands(second).await;
    assert_eq!(status, "pending_certificate");
    assert!(
        words.contains("no more certificates for this domain this week") && words.contains("by ourselves"),
        "{words}"
    );
    assert!(stack.left_of(&[second]).is_empty());
    // Whoever presses the button changes nothing; another domain is not touched by it.
    stack.refresh(second).await;
    assert_eq!(stack.stands(second).await.0, "ordering");
    stack.live_portal(tenants[2], "portal.beta.test").await;
    // The week is over.
    stack.later(6 * DAY).await;
    assert_eq!(stack.stands(second).await.0, "ordering");
    stack.later(DAY).await;
    stack.portal_in(second, "active").await;
    stack.calm().await;
    assert_eq!(stack.stands(second).await.2, "");
    assert_eq!(stack.stands(first).await.1, "active");
}

#[tokio::test]
async fn what_is_taken_away_comes_back_and_a_renewal_is_seen_from_outside() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    stack.cluster().issue(NAME, Issuance::Lasting(time::Duration::days(60)));
    let run = stack.live_portal(tenant, NAME).await;
    stack.calm().await;
    let key = stack.object(run, Kind::Certificate);
    let hash = |object: serde_json::Value| object["metadata"]["annotations"]["portal.tenantry.dev/hash"].clone();
    let before = hash(stack.cluster().get(&key).unwrap());

    // Somebody deletes it: the standing reconcile brings it back as it was.
    assert!(stack.cluster().delete(&key));
    stack.later(16 * MINUTE).await;
    let again = stack.cluster().get(&key).expect("it is back");
    assert_eq!(hash(again), before);
    assert_eq!(stack.stands(run).await.1, "active");
    assert!(stack.operators_told(run).await.is_empty());

    // Renewed, and the gateway goes on showing the old one.
    let ready = |object: &serde_json::Value| {
        object["status"]["revision"].as_i64() > Some(1) || object["status"]["notAfter"].is_string()
    };
    stack.cluster().wait_for(&key, ready, 10 * Duration::from_secs(1)).await.expect("issued");
    stack.later(2 * DAY).await;
    stack.cluster().gateway_holds_certificates(true);
    assert_eq!(stack.visit(NAME).await, Some(200));
    stack.cluster().issue(NAME, Issuance::Lasting(time::Duration::days(90)));
    assert!(stack.cluster().renew(&key));
    let renewed = |object: &serde_json::Value| {
        let until = object["status"]["notAfter"].as_str().unwrap_or("").to_owned();
        until > (time::OffsetDateTime::now_utc() + time::Duration::days(80)).date().to_string()
    };
    stack.cluster().wait_for(&key, renewed, 10 * Duration::from_secs(1)).await.expect("renewed");
    stack.refresh(run).await;
    stack.later(2 * DAY).await;
    let told = stack.operators_told(run).await;
    assert!(told.last().is_some_and(|told| told.contains("still shows the certificate that ends on")), "{told:?}");
    assert_eq!(
        (stack.stands(run).await.1.as_str(), stack.axis(run, "certificate").await.as_str()),
        ("active", "renewal_failing")
    );
    // A tenant reads nothing of it: its visitors notice nothing.
    assert_eq!(stack.stands(run).await.2, "");

    // It has read the new one: silence.
    stack.cluster().gateway_holds_certificates(false);
    let before = stack.operators_told(run).await.len();
    stack.later(2 * DAY).await;
    stack.later(2 * DAY).await;
    assert_eq!(
        (stack.axis(run, "certificate").await.as_str(), stack.operators_told(run).await.len()),
        ("ready", before)
    );

    // Two months and more without a renewal: first the operators are told, near the end the tenant too.
    stack.later(57 * DAY).await;
    let told = stack.operators_told(run).await;
    assert!(told.last().unwrap().contains("no renewed one is shown") && told.len() > before, "{told:?}");
    assert_eq!(stack.stands(run).await.2, "");
    stack.later(22 * DAY).await;
    let (_, status, words) = stack.stands(run).await;
    assert!(status == "active" && words.contains("ends on") && words.contains("We are renewing it"), "{words}");
    plain(&words);
}

#[tokio::test]
async fn a_gateway_that_is_late_is_waited_for_and_one_that_breaks_takes_nothing_down() {
    let stack = TestStack::with(&PORTALS, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    // The certificate comes whatever the gateway does.
    stack.cluster().issue(NAME, Issuance::Lasting(time::Duration::days(90)));
    let run = stack.set_portal(tenant, NAME).await;
    stack.point(run).await;
    stack.cluster().gateway_lag(Duration::from_secs(3600));
    stack.portal_in(run, "deploying").await;
    let mut said = Vec::new();
    for mood in [Mood::Serving, Mood::Unavailable, Mood::Refusing] {
        stack.cluster().gateway_mood(mood).await;
        stack.refresh(run).await;
        let (state, status, words) = stack.stands(run).await;
        assert_eq!((state.as_str(), status.as_str()), ("deploying", "deploying"), "{mood:?}");
        assert!(!words.is_empty(), "{mood:?}");
        plain(&words);
        said.push(words);
    }
    assert!(said[2].contains("connection refused"), "{said:?}");
    stack.later(31 * MINUTE).await;
    let told = stack.operators_told(run).await;
    assert!(told.len() == 1 && told[0].contains("after half an hour"), "{told:?}");
    stack.cluster().gateway_mood(Mood::Serving).await;
    stack.cluster().gateway_lag(Duration::ZERO);
    stack.portal_in(run, "active").await;
    stack.calm().await;
    assert_eq!(stack.stands(run).await.2, "");

    // Live, and then it breaks: it stays what it is, and is looked at again soon.
    for mood in [Mood::Unavailable, Mood::Refusing] {
        let before = stack.operators_told(run).await.len();
        stack.cluster().forget();
        stack.cluster().gateway_mood(mood).await;
        stack.later(DAY + HOUR).await;
        assert_eq!(stack.operators_told(run).await.len(), before, "once is not twice");
        stack.later(6 * MINUTE).await;
        let (state, status, words) = stack.stands(run).await;
        assert_eq!((state.as_str(), status.as_str()), ("active", "active"));
        assert!(!words.is_empty(), "{mood:?}");
        plain(&words);
        assert_eq!(stack.axis(run, "routing").await, "troubled");
        stack.later(2 * DAY).await;
        let told = stack.operators_told(run).await;
        assert_eq!(told.len(), before + 1, "told once: {told:?}");
        assert!(told.last().unwrap().contains("does not answer as it should"), "{told:?}");
        assert!(!stack.cluster().requests().iter().any(|seen| seen.verb.writes()), "nothing is taken down for it");

        stack.cluster().gateway_mood(Mood::Serving).await;
        stack.refresh(run).await;
        let (_, status, words) = stack.stands(run).await;
        assert_eq!(
            (status.as_str(), words.as_str(), stack.axis(run, "routing").await.as_str()),
            ("active", "", "live")
        );
    }
}
