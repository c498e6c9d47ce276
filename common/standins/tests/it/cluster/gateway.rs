//! The played gateway: what it shows, where it leads, and how it fails.

use crate::cluster::{CERTIFICATES, GATEWAYS, PATIENCE, SERVICES, Stage, certificate, gateway, key, service};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};
use serde_json::Value;
use std::time::Duration;
use tenantry_standins::cluster::{Issuance, Kind, Mood, Options};

const HOST: &str = "portal.acme.test";

impl Stage {
    /// A stage whose gateway serves the host.
    async fn serving() -> Stage {
        let stage = Stage::open().await;
        stage.serve(HOST).await;
        stage
    }

    async fn serve(&self, host: &str) {
        self.applied(CERTIFICATES, &certificate("a", host)).await;
        self.applied(GATEWAYS, &gateway("a", host)).await;
        self.applied(SERVICES, &service("a", host)).await;
        assert!(self.cluster.wait_for(&key(Kind::Secret, "istio-system", "a"), |_| true, PATIENCE).await.is_some());
    }

    /// A client that trusts the authority, and resolves this host to the gateway.
    fn visitor(&self, host: &str) -> Client {
        let ca = Certificate::from_pem(self.cluster.ca_pem().as_bytes()).unwrap();
        Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .tls_certs_only([ca])
            .tls_info(true)
            .resolve(host, self.cluster.gateway_https())
            .build()
            .unwrap()
    }

    async fn http(&self, host: &str, path: &str) -> Response {
        let port = self.cluster.gateway_http().port();
        self.visitor(host).get(format!("http://{host}:{port}{path}")).header("host", host).send().await.unwrap()
    }

    async fn https(&self, host: &str, path: &str) -> reqwest::Result<Response> {
        let port = self.cluster.gateway_https().port();
        self.visitor(host).get(format!("https://{host}:{port}{path}")).header("host", host).send().await
    }

    /// The leaf certificate that is shown.
    async fn shown(&self, host: &str) -> Vec<u8> {
        let answer = self.https(host, "/x").await.unwrap();
        answer.extensions().get::<reqwest::tls::TlsInfo>().unwrap().peer_certificate().unwrap().to_vec()
    }
}

fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn a_host_is_served_as_its_objects_say() {
    let stage = Stage::serving().await;
    let page = stage.https(HOST, "/client-portal/dashboard").await.unwrap();
    assert_eq!((page.status().as_u16(), &page.headers()["server"]), (200, &"istio-envoy".parse().unwrap()));
    assert!(page.text().await.unwrap().contains(HOST));
    let home = stage.https(HOST, "/").await.unwrap();
    assert_eq!((home.status().as_u16(), location(&home)), (302, "https://portal.acme.test/client-portal/dashboard"));
    let plain = stage.http(HOST, "/a?b=c").await;
    assert_eq!((plain.status().as_u16(), location(&plain)), (301, "https://portal.acme.test/a?b=c"));
    // A host header with a port leads to the gateway's own port, for a browser on this machine.
    let port = stage.cluster.gateway_http().port();
    let plain = stage.visitor(HOST).get(format!("http://{HOST}:{port}/a")).send().await.unwrap();
    assert_eq!(location(&plain), format!("https://{HOST}:{}/a", stage.cluster.gateway_https().port()));
}

#[tokio::test]
async fn nobody_knows_an_unknown_host() {
    let stage = Stage::serving().await;
    let answer = stage.http("other.test", "/").await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["server"]), (404, &"istio-envoy".parse().unwrap()));
    let refused = stage.https("other.test", "/").await.unwrap_err();
    assert!(!refused.is_timeout(), "{refused:?}");
    assert!(stage.cluster.delete(&key(Kind::VirtualService, "msp", "a")));
    assert_eq!(stage.https(HOST, "/x").await.unwrap().status().as_u16(), 404);
    assert!(stage.cluster.delete(&key(Kind::Gateway, "istio-system", "a")));
    stage.https(HOST, "/x").await.unwrap_err();
}

