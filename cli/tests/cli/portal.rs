use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::{
    answers::{Reply, list, ok, problem, with_fault},
    stage::Stage,
};

const AT: &str = "/v1/tenants/ten_1/portal-domain";

fn hostname(domain: &str, status: &str) -> Value {
    let live = status == "active";
    let seen = status != "pending_dns";
    json!({
        "runId": "run_7", "domain": domain, "unicodeDomain": domain, "status": status, "step": status,
        "statusMessage": (status == "dns_failed").then_some("The CNAME never came."),
        "axes": {
            "ownership": if seen { "verified" } else { "pending" }, "certificate": if live { "ready" } else { "none" },
            "routing": if live { "live" } else { "none" },
        },
        "lastCheckedAt": "2026-11-21T03:30:00Z", "nextCheckAt": "2026-11-21T03:40:00Z", "verificationMethod": "cname",
        "verificationDetails": {
            "expectedCname": "a1b2c3d.portal.example.com", "pointing": if seen { "cname" } else { "missing" },
            "observed": format!("{domain} does not exist"), "observedAt": "2026-11-21T03:30:00Z",
            "findings": if seen { json!([]) } else { json!([{
                "code": "cname_missing", "severity": "error", "record": format!("CNAME {domain}"),
                "saw": "There is no such name.", "advice": "Create a CNAME record.",
            }]) },
        },
        "records": [{
            "purpose": "portal", "type": "CNAME", "name": domain, "relativeName": "portal", "value": "a1b2c3d.portal.example.com",
            "priority": null, "ttl": null, "required": true, "status": if seen { "detected" } else { "missing" }, "saw": [],
        }],
        "zone": "acme.test", "host": { "name": "Cloudflare", "nameField": "Name", "valueField": "Target" },
        "certificate": live.then(|| json!({ "notAfter": "2027-01-01T00:00:00Z", "issuer": "CN=R11", "words": null })),
        "activatedAt": live.then_some("2026-11-21T03:29:00Z"), "next": "Create a CNAME record.",
        "actions": ["refresh", "remove"], "warnings": [],
    })
}

fn portal(hostname: Option<Value>, replacement: Option<Value>) -> Value {
    let mut portal = json!({
        "canonicalHost": "a1b2c3d.portal.example.com", "edition": "enterprise", "editable": true, "note": null,
        "replacement": replacement,
    });
    portal.as_object_mut().unwrap().extend(hostname.and_then(|one| one.as_object().cloned()).unwrap_or_default());
    portal
}

fn accepted(portal: &Value) -> Reply {
    Reply::new(202, portal.to_string())
}

