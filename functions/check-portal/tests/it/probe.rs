//! Whether a hostname is live: each verdict, each finding, and who is told.

use check_portal::probe::{CODES, Expected, Probe, Verdict, certificate, probe};
use tenantry_dns::{Finding, Severity};
use tenantry_fetch::{Attempt, CertificateSaw, HttpSaw, HttpsSaw, ProbeTrouble, TlsTrouble, Trust};
use time::{Duration, OffsetDateTime, macros::datetime};

const HOST: &str = "portal.acme.example";
const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
const ONE: &str = "198.51.100.7";
const TWO: &str = "2001:db8::1";

/// Ours: trusted, for the host, of 90 days, with 80 left.
fn ours() -> CertificateSaw {
    CertificateSaw {
        names: vec![HOST.to_owned()],
        issuer: "C=US, O=An authority, CN=R11".to_owned(),
        not_before: NOW - Duration::days(10),
        not_after: NOW + Duration::days(80),
        serial: "01".to_owned(),
        sha256: "aa".to_owned(),
        trust: Trust::Trusted,
        covers_host: true,
    }
}

fn with(change: impl FnOnce(&mut CertificateSaw)) -> CertificateSaw {
    let mut saw = ours();
    change(&mut saw);
    saw
}

/// Somebody else's, as good as ours to a browser.
fn theirs() -> CertificateSaw {
    with(|saw| saw.sha256 = "bb".to_owned())
}

/// Has so many days left, of a life of so many.
fn lasting(left: Duration, life: Duration) -> CertificateSaw {
    with(|saw| (saw.not_before, saw.not_after) = (NOW + left - life, NOW + left))
}

fn answer(status: u16) -> HttpSaw {
    HttpSaw { status, location: None, server: Some("istio-envoy".to_owned()), body_start: Vec::new() }
}

fn shows(at: &str, certificate: CertificateSaw, answer: Result<HttpSaw, ProbeTrouble>) -> Attempt<HttpsSaw> {
    Attempt { at: at.parse().unwrap(), outcome: Ok(HttpsSaw { certificate, answer }) }
}

fn fails(at: &str, trouble: ProbeTrouble) -> Attempt<HttpsSaw> {
    Attempt { at: at.parse().unwrap(), outcome: Err(trouble) }
}

fn known() -> Expected {
    Expected { sha256: Some("AA".to_owned()), not_after: Some(ours().not_after), was_live: false }
}

fn unknown() -> Expected {
    Expected::default()
}

fn judged(expected: &Expected, seen: &[Attempt<HttpsSaw>]) -> Probe {
    let judged = probe(HOST, expected, seen, NOW);
    let known = |finding: &Finding| CODES.iter().any(|(code, _)| *code == finding.code);
    assert!(judged.findings.iter().chain(&judged.operators).all(known), "{judged:?}");
    assert!(judged.findings.is_sorted_by(|one, other| one.severity >= other.severity));
    judged
}

fn codes(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>().join(" ")
}

fn expect(expected: &Expected, seen: &[Attempt<HttpsSaw>], verdict: Verdict, tenant: &str, operators: &str) -> Probe {
    let judged = judged(expected, seen);
    let summary = (judged.verdict, codes(&judged.findings), codes(&judged.operators));
    assert_eq!(summary, (verdict, tenant.to_owned(), operators.to_owned()), "{seen:#?}");
    assert_eq!(judged.live(), verdict == Verdict::Live);
    judged
}

#[test]
fn live_is_our_certificate_and_an_answer_of_the_portal() {
    for status in [200, 302, 308, 401, 403, 429] {
        for expected in [known(), unknown()] {
            let judged = expect(&expected, &[shows(ONE, ours(), Ok(answer(status)))], Verdict::Live, "", "");
            assert_eq!(
                judged.words,
                "https://portal.acme.example/ answers, with a certificate that is valid until 2027-02-09."
            );
            assert_eq!((judged.expires_in_days, judged.concerns(), judged.certificate), (Some(80), None, Some(ours())));
        }
    }
    // Without knowing which it is, whatever browsers trust for the host is taken for ours.
    expect(&unknown(), &[shows(ONE, theirs(), Ok(answer(200)))], Verdict::Live, "", "");
}

