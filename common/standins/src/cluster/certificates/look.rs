//! cert-manager's own look at a challenge before it asks the certificate authority to look.
//!
//! The name is resolved by [`super::super::Options::dns`]; our gateway's port stands for port 80. An address that is no
//! loopback one is never dialled. A redirect is not followed: what should be answered here is not.

use super::{Certificates, lock};
use crate::cluster::kind::Key;
use hickory_resolver::TokioResolver;
use reqwest::redirect::Policy;
use serde_json::Value;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

/// How long after a look that failed the next one follows. The original waits ten seconds.
const AGAIN: Duration = Duration::from_millis(500);

/// Who looks.
pub(super) struct Looker {
    pub(super) resolver: TokioResolver,
    /// The DNS server's address, for the words about it.
    pub(super) dns: SocketAddr,
    pub(super) gateway: SocketAddr,
}

impl Looker {
    /// The reason why the challenge cannot be met yet.
    pub(super) async fn look(&self, challenge: &Value) -> Result<(), String> {
        let text = |name: &str| challenge["spec"][name].as_str().unwrap_or("");
        let (host, path) = (text("dnsName"), format!("/.well-known/acme-challenge/{}", text("token")));
        let failed = |cause: String| super::progress::self_check(challenge, &cause);
        let found = self.resolver.lookup_ip(format!("{host}.")).await;
        let address = found.ok().and_then(|found| found.iter().next());
        let address =
            address.ok_or_else(|| failed(format!("dial tcp: lookup {host} on {}: no such host", self.dns)))?;
        let dial = |words: &str| failed(format!("dial tcp {}: {words}", SocketAddr::new(address, 80)));
        if !loopback(address) {
            return Err(dial("i/o timeout"));
        }
        let at = SocketAddr::new(address, self.gateway.port());
        let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE).resolve(host, at);
        let client = client.build().map_err(|_| dial("no client"))?;
        let request = client.get(format!("http://{host}:{}{path}", at.port())).header("host", host);
        let answer = request
            .send()
            .await
            .map_err(|error| dial(if error.is_connect() { "connect: connection refused" } else { "i/o timeout" }))?;
        let propagation = |words: String| format!("Waiting for HTTP-01 challenge propagation: {words}");
        if answer.status() != 200 {
            let code = answer.status().as_u16();
            return Err(propagation(format!("wrong status code '{code}', expected '200'")));
        }
        let body = answer.text().await.unwrap_or_default();
        if body == text("key") {
            return Ok(());
        }
        let expected = text("key");
        Err(propagation(format!(
            "did not get expected response when querying endpoint, expected \"{expected}\" but got: {body:.20} (truncated)"
        )))
    }
}

impl Certificates {
    /// Why a challenge cannot be met, as it was seen last; `None` where it can be, or nobody looks. The first to ask sets
    /// the looking going, which goes on until it sees the challenge met or gone.
    pub(super) fn looked(self: &Arc<Self>, key: &Key, challenge: &Value) -> Option<String> {
        self.looker.as_ref()?;
        let uid = challenge["metadata"]["uid"].as_str().unwrap_or("").to_owned();
        if let Some(seen) = lock(&self.looks).get(&uid) {
            return seen.clone();
        }
        lock(&self.looks).insert(uid.clone(), Some(String::new()));
        let (certificates, key, challenge) = (Arc::clone(self), key.clone(), challenge.clone());
        self.background.spawn(async move {
            let there = Key::of_object(&challenge);
            while let Some(looker) = &certificates.looker {
                let seen = looker.look(&challenge).await.err();
                let met = seen.is_none();
                lock(&certificates.looks).insert(uid.clone(), seen);
                let _ = certificates.wake.send(key.clone());
                let gone = there.as_ref().is_none_or(|there| certificates.world.get(there).is_none());
                if met || gone {
                    return;
                }
                tokio::time::sleep(AGAIN).await;
            }
        });
        Some(String::new())
    }
}

fn loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
