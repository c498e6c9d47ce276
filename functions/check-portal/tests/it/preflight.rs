//! Before an order: what stands in the way, whose fault it is, and what people are told.

use std::net::IpAddr;

use check_portal::preflight::{CODES, Outcome, Preflight, challenge_path, preflight};
use tenantry_dns::{
    Caa, Finding, HostReport, HostWanted, Pointing, RecordReport, RecordStatus, Severity, blocks_certificate, ownership,
};
use tenantry_fetch::{Attempt, HttpSaw, ProbeTrouble};

const HOST: &str = "portal.acme.example";
const TARGET: &str = "a1b2c3d.portal.example.com";
/// Our gateway's.
const OURS: &str = "198.51.100.7";
/// Somebody else's.
const THEIRS: &str = "192.0.2.80";
const STRAY: &str = "2001:db8::1";

type Attempts = Vec<Attempt<HttpSaw>>;

fn dns(pointing: Pointing, caa: Caa, codes: &[&str]) -> HostReport {
    let token = ownership(HOST, "token");
    let wanted = HostWanted {
        host: HOST.to_owned(),
        target: TARGET.to_owned(),
        ownership: token.clone(),
        ca: "letsencrypt.org".to_owned(),
        ca_account: None,
    };
    let finding = |code: &&str| Finding {
        code: (*code).to_owned(),
        severity: if *code == "caa_unclear" { Severity::Warning } else { Severity::Error },
        record: None,
        saw: format!("{code} was seen."),
        advice: "Do this.".to_owned(),
    };
    HostReport {
        host: HOST.to_owned(),
        target: TARGET.to_owned(),
        pointing,
        proven: Some(true),
        caa,
        observed: String::new(),
        chain: vec![TARGET.to_owned()],
        addresses: Vec::new(),
        record_to_create: wanted.record(),
        name_in_zone: None,
        ownership: RecordReport {
            wanted: token,
            status: RecordStatus::NotChecked,
            saw: vec![],
            servers: vec![],
            seen_ttl: None,
        },
        apex: false,
        zone: None,
        host_hint: None,
        findings: codes.iter().map(finding).collect(),
    }
}

fn good() -> HostReport {
    dns(Pointing::Cname, Caa::Allows, &[])
}

fn forbids() -> Caa {
    Caa::Forbids { at: "acme.example".to_owned(), records: vec!["0 issue \"other-ca.example\"".to_owned()] }
}

fn unclear() -> Caa {
    Caa::Unclear { at: "acme.example".to_owned() }
}

/// `404 istio-envoy`, `301 nginx https://other.example/`, `refused`: an answer as `status server location`, or a trouble.
fn attempt(at: &str, said: &str) -> Attempt<HttpSaw> {
    let trouble = |trouble| Attempt { at: at.parse().unwrap(), outcome: Err(trouble) };
    let mut words = said.split_whitespace();
    let status = match words.next().unwrap() {
        "refused" => return trouble(ProbeTrouble::Refused),
        "silent" => return trouble(ProbeTrouble::TimedOut),
        "reset" => return trouble(ProbeTrouble::Reset),
        "garbled" => return trouble(ProbeTrouble::Garbled),
        "no-route" => return trouble(ProbeTrouble::NoRoute),
        "private" => return trouble(ProbeTrouble::NotPublic),
        "not-tried" => return trouble(ProbeTrouble::NotTried),
        "not-askable" => return trouble(ProbeTrouble::NotAskable),
        status => status.parse().unwrap(),
    };
    let server = words.next().filter(|server| *server != "-").map(str::to_owned);
    let saw = HttpSaw { status, location: words.next().map(str::to_owned), server, body_start: Vec::new() };
    Attempt { at: at.parse().unwrap(), outcome: Ok(saw) }
}

/// Several, as `address answer; address answer`.
fn attempts(text: &str) -> Attempts {
    let each = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    each.map(|part| part.split_once(' ').unwrap()).map(|(at, said)| attempt(at, said)).collect()
}

