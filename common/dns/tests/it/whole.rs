//! The whole way: a zone at a real server, the lookups, the verdict, and the list of what is wrong.

use std::time::Duration;

use tenantry_dns::{Places, RecordStatus, Report, Resolver, Verdict, Wanted, check, ownership, usual};
use tenantry_standins::dns::{Dns, Fault, Options, Rule};

const DOMAIN: &str = "mail.acme.test";
const PATH: &str = "send.mail.acme.test";
const SIGNER: &str = "resend._domainkey.mail.acme.test";
const HOST: &str = "feedback-smtp.eu-west-1.amazonses.com";
const SPF: &str = "v=spf1 include:amazonses.com ~all";
const KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAPtYgjmUhBel31iEl2hpChYgCfrL1spNxnyVmihA/2O76UMFxFkM/R5Kjp1vRt+1fjORS/6ilI8ihN5KXSc7Tvo/hBKqFYY/kv5ZJr3J1TWDtkwtDDb+xHKas1VOqg6YYZYn9ZhyiA4uoRgnatmUdjAWtGSU8po+799NksnRH9ucAUsdMlHUvTCQCyEZDz/TddJ8HyS5SUkCnD8zRA9a9SkpXz9w3QlY7Zkuvqdt7s8Stqcbnr3yBdGBLEPH1qhT61qtc4xatws8phP9nhFyJfm5di4PzJ59FHz5r1pY4OjE2jBMptUsGr7CmY+uCu3ZR1zTOlUcR64cXQLioDnkHIfIDAQAB";
const TOKEN: &str = "_tenantry.mail.acme.test";

struct Zone {
    dns: Dns,
    wanted: Vec<Wanted>,
}

impl Zone {
    /// A zone in which everything is right.
    async fn start() -> Self {
        let dns = Dns::start(Options { zones: vec!["acme.test".to_owned()], ..Options::default() }).await.unwrap();
        let mut wanted = usual(DOMAIN, "eu-west-1");
        wanted[2].value = format!("p={KEY}");
        wanted.push(ownership(DOMAIN, "token-of-the-tenant"));
        for record in &wanted {
            let kind = if record.priority.is_some() { "MX" } else { "TXT" };
            let value = record.priority.map(|priority| format!("{priority} ")).unwrap_or_default() + &record.value;
            dns.set(&record.name, kind, 300, [value]).unwrap();
        }
        Self { dns, wanted }
    }

    async fn look(&self) -> Report {
        let places = Places {
            server: Some(self.dns.addr()),
            public: Vec::new(),
            time_out: Duration::from_millis(500),
            tries: 2,
            ..Places::default()
        };
        let seen = Resolver::new(places).gather(DOMAIN, &self.wanted).await;
        check(DOMAIN, &self.wanted, &seen)
    }

    /// The codes of what is found, and the verdict.
    async fn found(&self) -> (Vec<String>, Verdict) {
        let report = self.look().await;
        (report.findings.into_iter().map(|finding| finding.code).collect(), report.verdict)
    }
}

#[tokio::test]
async fn a_zone_in_which_all_is_right_is_ready() {
    let zone = Zone::start().await;
    let report = zone.look().await;
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict, Verdict::Ready);
    assert_eq!(report.zone.as_deref(), Some("acme.test"));
}

