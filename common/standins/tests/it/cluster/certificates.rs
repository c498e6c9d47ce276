//! The played cert-manager: from a Certificate to its secret, and every way that does not get there.

use crate::cluster::{CERTIFICATES, PATIENCE, Stage, certificate, key};
use base64::Engine;
use serde_json::{Value, json};
use std::time::Duration;
use tenantry_standins::cluster::{Issuance, Key, Kind, Options, Problem, Step};

const HOST: &str = "portal.acme.test";

fn of(kind: Kind) -> Key {
    key(kind, "istio-system", "a")
}

fn condition<'a>(object: &'a Value, kind: &str) -> &'a Value {
    let all = object["status"]["conditions"].as_array();
    all.into_iter().flatten().find(|condition| condition["type"] == kind).unwrap_or(&Value::Null)
}

fn ready(object: &Value) -> bool {
    condition(object, "Ready")["status"] == "True" && condition(object, "Issuing").is_null()
}

fn failed(object: &Value) -> bool {
    condition(object, "Issuing")["reason"] == "Failed"
}

fn decoded(value: &Value) -> String {
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap()).unwrap()
}

impl Stage {
    async fn certified(&self, fits: impl Fn(&Value) -> bool) -> Value {
        let found = self.cluster.wait_for(&of(Kind::Certificate), fits, PATIENCE).await;
        found.unwrap_or_else(|| panic!("{:#?}", self.cluster.get(&of(Kind::Certificate))))
    }

    /// The only object of a kind, once it fits.
    async fn only(&self, kind: Kind, fits: impl Fn(&Value) -> bool) -> Value {
        let name = match self.cluster.list(kind).as_slice() {
            [only] => only["metadata"]["name"].as_str().unwrap().to_owned(),
            all => panic!("{all:#?}"),
        };
        self.cluster.wait_for(&key(kind, "istio-system", &name), fits, PATIENCE).await.unwrap()
    }

    /// A certificate whose issuing comes to this, once it is there.
    async fn asked(issuance: Issuance, until: impl Fn(&Value) -> bool) -> (Stage, Value) {
        let stage = Stage::open().await;
        stage.cluster.issue(HOST, issuance);
        stage.applied(CERTIFICATES, &certificate("a", HOST)).await;
        let certificate = stage.certified(until).await;
        (stage, certificate)
    }
}

#[tokio::test]
async fn a_certificate_is_issued_with_all_that_belongs_to_it() {
    let stage = Stage::open().await;
    let mut asked = certificate("a", HOST);
    asked["spec"]["secretTemplate"] = json!({ "labels": { "portal.tenantry.dev/managed": "true" } });
    asked["spec"]["duration"] = json!("2160h");
    stage.applied(CERTIFICATES, &asked).await;
    let made = stage.certified(ready).await;
    assert_eq!((&made["status"]["revision"], &made["metadata"]["generation"]), (&json!(1), &json!(1)));
    assert!(["notBefore", "notAfter", "renewalTime"].iter().all(|field| made["status"][field].is_string()));
    let request = stage.cluster.get(&key(Kind::CertificateRequest, "istio-system", "a-1")).unwrap();
    assert_eq!(request["metadata"]["annotations"]["cert-manager.io/certificate-name"], "a");
    assert_eq!(request["metadata"]["annotations"]["cert-manager.io/certificate-revision"], "1");
    assert_eq!(request["metadata"]["ownerReferences"][0]["uid"], made["metadata"]["uid"]);
    assert_eq!(
        (&condition(&request, "Ready")["reason"], &condition(&request, "Approved")["status"]),
        (&json!("Issued"), &json!("True"))
    );
    let order = stage.only(Kind::Order, |order| order["status"]["state"] == "valid").await;
    assert_eq!(order["metadata"]["ownerReferences"][0]["name"], "a-1");
    assert_eq!(stage.cluster.list(Kind::Challenge), Vec::<Value>::new(), "a challenge that was met is gone");
    let secret = stage.cluster.get(&of(Kind::Secret)).unwrap();
    assert_eq!(secret["type"], "kubernetes.io/tls");
    assert_eq!(secret["metadata"]["labels"]["portal.tenantry.dev/managed"], "true");
    assert_eq!(secret["data"]["tls.crt"], request["status"]["certificate"]);
    assert_eq!(decoded(&secret["data"]["ca.crt"]), stage.cluster.ca_pem());
    assert!(decoded(&secret["data"]["tls.key"]).contains("PRIVATE KEY"));
    assert_eq!(stage.cluster.list(Kind::Secret).len(), 1, "the key's own secret is gone");
    // An apply of the same afterwards is no change, whatever the controllers have written.
    let version = made["metadata"]["resourceVersion"].clone();
    assert_eq!(stage.applied(CERTIFICATES, &asked).await["metadata"]["resourceVersion"], version);
}

