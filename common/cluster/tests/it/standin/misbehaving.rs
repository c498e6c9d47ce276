//! A cluster that is not in the mood.

use tenantry_cluster::{ClusterError, Kind};
use tenantry_standins::cluster::{self as standin, Fault, Rule, Verb};

use crate::standin::{MANAGED, certificate, route, start};

#[tokio::test]
async fn a_cluster_says_what_it_lacks_and_what_we_may_not() {
    let (standin, cluster) = start().await;
    let needs = [(Kind::Certificate, "istio-system"), (Kind::Gateway, "istio-system"), (Kind::VirtualService, "msp")];
    let checked = cluster.check(&needs).await.unwrap();
    assert!(checked.is_ready(), "{checked:?}");
    assert!(checked.version.starts_with("v1.36"), "{checked:?}");

    standin.forbid(Verb::Delete, standin::Kind::VirtualService, Some("msp"));
    standin.uninstall(standin::Kind::Order);
    let checked = cluster.check(&needs).await.unwrap();
    assert!(
        checked.missing.contains(&"delete virtualservices of networking.istio.io in msp".to_owned()),
        "{checked:?}"
    );
    assert_eq!(checked.unknown, ["orders.acme.cert-manager.io/v1"]);
}

#[tokio::test]
async fn a_kind_that_is_taken_away_does_not_make_its_objects_absent() {
    let (standin, cluster) = start().await;
    let wanted = certificate("d1");
    let uid = cluster.apply(&wanted, None, false).await.unwrap().uid;
    standin.uninstall(standin::Kind::Certificate);

    let unknown = ClusterError::KindUnknown { kind: "certificates.cert-manager.io/v1".to_owned() };
    assert_eq!(cluster.get(&wanted.key).await.unwrap_err(), unknown);
    assert_eq!(cluster.list(Kind::Certificate, "istio-system", MANAGED).await.unwrap_err(), unknown);
    assert_eq!(cluster.apply(&wanted, None, false).await.unwrap_err(), unknown);
    assert_eq!(cluster.delete(&wanted.key, &uid).await.unwrap_err(), unknown);
    assert_eq!(cluster.chain(&wanted.key).await.unwrap_err(), unknown);
}

#[tokio::test]
async fn each_mood_is_told_apart() {
    let (standin, cluster) = start().await;
    let wanted = route("portal.msp.svc");
    let mut seen = Vec::new();
    let moods = [
        Fault::Error(401),
        Fault::Error(403),
        Fault::Error(500),
        Fault::Error(504),
        Fault::TooManyRequests(9),
        Fault::Refused("no such service".to_owned()),
        Fault::Reset,
        Fault::Garbage,
    ];
    for mood in moods {
        standin.misbehave(1, [Rule::on(Verb::Apply, mood)]);
        seen.push(cluster.apply(&wanted, None, false).await.unwrap_err());
    }

    assert_eq!(seen[0], ClusterError::Unauthorized);
    assert!(matches!(seen[1], ClusterError::Forbidden { .. }), "{}", seen[1]);
    assert!(matches!(seen[2], ClusterError::Server { status: 500, .. }), "{}", seen[2]);
    assert_eq!(seen[3], ClusterError::TimedOut);
    assert_eq!(seen[4].retry_after().unwrap().as_secs(), 9);
    assert_eq!(seen[5], ClusterError::Refused { reason: "spec: no such service".to_owned() });
    assert_eq!(seen[6], ClusterError::Unreachable { why: "the connection broke off".to_owned() });
    assert!(matches!(seen[7], ClusterError::Unreadable { .. }), "{}", seen[7]);
    let about: Vec<bool> = seen.iter().map(ClusterError::is_about_the_object).collect();
    assert_eq!(about, [false, false, false, false, false, true, false, false]);
}

#[tokio::test]
async fn an_effect_without_an_answer_is_repeated_without_harm() {
    let (standin, cluster) = start().await;
    let wanted = route("portal.msp.svc");
    standin.forget();
    standin.misbehave(1, [Rule::on(Verb::Apply, Fault::Reset).after().times(1)]);

    let error = cluster.apply(&wanted, None, false).await.unwrap_err();
    assert!(error.may_pass(), "{error}");
    let found = cluster.apply(&wanted, None, false).await.unwrap();

    assert_eq!(found.generation, 1);
    assert_eq!(standin.journal().len(), 1, "the second one found it done");
}
