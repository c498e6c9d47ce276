//! One request: its order, its challenge, and how it ends.

use super::super::api::{self, Deletion};
use super::super::kind::{Key, Kind};
use super::super::world::{now, stamp};
use super::conditions::{condition, set};
use super::{Certificates, Issuance, Problem, Step, lock, make};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What a challenge comes to now.
enum Outcome {
    Valid(time::Duration),
    Pending(String),
    Refused(Problem),
}

impl Certificates {
    /// Brings a request forward that is not at its end.
    pub(super) fn proceed(self: &Arc<Self>, key: &Key, certificate: &Value, request_key: &Key, request: &Arc<Value>) {
        if condition(request, "Ready")["reason"] == "Failed" {
            return;
        }
        let hosts = make::hosts(certificate);
        let fate = self.fate(&hosts);
        let waiting = |message: String| {
            self.status(request_key, |request| {
                let approved = "Certificate request has been approved by cert-manager.io";
                set(request, "Approved", true, "cert-manager.io", approved);
                set(request, "Ready", false, "Pending", &message);
            });
        };
        if fate == Issuance::NoIssuer {
            let issuer = &request["spec"]["issuerRef"];
            let kind = issuer["kind"].as_str().unwrap_or("Issuer");
            let name = issuer["name"].as_str().unwrap_or("");
            let resource = kind.to_lowercase();
            return waiting(format!(
                "Referenced \"{kind}\" not found: {resource}.cert-manager.io \"{name}\" not found"
            ));
        }
        let order_name = format!("{}-{}", request_key.name, make::number_of(request));
        let Some(order) = self.ensure(make::order(request, &order_name, &hosts)) else { return };
        let order_key = Key { kind: Kind::Order, name: order_name, ..key.clone() };
        if let Issuance::Refused(problem) = &fate
            && problem.step == Step::Order
        {
            return self.order_fails(
                key,
                request_key,
                &order_key,
                "errored",
                &format!("Failed to create Order: {}", problem.words()),
            );
        }
        if order["status"].is_null() {
            self.status(&order_key, |order| order["status"] = make::order_status(order));
        }
        waiting(format!(
            "Waiting on certificate issuance from order {}/{}: \"pending\"",
            key.namespace, order_key.name
        ));
        let Some(order) = self.world.get(&order_key) else { return };
        let challenge_name = format!("{}-{}", order_key.name, make::number_of(&order));
        let Some(challenge) = self.ensure(make::challenge(&order, &challenge_name)) else { return };
        let challenge_key = Key { kind: Kind::Challenge, name: challenge_name, ..key.clone() };
        match self.outcome(key, &fate, &challenge, certificate) {
            Outcome::Valid(lifetime) => {
                self.valid(key, certificate, [request_key, &order_key, &challenge_key], lifetime)
            }
            Outcome::Pending(reason) => {
                self.status(&challenge_key, |challenge| {
                    let status = json!({ "presented": true, "processing": true, "state": "pending", "reason": reason });
                    challenge["status"] = status;
                });
            }
            Outcome::Refused(problem) => self.refused(key, [request_key, &order_key, &challenge_key], &hosts, &problem),
        }
    }

    fn outcome(self: &Arc<Self>, key: &Key, fate: &Issuance, challenge: &Value, certificate: &Value) -> Outcome {
        let asked = certificate["spec"]["duration"].as_str().and_then(hours);
        let lifetime = asked.unwrap_or(self.lifetime).try_into().unwrap_or(time::Duration::DAY);
        match fate {
            Issuance::AtOnce => match self.looked(key, challenge) {
                None => Outcome::Valid(lifetime),
                Some(reason) => Outcome::Pending(reason),
            },
            Issuance::Lasting(lifetime) => Outcome::Valid(*lifetime),
            Issuance::After(delay) => match self.left(key, challenge, *delay) {
                None => Outcome::Valid(lifetime),
                Some(()) => Outcome::Pending(
                    "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'".to_owned(),
                ),
            },
            Issuance::SelfCheckFails(cause) => Outcome::Pending(self_check(challenge, cause)),
            Issuance::Pending(reason) => Outcome::Pending(reason.clone()),
            Issuance::Refused(problem) => Outcome::Refused(problem.clone()),
            // Told before there was a challenge.
            Issuance::NoIssuer => Outcome::Pending(String::new()),
        }
    }

