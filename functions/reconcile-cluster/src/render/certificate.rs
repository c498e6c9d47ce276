//! `Certificate.spec` of cert-manager.io/v1.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::{Hostname, Rendering, labels_of};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec {
    dns_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
    issuer_ref: IssuerRef,
    private_key: PrivateKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    renew_before: Option<String>,
    revision_history_limit: u32,
    secret_name: String,
    secret_template: Template,
}

#[derive(Serialize)]
struct IssuerRef {
    group: String,
    kind: String,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrivateKey {
    algorithm: &'static str,
    rotation_policy: &'static str,
    size: u16,
}

#[derive(Serialize)]
struct Template {
    labels: BTreeMap<String, String>,
}

/// A certificate for the one name. No common name: it may hold 64 bytes, a hostname 253, and nobody reads it any more.
pub(super) fn spec(rendering: &Rendering, hostname: &Hostname) -> Spec {
    let issuer = rendering.issuer.clone();
    Spec {
        dns_names: vec![hostname.host.clone()],
        duration: rendering.duration.map(go),
        issuer_ref: IssuerRef { group: issuer.group, kind: issuer.kind, name: issuer.name },
        // A new key with each renewal: a key that leaked is worth nothing after the next.
        private_key: PrivateKey { algorithm: "ECDSA", rotation_policy: "Always", size: 256 },
        renew_before: rendering.renew_before.map(go),
        // The attempt before the present one, too, so that a failed renewal can be told from a failed issuance.
        revision_history_limit: 2,
        secret_name: hostname.secret.clone(),
        secret_template: Template { labels: labels_of(hostname) },
    }
}

/// A duration as Go prints it, which is how the API server stores it: `2160h0m0s`.
fn go(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}h{}m{}s", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