fn judged(dns: &HostReport, host: &str, canonical: &str) -> Preflight {
    let judged = preflight(dns, &challenge_path("nonce"), &attempts(host), &attempts(canonical));
    let known = |finding: &Finding| {
        CODES.iter().any(|(code, _)| *code == finding.code)
            || tenantry_dns::CODES.iter().any(|(code, _)| *code == finding.code)
    };
    assert!(judged.findings.iter().chain(&judged.operators).all(known), "{judged:?}");
    judged
}

fn codes(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>().join(" ")
}

/// Outcome, what the tenant is told, what operators are told.
fn summary(judged: &Preflight) -> (Outcome, String, String) {
    (judged.outcome, codes(&judged.findings), codes(&judged.operators))
}

fn expect(host: &str, canonical: &str, outcome: Outcome, tenant: &str, operators: &str) {
    let judged = judged(&good(), host, canonical);
    assert_eq!(
        summary(&judged),
        (outcome, tenant.to_owned(), operators.to_owned()),
        "{host} | {canonical}\n{judged:#?}"
    );
    assert_eq!(judged.clear(), judged.words().is_none());
}

#[test]
fn what_our_gateway_answers_holds_nothing_up() {
    for (host, canonical) in [
        // At our own address: whatever it answers before it knows the host.
        (format!("{OURS} 404 istio-envoy"), format!("{OURS} 404 istio-envoy")),
        (format!("{OURS} 404 istio-envoy"), format!("{OURS} 301 istio-envoy https://{TARGET}/x")),
        (format!("{OURS} 301 istio-envoy https://{HOST}/x"), format!("{OURS} 404 istio-envoy")),
        (format!("{OURS} 404"), format!("{OURS} 200 istio-envoy")),
        // At another address of it, known by the server's name.
        (format!("{THEIRS} 404 Istio-Envoy"), format!("{OURS} 404 istio-envoy")),
        (format!("{THEIRS} 308 istio-envoy https://{HOST}/x"), format!("{OURS} 404 istio-envoy")),
        (format!("{THEIRS} 302 istio-envoy /x"), format!("{OURS} 404 istio-envoy")),
        // It does not say what it is, and says the same.
        (format!("{THEIRS} 404"), format!("{OURS} 404")),
        // A way to IPv4 is enough for us to see.
        (format!("{OURS} 404 e; {THEIRS} 404 e"), format!("{OURS} 404 e")),
    ] {
        expect(&host, &canonical, Outcome::Clear, "", "");
    }
}

#[test]
fn what_does_not_answer_while_our_gateway_does_stands_in_the_way() {
    let canonical = format!("{OURS} 404 istio-envoy");
    for trouble in ["refused", "silent", "reset", "garbled"] {
        expect(&format!("{THEIRS} {trouble}"), &canonical, Outcome::Blocked, "http_unreachable", "");
        // One of several is enough: the authority may choose it.
        let host = format!("{STRAY} {trouble}; {OURS} 404 istio-envoy");
        expect(&host, &canonical, Outcome::Blocked, "http_unreachable", "");
    }
    let both = format!("{STRAY} refused; {THEIRS} silent");
    expect(&both, &canonical, Outcome::Blocked, "http_unreachable http_unreachable", "");
    expect(&format!("{THEIRS} private; {OURS} not-tried"), &canonical, Outcome::Blocked, "http_not_public", "");
}

