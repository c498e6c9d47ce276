//! Each way in which a server does not do it, as real servers word it.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_cluster::{ClusterError, FieldConflict, Object};
use tenantry_model::{ErrorClass, Fault, Retryable};

use crate::cluster::{
    certificate, metadata,
    server::{Act, Api, TOKEN, connect, kubeconfig, ok, refused},
};

async fn applied(answer: Act) -> ClusterError {
    let (_api, cluster) = Api::with([answer]).await;
    let object = Object {
        key: certificate("portal-d1"),
        labels: [].into(),
        annotations: [].into(),
        spec: json!({"dnsNames": ["portal.acme.test"]}),
    };
    let error = cluster.apply(&object, None, false).await.unwrap_err();
    let fault = error.fault();
    for word in [TOKEN, "Certificate", "certificate", "Kubernetes", "Istio", "cert-manager", "portal-d1", "namespace"] {
        assert!(!fault.message.contains(word), "{word} in {:?}", fault.message);
    }
    assert!(!error.to_string().contains(TOKEN));
    error
}

fn refused_for(reason: &str) -> ClusterError {
    ClusterError::Refused { reason: reason.to_owned() }
}

#[tokio::test]
async fn fields_of_other_managers_are_named_with_their_owner() {
    let causes = json!({"causes": [
        {"reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using networking.istio.io/v1", "field": ".spec.http"},
        {"reason": "FieldManagerConflict", "message": "conflict with \"argocd-controller\" using networking.istio.io/v1", "field": ".spec.hosts"},
    ]});
    let error = applied(refused(409, "Conflict", "Apply failed with 2 conflicts: ...", causes)).await;

    let conflict = |manager: &str, field: &str| FieldConflict { manager: manager.to_owned(), field: field.to_owned() };
    let conflicts = vec![conflict("kubectl-edit", ".spec.http"), conflict("argocd-controller", ".spec.hosts")];
    assert_eq!(error, ClusterError::Conflict { conflicts });
    assert_eq!(
        error.to_string(),
        "other managers own fields of it: .spec.http (kubectl-edit), .spec.hosts (argocd-controller)"
    );
    assert!(error.is_about_the_object() && !error.may_pass());

    let words = "Apply failed with 1 conflict: conflict with \"kubectl\" using cert-manager.io/v1: .spec.dnsNames";
    let error = applied(refused(409, "Conflict", words, Value::Null)).await;
    assert_eq!(error, ClusterError::Conflict { conflicts: vec![conflict("kubectl", "")] });
}

#[tokio::test]
async fn another_version_than_expected_is_a_change() {
    let words = "Operation cannot be fulfilled on certificates.cert-manager.io \"portal-d1\": the object has been \
                 modified; please apply your changes to the latest version and try again";
    let error = applied(refused(409, "Conflict", words, json!({"name": "portal-d1"}))).await;

    assert_eq!(error, ClusterError::Changed);
    assert!(error.is_about_the_object());
    assert_eq!(Fault::from(error).class.retryable(), Retryable::Yes);
}

#[tokio::test]
async fn what_never_fits_is_refused_in_the_servers_words() {
    let causes = json!({"name": "portal-d1", "causes": [
        {"reason": "FieldValueInvalid", "message": "Invalid value: \"x\":\n must be a name", "field": "spec.dnsNames[0]"},
        {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.issuerRef"},
        {"reason": "FieldValueInvalid", "message": "Invalid value: null: CEL says no", "field": "<nil>"},
    ]});
    let error = applied(refused(422, "Invalid", "Certificate.cert-manager.io is invalid: ...", causes)).await;
    let words = "spec.dnsNames[0]: Invalid value: \"x\": must be a name; spec.issuerRef: Required value; Invalid value: null: CEL says no";
    assert_eq!(error, refused_for(words));
    assert!(error.is_about_the_object() && !error.may_pass());
    assert_eq!(error.fault().class, ErrorClass::ValidationError);

    let words = "strict decoding error: unknown field \"spec.dnsName\"";
    assert_eq!(applied(refused(400, "BadRequest", words, Value::Null)).await, refused_for(words));

    let words = "admission webhook \"validation.istio.io\" denied the request: configuration is invalid: no hosts";
    assert_eq!(applied(refused(400, "", words, Value::Null)).await, refused_for(words));
    assert_eq!(applied(refused(403, "Forbidden", words, Value::Null)).await, refused_for(words));
}

#[tokio::test]
async fn a_500_about_the_schema_is_a_refusal_and_no_failure_of_the_server() {
    let words = "failed to create typed patch object (istio-system/portal-d1; cert-manager.io/v1, Kind=Certificate): \
                 .spec.dnsName: field not declared in schema";
    assert_eq!(applied(refused(500, "", words, Value::Null)).await, refused_for(words));

    let words = "failed to create typed patch object (istio-system/portal-d1; cert-manager.io/v1, Kind=Certificate): \
                 errors:\n  .spec.a: expected list, got &{map}\n  .spec.b: expected string";
    let error = applied(refused(500, "", words, Value::Null)).await;
    assert!(matches!(&error, ClusterError::Refused { reason } if !reason.contains('\n')), "{error}");
}

#[tokio::test]
async fn a_server_that_cannot_now_may_later() {
    let words = "failed calling webhook \"validation.istio.io\": dial tcp 10.0.0.1:443: connection refused";
    let error = applied(refused(500, "InternalError", words, Value::Null)).await;
    assert_eq!(error, ClusterError::Server { status: 500, message: words.to_owned(), retry_after: None });
    assert!(error.may_pass() && !error.is_about_the_object());

    let error = applied(Act::Text(502, "<html>bad gateway</html>")).await;
    assert!(matches!(error, ClusterError::Server { status: 502, .. }), "{error}");
    assert!(!error.to_string().contains("html"), "a body is never shown");

    let error = applied(Act::With(503, "retry-after", "7", json!({}))).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));

    let error = applied(refused(504, "Timeout", "request did not complete", json!({"retryAfterSeconds": 1}))).await;
    assert_eq!(error, ClusterError::TimedOut);
}

