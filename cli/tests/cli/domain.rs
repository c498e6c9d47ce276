use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::{
    answers::{Reply, list, ok, problem},
    stage::Stage,
};

const AT: &str = "/v1/tenants/ten_1/email-domains";

fn domain(status: &str, dkim: &str) -> Value {
    let looked = dkim != "not_checked";
    let record = |purpose: &str, kind: &str, name: &str, value: &str, status: &str| {
        json!({
            "purpose": purpose, "type": kind, "name": format!("{name}.mail.acme.com"),
            "fqdn": format!("{name}.mail.acme.com."), "relativeName": looked.then(|| format!("{name}.mail")),
            "value": value, "priority": (kind == "MX").then_some(10), "ttl": null, "required": purpose != "dmarc",
            "status": status, "saw": [], "servers": ["ns1.acme.com"], "seenTtl": null,
        })
    };
    let others = if looked { "detected" } else { "not_checked" };
    let findings = json!([{
        "code": "missing", "severity": "error", "record": "TXT k1._domainkey.mail.acme.com",
        "saw": "The name does not exist.", "advice": "Publish a TXT record.",
    }]);
    json!({
        "id": "dom_1", "runId": "run_1", "tenantId": "ten_1", "name": "mail.acme.com", "unicodeName": "mail.acme.com",
        "status": status, "step": status, "reason": (status == "failed").then_some("The name is taken."),
        "from": "noreply@mail.acme.com", "isDefault": status == "verified", "sends": status == "verified",
        "region": null, "zone": looked.then_some("acme.com"),
        "host": looked.then(|| json!({ "name": "Cloudflare", "nameField": "Name", "valueField": "Content" })),
        "records": if status == "created" { json!([]) } else { json!([
            record("ownership", "TXT", "_tenantry", "tenantry-verify=abc", others),
            record("return_path", "MX", "send", "feedback-smtp.eu-west-1.amazonses.com", others),
            record("dkim", "TXT", "k1._domainkey", &format!("p={}", "M".repeat(80)), dkim),
            record("dmarc", "TXT", "_dmarc", "v=DMARC1; p=none", others),
        ]) },
        "findings": if dkim == "missing" { findings } else { json!([]) },
        "verdict": match dkim { "not_checked" => None, "detected" => Some("ready"), _ => Some("not_ready") },
        "lookedAt": looked.then_some("2026-11-21T03:30:00Z"), "nextLookAt": "2026-11-21T03:40:00Z",
        "provenAt": null, "verifiedAt": (status == "verified").then_some("2026-11-21T03:31:00Z"),
        "createdAt": "2026-11-21T03:25:36Z", "createdBy": "ada", "releasedAt": null,
        "warnings": [{ "code": "apex", "detail": "A subdomain keeps the two apart." }],
    })
}

fn looked_again(mut domain: Value) -> Value {
    domain["lookedAt"] = json!("2026-11-21T03:35:00Z");
    domain
}

fn accepted(domain: &Value) -> Reply {
    Reply::new(202, domain.to_string())
}

#[tokio::test]
async fn a_domain_is_added_and_its_records_are_waited_for() {
    let stage = Stage::new().await;
    let known = domain("awaiting_dns", "not_checked");
    stage.on(&format!("POST {AT}"), accepted(&domain("created", "not_checked")));
    stage.on(&format!("GET {AT}/dom_1"), ok(&domain("created", "not_checked")));
    stage.on(&format!("GET {AT}/dom_1"), ok(&known));
    let arguments = ["domain", "add", "mail.acme.com", "--tenant", "ten_1", "--mailbox", "hi", "--region", "eu-west-1"];
    let ran = stage.run(&[&arguments[..], &["--confirm-apex", "--json"]].concat()).await;
    assert_eq!((ran.code, ran.out, ran.err.as_str()), (Some(0), format!("{known}\n"), ""));
    let sent = json!({ "name": "mail.acme.com", "mailbox": "hi", "region": "eu-west-1", "confirmApex": true });
    assert_eq!(stage.seen()[0].json(), sent);
    assert!(stage.seen()[0].header("idempotency-key").is_some());

    stage.on("GET /v1/me", ok(&json!({ "tenant": "ten_1" }))).on(&format!("POST {AT}"), accepted(&known));
    let ran = stage.run(&["domain", "add", "mail.acme.com"]).await;
    assert!(ran.code == Some(0) && ran.err.contains("tenantry domain check mail.acme.com --configured"), "{}", ran.err);
    assert_eq!(stage.seen()[4].json(), json!({ "name": "mail.acme.com" }));
}