    /// `Some` while a challenge has not lasted this long; somebody is woken then.
    fn left(&self, key: &Key, challenge: &Value, delay: Duration) -> Option<()> {
        let uid = challenge["metadata"]["uid"].as_str().unwrap_or("").to_owned();
        let due = *lock(&self.began).entry(uid).or_insert_with(Instant::now) + delay;
        if due <= Instant::now() {
            return None;
        }
        let (wake, key) = (self.wake.clone(), key.clone());
        self.background.spawn(async move {
            tokio::time::sleep_until(due).await;
            let _ = wake.send(key);
        });
        Some(())
    }

    fn valid(
        &self,
        key: &Key,
        certificate: &Value,
        [request_key, order_key, challenge_key]: [&Key; 3],
        lifetime: time::Duration,
    ) {
        let Some(request) = self.world.get(request_key) else { return };
        let signed = match self.authority.sign(&make::request_der(&request), lifetime) {
            Ok(signed) => signed,
            Err(error) => {
                return self.order_fails(
                    key,
                    request_key,
                    order_key,
                    "errored",
                    &format!("Failed to finalize Order: {error}"),
                );
            }
        };
        let chain = make::base64(signed.chain.as_bytes());
        let _ = api::delete(&self.world, challenge_key, "cert-manager-orders", &Deletion::default());
        self.status(order_key, |order| {
            order["status"]["state"] = json!("valid");
            order["status"]["certificate"] = json!(chain);
        });
        self.status(request_key, |request| {
            set(request, "Ready", true, "Issued", "Certificate fetched from issuer successfully");
            request["status"]["certificate"] = json!(chain);
            request["status"]["ca"] = json!(make::base64(self.authority.pem().as_bytes()));
        });
        let whole = signed.not_after - signed.not_before;
        let before = certificate["spec"]["renewBefore"].as_str().and_then(hours);
        let before = before.and_then(|before| before.try_into().ok()).unwrap_or(whole / 3);
        let times = [signed.not_before, signed.not_after, signed.not_after - before].map(stamp);
        self.store(key, &request, &signed.chain, times);
    }

    fn refused(
        &self,
        key: &Key,
        [request_key, order_key, challenge_key]: [&Key; 3],
        hosts: &[String],
        problem: &Problem,
    ) {
        if problem.step == Step::Finalize {
            let reason = format!("Failed to finalize Order: {}", problem.words());
            return self.order_fails(key, request_key, order_key, "errored", &reason);
        }
        let host = hosts.first().map_or("", String::as_str);
        self.status(challenge_key, |challenge| {
            let reason =
                format!("Error accepting authorization: acme: authorization error for {host}: {}", problem.words());
            challenge["status"] =
                json!({ "presented": false, "processing": false, "state": "invalid", "reason": reason });
        });
        self.order_fails(key, request_key, order_key, "invalid", "");
    }

    fn order_fails(&self, key: &Key, request_key: &Key, order_key: &Key, state: &str, reason: &str) {
        self.status(order_key, |order| {
            order["status"]["state"] = json!(state);
            order["status"]["failureTime"] = json!(now());
            if !reason.is_empty() {
                order["status"]["reason"] = json!(reason);
            }
        });
        let name = &order_key.name;
        let why = format!(
            "Failed to wait for order resource \"{name}\" to become ready: order is in \"{state}\" state: {reason}"
        );
        self.status(request_key, |request| {
            set(request, "Ready", false, "Failed", &why);
            request["status"]["failureTime"] = json!(now());
        });
        self.failed(key, &why);
    }
}

/// The reason of a challenge whose own look at itself fails.
pub(super) fn self_check(challenge: &Value, cause: &str) -> String {
    let text = |name: &str| challenge["spec"][name].as_str().unwrap_or("");
    let url = format!("http://{}/.well-known/acme-challenge/{}", text("dnsName"), text("token"));
    format!(
        "Waiting for HTTP-01 challenge propagation: failed to perform self check GET request '{url}': Get \"{url}\": {cause}"
    )
}

/// A Go duration of whole hours, minutes and seconds: `2160h`, `1h30m`, `2160h0m0s`.
fn hours(text: &str) -> Option<Duration> {
    let (mut seconds, mut number) = (0, String::new());
    for letter in text.chars() {
        let worth = match letter {
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            digit => {
                number.push(digit);
                continue;
            }
        };
        seconds += number.parse::<u64>().ok()? * worth;
        number.clear();
    }
    number.is_empty().then(|| Duration::from_secs(seconds))
}
