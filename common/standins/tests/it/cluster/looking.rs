//! The look from outside before a certificate is issued: the truth of DNS and of our gateway.

use crate::cluster::{CERTIFICATES, GATEWAYS, PATIENCE, SERVICES, Stage, certificate, gateway, key, service};
use serde_json::Value;
use tenantry_standins::cluster::{Kind, Mood, Options};
use tenantry_standins::dns::{self, Dns};

const HOST: &str = "portal.acme.test";

async fn stage() -> (Dns, Stage) {
    let dns =
        Dns::start(dns::Options { zones: vec!["acme.test".to_owned()], ..dns::Options::default() }).await.unwrap();
    let stage = Stage::new(Options { dns: Some(dns.addr()), ..Options::default() }).await;
    (dns, stage)
}

impl Stage {
    /// The reason of the only challenge, once it contains this.
    async fn reason(&self, part: &str) {
        let says =
            |challenge: &Value| challenge["status"]["reason"].as_str().is_some_and(|reason| reason.contains(part));
        let there = self.cluster.wait_until(|cluster| cluster.list(Kind::Challenge).iter().any(says), PATIENCE).await;
        assert!(there, "{:#?}", self.cluster.list(Kind::Challenge));
    }

    async fn issued(&self) {
        let at = key(Kind::Secret, "istio-system", "a");
        assert!(
            self.cluster.wait_for(&at, |_| true, PATIENCE).await.is_some(),
            "{:#?}",
            self.cluster.list(Kind::Challenge)
        );
    }
}

#[tokio::test]
async fn a_name_without_an_address_waits_and_is_issued_once_it_leads_here() {
    let (dns, stage) = stage().await;
    stage.applied(CERTIFICATES, &certificate("a", HOST)).await;
    stage.reason("dial tcp: lookup portal.acme.test").await;
    stage.reason("no such host").await;
    dns.set(HOST, "A", 60, ["127.0.0.1"]).unwrap();
    stage.issued().await;
}

#[tokio::test]
async fn an_address_that_is_not_ours_is_not_reached() {
    let (dns, stage) = stage().await;
    dns.set(HOST, "A", 60, ["203.0.113.7"]).unwrap();
    stage.applied(CERTIFICATES, &certificate("a", HOST)).await;
    stage.reason("dial tcp 203.0.113.7:80: i/o timeout").await;
}

#[tokio::test]
async fn a_gateway_that_refuses_or_redirects_is_the_reason() {
    let (dns, stage) = stage().await;
    dns.set(HOST, "A", 60, ["127.0.0.1"]).unwrap();
    stage.cluster.gateway_mood(Mood::Refusing).await;
    stage.applied(CERTIFICATES, &certificate("a", HOST)).await;
    stage.reason("dial tcp 127.0.0.1:80: connect: connection refused").await;
    let mut swallowing = service("a", HOST);
    swallowing["spec"]["http"].as_array_mut().unwrap().remove(0);
    stage.applied(GATEWAYS, &gateway("a", HOST)).await;
    stage.applied(SERVICES, &swallowing).await;
    stage.cluster.gateway_mood(Mood::Serving).await;
    stage.reason("wrong status code '301', expected '200'").await;
    stage.applied(SERVICES, &service("a", HOST)).await;
    stage.issued().await;
}