#[tokio::test]
async fn a_hostname_is_set_and_its_record_is_shown() {
    let stage = Stage::new().await;
    let shown = portal(Some(hostname("portal.acme.test", "pending_dns")), None);
    stage.on("GET /v1/me", ok(&json!({ "tenant": "ten_1" }))).on(&format!("PUT {AT}"), accepted(&shown));
    let ran = stage.run(&["portal", "set", "portal.acme.test."]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(stage.seen()[1].json(), json!({ "domain": "portal.acme.test" }));
    assert!(ran.err.contains("tenantry portal status --watch"), "{}", ran.err);
    assert_snapshot!("portal", ran.out);
    stage.on(&format!("PUT {AT}"), accepted(&shown));
    let ran = stage.run(&["portal", "set", "portal.acme.test", "--tenant", "ten_1", "--json"]).await;
    assert_eq!((ran.out, ran.err.as_str()), (format!("{shown}\n"), ""));

    stage.on(&format!("PUT {AT}"), problem(403, "feature_not_available", json!({ "detail": "Not here." })));
    assert_eq!(stage.run(&["portal", "set", "portal.acme.test", "--tenant", "ten_1"]).await.code, Some(4));
}

#[tokio::test]
async fn a_portal_is_shown_with_the_one_on_its_way_and_without_any() {
    let stage = Stage::new().await;
    let both = portal(Some(hostname("old.acme.test", "active")), Some(hostname("new.acme.test", "pending_dns")));
    stage.on(&format!("GET {AT}"), ok(&both));
    assert_snapshot!("portal_both", stage.run(&["portal", "status", "--tenant", "ten_1"]).await.out);
    let mut none = portal(None, None);
    none["note"] = json!("Not part of this edition.");
    stage.on(&format!("GET {AT}"), ok(&none));
    let ran = stage.run(&["portal", "status", "--tenant", "ten_1"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("No hostname is set"), "{} {}", ran.out, ran.err);
    assert!(ran.out.contains("a1b2c3d.portal.example.com") && ran.out.contains("Not part of this edition."));
}

#[tokio::test]
async fn a_watch_ends_as_the_hostname_does() {
    let stage = Stage::new().await;
    let get = format!("GET {AT}");
    let watch = ["portal", "status", "--tenant", "ten_1", "--watch"];
    for status in ["pending_dns", "verifying_dns", "active"] {
        stage.on(&get, ok(&portal(Some(hostname("portal.acme.test", status)), None)));
    }
    let ran = stage.run(&watch).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let told = |words: &str| ran.err.find(words).unwrap_or_else(|| panic!("{words}: {}", ran.err));
    assert!(told("pending dns") < told("verifying dns") && told("verifying dns") < told("active"));

    for (status, more, code) in [("dns_failed", &[][..], 1), ("deploying", &["--wait", "0"], 3)] {
        stage.on(&get, ok(&portal(Some(hostname("portal.acme.test", status)), None)));
        let ran = stage.run(&[&watch[..], more].concat()).await;
        assert_eq!(ran.code, Some(code), "{status} {}", ran.err);
    }
    // What is waited for is the one on its way.
    let failed = portal(Some(hostname("old.acme.test", "active")), Some(hostname("new.acme.test", "dns_failed")));
    stage.on(&get, ok(&failed));
    assert_eq!(stage.run(&watch).await.code, Some(1));
    assert_eq!(stage.run(&["portal", "status", "--wait", "5"]).await.code, Some(2));
}

#[tokio::test]
async fn it_is_looked_at_tried_again_and_removed_only_when_that_is_said() {
    let stage = Stage::new().await;
    let shown = portal(Some(hostname("portal.acme.test", "dns_failed")), None);
    for (route, more, body) in [
        ("refresh", &[][..], json!({})),
        ("retry", &["--domain", "portal.acme.test"], json!({ "domain": "portal.acme.test" })),
    ] {
        stage.on(&format!("POST {AT}/{route}"), accepted(&shown));
        let ran = stage.run(&[&["portal", route, "--tenant", "ten_1"][..], more].concat()).await;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(stage.seen().last().unwrap().json(), body);
    }
    let remove = ["portal", "remove", "--tenant", "ten_1"];
    let ran = stage.run(&remove).await;
    assert!(ran.code == Some(2) && ran.err.contains("--yes"), "{}", ran.err);
    stage.on(&format!("DELETE {AT}"), problem(409, "hostname_not_named", json!({ "detail": "There are two." })));
    let ran = stage.run(&[&remove[..], &["--yes"]].concat()).await;
    assert!(ran.code == Some(1) && ran.err.contains("--domain"), "{}", ran.err);
    stage.on(&format!("DELETE {AT}?domain=a.acme.test"), accepted(&shown));
    assert_eq!(stage.run(&[&remove[..], &["--yes", "--domain", "a.acme.test"]].concat()).await.code, Some(0));
}

#[tokio::test]
async fn hostnames_of_all_are_listed() {
    let stage = Stage::new().await;
    let mut one = hostname("portal.acme.test", "active");
    one["tenantId"] = json!("ten_1");
    stage.on("GET /v1/portal-domains?status=active&gone=true", list(&[one], None));
    assert_snapshot!("portals", stage.run(&["portal", "list", "--status", "active", "--gone"]).await.out);
}

fn sync(step: &str, seq: u32, created: u32) -> Value {
    json!({
        "runId": "run_9", "standing": false, "status": if step == "reconciling" { "running" } else { "completed" }, "step": step,
        "seq": seq, "carry": { "commit": false, "pullRequest": false, "apply": false },
        "summary": (step != "reconciling").then(|| json!({
            "created": created, "changed": 0, "deleted": 0, "unchanged": 6, "refused": 0, "orphans": 0, "files": 0,
            "commit": null, "branch": null,
        })),
        "held": null, "outstanding": created > 0, "error": null,
        "diff": (created > 0).then_some("+ Gateway istio-system/portal-1  portal.acme.test  create\n    +kind: Gateway\n"),
        "commands": (created > 0).then_some("kubectl apply --server-side -f - <<'EOF'\nkind: Gateway\nEOF\n"),
    })
}

#[tokio::test]
async fn a_plan_is_waited_for_and_printed_and_what_is_left_is_told() {
    let stage = Stage::new().await;
    let begin = |stage: &Stage| {
        stage.on("POST /v1/portal-syncs", Reply::new(202, sync("reconciling", 1, 0).to_string()));
    };
    let get = "GET /v1/portal-syncs/run_9?wait=20&since=1";
    begin(&stage);
    stage.on(get, ok(&sync("done", 2, 1)));
    let ran = stage.run(&["portal", "sync"]).await;
    assert!(ran.code == Some(3) && ran.err.contains("not carried out"), "{}", ran.err);
    assert_eq!(stage.seen()[0].json(), json!({ "commit": false, "pullRequest": false, "apply": false }));
    assert_snapshot!("sync", ran.out);

    begin(&stage);
    stage.on(get, ok(&sync("done", 2, 0)));
    let ran = stage.run(&["portal", "sync", "--commit", "--apply", "--pull-request"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(stage.seen()[2].json(), json!({ "commit": true, "pullRequest": true, "apply": true }));

    let mut held = sync("done", 2, 0);
    held["held"] = json!({ "objects": 9, "words": "Nine would go." });
    let failed = with_fault(sync("failed", 2, 0), "InternalError", "The repository cannot be reached.");
    for (seen, code, words) in [(held, 3, "9 objects"), (failed, 1, "repository cannot be reached")] {
        begin(&stage);
        stage.on(get, ok(&seen));
        let ran = stage.run(&["portal", "sync"]).await;
        assert!(ran.code == Some(code) && ran.err.contains(words), "{}", ran.err);
    }
    begin(&stage);
    let ran = stage.run(&["portal", "sync", "--wait", "0", "--json"]).await;
    assert_eq!((ran.code, ran.out), (Some(3), format!("{}\n", sync("reconciling", 1, 0))));
}

#[tokio::test]
async fn the_standing_reconcile_is_forced_and_waited_for() {
    let stage = Stage::new().await;
    let refresh = "POST /v1/portal-syncs/standing/refresh";
    stage.on(refresh, Reply::new(202, sync("reconciling", 1, 0).to_string()));
    stage.on("GET /v1/portal-syncs/run_9?wait=20&since=1", ok(&sync("resting", 2, 0)));
    let ran = stage.run(&["portal", "reconcile"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    stage.on(refresh, problem(403, "platform_only", json!({})));
    assert_eq!(stage.run(&["portal", "reconcile"]).await.code, Some(4));
}