#[test]
fn what_reaches_neither_is_our_fault_and_holds_nobody_up() {
    for trouble in ["refused", "silent", "reset"] {
        let (host, canonical) = (format!("{OURS} {trouble}"), format!("{OURS} {trouble}"));
        expect(&host, &canonical, Outcome::Clear, "", "gateway_unreachable");
        // The tenant's addresses are others, as those of a large gateway may be.
        expect(&format!("{THEIRS} {trouble}"), &canonical, Outcome::Clear, "", "gateway_unreachable");
        // One of our addresses is down, for everybody.
        let (host, canonical) =
            (format!("{STRAY} {trouble}; {OURS} 404 e"), format!("{STRAY} {trouble}; {OURS} 404 e"));
        expect(&host, &canonical, Outcome::Clear, "", "gateway_unreachable");
    }
    // It fails for everybody in the same way; the challenge will have a way of its own.
    for at in [OURS, THEIRS] {
        expect(&format!("{at} 503 e"), &format!("{OURS} 503 e"), Outcome::Clear, "", "gateway_unreachable");
    }
    expect(&format!("{OURS} 404 e"), &format!("{STRAY} 500 e; {OURS} 404 e"), Outcome::Clear, "", "");
    expect(&format!("{OURS} 404 e"), "", Outcome::Clear, "", "gateway_unreachable");
    expect(&format!("{OURS} 404 e"), &format!("{OURS} refused"), Outcome::Clear, "", "gateway_unreachable");
}

#[test]
fn where_nobody_can_say_it_is_looked_at_again() {
    let up = format!("{OURS} 404 e");
    // Ours, and it answered for the other one at the same moment.
    expect(&format!("{OURS} reset"), &up, Outcome::Unclear, "http_gateway_unsteady", "http_gateway_unsteady");
    // Not ours, and there is no measure.
    expect(
        &format!("{THEIRS} refused"),
        &format!("{OURS} silent"),
        Outcome::Unclear,
        "http_not_compared",
        "gateway_unreachable",
    );
    expect("", &up, Outcome::Unclear, "http_no_address", "");
    expect(&format!("{OURS} not-askable"), &up, Outcome::Unclear, "", "probe_not_askable");
}

#[test]
fn an_address_to_which_there_is_no_way_from_here_is_not_judged() {
    let canonical = format!("{OURS} 404 e");
    expect(&format!("{STRAY} no-route; {OURS} 404 e"), &canonical, Outcome::Clear, "", "probe_no_route");
    // Alone, it leaves nothing to go by.
    expect(&format!("{STRAY} no-route"), &canonical, Outcome::Unclear, "http_no_address", "probe_no_route");
}

#[test]
fn something_else_that_answers_stands_in_the_way() {
    let canonical = format!("{OURS} 404 istio-envoy");
    for (said, code) in [
        ("200 nginx", "http_other_server"),
        ("404 Apache", "http_other_server"),
        ("404", "http_other_server"),
        ("301 nginx https://portal.acme.example/x", "http_other_server"),
        ("401 nginx", "http_login"),
        ("403 cloudfront", "http_login"),
        ("403 istio-envoy", "http_login"),
        ("500 nginx", "http_server_error"),
        ("503 istio-envoy", "http_server_error"),
        ("302 nginx https://parked.example/", "http_redirected"),
        ("301 istio-envoy https://www.acme.example/", "http_redirected"),
        ("301 istio-envoy //www.acme.example/", "http_redirected"),
        ("301 istio-envoy https://portal.acme.example:8443/x", "http_redirected"),
        ("301 istio-envoy ftp://portal.acme.example/x", "http_redirected"),
        ("301 istio-envoy http://[/", "http_redirected"),
    ] {
        expect(&format!("{THEIRS} {said}"), &canonical, Outcome::Blocked, code, "");
        // At an address of ours the tenant can do nothing about it.
        let harmless = code == "http_other_server";
        expect(&format!("{OURS} {said}"), &canonical, Outcome::Clear, "", if harmless { "" } else { "gateway_odd" });
    }
    // It does not say what it is, and says something else than our gateway, which does not say it either.
    expect(
        &format!("{THEIRS} 200"),
        &format!("{OURS} 301 - https://{TARGET}/x"),
        Outcome::Blocked,
        "http_other_server",
        "",
    );
    // Where our gateway is silent, what is certainly wrong is still wrong.
    let (host, canonical) = (format!("{THEIRS} 401 nginx"), format!("{OURS} silent"));
    expect(&host, &canonical, Outcome::Blocked, "http_login", "gateway_unreachable");
}

