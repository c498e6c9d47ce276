use reconcile_cluster::diagnosis::{Phase, diagnose};
use serde_json::json;
use tenantry_cluster::Chain;
use time::macros::datetime;

use crate::issuance::{
    HOST, NOW, chain, challenge, checking, condition, failed, given_up, is_plain, issuing, order, refused, request,
    waiting,
};

#[test]
fn without_a_certificate_there_is_nothing_to_say() {
    let progress = diagnose(&Chain::default(), NOW);
    assert_eq!(progress.phase, Phase::Absent);
    is_plain(&progress.why);
}

#[test]
fn a_certificate_that_nobody_has_asked_for_yet_waits() {
    let progress = diagnose(&chain(issuing(), &[], &[], &[]), NOW);
    assert_eq!((progress.phase, progress.next_try), (Phase::Waiting, None));
    let fresh =
        json!({ "metadata": { "name": "portal-1", "namespace": "istio-system" }, "spec": { "dnsNames": [HOST] } });
    let progress = diagnose(&chain(fresh, &[], &[], &[]), NOW);
    assert_eq!(progress.phase, Phase::Waiting);
    assert_eq!(progress.detail, "Certificate istio-system/portal-1: no condition yet");
}

#[test]
fn not_ready_during_a_normal_issuance_is_not_failed() {
    for (orders, challenges) in [
        (vec![], vec![]),
        (vec![order("", "")], vec![]),
        (vec![order("pending", "")], vec![challenge("", "")]),
        (vec![order("pending", "")], vec![challenge("pending", "")]),
        (vec![order("ready", "")], vec![challenge("valid", "Successfully authorized domain")]),
        (vec![order("processing", "")], vec![]),
        (vec![order("valid", "")], vec![]),
    ] {
        let progress = diagnose(&chain(issuing(), &[waiting()], &orders, &challenges), NOW);
        assert_eq!(progress.phase, Phase::Issuing, "{}", progress.detail);
        assert_eq!(progress.since, Some(datetime!(2026-11-21 11:50 UTC)));
        is_plain(&progress.why);
    }
}

#[test]
fn a_challenge_that_cannot_be_fetched_says_why() {
    let url = "http://portal.acme.test/.well-known/acme-challenge/x9f";
    let get = format!("failed to perform self check GET request '{url}': Get \"{url}\": ");
    for (what, seen) in [
        (format!("{get}dial tcp 203.0.113.9:80: connect: connection refused"), "connection refused"),
        (format!("{get}dial tcp: lookup portal.acme.test on 10.0.0.2:53: no such host"), "no such name"),
        (format!("{get}dial tcp 203.0.113.9:80: i/o timeout"), "no answer in time"),
        (
            format!("{get}context deadline exceeded (Client.Timeout exceeded while awaiting headers)"),
            "no answer in time",
        ),
        (format!("{get}EOF"), "closed without an answer"),
        (format!("{get}read tcp 10.0.0.1:4: read: connection reset by peer"), "connection was reset"),
        (
            format!("{get}tls: failed to verify certificate: x509: certificate is valid for a, not b"),
            "redirects to HTTPS",
        ),
        ("wrong status code '404', expected '200'".to_owned(), "HTTP status 404"),
        (
            "did not get expected response when querying endpoint, expected \"x9f.y\" but got: <html> (truncated)"
                .to_owned(),
            "something else answers",
        ),
        ("words that nobody has heard before".to_owned(), "does not answer as it should"),
    ] {
        let progress = checking(&format!("Waiting for HTTP-01 challenge propagation: {what}"));
        assert_eq!(progress.phase, Phase::Issuing);
        let start = "The certificate authority cannot reach http://portal.acme.test/.well-known/acme-challenge/ yet: ";
        assert!(progress.why.starts_with(start) && progress.why.contains(seen), "{what}\n{}", progress.why);
        assert!(progress.detail.contains(&what), "{}", progress.detail);
        is_plain(&progress.why);
    }
}

#[test]
fn a_challenge_that_we_could_not_answer_is_on_our_side() {
    let progress = checking("Error presenting challenge: admission webhook denied the request");
    assert_eq!(progress.phase, Phase::Waiting);
    assert!(progress.why.contains("on our side"));
    assert!(progress.detail.contains("admission webhook"));
}

#[test]
fn an_issuer_that_is_not_there_or_not_ready_is_on_our_side() {
    for message in [
        "Referenced \"ClusterIssuer\" not found: clusterissuer.cert-manager.io \"letsencrypt-http01\" not found",
        "Referenced issuer does not have a Ready status condition",
    ] {
        let request = request(1, condition("Ready", "False", "Pending", message), json!({}));
        let progress = diagnose(&chain(issuing(), &[request], &[], &[]), NOW);
        assert_eq!(progress.phase, Phase::Waiting);
        assert!(progress.why.contains("on our side"));
        assert!(progress.detail.contains(message));
        is_plain(&progress.why);
    }
}