#[tokio::test]
async fn a_server_that_is_asked_too_often_says_until_when() {
    let error = applied(Act::With(429, "retry-after", "3", json!({}))).await;
    assert_eq!(error, ClusterError::TooManyRequests { retry_after: Some(Duration::from_secs(3)) });
    assert_eq!(error.fault(), error.fault().after(Duration::from_secs(3)));
    assert_eq!(error.fault().class, ErrorClass::RateLimited);

    let error = applied(refused(429, "TooManyRequests", "slow down", json!({"retryAfterSeconds": 5}))).await;
    assert_eq!(error, ClusterError::TooManyRequests { retry_after: Some(Duration::from_secs(5)) });
    let error = applied(Act::Text(429, "Too many requests")).await;
    assert_eq!(error, ClusterError::TooManyRequests { retry_after: None });
}

#[tokio::test]
async fn who_we_are_and_what_we_may_concerns_everything() {
    let error = applied(refused(401, "Unauthorized", "Unauthorized", Value::Null)).await;
    assert_eq!(error, ClusterError::Unauthorized);
    assert!(!error.is_about_the_object() && !error.may_pass());

    let words = "certificates.cert-manager.io \"portal-d1\" is forbidden: User \"system:serviceaccount:msp:tenantry\" \
                 cannot patch resource \"certificates\" in API group \"cert-manager.io\" in the namespace \"istio-system\"";
    let error = applied(refused(403, "Forbidden", words, json!({"name": "portal-d1"}))).await;
    assert_eq!(error, ClusterError::Forbidden { what: words.to_owned() });
    assert!(!error.is_about_the_object());

    let details = json!({"name": "istio-system", "kind": "namespaces"});
    let error = applied(refused(404, "NotFound", "namespaces \"istio-system\" not found", details)).await;
    assert_eq!(error, ClusterError::NamespaceUnknown { namespace: "istio-system".to_owned() });
}

#[tokio::test]
async fn words_without_an_end_are_cut() {
    let long = "é".repeat(5000);
    let error = applied(refused(422, "Invalid", &long, Value::Null)).await;

    assert!(error.to_string().chars().count() < 700, "{}", error.to_string().len());
}

#[tokio::test]
async fn an_answer_of_something_else_is_not_taken_for_one() {
    for answer in [Act::Text(200, "OK"), ok(json!({})), ok(json!({"metadata": {"name": "a"}})), Act::Text(301, "")] {
        let error = applied(answer).await;

        assert!(matches!(error, ClusterError::Unreadable { .. }), "{error}");
    }
    let mut elsewhere = metadata("portal-d1", "1");
    elsewhere["namespace"] = "kube-system".into();
    let error = applied(ok(json!({"metadata": elsewhere}))).await;
    assert!(matches!(error, ClusterError::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left_after_half_a_minute() {
    let (_api, cluster) = Api::with([ok(json!({"metadata": metadata("portal-d1", "1")})), Act::Silence]).await;
    // The connection is there; from here on, only waiting is left, and its time is virtual.
    cluster.get(&certificate("portal-d1")).await.unwrap();
    tokio::time::pause();
    let before = tokio::time::Instant::now();

    let error = cluster.get(&certificate("portal-d1")).await.unwrap_err();

    assert_eq!(error, ClusterError::TimedOut);
    assert_eq!(before.elapsed().as_secs(), 30);
    assert_eq!(error.fault().class, ErrorClass::TimeoutError);
}

#[tokio::test]
async fn nobody_at_the_address_is_told_from_a_connection_that_breaks_off() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let cluster = connect(&kubeconfig(&address, None)).await;

    let hanging_up = tokio::spawn(async move { drop(listener.accept().await.unwrap()) });
    let error = cluster.get(&certificate("portal-d1")).await.unwrap_err();
    hanging_up.await.unwrap();
    assert_eq!(error, ClusterError::Unreachable { why: "the connection broke off".to_owned() });

    let error = cluster.get(&certificate("portal-d1")).await.unwrap_err();
    assert_eq!(error, ClusterError::Unreachable { why: "the connection was refused".to_owned() });
    assert!(error.may_pass() && !error.is_about_the_object());
}