#[test]
fn a_gateway_that_does_not_know_the_host_is_not_there_yet() {
    for (outcome, tenant) in [
        (Ok(answer(404)), "https_not_yet"),
        (Ok(answer(500)), "https_server_error"),
        (Ok(answer(503)), "https_server_error"),
        (Err(ProbeTrouble::TimedOut), "https_server_error"),
        (Err(ProbeTrouble::Reset), "https_server_error"),
    ] {
        let judged = expect(&known(), &[shows(ONE, ours(), outcome)], Verdict::NotYet, tenant, "");
        assert_eq!(judged.expires_in_days, Some(80));
    }
    for trouble in [TlsTrouble::Closed, TlsTrouble::NoSuchName, TlsTrouble::Alert] {
        let judged = expect(&known(), &[fails(ONE, ProbeTrouble::Tls(trouble))], Verdict::NotYet, "https_not_yet", "");
        assert_eq!((judged.certificate, judged.expires_in_days), (None, None));
    }
}

#[test]
fn another_certificate_is_told_by_its_print_or_by_its_names() {
    let of_another_host = || {
        with(|saw| {
            saw.names = vec!["www.acme.example".to_owned(), "acme.example".to_owned()];
            (saw.sha256, saw.covers_host) = ("cc".to_owned(), false);
        })
    };
    for (expected, certificate) in [
        (known(), theirs()),
        (known(), of_another_host()),
        (unknown(), of_another_host()),
        // A gateway's own certificate, for nobody and by nobody.
        (unknown(), with(|saw| (saw.names, saw.trust, saw.covers_host) = (vec![], Trust::SelfSigned, false))),
    ] {
        let seen = [shows(ONE, certificate, Ok(answer(200)))];
        expect(&expected, &seen, Verdict::OtherCertificate, "other_certificate", "");
    }
    let words = judged(&known(), &[shows(ONE, of_another_host(), Ok(answer(200)))]).words;
    let start = "https://portal.acme.example/ shows another certificate than ours at 198.51.100.7: it is for www.acme.example \
                 and 1 more, issued by `C=US, O=An authority, CN=R11`. ";
    assert!(words.starts_with(start), "{words}");
}

#[test]
fn a_certificate_that_browsers_refuse_is_told_with_the_reason() {
    for (expected, certificate, reason) in [
        (known(), with(|saw| saw.trust = Trust::UnknownIssuer), "browsers do not know who has signed it"),
        (known(), with(|saw| saw.trust = Trust::SelfSigned), "no certificate authority has signed it"),
        (unknown(), with(|saw| saw.trust = Trust::SelfSigned), "no certificate authority has signed it"),
        (unknown(), with(|saw| saw.trust = Trust::NotYetValid), "it is not valid yet"),
        (unknown(), with(|saw| saw.trust = Trust::Unusable), "it cannot be used for a website"),
        // Its own time has not come, and that of a certificate between has.
        (known(), with(|saw| saw.trust = Trust::Expired), "one on the way to its certificate authority has ended"),
        // The very one that was issued, and yet not for the host.
        (known(), with(|saw| saw.covers_host = false), "it is not for this hostname"),
    ] {
        let seen = [shows(ONE, certificate, Ok(answer(200)))];
        let judged = expect(&expected, &seen, Verdict::Untrusted, "certificate_untrusted", "");
        assert!(judged.words.contains(reason), "{}", judged.words);
    }
}