#[tokio::test]
async fn added_and_waited_for_it_is_followed_until_it_is_verified() {
    let stage = Stage::new().await;
    stage.on(&format!("POST {AT}"), accepted(&domain("awaiting_dns", "not_checked")));
    for (status, dkim) in [("awaiting_dns", "missing"), ("verifying", "detected"), ("verified", "detected")] {
        stage.on(&format!("GET {AT}/dom_1"), ok(&domain(status, dkim)));
    }
    let ran = stage.run(&["domain", "add", "mail.acme.com", "--tenant", "ten_1", "--wait"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("mail leaves from it, and it is the usual one"), "{}", ran.out);
    assert_snapshot!("followed", ran.err);
}

#[tokio::test]
async fn an_apex_is_told_how_to_be_insisted_on() {
    let stage = Stage::new().await;
    stage.on(&format!("POST {AT}"), problem(422, "apex_not_confirmed", json!({ "detail": "Use a subdomain." })));
    let ran = stage.run(&["domain", "add", "acme.com", "--tenant", "ten_1"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("Use a subdomain.") && ran.err.contains("--confirm-apex"), "{}", ran.err);
}

#[tokio::test]
async fn domains_are_listed_for_a_tenant_and_for_operators() {
    let stage = Stage::new().await;
    let (one, other) = (domain("verified", "detected"), domain("awaiting_dns", "not_checked"));
    stage.on(&format!("GET {AT}?status=verified&gone=true"), list(std::slice::from_ref(&one), None));
    let ran = stage.run(&["domain", "list", "--tenant", "ten_1", "--status", "verified", "--gone"]).await;
    assert!(ran.code == Some(0) && !ran.out.contains("TENANT"), "{} {}", ran.out, ran.err);

    stage.on("GET /v1/me", ok(&json!({ "tenant": null }))).on("GET /v1/email-domains", list(&[one, other], None));
    assert_snapshot!("domains", stage.run(&["domain", "list"]).await.out);

    stage.on("GET /v1/email-domains?name=mail.acme.com&tenant=ten_1", list(&[], None));
    let ran = stage.run(&["domain", "list", "--tenant", "ten_1", "--name", "mail.acme.com"]).await;
    assert_eq!(ran.out, "No domains.\n");
}

#[tokio::test]
async fn a_domain_is_shown_with_what_is_missing() {
    let stage = Stage::new().await;
    stage.on(&format!("GET {AT}/mail.acme.com"), ok(&domain("awaiting_dns", "missing")));
    let ran = stage.run(&["domain", "show", "mail.acme.com.", "--tenant", "ten_1"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_snapshot!("domain", ran.out);
}

#[tokio::test]
async fn operators_need_not_say_whose_a_name_is_that_only_one_tenant_has() {
    let stage = Stage::new().await;
    let nobody = || ok(&json!({ "tenant": null }));
    let by_name = "GET /v1/email-domains?name=mail.acme.com";
    let (one, mut other) = (domain("verified", "detected"), domain("awaiting_dns", "not_checked"));
    other["tenantId"] = json!("ten_2");
    stage.on("GET /v1/me", nobody()).on(by_name, list(std::slice::from_ref(&one), None));
    stage.on(&format!("GET {AT}/dom_1"), ok(&one));
    assert_eq!(stage.run(&["domain", "show", "mail.acme.com"]).await.code, Some(0));

    for (found, code, words) in [(vec![], 1, "No tenant has"), (vec![one, other], 2, "ten_1, ten_2")] {
        stage.on("GET /v1/me", nobody()).on(by_name, list(&found, None));
        let ran = stage.run(&["domain", "show", "mail.acme.com"]).await;
        assert!(ran.code == Some(code) && ran.err.contains(words), "{}", ran.err);
    }
    stage.on("GET /v1/me", nobody());
    let ran = stage.run(&["domain", "show", "dom_1"]).await;
    assert!(ran.code == Some(2) && ran.err.contains("--tenant"), "{}", ran.err);
}

#[tokio::test]
async fn a_check_waits_for_the_look_and_says_how_it_stands() {
    let stage = Stage::new().await;
    let show = format!("GET {AT}/mail.acme.com");
    let check = format!("POST {AT}/mail.acme.com/check");
    let run = ["domain", "check", "mail.acme.com", "--tenant", "ten_1"];
    let before = domain("awaiting_dns", "missing");
    for (now, more, code, words) in [
        (
            looked_again(domain("awaiting_dns", "missing")),
            &["--configured"][..],
            3,
            "not yet: mail.acme.com is not ready",
        ),
        (looked_again(domain("verifying", "detected")), &[], 3, "is not verified yet: verifying"),
        (looked_again(domain("verified", "detected")), &[], 0, ""),
        (looked_again(domain("failed", "detected")), &[], 1, "tenantry task list --run run_1"),
        (before.clone(), &["--wait", "0"], 3, "Nobody has looked yet"),
    ] {
        stage.on(&show, ok(&before)).on(&check, accepted(&before)).on(&show, ok(&now));
        let ran = stage.run(&[&run[..], more].concat()).await;
        assert!(ran.code == Some(code) && ran.err.contains(words), "{code} {} {}", ran.out, ran.err);
    }
    let mut unclear = looked_again(before.clone());
    unclear["verdict"] = json!("unclear");
    stage.on(&show, ok(&before)).on(&check, accepted(&before)).on(&show, ok(&unclear));
    assert_eq!(stage.run(&run).await.code, Some(1));

    let bodies: Vec<_> = stage.seen().iter().filter(|seen| seen.line == check).map(|seen| seen.body.clone()).collect();
    assert_eq!(bodies[..2], [r#"{"dnsConfigured":true}"#, "{}"]);
}

#[tokio::test]
async fn a_watch_ends_as_the_domain_does() {
    let stage = Stage::new().await;
    let show = format!("GET {AT}/dom_1");
    for (status, more, code) in
        [("verified", &[][..], 0), ("failed", &[], 1), ("deactivated", &[], 1), ("degraded", &["--wait", "0"], 3)]
    {
        stage.on(&show, ok(&domain(status, "detected")));
        let ran = stage.run(&[&["domain", "watch", "dom_1", "--tenant", "ten_1"][..], more].concat()).await;
        assert_eq!(ran.code, Some(code), "{status} {}", ran.err);
        assert!(ran.err.starts_with(status), "{}", ran.err);
    }
}

#[tokio::test]
async fn records_are_shown_in_full_and_in_every_form() {
    let stage = Stage::new().await;
    let show = format!("GET {AT}/mail.acme.com");
    let run = ["domain", "records", "mail.acme.com", "--tenant", "ten_1"];
    stage.on(&show, ok(&domain("awaiting_dns", "missing")));
    assert_snapshot!("records", stage.run(&run).await.out);

    for (format, more) in [("bind", &["--format", "bind"][..]), ("dig", &["--format", "dig"]), ("json", &["--json"])] {
        stage.on(&show, ok(&domain("awaiting_dns", "missing")));
        stage.on(&format!("{show}/records?format={format}"), Reply::new(200, "{\"data\":[]}\n"));
        let ran = stage.run(&[&run[..], more].concat()).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), "{\"data\":[]}\n"), "{format} {}", ran.err);
    }

    let mut stuck = domain("created", "not_checked");
    stuck["reason"] = json!("The name is taken.");
    stage.on(&show, ok(&stuck));
    let ran = stage.run(&run).await;
    assert!(ran.code == Some(3) && ran.err.contains("created: The name is taken."), "{}", ran.err);
}

#[tokio::test]
async fn a_link_is_printed_alone() {
    let stage = Stage::new().await;
    let made = json!({ "url": "https://api.example/dns/abc", "expiresAt": "2026-11-22T03:25:36Z" });
    stage.on(&format!("POST {AT}/mail.acme.com/links"), Reply::new(201, made.to_string()));
    let ran = stage.run(&["domain", "link", "mail.acme.com", "--tenant", "ten_1", "--hours", "24"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "https://api.example/dns/abc\n"));
    assert_eq!(stage.seen()[0].body, r#"{"hours":24}"#);
    assert!(ran.err.contains("until 2026-11-22 03:25:36 UTC"), "{}", ran.err);
    for hours in ["0", "721"] {
        assert_eq!(stage.run(&["domain", "link", "mail.acme.com", "--hours", hours]).await.code, Some(2));
    }
}

#[tokio::test]
async fn a_domain_is_removed_only_when_that_is_said() {
    let stage = Stage::new().await;
    let run = ["domain", "remove", "mail.acme.com", "--tenant", "ten_1"];
    let ran = stage.run(&run).await;
    assert!(ran.code == Some(2) && ran.err.contains("--yes"), "{}", ran.err);
    assert!(stage.seen().is_empty());

    let with_step = |step: &str| {
        let mut domain = domain("deactivated", "detected");
        domain["step"] = json!(step);
        domain
    };
    stage.on(&format!("DELETE {AT}/mail.acme.com"), accepted(&with_step("stopping")));
    assert_eq!(stage.run(&[&run[..], &["--yes"]].concat()).await.code, Some(0));

    // Gone, a name finds nothing any more.
    stage.on(&format!("DELETE {AT}/mail.acme.com"), accepted(&with_step("stopping")));
    stage.on(&format!("GET {AT}/dom_1"), ok(&with_step("draining")));
    stage.on(&format!("GET {AT}/dom_1"), ok(&with_step("deactivated")));
    let ran = stage.run(&[&run[..], &["--yes", "--wait"]].concat()).await;
    assert!(ran.code == Some(0) && ran.err.contains("deactivated (draining)"), "{}", ran.err);
}

#[tokio::test]
async fn orphans_are_listed_with_how_to_read_them() {
    let stage = Stage::new().await;
    let report = json!({ "provider": "resend", "data": [{ "id": "d1", "name": "old.acme.com" }],
                         "lookedAt": "2026-11-21T03:25:36Z", "detail": "No tenant has these domains." });
    stage.on("GET /v1/email-domains/orphans", ok(&report));
    assert_snapshot!("orphans", stage.run(&["domain", "orphans"]).await.out);
}