#[tokio::test]
async fn while_it_waits_every_object_says_for_what() {
    let (stage, waiting) = Stage::asked(Issuance::After(Duration::from_secs(3_600)), |object| {
        condition(object, "Issuing")["status"] == "True"
    })
    .await;
    assert_eq!(
        (&condition(&waiting, "Ready")["status"], &condition(&waiting, "Ready")["reason"]),
        (&json!("False"), &json!("DoesNotExist"))
    );
    assert_eq!(condition(&waiting, "Ready")["message"], "Issuing certificate as Secret does not exist");
    let challenges = stage.cluster.wait_until(|cluster| cluster.list(Kind::Challenge).len() == 1, PATIENCE).await;
    assert!(challenges);
    let challenge = stage.only(Kind::Challenge, |challenge| challenge["status"]["state"] == "pending").await;
    assert_eq!((&challenge["spec"]["dnsName"], &challenge["spec"]["type"]), (&json!(HOST), &json!("HTTP-01")));
    let request = stage.only(Kind::CertificateRequest, |request| !request["status"].is_null()).await;
    assert_eq!(condition(&request, "Ready")["reason"], "Pending");
    assert!(
        condition(&request, "Ready")["message"]
            .as_str()
            .unwrap()
            .starts_with("Waiting on certificate issuance from order istio-system/a-1-")
    );
    stage.cluster.issue(HOST, Issuance::AtOnce);
    stage.certified(ready).await;
}

#[tokio::test]
async fn a_delay_passes() {
    let (stage, _) = Stage::asked(Issuance::After(Duration::from_millis(100)), ready).await;
    assert_eq!(stage.cluster.list(Kind::CertificateRequest).len(), 1);
}

#[tokio::test]
async fn a_self_check_that_fails_is_the_challenges_reason() {
    let issuing = |object: &Value| condition(object, "Issuing")["status"] == "True";
    let cause = "dial tcp 203.0.113.7:80: connect: connection refused";
    let (stage, _) = Stage::asked(Issuance::SelfCheckFails(cause.to_owned()), issuing).await;
    assert!(stage.cluster.wait_until(|cluster| cluster.list(Kind::Challenge).len() == 1, PATIENCE).await);
    let challenge = stage.only(Kind::Challenge, |challenge| challenge["status"]["reason"].is_string()).await;
    let url = format!("http://{HOST}/.well-known/acme-challenge/{}", challenge["spec"]["token"].as_str().unwrap());
    let reason = format!(
        "Waiting for HTTP-01 challenge propagation: failed to perform self check GET request '{url}': Get \"{url}\": {cause}"
    );
    assert_eq!(challenge["status"]["reason"], reason);
    stage.cluster.issue_all(Issuance::NoIssuer);
    stage.cluster.issue(HOST, Issuance::Pending("as told".to_owned()));
    stage.only(Kind::Challenge, |challenge| challenge["status"]["reason"] == "as told").await;
}

#[tokio::test]
async fn a_challenge_that_is_refused_fails_the_order_the_request_and_the_certificate() {
    let (stage, made) = Stage::asked(Issuance::Refused(Problem::caa(HOST)), failed).await;
    let challenge = stage.only(Kind::Challenge, |_| true).await;
    assert_eq!(challenge["status"]["state"], "invalid");
    let reason = format!(
        "Error accepting authorization: acme: authorization error for {HOST}: 403 urn:ietf:params:acme:error:caa: CAA record \
         for {HOST} prevents issuance"
    );
    assert_eq!(challenge["status"]["reason"], reason);
    assert_eq!(stage.only(Kind::Order, |_| true).await["status"]["state"], "invalid");
    let request = stage.only(Kind::CertificateRequest, |_| true).await;
    assert_eq!(
        (&condition(&request, "Ready")["status"], &condition(&request, "Ready")["reason"]),
        (&json!("False"), &json!("Failed"))
    );
    assert!(request["status"]["failureTime"].is_string());
    assert_eq!(
        (&made["status"]["failedIssuanceAttempts"], made["status"]["lastFailureTime"].is_string()),
        (&json!(1), true)
    );
    assert!(condition(&made, "Issuing")["message"].as_str().unwrap().starts_with(
        "The certificate request has failed to complete and will be retried: Failed to wait for order resource"
    ));
    // Told otherwise alone changes nothing; asked again it does.
    stage.cluster.issue(HOST, Issuance::Refused(Problem::rate_limited("acme.test", "2026-11-22 10:00:00 UTC")));
    assert!(stage.cluster.renew(&of(Kind::Certificate)));
    let again = stage.certified(|object| failed(object) && object["status"]["failedIssuanceAttempts"] == 2).await;
    assert!(
        condition(&again, "Issuing")["message"]
            .as_str()
            .unwrap()
            .contains("429 urn:ietf:params:acme:error:rateLimited: too many certificates (50)")
    );
    assert_eq!(stage.only(Kind::Order, |_| true).await["status"]["state"], "errored");
    assert_eq!(stage.cluster.list(Kind::Challenge), Vec::<Value>::new(), "a refused order has no challenge");
    stage.cluster.issue(HOST, Issuance::AtOnce);
    assert!(stage.cluster.renew(&of(Kind::Certificate)));
    let good = stage.certified(ready).await;
    assert!(good["status"].get("failedIssuanceAttempts").is_none() && good["status"].get("lastFailureTime").is_none());
}

