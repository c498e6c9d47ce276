//! What the DNS may answer on the way, as the function hears it: what the row says then, and what follows.

use std::{net::Ipv4Addr, time::Duration};

use local::Run;
use serde_json::{Value, json};
use tenantry_dns::Places;
use tenantry_model::{RunId, TenantId};
use tenantry_runtime::Worker;
use tenantry_standins::{
    dns::{Dns, Fault, Options, Rule},
    resend::Route,
};
use tenantry_store::domains::DomainRow;
use tenantry_tests::{
    TestStack,
    domains::by_hand::{BY_HAND, How},
};

const NAME: &str = "mail.acme.test";
const ZONE: &str = "acme.test";
const OWNER: &str = "_tenantry.mail.acme.test";
const KEY: &str = "resend._domainkey.mail.acme.test";
const NOBODY: Run = Run { workers: false, sweeper: false, api: false };
const MINUTE: Duration = Duration::from_secs(60);

/// A tenant that was told what to publish, and has published nothing.
async fn brought() -> (TestStack, TenantId, RunId) {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    let tenant = stack.tenants(1).await[0];
    let run = stack.bring_by_hand(tenant, NAME).await;
    stack.dns().add_zone(ZONE).unwrap();
    (stack, tenant, run)
}

/// A process that asks the same server, and waits for it no longer than it must.
fn impatient(stack: &TestStack) -> Worker {
    let (server, time_out) = (Some(stack.dns().addr()), Duration::from_millis(100));
    stack.looks_at(Places { server, public: Vec::new(), time_out, ..Places::default() })
}

/// How the record of this name stands in the report.
fn status(domain: &DomainRow, name: &str) -> String {
    let records = domain.report.as_ref().unwrap()["records"].as_array().unwrap().clone();
    let record = records.into_iter().find(|record| record["name"] == name).expect("the record");
    record["status"].as_str().unwrap().to_owned()
}

