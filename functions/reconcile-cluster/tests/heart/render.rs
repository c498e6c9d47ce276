use std::{collections::BTreeSet, time::Duration};

use reconcile_cluster::{
    labels,
    render::{CHALLENGE_PATH, Service, hash},
};
use tenantry_cluster::Kind;

use crate::given::{hostname, named, rendering, row};

#[test]
fn a_hostname_is_a_certificate_a_gateway_and_a_route_under_one_name() {
    let objects = rendering().objects(&hostname(1)).unwrap();

    assert_eq!(objects.each_ref().map(|object| object.key.kind), Kind::ALL);
    let names: BTreeSet<&str> = objects.iter().map(|object| object.key.name.as_str()).collect();
    assert_eq!(names, BTreeSet::from([labels::name(row(1)).as_str()]));
    let namespaces = objects.each_ref().map(|object| object.key.namespace.as_str());
    assert_eq!(namespaces, ["istio-system", "istio-system", "msp"], "the certificate is where the gateway reads it");
    assert!(objects[0].key.name.len() <= 63);
}

#[test]
fn the_certificate_may_be_kept_elsewhere() {
    let mut rendering = rendering();
    rendering.certificate_namespace = Some("msp".to_owned());

    assert_eq!(rendering.objects(&hostname(1)).unwrap()[0].key.namespace, "msp");
}

#[test]
fn a_certificate_has_a_new_key_each_time_and_a_secret_with_our_labels() {
    let [certificate, ..] = rendering().objects(&hostname(1)).unwrap();
    let spec = &certificate.spec;

    assert_eq!(spec["dnsNames"], serde_json::json!(["portal.acme1.test"]));
    assert_eq!(spec["secretName"], "portal-domain-a1b2c3d");
    assert_eq!(spec["privateKey"]["rotationPolicy"], "Always");
    assert_eq!(spec["issuerRef"]["name"], "letsencrypt-http01");
    assert_eq!(spec["secretTemplate"]["labels"][labels::MANAGED], "true");
    assert!(spec.get("duration").is_none() && spec.get("renewBefore").is_none() && spec.get("commonName").is_none());
}

#[test]
fn durations_are_written_as_the_server_writes_them() {
    let mut rendering = rendering();
    rendering.duration = Some(Duration::from_secs(90 * 86_400));
    rendering.renew_before = Some(Duration::from_secs(3_661));
    let [certificate, ..] = rendering.objects(&hostname(1)).unwrap();

    assert_eq!(certificate.spec["duration"], "2160h0m0s");
    assert_eq!(certificate.spec["renewBefore"], "1h1m1s");
}

#[test]
fn only_the_portals_namespace_may_route_the_hostname_and_no_gateway_redirects() {
    let [_, gateway, route] = rendering().objects(&hostname(1)).unwrap();

    for server in gateway.spec["servers"].as_array().unwrap() {
        assert_eq!(server["hosts"], serde_json::json!(["msp/portal.acme1.test"]));
        assert!(server["tls"].get("httpsRedirect").is_none(), "it would redirect the challenge");
    }
    assert_eq!(gateway.spec["servers"][0]["tls"]["minProtocolVersion"], "TLSV1_2");
    assert_eq!(route.spec["gateways"], serde_json::json!([format!("istio-system/{}", gateway.key.name)]));
    assert_eq!(route.spec["hosts"], serde_json::json!(["portal.acme1.test"]));
}

/// What Istio does with a request: the first route counts of which all conditions of one match hold.
fn leads(http: &serde_json::Value, port: u64, path: &str) -> String {
    let text = |text: &serde_json::Value| match (text["exact"].as_str(), text["prefix"].as_str()) {
        (Some(exact), _) => path == exact,
        (_, Some(prefix)) => path.starts_with(prefix),
        _ => panic!("neither exact nor prefix"),
    };
    let holds = |condition: &serde_json::Value| {
        condition.get("port").is_none_or(|wanted| wanted == port)
            && condition.get("uri").is_none_or(text)
            && condition.get("withoutHeaders").is_none_or(|headers| !text(&headers[":path"]))
    };
    let route = http
        .as_array()
        .unwrap()
        .iter()
        .find(|route| route.get("match").is_none_or(|conditions| conditions.as_array().unwrap().iter().any(holds)));
    route.unwrap()["name"].as_str().unwrap().to_owned()
}