#[tokio::test]
async fn a_certificate_that_is_refused_at_the_end_says_so_in_the_order() {
    let problem = Problem::new(Step::Finalize, 403, "caa", "Error finalizing order :: While processing CAA");
    let (stage, _) = Stage::asked(Issuance::Refused(problem), failed).await;
    let order = stage.only(Kind::Order, |_| true).await;
    assert_eq!(
        order["status"]["reason"],
        "Failed to finalize Order: 403 urn:ietf:params:acme:error:caa: Error finalizing order :: While processing CAA"
    );
}

#[tokio::test]
async fn an_issuer_that_is_missing_keeps_the_request_pending() {
    let issuing = |object: &Value| condition(object, "Issuing")["status"] == "True";
    let (stage, _) = Stage::asked(Issuance::NoIssuer, issuing).await;
    assert!(stage.cluster.wait_until(|cluster| cluster.list(Kind::CertificateRequest).len() == 1, PATIENCE).await);
    let request = stage.only(Kind::CertificateRequest, |request| !request["status"].is_null()).await;
    assert_eq!(condition(&request, "Ready")["reason"], "Pending");
    assert_eq!(
        condition(&request, "Ready")["message"],
        "Referenced \"ClusterIssuer\" not found: clusterissuer.cert-manager.io \"letsencrypt-http01\" not found"
    );
    assert_eq!(stage.cluster.list(Kind::Order), Vec::<Value>::new());
}

#[tokio::test]
async fn somebody_who_sets_the_condition_gets_a_new_certificate_and_the_old_one_serves_meanwhile() {
    let (stage, first) = Stage::asked(Issuance::AtOnce, ready).await;
    let before = stage.cluster.get(&of(Kind::Secret)).unwrap()["data"]["tls.crt"].clone();
    stage.cluster.issue(HOST, Issuance::Pending("wait".to_owned()));
    let mut conditions = first["status"]["conditions"].as_array().unwrap().clone();
    conditions.push(json!({
        "type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "by hand",
        "lastTransitionTime": "2026-11-21T00:00:00Z", "observedGeneration": 1,
    }));
    let patch = json!({ "status": { "conditions": conditions } });
    assert_eq!(stage.patch(&format!("{CERTIFICATES}/a/status"), &patch).await.0, 200);
    assert!(stage.cluster.wait_until(|cluster| cluster.list(Kind::Challenge).len() == 1, PATIENCE).await);
    let meanwhile = stage.certified(|_| true).await;
    assert_eq!(condition(&meanwhile, "Ready")["status"], "True");
    stage.cluster.issue(HOST, Issuance::AtOnce);
    let second = stage.certified(|object| object["status"]["revision"] == 2 && ready(object)).await;
    assert_ne!(stage.cluster.get(&of(Kind::Secret)).unwrap()["data"]["tls.crt"], before);
    assert_eq!(second["metadata"]["uid"], first["metadata"]["uid"]);
}

#[tokio::test]
async fn other_names_and_a_lost_secret_bring_a_new_certificate() {
    let (stage, _) = Stage::asked(Issuance::AtOnce, ready).await;
    stage.applied(CERTIFICATES, &certificate("a", "other.acme.test")).await;
    stage.certified(|object| object["status"]["revision"] == 2 && ready(object)).await;
    let secret = stage.cluster.get(&of(Kind::Secret)).unwrap();
    assert_eq!(secret["metadata"]["annotations"]["cert-manager.io/alt-names"], "other.acme.test");
    assert!(stage.cluster.delete(&of(Kind::Secret)));
    stage.certified(|object| object["status"]["revision"] == 3 && ready(object)).await;
    assert!(stage.cluster.get(&of(Kind::Secret)).is_some());
}

#[tokio::test]
async fn a_certificate_that_goes_takes_all_but_the_secret_and_finds_it_again() {
    let (stage, first) = Stage::asked(Issuance::AtOnce, ready).await;
    assert!(stage.cluster.delete(&of(Kind::Certificate)));
    for kind in [Kind::CertificateRequest, Kind::Order, Kind::Challenge] {
        assert_eq!(stage.cluster.list(kind), Vec::<Value>::new(), "{kind}");
    }
    let secret = stage.cluster.get(&of(Kind::Secret)).unwrap();
    stage.applied(CERTIFICATES, &certificate("a", HOST)).await;
    let again = stage.certified(ready).await;
    assert_eq!(again["status"]["notAfter"], first["status"]["notAfter"]);
    assert_eq!(stage.cluster.get(&of(Kind::Secret)).unwrap(), secret);
}

#[tokio::test]
async fn what_waits_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let stage = Stage::new(options()).await;
    stage.cluster.issue_all(Issuance::Pending("wait".to_owned()));
    stage.applied(CERTIFICATES, &certificate("a", HOST)).await;
    assert!(stage.cluster.wait_until(|cluster| cluster.list(Kind::Challenge).len() == 1, PATIENCE).await);
    let authority = stage.cluster.ca_pem().to_owned();
    stage.cluster.stop().await;
    let stage = Stage::new(options()).await;
    stage.certified(ready).await;
    assert_eq!(stage.cluster.ca_pem(), authority);
}