#[tokio::test]
async fn each_fault_of_a_zone_is_found_and_gone_when_it_is_mended() {
    let zone = Zone::start().await;
    let key = zone.wanted[2].value.clone();
    let mended: [(&str, &str, &str); 4] = [
        (PATH, "MX", &format!("10 {HOST}")),
        (PATH, "TXT", SPF),
        (SIGNER, "TXT", &key),
        (TOKEN, "TXT", &zone.wanted[4].value),
    ];
    let halves = format!("\"{}\" \"{}\"", &key[..200], &key[210..]);
    let faults: [(&str, &str, &[&str], &str); 12] = [
        (PATH, "MX", &["0 ."], "mx_null"),
        (PATH, "MX", &["10 feedback-smtp.us-east-1.amazonses.com"], "mx_region"),
        (PATH, "MX", &["10 feedback-smtp.eu-west-1.amazonses.com.acme.test"], "value_zone_appended"),
        (PATH, "MX", &["10 feedback-smtp.eu-west-1.amazonses.com", "20 mx.acme.test"], "mx_conflict"),
        (PATH, "TXT", &[SPF, "v=spf1 -all"], "spf_two_records"),
        (PATH, "TXT", &["\"\\\"v=spf1 include:amazonses.com ~all\\\"\""], "text_quoted"),
        (PATH, "TXT", &["v=spf1 include:send.mail.acme.test include:amazonses.com ~all"], "spf_loop"),
        (SIGNER, "TXT", &[&key[..255]], "dkim_truncated"),
        (SIGNER, "TXT", &[&halves], "dkim_split"),
        (SIGNER, "TXT", &[&key, "v=DKIM1; p=MIGf"], "dkim_two_records"),
        (TOKEN, "TXT", &["tenantry-verify=another"], "ownership_other_token"),
        (TOKEN, "TXT", &[], "missing"),
    ];
    for (name, kind, values, code) in faults {
        zone.dns.set(name, kind, 300, values.iter().copied()).unwrap();
        assert_eq!(zone.found().await, (vec![code.to_owned()], Verdict::NotReady), "{values:?}");
        for (name, kind, value) in mended {
            zone.dns.set(name, kind, 300, [value]).unwrap();
        }
    }
    assert_eq!(zone.found().await, (Vec::new(), Verdict::Ready));
}

#[tokio::test]
async fn a_record_is_found_where_a_panel_put_it() {
    let zone = Zone::start().await;
    for (place, code) in [
        ("send.mail.acme.test.acme.test", "zone_appended"),
        ("send.mail.mail.acme.test", "wrong_name"),
        ("send.acme.test", "wrong_name"),
    ] {
        zone.dns.set(PATH, "TXT", 300, [] as [&str; 0]).unwrap();
        zone.dns.set(place, "TXT", 300, [SPF]).unwrap();
        let report = zone.look().await;
        assert_eq!(report.findings.len(), 1, "{report:#?}");
        assert_eq!(report.findings[0].code, code);
        assert!(report.findings[0].saw.contains(&format!("`{place}`")), "{report:#?}");
        zone.dns.set(place, "TXT", 300, [] as [&str; 0]).unwrap();
    }
}

#[tokio::test]
async fn a_cname_in_the_way_and_a_circle_are_certain() {
    let zone = Zone::start().await;
    zone.dns.set(SIGNER, "TXT", 300, [] as [&str; 0]).unwrap();
    for (target, code) in [("www.acme.test", "cname_in_the_way"), (SIGNER, "cname_chain")] {
        zone.dns.set(SIGNER, "CNAME", 300, [target]).unwrap();
        assert_eq!(zone.found().await, (vec![code.to_owned()], Verdict::NotReady), "{target}");
    }
    // A key may stand behind an alias.
    zone.dns.set(SIGNER, "CNAME", 300, ["key.acme.test"]).unwrap();
    zone.dns.set("key.acme.test", "TXT", 300, [zone.wanted[2].value.as_str()]).unwrap();
    assert_eq!(zone.found().await, (Vec::new(), Verdict::Ready));
}

#[tokio::test]
async fn what_cannot_be_asked_is_unclear_and_never_missing() {
    let zone = Zone::start().await;
    for fault in [Fault::ServFail, Fault::Refused] {
        zone.dns.misbehave([Rule::at(SIGNER, fault)]);
        assert_eq!(zone.found().await, (vec!["lookup_failed".to_owned()], Verdict::Unclear));
        zone.dns.misbehave([Rule::below(".", fault)]);
        let report = zone.look().await;
        assert_eq!(report.verdict, Verdict::Unclear);
        assert!(report.records.iter().all(|record| record.status == RecordStatus::LookupFailed), "{report:#?}");
    }
}

#[tokio::test]
async fn a_wildcard_s_answer_is_told_from_a_record() {
    let zone = Zone::start().await;
    zone.dns.set(TOKEN, "TXT", 300, [] as [&str; 0]).unwrap();
    zone.dns.set("*.mail.acme.test", "TXT", 300, ["hello"]).unwrap();
    let (codes, verdict) = zone.found().await;
    assert_eq!((codes, verdict), (vec!["value_differs".to_owned(), "wildcard".to_owned()], Verdict::NotReady));
}