fn verdict(domain: &DomainRow) -> String {
    domain.report.as_ref().unwrap()["verdict"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_answer_about_one_record_stands_in_the_report_as_what_it_is_and_none_but_the_right_one_is_enough() {
    let (stack, _, run) = brought().await;
    stack.publish(ZONE, &stack.wanted(run).await);
    let quick = impatient(&stack);
    let cases = [
        (Fault::NxDomain, "missing", "not_ready"),
        (Fault::ServFail, "lookup_failed", "unclear"),
        (Fault::Refused, "lookup_failed", "unclear"),
        (Fault::Silence, "lookup_failed", "unclear"),
    ];
    for (fault, record, whole) in cases {
        stack.dns().misbehave([Rule::at(KEY, fault)]);
        let domain = stack.look(run, (fault == Fault::Silence).then_some(&quick)).await;
        assert_eq!((status(&domain, KEY).as_str(), verdict(&domain).as_str()), (record, whole), "{fault:?}");
        assert_eq!((status(&domain, OWNER).as_str(), domain.state.as_str()), ("detected", "awaiting_dns"), "{fault:?}");
        let told: Value = sqlx::query_scalar(
            "select detail from history where run_id = $1 and name = 'DnsSeen' order by seq desc limit 1",
        )
        .bind(run.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
        let (told, heard) = (told.to_string(), if whole == "unclear" { "unclear" } else { "incomplete" });
        assert!(told.contains(heard), "{told}");
        assert_eq!(
            told.contains(&format!("TXT {KEY}")),
            record == "missing",
            "what nobody could look for is not missing: {told}"
        );
    }
    // The name is there, and something else at it.
    stack.dns().behave();
    let key = stack.dns().get(KEY, "TXT").unwrap().values;
    stack.dns().remove(KEY, "TXT").unwrap();
    stack.dns().set(KEY, "A", 300, ["192.0.2.1"]).unwrap();
    let domain = stack.look(run, None).await;
    assert_eq!((status(&domain, KEY).as_str(), verdict(&domain).as_str()), ("missing", "not_ready"));
    stack.dns().remove(KEY, "A").unwrap();
    stack.dns().set(KEY, "TXT", 300, ["p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC"]).unwrap();
    let domain = stack.look(run, None).await;
    assert_eq!((status(&domain, KEY).as_str(), domain.state.as_str()), ("mismatch", "awaiting_dns"));
    assert_eq!(stack.resend().requests(Route::VerifyDomain), 0);

    // Late, and cut off over UDP: but an answer.
    stack.dns().set(KEY, "TXT", 300, key).unwrap();
    stack.dns().misbehave([Rule::at(KEY, Fault::Truncated), Rule::at(OWNER, Fault::Slow(Duration::from_millis(700)))]);
    stack.look(run, None).await;
    assert_ne!(stack.domain(run).await.state, "awaiting_dns");
    stack.dns().behave();
    stack.play(run, "verified", How::Alone).await;
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn whose_a_zone_is_is_forgotten_where_the_text_is_gone_and_only_there() {
    let (stack, _, run) = brought().await;
    let wanted = stack.wanted(run).await;
    stack.publish(ZONE, &wanted[..1]);
    assert!(stack.look(run, None).await.proven_at.is_some());
    for fault in [Fault::ServFail, Fault::Refused] {
        for rule in [Rule::at(OWNER, fault), Rule::below(".", fault)] {
            stack.dns().misbehave([rule]);
            let domain = stack.look(run, None).await;
            assert_eq!(status(&domain, OWNER), "lookup_failed", "{fault:?}");
            assert!(domain.proven_at.is_some(), "{fault:?}");
        }
    }
    stack.dns().misbehave([Rule::at(OWNER, Fault::NxDomain)]);
    assert_eq!(stack.look(run, None).await.proven_at, None);
    stack.dns().behave();
    assert!(stack.look(run, None).await.proven_at.is_some());
    // Somebody else's text is nobody's proof, and neither is one more beside it.
    stack.dns().set(OWNER, "TXT", 300, ["tenantry-verify=somebodyelses00000000000000"]).unwrap();
    assert_eq!(stack.look(run, None).await.proven_at, None);
    stack.dns().add(OWNER, "TXT", 300, &wanted[0].value).unwrap();
    assert!(stack.look(run, None).await.proven_at.is_some(), "two tenants may both have theirs there");
    assert_eq!(stack.run(run).await.state, "awaiting_dns");
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn a_domain_whose_servers_say_nothing_at_all_waits_like_one_whose_records_are_not_there() {
    let (stack, _, run) = brought().await;
    stack.publish(ZONE, &stack.wanted(run).await);
    let quick = impatient(&stack);
    for fault in [Fault::Silence, Fault::ServFail, Fault::Refused] {
        stack.dns().misbehave([Rule::below(".", fault)]);
        let domain = stack.look(run, Some(&quick)).await;
        assert_eq!(verdict(&domain), "unclear", "{fault:?}");
        let report = domain.report.unwrap();
        let failed = |record: &Value| record["status"] == "lookup_failed" || record["status"] == "not_checked";
        assert!(report["records"].as_array().unwrap().iter().all(failed), "{fault:?}: {report}");
        assert!(!report["findings"].as_array().unwrap().is_empty(), "it says why: {report}");
        assert_eq!(stack.run(run).await.state, "awaiting_dns");
        assert_eq!(stack.wait_of(run, "LookAgain").await, Some(5 * MINUTE));
    }
    // A zone that is not there is no zone that cannot be asked.
    stack.dns().behave();
    stack.dns().remove_zone(ZONE).unwrap();
    stack.dns().add_zone("test").unwrap();
    let domain = stack.look(run, None).await;
    assert_eq!(verdict(&domain), "not_ready");
    stack.nothing_unexpected().await;
}

/// A root, and two servers of the zone below it, all on loopback and on one port.
async fn two_servers() -> (Dns, Dns, Dns, Places) {
    let root = Dns::start(Options { zones: vec![".".into()], ..Options::default() }).await.unwrap();
    let port = root.addr().port();
    let mut servers = Vec::new();
    for host in [31, 32] {
        let address = Ipv4Addr::new(127, 0, 0, host);
        servers.push(
            Dns::start(Options { address, port: Some(port), zones: vec![ZONE.into()], ..Options::default() })
                .await
                .unwrap(),
        );
    }
    for dns in [&root, &servers[0], &servers[1]] {
        dns.set(ZONE, "NS", 300, ["ns1.acme.test", "ns2.acme.test"]).unwrap();
        dns.set("ns1.acme.test", "A", 300, ["127.0.0.31"]).unwrap();
        dns.set("ns2.acme.test", "A", 300, ["127.0.0.32"]).unwrap();
    }
    let time_out = Duration::from_millis(300);
    let places = Places { roots: vec![root.addr()], public: Vec::new(), port, time_out, ..Places::default() };
    let second = servers.pop().unwrap();
    (root, servers.pop().unwrap(), second, places)
}

#[tokio::test]
async fn servers_that_disagree_are_not_ready_and_one_that_is_silent_beside_one_that_answers_stops_nobody() {
    let (stack, _, run) = brought().await;
    let wanted = stack.wanted(run).await;
    let (_root, first, second, places) = two_servers().await;
    let walks = stack.looks_at(places);
    let publish = |dns: &Dns| {
        for record in &wanted {
            let value = record.priority.map_or(record.value.clone(), |priority| format!("{priority} {}", record.value));
            dns.set(&record.name, &record.kind.to_string(), 300, [value]).unwrap();
        }
    };
    publish(&first);
    let domain = stack.look(run, Some(&walks)).await;
    assert_eq!((verdict(&domain).as_str(), domain.state.as_str()), ("not_ready", "awaiting_dns"));
    assert_ne!(status(&domain, OWNER), "detected");
    assert_eq!(domain.proven_at, None, "half of the servers are no proof");
    let report = domain.report.unwrap();
    assert!(report["findings"].to_string().contains("ns2.acme.test"), "{report}");

    // The second one has all but the key.
    publish(&second);
    second.remove(KEY, "TXT").unwrap();
    let domain = stack.look(run, Some(&walks)).await;
    assert_eq!((status(&domain, OWNER).as_str(), verdict(&domain).as_str()), ("detected", "not_ready"));
    assert_ne!(status(&domain, KEY), "detected");
    assert!(domain.proven_at.is_some());
    assert_eq!(stack.run(run).await.state, "awaiting_dns");

    // Neither of them holds the zone any more: that is no word about what is in it.
    for dns in [&first, &second] {
        dns.misbehave([Rule::at(OWNER, Fault::NotAuthoritative)]);
    }
    let domain = stack.look(run, Some(&walks)).await;
    assert_eq!(status(&domain, OWNER), "lookup_failed");
    assert!(domain.proven_at.is_some());

    // It is dead: what the other one says is enough.
    first.behave();
    second.misbehave([Rule::below(".", Fault::Silence)]);
    let domain = stack.look(run, Some(&walks)).await;
    assert_eq!((verdict(&domain).as_str(), domain.state.as_str()), ("ready", "verifying"));
    stack.publish(ZONE, &wanted);
    stack.play(run, "verified", How::Alone).await;
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn the_looks_are_5_10_20_40_and_60_minutes_apart_and_a_word_begins_anew() {
    let (stack, _, run) = brought().await;
    for fault in [None, Some(Fault::ServFail)] {
        if let Some(fault) = fault {
            stack.dns().misbehave([Rule::below(".", fault)]);
            stack.signal(run, "dnsConfigured", json!({ "by": "ada" })).await.unwrap();
            stack.settle(run).await;
        }
        for minutes in [5, 10, 20, 40, 60, 60, 60] {
            assert_eq!(stack.wait_of(run, "LookAgain").await, Some(minutes * MINUTE), "{fault:?}");
            let looked = stack.domain(run).await.looked_at;
            stack.pass(minutes * MINUTE - Duration::from_secs(20));
            stack.settle(run).await;
            assert_eq!(stack.domain(run).await.looked_at, looked, "not before its time");
            stack.pass(Duration::from_secs(20));
            stack.settle(run).await;
            assert!(stack.domain(run).await.looked_at > looked, "and not after it");
        }
    }
    stack.dns().behave();
    let domain = stack.look(run, None).await;
    assert_eq!(stack.wait_of(run, "LookAgain").await, Some(5 * MINUTE));
    assert_eq!((domain.next_look_at.unwrap() - domain.looked_at.unwrap()).whole_minutes(), 5);
    stack.nothing_unexpected().await;
}
