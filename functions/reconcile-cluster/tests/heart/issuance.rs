//! What cert-manager shows of a certificate and of what was made to issue it.

use reconcile_cluster::diagnosis::{Progress, diagnose};
use serde_json::{Value, json};
use tenantry_cluster::Chain;
use time::{OffsetDateTime, macros::datetime};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
pub(crate) const HOST: &str = "portal.acme.test";

pub(crate) fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    let at = "2026-11-21T11:50:00Z";
    json!({ "type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": at })
}

pub(crate) fn certificate(conditions: &[Value], more: Value) -> Value {
    let mut status = json!({ "conditions": conditions });
    status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "metadata": { "name": "portal-1", "namespace": "istio-system", "uid": "c", "generation": 1,
                      "creationTimestamp": "2026-11-21T11:49:00Z" },
        "spec": { "dnsNames": [HOST] },
        "status": status,
    })
}

/// A certificate during its first issuance, as cert-manager shows each of them.
pub(crate) fn issuing() -> Value {
    let message = "Issuing certificate as Secret does not exist";
    certificate(
        &[condition("Ready", "False", "DoesNotExist", message), condition("Issuing", "True", "DoesNotExist", message)],
        json!({}),
    )
}

/// The same after so many attempts have failed, the last of them ten minutes ago.
pub(crate) fn given_up(attempts: u32) -> Value {
    let message = "The certificate request has failed to complete and will be retried: Failed to wait for order";
    certificate(
        &[condition("Ready", "False", "DoesNotExist", "no Secret"), condition("Issuing", "False", "Failed", message)],
        json!({ "failedIssuanceAttempts": attempts, "lastFailureTime": "2026-11-21T11:50:00Z" }),
    )
}

pub(crate) fn request(revision: u32, condition: Value, more: Value) -> Value {
    let mut status =
        json!({ "conditions": [self::condition("Approved", "True", "cert-manager.io", "approved"), condition] });
    status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "metadata": { "name": format!("portal-1-{revision}"), "namespace": "istio-system", "uid": format!("r{revision}"),
                      "annotations": { "cert-manager.io/certificate-revision": revision.to_string() },
                      "ownerReferences": [{ "uid": "c" }], "creationTimestamp": "2026-11-21T11:50:01Z" },
        "status": status,
    })
}

pub(crate) fn waiting() -> Value {
    let message = "Waiting on certificate issuance from order istio-system/portal-1-1-99: \"pending\"";
    request(1, condition("Ready", "False", "Pending", message), json!({}))
}

pub(crate) fn failed() -> Value {
    let message =
        "Failed to wait for order resource \"portal-1-1-99\" to become ready: order is in \"invalid\" state: ";
    request(1, condition("Ready", "False", "Failed", message), json!({ "failureTime": "2026-11-21T11:55:00Z" }))
}

pub(crate) fn order(state: &str, reason: &str) -> Value {
    json!({ "metadata": { "name": "portal-1-1-99", "namespace": "istio-system", "uid": "o", "ownerReferences": [{ "uid": "r1" }] },
            "status": { "state": state, "reason": reason, "url": "https://acme.test/order/1234567/89" } })
}

pub(crate) fn challenge(state: &str, reason: &str) -> Value {
    json!({ "metadata": { "name": "portal-1-1-99-5", "namespace": "istio-system", "uid": "h", "ownerReferences": [{ "uid": "o" }] },
            "status": { "state": state, "reason": reason, "presented": true, "processing": true } })
}

pub(crate) fn chain(certificate: Value, requests: &[Value], orders: &[Value], challenges: &[Value]) -> Chain {
    Chain {
        certificate: Some(certificate),
        requests: requests.to_vec(),
        orders: orders.to_vec(),
        challenges: challenges.to_vec(),
    }
}

pub(crate) fn checking(reason: &str) -> Progress {
    diagnose(&chain(issuing(), &[waiting()], &[order("pending", "")], &[challenge("pending", reason)]), NOW)
}

/// What is said when the authority answered the challenge with this.
pub(crate) fn refused(problem: &str) -> Progress {
    let reason = format!("Error accepting authorization: acme: authorization error for {HOST}: {problem}");
    diagnose(&chain(given_up(1), &[failed()], &[order("invalid", "")], &[challenge("invalid", &reason)]), NOW)
}

/// Nothing that a tenant has no use for: whose software it is, where our objects are, what the authority calls them.
pub(crate) fn is_plain(why: &str) {
    let lower = why.to_lowercase();
    for word in [
        "kubernetes",
        "istio",
        "cert-manager",
        "namespace",
        "urn:",
        "portal-1",
        "acme.test/order",
        "secret",
        "issuer",
        "acme:",
        "token",
        "certificaterequest",
        "https://acme",
        "1234567",
        "dial tcp",
        "get \"",
        "letsencrypt",
    ] {
        assert!(!lower.contains(word), "{word:?} in {why:?}");
    }
}