#[tokio::test]
async fn a_challenge_is_answered_while_it_is_there() {
    let stage = Stage::open().await;
    stage.cluster.issue_all(Issuance::Pending("wait".to_owned()));
    stage.applied(CERTIFICATES, &certificate("a", HOST)).await;
    assert!(stage.cluster.wait_until(|cluster| cluster.list(Kind::Challenge).len() == 1, PATIENCE).await);
    let spec = stage.cluster.list(Kind::Challenge)[0]["spec"].clone();
    let path = format!("/.well-known/acme-challenge/{}", spec["token"].as_str().unwrap());
    assert_eq!(stage.http(HOST, &path).await.text().await.unwrap(), spec["key"], "by cert-manager's own route");
    stage.applied(GATEWAYS, &gateway("a", HOST)).await;
    stage.applied(SERVICES, &service("a", HOST)).await;
    assert_eq!(stage.http(HOST, &path).await.text().await.unwrap(), spec["key"], "by the route of our object");
    assert_eq!(stage.http(HOST, "/.well-known/acme-challenge/other").await.status().as_u16(), 404);
    let mut swallowing = service("a", HOST);
    swallowing["spec"]["http"].as_array_mut().unwrap().remove(0);
    stage.applied(SERVICES, &swallowing).await;
    assert_eq!(
        stage.http(HOST, &path).await.status().as_u16(),
        301,
        "a redirect of everything takes the challenge too"
    );
}

#[tokio::test]
async fn the_canonical_zone_is_served_without_any_object() {
    let zone = "portal.tenantry.test".to_owned();
    let stage = Stage::new(Options { canonical_zone: Some(zone), ..Options::default() }).await;
    let host = "a1b2c3d.portal.tenantry.test";
    let page = stage.https(host, "/client-portal/dashboard").await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    assert!(page.text().await.unwrap().contains(host));
    assert_eq!(stage.http(host, "/").await.status().as_u16(), 301);
    assert_eq!(stage.http(host, "/.well-known/acme-challenge/x").await.status().as_u16(), 404);
    assert_eq!(location(&stage.https(host, "/").await.unwrap()), format!("https://{host}/client-portal/dashboard"));
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_unless_it_is_told_to_hold_the_old_one() {
    let stage = Stage::serving().await;
    let first = stage.shown(HOST).await;
    stage.cluster.gateway_holds_certificates(true);
    let at = key(Kind::Certificate, "istio-system", "a");
    assert!(stage.cluster.wait_for(&at, |object| object["status"]["revision"] == 1, PATIENCE).await.is_some());
    assert!(stage.cluster.renew(&at));
    assert!(stage.cluster.wait_for(&at, |object| object["status"]["revision"] == 2, PATIENCE).await.is_some());
    assert_eq!(stage.shown(HOST).await, first);
    stage.cluster.gateway_holds_certificates(false);
    assert_ne!(stage.shown(HOST).await, first);
}

#[tokio::test]
async fn a_certificate_may_be_of_the_past() {
    let stage = Stage::open().await;
    stage.cluster.issue_all(Issuance::Lasting(time::Duration::days(-1)));
    stage.serve(HOST).await;
    let error = format!("{:?}", stage.https(HOST, "/").await.unwrap_err());
    assert!(error.contains("Expired"), "{error}");
}

#[tokio::test]
async fn it_refuses_fails_and_recovers_when_told() {
    let stage = Stage::serving().await;
    stage.cluster.gateway_mood(Mood::Refusing).await;
    assert!(stage.https(HOST, "/x").await.unwrap_err().is_connect());
    assert!(tokio::net::TcpStream::connect(stage.cluster.gateway_http()).await.is_err());
    stage.cluster.gateway_mood(Mood::Unavailable).await;
    assert_eq!(stage.https(HOST, "/x").await.unwrap().status().as_u16(), 503);
    stage.cluster.gateway_mood(Mood::Serving).await;
    assert_eq!(stage.https(HOST, "/x").await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn it_lags_behind_the_objects_as_long_as_it_is_told() {
    let stage = Stage::serving().await;
    let delay = Duration::from_millis(300);
    stage.cluster.gateway_lag(delay);
    let began = std::time::Instant::now();
    assert!(stage.cluster.delete(&key(Kind::VirtualService, "msp", "a")));
    let status = async || stage.https(HOST, "/x").await.unwrap().status().as_u16();
    let early = status().await;
    assert!(early == 200 || began.elapsed() >= delay, "{early} after {:?}", began.elapsed());
    while status().await == 200 {
        assert!(began.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
    assert!(began.elapsed() >= delay);
    stage.cluster.gateway_lag(Duration::ZERO);
    let answer: Value = stage.applied(SERVICES, &service("a", HOST)).await;
    assert_eq!((answer["kind"].as_str(), status().await), (Some("VirtualService"), 200));
}