#[test]
fn what_the_authority_answers_is_told_in_plain_words() {
    let url = "http://portal.acme.test/.well-known/acme-challenge/x9f";
    for (problem, said) in [
        (
            "403 urn:ietf:params:acme:error:caa: CAA record for portal.acme.test prevents issuance".to_owned(),
            "CAA record",
        ),
        (
            "400 urn:ietf:params:acme:error:dns: DNS problem: NXDOMAIN looking up A for portal.acme.test".to_owned(),
            "no such name",
        ),
        (
            "400 urn:ietf:params:acme:error:dns: DNS problem: SERVFAIL looking up CAA for acme.test".to_owned(),
            "gave an error",
        ),
        (
            format!("400 urn:ietf:params:acme:error:connection: 203.0.113.9: Fetching {url}: Connection refused"),
            "connection refused",
        ),
        (
            format!(
                "400 urn:ietf:params:acme:error:connection: 203.0.113.9: Fetching {url}: Timeout during connect (likely firewall problem)"
            ),
            "no answer in time",
        ),
        (
            format!("403 urn:ietf:params:acme:error:unauthorized: 203.0.113.9: Invalid response from {url}: 404"),
            "HTTP status 404",
        ),
        (
            format!(
                "403 urn:ietf:params:acme:error:unauthorized: 203.0.113.9: Invalid response from {url}: \"<html>\\n\""
            ),
            "something else answers",
        ),
        (
            "403 urn:ietf:params:acme:error:unauthorized: The key authorization file from the server did not match"
                .to_owned(),
            "something else answers",
        ),
        (
            "400 urn:ietf:params:acme:error:tls: Fetching https://portal.acme.test: remote error".to_owned(),
            "redirected",
        ),
        (
            "400 urn:ietf:params:acme:error:rejectedIdentifier: The ACME server refuses to issue".to_owned(),
            "Choose another hostname",
        ),
        (
            "500 urn:ietf:params:acme:error:serverInternal: Error finalizing order :: order 1234567".to_owned(),
            "trouble of its own",
        ),
        ("400 urn:ietf:params:acme:error:malformed: JWS at https://acme.test/acct/1234567".to_owned(), "on our side"),
        ("400 urn:ietf:params:acme:error:accountDoesNotExist: acct/1234567".to_owned(), "on our side"),
    ] {
        let progress = refused(&problem);
        assert_eq!(progress.phase, Phase::Failed);
        assert!(progress.why.contains(said), "{problem}\n{}", progress.why);
        assert!(progress.detail.contains(&problem), "{}", progress.detail);
        assert_eq!(progress.since, Some(datetime!(2026-11-21 11:55 UTC)));
        is_plain(&progress.why);
    }
}

#[test]
fn a_limit_of_the_authority_is_told_with_its_date() {
    let reason = "Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates (50) already \
                  issued for \"acme.test\" in the last 168h0m0s, retry after 2026-11-23 11:37:27 UTC: see https://acme.test/limits";
    let progress = diagnose(&chain(given_up(1), &[failed()], &[order("errored", reason)], &[]), NOW);
    assert_eq!(progress.phase, Phase::Failed);
    assert!(progress.why.contains("before 2026-11-23 11:37 UTC"), "{}", progress.why);
    is_plain(&progress.why);

    let undated = refused("429 urn:ietf:params:acme:error:rateLimited: too many failed authorizations");
    assert!(undated.why.contains("no more requests for portal.acme.test: too many"), "{}", undated.why);
}

#[test]
fn an_order_that_has_failed_is_failed_before_the_certificate_says_so() {
    let progress =
        diagnose(&chain(issuing(), &[waiting()], &[order("invalid", "")], &[challenge("invalid", "x")]), NOW);
    assert_eq!((progress.phase, progress.next_try), (Phase::Failed, None));
    assert!(progress.why.contains("try again by ourselves"));
}

#[test]
fn a_request_that_was_denied_or_was_no_request_is_failed() {
    for kind in ["Denied", "InvalidRequest"] {
        let denied = json!({ "metadata": {}, "status": { "conditions": [condition(kind, "True", "policy", "no")] } });
        assert_eq!(diagnose(&chain(issuing(), &[denied], &[], &[]), NOW).phase, Phase::Failed, "{kind}");
    }
}

#[test]
fn the_next_try_is_an_hour_after_the_first_failure_and_then_twice_as_long_each_time() {
    for (attempts, hours) in [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 32), (900, 32)] {
        let progress = diagnose(&chain(given_up(attempts), &[failed()], &[order("invalid", "")], &[]), NOW);
        assert_eq!(progress.phase, Phase::Failed);
        assert_eq!(
            progress.next_try,
            Some(datetime!(2026-11-21 11:50 UTC) + time::Duration::hours(hours)),
            "{attempts}"
        );
    }
}

#[test]
fn the_failure_of_the_attempt_before_is_no_failure_of_the_one_that_begins() {
    let mut again = given_up(1);
    again["status"]["conditions"][1] = json!({ "type": "Issuing", "status": "True", "reason": "DoesNotExist",
                                               "lastTransitionTime": "2026-11-21T11:59:00Z" });
    let progress = diagnose(&chain(again.clone(), &[failed()], &[], &[]), NOW);
    assert_ne!(progress.phase, Phase::Failed, "{}", progress.detail);

    // And with the request of the new attempt the old order and challenge are none of its.
    let newer = request(2, condition("Ready", "False", "Pending", "waiting"), json!({}));
    let former = [order("invalid", "")];
    let progress = diagnose(&chain(again, &[failed(), newer], &former, &[challenge("invalid", "x")]), NOW);
    assert_eq!(progress.phase, Phase::Issuing, "{}", progress.detail);
}

#[test]
fn objects_of_another_form_than_expected_are_survived() {
    for odd in [json!(null), json!(7), json!([]), json!({ "status": 7 }), json!({ "status": { "conditions": "x" } })] {
        let all = [odd.clone()];
        let chain = chain(odd.clone(), &all, &all, &all);
        assert!(diagnose(&chain, NOW).phase <= Phase::Issuing, "{odd}");
    }
}