#[test]
fn a_certificate_that_has_ended_is_told_to_the_tenant() {
    let ended = || with(|saw| (saw.not_after, saw.trust) = (NOW - Duration::hours(1), Trust::Expired));
    for expected in [known(), unknown()] {
        let seen = [shows(ONE, ended(), Ok(answer(200)))];
        let judged = expect(&expected, &seen, Verdict::Expired, "certificate_expired", "");
        assert_eq!(judged.expires_in_days, Some(-1));
        assert!(judged.words.contains("ended on 2026-11-21"), "{}", judged.words);
    }
    // By our clock, whoever else's says what.
    let seen = [shows(ONE, with(|saw| saw.not_after = NOW - Duration::SECOND), Ok(answer(200)))];
    expect(&known(), &seen, Verdict::Expired, "certificate_expired", "");
}

#[test]
fn who_is_told_that_a_certificate_ends_soon_depends_on_what_is_left() {
    let day = Duration::days;
    for (left, life, tenant, operators) in [
        (day(31), day(90), "", ""),
        (day(30), day(90), "", ""),
        (day(30) - Duration::SECOND, day(90), "", "certificate_ends_soon"),
        (day(3), day(90), "", "certificate_ends_soon"),
        (day(3) - Duration::SECOND, day(90), "certificate_ends_soon", "certificate_ends_soon"),
        (Duration::hours(5), day(90), "certificate_ends_soon", "certificate_ends_soon"),
        // A third of 45 days is 15; of 30, ten.
        (day(16), day(45), "", ""),
        (day(14), day(45), "", "certificate_ends_soon"),
        (day(10) - Duration::SECOND, day(30), "", "certificate_ends_soon"),
        // One of six days is never far from its end.
        (day(5), day(6), "", ""),
        (day(2), day(6), "", ""),
        (day(2) - Duration::SECOND, day(6), "certificate_ends_soon", "certificate_ends_soon"),
    ] {
        let seen = [shows(ONE, lasting(left, life), Ok(answer(200)))];
        let judged = expect(&known(), &seen, Verdict::Live, tenant, operators);
        assert_eq!(judged.expires_in_days, Some(left.whole_days()));
    }
    let judged = judged(&known(), &[shows(ONE, lasting(day(2), day(90)), Ok(answer(200)))]);
    assert!(judged.findings[0].saw.contains("ends on 2026-11-23 (in 2 days)"), "{}", judged.findings[0].saw);
    assert!(judged.concerns().unwrap().contains("See why it was not renewed"));
}

#[test]
fn the_certificate_before_a_renewal_is_for_operators_while_it_is_good() {
    let renewed = |was_live, sha256: Option<&str>| Expected {
        sha256: sha256.map(str::to_owned),
        not_after: Some(NOW + Duration::days(90)),
        was_live,
    };
    let seen = [shows(ONE, ours(), Ok(answer(200)))];
    for sha256 in [Some("dd"), None] {
        let judged = expect(&renewed(true, sha256), &seen, Verdict::Live, "", "stale_certificate");
        let concerns = judged.concerns().unwrap();
        assert!(concerns.contains("2027-02-09") && concerns.contains("2027-02-19"), "{concerns}");
    }
    // Before it was ever live there is no certificate before: it is another's.
    expect(&renewed(false, Some("dd")), &seen, Verdict::OtherCertificate, "other_certificate", "");
    // A later one than ours cannot be the one before.
    let later = [shows(ONE, with(|saw| saw.not_after = NOW + Duration::days(91)), Ok(answer(200)))];
    expect(&renewed(true, Some("dd")), &later, Verdict::OtherCertificate, "other_certificate", "");
    // It is stale until it ends.
    let ended = [shows(
        ONE,
        with(|saw| (saw.not_after, saw.trust) = (NOW - Duration::days(1), Trust::Expired)),
        Ok(answer(200)),
    )];
    expect(&renewed(true, Some("dd")), &ended, Verdict::Expired, "certificate_expired", "");
    // The same time, told in whole seconds.
    let same =
        Expected { not_after: Some(ours().not_after + Duration::milliseconds(700)), was_live: true, sha256: None };
    expect(&same, &seen, Verdict::Live, "", "");
}

