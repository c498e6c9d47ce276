//! The objects of cert-manager as far as they are read. Whatever is missing or of another form than expected is as if
//! it were not there: a diagnosis must never fail.

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_STANDARD};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tenantry_cluster::Chain;
use time::OffsetDateTime;

/// Names the revision of a certificate that a request was made for.
const REVISION: &str = "cert-manager.io/certificate-revision";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    name: String,
    namespace: String,
    uid: String,
    generation: i64,
    annotations: std::collections::BTreeMap<String, String>,
    owner_references: Vec<Owner>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) creation_timestamp: Option<OffsetDateTime>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Owner {
    uid: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Condition {
    r#type: String,
    status: String,
    reason: String,
    message: String,
    observed_generation: Option<i64>,
    #[serde(rename = "lastTransitionTime", with = "time::serde::rfc3339::option")]
    pub(super) since: Option<OffsetDateTime>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Certificate {
    pub(super) metadata: Metadata,
    spec: CertificateSpec,
    pub(super) status: CertificateStatus,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CertificateSpec {
    dns_names: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CertificateStatus {
    conditions: Vec<Condition>,
    pub(super) failed_issuance_attempts: i64,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) last_failure_time: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) not_after: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) renewal_time: Option<OffsetDateTime>,
    revision: Option<i64>,
}

impl Certificate {
    pub(super) fn read(value: &Value) -> Self {
        read(value)
    }

    pub(super) fn host(&self) -> &str {
        self.spec.dns_names.first().map_or("", String::as_str)
    }

    pub(super) fn condition(&self, kind: &str) -> Option<&Condition> {
        condition(&self.status.conditions, kind)
    }

    /// What it says of itself is true of what is wanted now, not of what was wanted before the last change.
    pub(super) fn ready(&self) -> bool {
        let current = |ready: &Condition| ready.observed_generation.is_none_or(|seen| seen >= self.metadata.generation);
        self.condition("Ready").is_some_and(|ready| ready.status == "True" && current(ready))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Request {
    pub(super) metadata: Metadata,
    pub(super) status: RequestStatus,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RequestStatus {
    pub(super) certificate: Option<String>,
    conditions: Vec<Condition>,
    #[serde(with = "time::serde::rfc3339::option")]
    failure_time: Option<OffsetDateTime>,
}

impl Request {
    fn revision(&self) -> Option<i64> {
        self.metadata.annotations.get(REVISION)?.parse().ok()
    }

    /// The issuer is not there, or is not ready itself, or nobody has approved the request: ours to see to.
    pub(super) fn waits_for_issuer(&self) -> bool {
        let Some(ready) = condition(&self.status.conditions, "Ready") else {
            return true;
        };
        let message = ready.message.as_str();
        ready.status != "True"
            && message.starts_with("Referenced ")
            && (message.contains("not found") || message.contains("Ready status condition"))
    }

    fn failed(&self) -> Option<&Condition> {
        let is = |kind: &str| condition(&self.status.conditions, kind).filter(|condition| condition.status == "True");
        let failed = condition(&self.status.conditions, "Ready")
            .filter(|ready| ready.status != "True" && matches!(ready.reason.as_str(), "Failed" | "Denied"));
        failed.or_else(|| is("Denied")).or_else(|| is("InvalidRequest"))
    }
}

/// An Order or a Challenge.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Step {
    metadata: Metadata,
    pub(super) status: StepStatus,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct StepStatus {
    state: String,
    pub(super) reason: String,
    #[serde(with = "time::serde::rfc3339::option")]
    failure_time: Option<OffsetDateTime>,
}

impl Step {
    fn failed(&self) -> bool {
        matches!(self.status.state.as_str(), "invalid" | "expired" | "errored")
    }

    pub(super) fn done(&self) -> bool {
        self.status.state == "valid"
    }

    /// Whoever was to answer the challenge could not be set up.
    pub(super) fn not_presented(&self) -> bool {
        self.status.reason.starts_with("Error presenting challenge")
    }
}

/// The newest request of a certificate, with what was made for it.
pub(super) struct Issuance {
    pub(super) request: Option<Request>,
    order: Option<Step>,
    pub(super) challenges: Vec<Step>,
}

/// Why an attempt failed.
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) at: Option<OffsetDateTime>,
}

impl Issuance {
    pub(super) fn newest(chain: &Chain, certificate: &Certificate) -> Self {
        let requests = chain.requests.iter().map(read::<Request>);
        let request = requests
            .filter(|request| of(&request.metadata, &certificate.metadata))
            .max_by_key(|request| (request.revision(), request.metadata.creation_timestamp));
        let Some(request) = request else {
            return Self { request: None, order: None, challenges: Vec::new() };
        };
        let orders = chain.orders.iter().map(read::<Step>).filter(|order| of(&order.metadata, &request.metadata));
        let order = orders.max_by_key(|order| order.metadata.creation_timestamp);
        let mut challenges: Vec<Step> = match &order {
            Some(order) => {
                chain.challenges.iter().map(read::<Step>).filter(|step| of(&step.metadata, &order.metadata)).collect()
            }
            None => Vec::new(),
        };
        challenges.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        Self { request: Some(request), order, challenges }
    }

    /// Whether this attempt failed, in the words of whoever knows best: the authority's error stands on the challenge,
    /// or on the order when there was none; the request says only that the order failed.
    pub(super) fn failure(&self, certificate: &Certificate) -> Option<Failure> {
        let issuing = certificate.condition("Issuing");
        let request = self.request.as_ref();
        let failed = request.and_then(Request::failed);
        let at = request.and_then(|request| request.status.failure_time);
        let began = issuing.filter(|issuing| issuing.status == "True").and_then(|issuing| issuing.since);
        if failed.is_some() && at.zip(began).is_some_and(|(at, began)| at < began) {
            // What failed is the attempt before the one that is beginning.
            return None;
        }
        let order = self.order.as_ref().filter(|order| order.failed());
        let challenge = self.challenges.iter().find(|challenge| challenge.failed());
        let given_up =
            issuing.filter(|issuing| issuing.status == "False" && certificate.status.last_failure_time.is_some());
        if failed.is_none() && order.is_none() && challenge.is_none() && given_up.is_none() {
            return None;
        }
        let messages = [
            challenge.map(|challenge| &challenge.status.reason),
            order.map(|order| &order.status.reason),
            failed.map(|condition| &condition.message),
            given_up.map(|condition| &condition.message),
        ];
        let mut messages = messages.into_iter().flatten();
        let told = messages.clone().find(|message| super::acme::problem(message).is_some());
        let message = told.or_else(|| messages.find(|message| !message.is_empty()));
        let at =
            at.or_else(|| order.and_then(|order| order.status.failure_time)).or(certificate.status.last_failure_time);
        Some(Failure { message: message.cloned().unwrap_or_default(), at })
    }
}

/// What an operator reads: every object of the attempt, and what it says.
pub(super) fn detail(certificate: &Certificate, issuance: &Issuance) -> String {
    let mut lines = vec![conditions("Certificate", &certificate.metadata, &certificate.status.conditions)];
    if let Some(request) = &issuance.request {
        lines.push(conditions("CertificateRequest", &request.metadata, &request.status.conditions));
    }
    let steps = issuance.order.iter().map(|step| ("Order", step));
    for (kind, step) in steps.chain(issuance.challenges.iter().map(|step| ("Challenge", step))) {
        let Metadata { name, namespace, .. } = &step.metadata;
        let state = if step.status.state.is_empty() { "new" } else { &step.status.state };
        lines.push(said(format!("{kind} {namespace}/{name}: {state}"), &step.status.reason));
    }
    lines.join("\n")
}

fn conditions(kind: &str, Metadata { name, namespace, .. }: &Metadata, conditions: &[Condition]) -> String {
    if conditions.is_empty() {
        return format!("{kind} {namespace}/{name}: no condition yet");
    }
    let told = conditions.iter().map(|condition| {
        said(format!("{}={} {}", condition.r#type, condition.status, condition.reason), &condition.message)
    });
    format!("{kind} {namespace}/{name}: {}", told.collect::<Vec<_>>().join("; "))
}

fn said(what: String, message: &str) -> String {
    if message.is_empty() { what } else { format!("{what} ({message})") }
}

/// SHA-256 of the certificate that is in place: of the request with the revision that the Certificate names, or else of
/// the newest that was issued.
pub(super) fn fingerprint(chain: &Chain, certificate: &Certificate) -> Option<String> {
    let current = certificate.status.revision;
    let issued = chain.requests.iter().map(read::<Request>).filter(|request| request.status.certificate.is_some());
    let request = issued.max_by_key(|request| {
        (current.is_some() && request.revision() == current, request.revision(), request.metadata.creation_timestamp)
    })?;
    let pem = BASE64_STANDARD.decode(request.status.certificate?).ok()?;
    let leaf = CertificateDer::from_pem_slice(&pem).ok()?;
    Some(hex::encode(digest::digest(&digest::SHA256, &leaf)))
}

/// Whether an object was made for its owner; one that names no owner is taken at the word of whoever listed it.
fn of(made: &Metadata, owner: &Metadata) -> bool {
    made.owner_references.is_empty() || made.owner_references.iter().any(|reference| reference.uid == owner.uid)
}

fn condition<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.r#type == kind)
}

fn read<T: DeserializeOwned + Default>(value: &Value) -> T {
    T::deserialize(value).unwrap_or_default()
}