#[test]
fn what_dns_shows_counts_with_its_own_words() {
    use Outcome::{Blocked, Clear, Unclear};
    for (report, outcome, tenant) in [
        (dns(Pointing::Cname, forbids(), &["caa_forbids"]), Blocked, "caa_forbids"),
        (dns(Pointing::Cname, unclear(), &["caa_unclear"]), Unclear, "caa_unclear"),
        (dns(Pointing::Flattened, Caa::Allows, &["stray_aaaa"]), Blocked, "stray_aaaa"),
        (dns(Pointing::Flattened, unclear(), &["stray_aaaa", "caa_unclear"]), Blocked, "stray_aaaa caa_unclear"),
        // What is no hindrance is left to whoever shows the DNS.
        (dns(Pointing::Flattened, Caa::Allows, &["cname_flattened"]), Clear, ""),
        (dns(Pointing::Proxied, Caa::Allows, &["proxied"]), Blocked, "proxied"),
        // These count though they came without words.
        (dns(Pointing::Proxied, Caa::Allows, &[]), Blocked, "proxied"),
        (dns(Pointing::Cname, forbids(), &[]), Blocked, "caa_forbids"),
        (dns(Pointing::Cname, unclear(), &[]), Unclear, "caa_unclear"),
    ] {
        let judged = judged(&report, &format!("{OURS} 404 e"), &format!("{OURS} 404 e"));
        assert_eq!(summary(&judged), (outcome, tenant.to_owned(), String::new()), "{report:?}");
        for told in &report.findings {
            let shown = judged.findings.iter().find(|finding| finding.code == told.code);
            assert!(shown.is_none_or(|shown| shown == told), "the words are those of the look at the DNS");
        }
    }
    assert!(["caa_forbids", "caa_unclear", "stray_aaaa"].into_iter().all(blocks_certificate));
}

#[test]
fn a_tenant_reads_what_happened_where_and_what_to_do() {
    let canonical = format!("{OURS} 404 istio-envoy");
    let words = |host: &str| judged(&good(), host, &canonical).words().unwrap();
    assert_eq!(
        words(&format!("{STRAY} refused; {OURS} 404 istio-envoy")),
        "The certificate authority will not reach http://portal.acme.example/.well-known/acme-challenge/nonce at 2001:db8::1 \
         (AAAA record): connection refused. Remove the AAAA record that leads portal.acme.example to 2001:db8::1, so that only \
         the CNAME to a1b2c3d.portal.example.com (or what your DNS host offers in its place at the top of a zone) is left."
    );
    assert!(words(&format!("{THEIRS} 403 nginx")).contains("is answered at 192.0.2.80 with status 403 by `nginx`"));
    assert!(
        words(&format!("{THEIRS} 302 nginx https://parked.example/x?y=z"))
            .contains("a redirect to https://parked.example, so")
    );
    assert!(judged(&dns(Pointing::Proxied, Caa::Allows, &[]), "", &canonical).words().unwrap().contains("DNS only"));
    let record = &judged(&good(), &format!("{STRAY} refused"), &canonical).findings[0].record;
    assert_eq!(record.as_deref(), Some("AAAA portal.acme.example"));
}

#[test]
fn no_word_for_a_tenant_names_what_is_behind_the_gateway() {
    let mut told = String::new();
    for said in
        ["refused", "reset", "private", "200 nginx", "401 x", "500 x", "301 x https://y.example/", "not-askable"]
    {
        for at in [OURS, THEIRS, STRAY] {
            for canonical in [format!("{OURS} 404 e"), format!("{OURS} silent")] {
                let judged = judged(&good(), &format!("{at} {said}"), &canonical);
                for finding in &judged.findings {
                    told += &format!("{} {} ", finding.saw, finding.advice);
                }
                told += &judged.words().unwrap_or_default();
            }
        }
    }
    let told = told.to_lowercase();
    for word in
        ["kubernetes", "istio", "cert-manager", "namespace", "virtualservice", "envoy", "cluster", "let's encrypt"]
    {
        assert!(!told.contains(word), "{word}");
    }
    assert!(!OURS.parse::<IpAddr>().unwrap().is_ipv6() && told.len() > 1000);
}