#[test]
fn no_answer_is_told_with_its_reason() {
    for trouble in [
        ProbeTrouble::Refused,
        ProbeTrouble::TimedOut,
        ProbeTrouble::Reset,
        ProbeTrouble::Unreachable,
        ProbeTrouble::Tls(TlsTrouble::NotTls),
        ProbeTrouble::Tls(TlsTrouble::Unusable),
    ] {
        expect(&known(), &[fails(ONE, trouble)], Verdict::Unreachable, "https_unreachable", "");
    }
    expect(&known(), &[], Verdict::Unreachable, "https_unreachable", "");
    let seen = [fails("10.0.0.1", ProbeTrouble::NotPublic), fails(ONE, ProbeTrouble::NotTried)];
    expect(&known(), &seen, Verdict::Unreachable, "https_not_public", "");
    // It says nothing about the host, and the tenant is told nothing that is not so.
    let judged = expect(&known(), &[fails(TWO, ProbeTrouble::NoRoute)], Verdict::Unreachable, "", "probe_no_route");
    assert_eq!(
        judged.words,
        "https://portal.acme.example/ could not be looked at from where we are; we look again by ourselves."
    );
}

#[test]
fn of_several_addresses_the_worst_that_answers_counts() {
    let live = || shows(ONE, ours(), Ok(answer(200)));
    for (beside, verdict, tenant, operators) in [
        (shows(TWO, ours(), Ok(answer(200))), Verdict::Live, "", ""),
        (shows(TWO, ours(), Ok(answer(404))), Verdict::NotYet, "https_not_yet", ""),
        (shows(TWO, theirs(), Ok(answer(200))), Verdict::OtherCertificate, "other_certificate", ""),
        (fails(TWO, ProbeTrouble::Refused), Verdict::Live, "", "address_unreachable"),
        (fails(TWO, ProbeTrouble::NoRoute), Verdict::Live, "", "probe_no_route"),
    ] {
        expect(&known(), &[live(), beside.clone()], verdict, tenant, operators);
        expect(&known(), &[beside, live()], verdict, tenant, operators);
    }
    // The same at both is said once.
    let soon = || lasting(Duration::days(1), Duration::days(90));
    let seen = [shows(ONE, soon(), Ok(answer(200))), shows(TWO, soon(), Ok(answer(200)))];
    expect(&known(), &seen, Verdict::Live, "certificate_ends_soon", "certificate_ends_soon");
}

#[test]
fn a_certificate_alone_is_judged_without_an_answer() {
    let tls = |outcome| [Attempt { at: ONE.parse().unwrap(), outcome }];
    for (outcome, verdict) in [
        (Ok(ours()), Verdict::Live),
        (Ok(theirs()), Verdict::OtherCertificate),
        (Err(ProbeTrouble::Refused), Verdict::Unreachable),
    ] {
        assert_eq!(certificate(HOST, &known(), &tls(outcome), NOW).verdict, verdict);
    }
}

#[test]
fn no_word_for_a_tenant_names_what_is_behind_the_gateway() {
    let mut told = String::new();
    let mut tell = |expected: &Expected, attempt| {
        let judged = judged(expected, &[attempt]);
        told += &judged.words;
        for Finding { saw, advice, severity, .. } in &judged.findings {
            assert!(*severity > Severity::Info);
            told += &format!("{saw} {advice} ");
        }
    };
    for certificate in
        [ours(), theirs(), with(|saw| saw.trust = Trust::SelfSigned), lasting(Duration::days(1), Duration::days(90))]
    {
        for status in [200, 404, 503] {
            tell(&known(), shows(ONE, certificate.clone(), Ok(answer(status))));
        }
    }
    for trouble in [ProbeTrouble::Refused, ProbeTrouble::NotPublic, ProbeTrouble::Tls(TlsTrouble::Closed)] {
        tell(&known(), fails(ONE, trouble));
    }
    let told = told.to_lowercase();
    for word in
        ["kubernetes", "istio", "cert-manager", "namespace", "virtualservice", "envoy", "cluster", "let's encrypt"]
    {
        assert!(!told.contains(word), "{word}");
    }
    assert!(told.len() > 1000);
}
