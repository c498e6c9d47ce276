//! The local stack's DNS, as it is: the stand-in's own routes.

use serde_json::json;
use tenantry_standins::dns::{Dns, Options};
use tokio::net::TcpListener;

use crate::{
    answers::{ok, problem},
    stage::{Ran, Stage},
};

struct Local {
    dns: Dns,
    stage: Stage,
    url: String,
}

impl Local {
    async fn new() -> Self {
        let dns = Dns::start(Options::default()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = dns.routes();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { dns, stage: Stage::new().await, url }
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.stage.command(&[&["local", "dns"], arguments].concat());
        command.env("TENANTRY_ZONES_URL", &self.url);
        self.stage.finish(command).await
    }

    async fn works(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments).await;
        assert_eq!(ran.code, Some(0), "{arguments:?} {} {}", ran.out, ran.err);
        ran.out
    }
}

#[tokio::test]
async fn zones_and_records_are_made_changed_and_removed() {
    let local = Local::new().await;
    assert_eq!(local.works(&["zone", "list"]).await, "There is no zone.\n");
    let ran = local.run(&["set", "send.acme.test", "TXT", "x"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("tenantry local dns zone add"), "{}", ran.err);

    local.works(&["zone", "add", "acme.test"]).await;
    assert_eq!(local.works(&["zone", "list"]).await, "acme.test\n");
    local.works(&["set", "send.acme.test", "MX", "10", "mx.example.net", "--ttl", "60"]).await;
    local.works(&["set", "send.acme.test", "txt", "v=spf1 -all"]).await;
    let shown = local.works(&["set", "send.acme.test", "TXT", "two words", "--add"]).await;
    assert!(shown.contains("v=spf1 -all") && shown.contains("two words"), "{shown}");
    assert_eq!(local.dns.get("send.acme.test", "MX").unwrap().ttl, 60);

    local.works(&["unset", "send.acme.test", "TXT", "two words"]).await;
    assert_eq!(local.dns.get("send.acme.test", "TXT").unwrap().values, ["v=spf1 -all"]);
    local.works(&["unset", "send.acme.test", "TXT"]).await;
    assert_eq!(local.run(&["get", "send.acme.test", "TXT"]).await.code, Some(1));

    assert!(local.works(&["zone", "show", "acme.test"]).await.contains("$ORIGIN acme.test."));
    let records: serde_json::Value =
        serde_json::from_str(&local.works(&["zone", "show", "acme.test", "--json"]).await).unwrap();
    assert!(records["data"].as_array().unwrap().iter().any(|set| set["type"] == "MX"), "{records}");
    local.works(&["zone", "remove", "acme.test"]).await;
    assert_eq!(local.works(&["zone", "list"]).await, "There is no zone.\n");
}

#[tokio::test]
async fn all_records_of_a_domain_are_published_but_those_that_are_left_out() {
    let local = Local::new().await;
    let record = |purpose: &str, kind: &str, name: &str, value: &str| {
        let name = format!("{name}.mail.acme.test");
        json!({ "purpose": purpose, "type": kind, "name": name, "value": value, "priority": (kind == "MX").then_some(10) })
    };
    let key = format!("p={}", "K".repeat(400));
    let domain = json!({
        "id": "dom_1", "tenantId": "ten_1", "name": "mail.acme.test", "status": "awaiting_dns",
        "records": [
            record("ownership", "TXT", "_tenantry", "tenantry-verify=ours"),
            record("return_path", "MX", "send", "mx.example.net"),
            record("spf", "TXT", "send", "v=spf1 -all"),
            record("dkim", "TXT", "k1._domainkey", &key),
        ],
    });
    let publish = ["publish", "mail.acme.test", "--tenant", "ten_1"];
    let show = "GET /v1/tenants/ten_1/email-domains/mail.acme.test";

    // There is no zone yet.
    local.stage.on(show, ok(&domain));
    local.works(&[&publish[..], &["--without", "dkim,spf"]].concat()).await;
    assert_eq!(local.works(&["zone", "list"]).await, "acme.test\n");
    assert_eq!(local.dns.get("send.mail.acme.test", "MX").unwrap().values, ["10 mx.example.net"]);
    assert!(local.dns.get("send.mail.acme.test", "TXT").is_none());
    assert!(local.dns.get("k1._domainkey.mail.acme.test", "TXT").is_none());

    // Another tenant has proved the same domain, and the key was wrong.
    local.dns.set("_tenantry.mail.acme.test", "TXT", 60, ["tenantry-verify=theirs"]).unwrap();
    local.dns.set("k1._domainkey.mail.acme.test", "TXT", 60, ["p=old"]).unwrap();
    local.stage.on(show, ok(&domain));
    let ran = local.run(&publish).await;
    assert!(ran.code == Some(0) && ran.err.contains("tenantry domain check mail.acme.test"), "{}", ran.err);
    let texts = local.dns.get("_tenantry.mail.acme.test", "TXT").unwrap().values;
    assert_eq!(texts, ["tenantry-verify=theirs", "tenantry-verify=ours"]);
    assert_eq!(local.dns.get("k1._domainkey.mail.acme.test", "TXT").unwrap().values, [key]);
}

#[tokio::test]
async fn the_record_of_a_portals_hostname_is_published() {
    let local = Local::new().await;
    let record = json!({ "purpose": "portal", "type": "CNAME", "name": "portal.acme.test", "value": "a1b2c3d.portal.tenantry.test" });
    let portal = json!({
        "canonicalHost": "a1b2c3d.portal.tenantry.test", "runId": "run_7", "domain": "portal.acme.test", "status": "pending_dns",
        "records": [record], "replacement": null,
    });
    let nobody = || ok(&json!({ "tenant": null }));
    let none = || ok(&json!({ "data": [], "has_more": false, "next_cursor": null }));
    let found = json!({ "data": [{ "tenantId": "ten_1" }], "has_more": false, "next_cursor": null });
    // Operators need not say whose it is.
    local.stage.on("GET /v1/me", nobody()).on("GET /v1/email-domains?name=portal.acme.test", none());
    local.stage.on("GET /v1/me", nobody()).on("GET /v1/portal-domains?domain=portal.acme.test", ok(&found));
    local.stage.on("GET /v1/tenants/ten_1/portal-domain", ok(&portal));
    let ran = local.run(&["publish", "portal.acme.test"]).await;
    assert!(ran.code == Some(0) && ran.err.contains("tenantry portal refresh --tenant ten_1"), "{}", ran.err);
    let there = local.dns.get("portal.acme.test", "CNAME").unwrap().values;
    assert_eq!(there, ["a1b2c3d.portal.tenantry.test"]);

    // Nobody has it, neither for mail nor for a portal.
    let missing = "GET /v1/tenants/ten_1/email-domains/x.acme.test";
    local
        .stage
        .on(missing, problem(404, "not_found", json!({})))
        .on("GET /v1/tenants/ten_1/portal-domain", ok(&portal));
    assert_eq!(local.run(&["publish", "x.acme.test", "--tenant", "ten_1"]).await.code, Some(1));
}

#[tokio::test]
async fn an_unknown_server_says_how_to_name_it() {
    let stage = Stage::new().await;
    let ran = stage.run(&["local", "dns", "zone", "list"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("TENANTRY_ZONES_URL"), "{}", ran.err);
}
