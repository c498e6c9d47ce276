use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_STANDARD};
use reconcile_cluster::diagnosis::{Phase, diagnose};
use serde_json::{Value, json};
use time::macros::datetime;

use crate::issuance::{HOST, NOW, certificate, chain, challenge, condition, failed, is_plain, issuing, order, request};

fn ready(not_after: &str) -> Value {
    certificate(
        &[condition("Ready", "True", "Ready", "Certificate is up to date and has not expired")],
        json!({ "notAfter": not_after, "renewalTime": "2027-01-20T00:00:00Z", "revision": 1 }),
    )
}

fn issued(revision: u32, pem: &str) -> Value {
    request(
        revision,
        condition("Ready", "True", "Issued", "Certificate fetched from issuer"),
        json!({ "certificate": BASE64_STANDARD.encode(pem) }),
    )
}

#[test]
fn a_ready_certificate_says_until_when_and_which() {
    let [leaf, other] = [(); 2].map(|()| rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap().cert);
    let bundle = format!("{}{}", leaf.pem(), other.pem());
    let progress = diagnose(&chain(ready("2027-02-19T00:00:00Z"), &[issued(1, &bundle)], &[], &[]), NOW);

    assert_eq!((progress.phase, progress.why.as_str()), (Phase::Ready, ""));
    assert_eq!(progress.not_after, Some(datetime!(2027-02-19 0:00 UTC)));
    assert_eq!(progress.renewal, Some(datetime!(2027-01-20 0:00 UTC)));
    let expected = hex::encode(digest::digest(&digest::SHA256, leaf.der()));
    assert_eq!(progress.fingerprint.as_deref(), Some(expected.as_str()));

    // The next one has been issued and is not in place yet.
    let chain = chain(ready("2027-02-19T00:00:00Z"), &[issued(2, &other.pem()), issued(1, &bundle)], &[], &[]);
    assert_eq!(diagnose(&chain, NOW).fingerprint, Some(expected));
}

#[test]
fn a_certificate_that_is_issued_and_not_in_place_yet_is_issuing() {
    let progress = diagnose(&chain(issuing(), &[issued(1, "no PEM")], &[order("valid", "")], &[]), NOW);
    assert_eq!((progress.phase, progress.fingerprint), (Phase::Issuing, None));
}

#[test]
fn a_certificate_that_has_ended_is_not_ready_whatever_it_says() {
    assert_ne!(diagnose(&chain(ready("2026-11-21T11:59:59Z"), &[], &[], &[]), NOW).phase, Phase::Ready);
}

#[test]
fn what_a_certificate_said_before_it_was_changed_does_not_count() {
    let mut changed = ready("2027-02-19T00:00:00Z");
    changed["metadata"]["generation"] = 2.into();
    changed["status"]["conditions"][0]["observedGeneration"] = 1.into();
    assert_ne!(diagnose(&chain(changed.clone(), &[], &[], &[]), NOW).phase, Phase::Ready);
    changed["status"]["conditions"][0]["observedGeneration"] = 2.into();
    assert_eq!(diagnose(&chain(changed, &[], &[], &[]), NOW).phase, Phase::Ready);
}

#[test]
fn a_renewal_that_failed_is_told_while_the_old_certificate_serves() {
    let mut renewing = ready("2027-02-19T00:00:00Z");
    renewing["status"]["conditions"].as_array_mut().unwrap().push(condition("Issuing", "False", "Failed", "failed"));
    renewing["status"]["lastFailureTime"] = "2026-11-21T11:50:00Z".into();
    let reason = "400 urn:ietf:params:acme:error:connection: Fetching http://portal.acme.test/: Connection refused";
    let progress =
        diagnose(&chain(renewing, &[failed()], &[order("invalid", "")], &[challenge("invalid", reason)]), NOW);

    assert_eq!(progress.phase, Phase::Ready);
    assert!(
        progress
            .why
            .starts_with("The present certificate is valid; its renewal waits. The certificate authority cannot reach")
    );
    assert_eq!(progress.next_try, Some(datetime!(2026-11-21 12:50 UTC)));
    is_plain(&progress.why);
}

#[test]
fn a_renewal_that_goes_as_it_should_needs_no_word() {
    let mut renewing = ready("2027-02-19T00:00:00Z");
    renewing["status"]["conditions"].as_array_mut().unwrap().push(condition("Issuing", "True", "Renewing", "renewing"));
    let newer = request(2, condition("Ready", "False", "Pending", "waiting"), json!({}));
    let progress = diagnose(&chain(renewing, &[newer], &[], &[]), NOW);
    assert_eq!((progress.phase, progress.why.as_str()), (Phase::Ready, ""));
}