#[test]
fn http_leads_to_https_but_the_challenge_is_never_redirected() {
    let challenge = format!("{CHALLENGE_PATH}token");
    let [.., own] = rendering().objects(&hostname(1)).unwrap();
    let mut rendering = rendering();
    rendering.challenge = Some(Service { host: "acme.msp.svc.cluster.local".to_owned(), port: 8089 });
    let [.., with] = rendering.objects(&hostname(1)).unwrap();

    for route in [&own, &with] {
        let http = &route.spec["http"];
        assert_eq!(leads(http, 80, "/"), "to-https");
        assert_eq!(leads(http, 80, "/client-portal/dashboard"), "to-https");
        assert_eq!(leads(http, 443, "/"), "start");
        assert_eq!(leads(http, 443, "/client-portal/dashboard"), "portal");
    }
    assert_eq!(leads(&with.spec["http"], 80, &challenge), "challenge");
    assert_eq!(leads(&with.spec["http"], 443, &challenge), "challenge", "behind a proxy that redirects");
    let last = own.spec["http"].as_array().unwrap().last().unwrap();
    assert_eq!(leads(&own.spec["http"], 80, &challenge), "portal", "the last resort, which a solver's route precedes");
    assert!(last.get("match").is_none(), "what matches everything is what Istio puts behind the solver's route");
}

#[test]
fn a_hash_covers_labels_annotations_and_spec_and_not_itself() {
    let [object, ..] = rendering().objects(&hostname(1)).unwrap();
    let written = object.annotations[labels::HASH].clone();
    let changed = |change: &dyn Fn(&mut tenantry_cluster::Object)| {
        let mut object = object.clone();
        change(&mut object);
        hash(&object).unwrap() != written
    };

    assert!(!changed(&|_| ()));
    assert!(!changed(&|object| object
        .annotations
        .insert(labels::HASH.to_owned(), "other".to_owned())
        .map_or((), drop)));
    assert!(changed(&|object| object.annotations.insert(labels::HOST.to_owned(), "x".to_owned()).map_or((), drop)));
    assert!(changed(&|object| object.labels.insert(labels::TENANT.to_owned(), "x".to_owned()).map_or((), drop)));
    assert!(changed(&|object| object.spec["secretName"] = "x".into()));
}

#[test]
fn a_label_holds_what_a_label_may_hold_and_the_annotation_holds_the_whole_name() {
    let long = format!("{}.{}.example.test", "a".repeat(60), "b".repeat(60));
    let longer = format!("{}.{}.example.test", "a".repeat(60), "c".repeat(60));
    let [object, ..] = rendering().objects(&named(1, &long)).unwrap();

    let label = &object.labels[labels::HOST];
    assert_eq!(label.len(), 63);
    assert!(label.starts_with(&"a".repeat(46)));
    assert_ne!(*label, labels::host(&longer), "two names that begin alike have two labels");
    assert_eq!(object.annotations[labels::HOST], long);

    assert_eq!(labels::host("portal.acme.test"), "portal.acme.test");
    assert_eq!(labels::host(&"a".repeat(63)), "a".repeat(63));
    for odd in ["_portal.acme.test", "portal acme", "-", "", "portal.acme.test."] {
        let label = labels::host(odd);
        assert!(label.len() <= 63 && !label.is_empty());
        assert!(label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')), "{label}");
        assert!(label.starts_with(|c: char| c.is_ascii_alphanumeric()), "{label}");
        assert!(label.ends_with(|c: char| c.is_ascii_alphanumeric()), "{label}");
    }
}
