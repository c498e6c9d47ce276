//! What is seen of a hostname from outside.

use tenantry_dns::{Finding, HostReport, HostWanted, Pointing as Leads, Resolver, check_host, ownership};
use tenantry_fetch::Prober;
use tenantry_store::portal::PortalFacts;
use tenantry_workflows::portal_domain::Pointing;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    preflight::{Preflight, challenge_path, preflight},
    probe::{Expected, Probe, probe},
};

/// What looks are made with.
pub struct Eyes {
    /// Who is asked about names.
    pub resolver: Resolver,
    /// What visits hosts.
    pub prober: Prober,
    /// The authority's name in CAA records.
    pub ca: String,
    /// The URI of our account there.
    pub ca_account: Option<String>,
}

impl Eyes {
    /// What the DNS says of a hostname.
    pub async fn host(&self, facts: &PortalFacts) -> HostReport {
        self.of(&facts.domain, &facts.canonical_host, &facts.token).await
    }

    async fn of(&self, host: &str, target: &str, token: &str) -> HostReport {
        let wanted = HostWanted {
            host: host.to_owned(),
            target: target.to_owned(),
            ownership: ownership(host, token),
            ca: self.ca.clone(),
            ca_account: self.ca_account.clone(),
        };
        let seen = self.resolver.look_at_host(&wanted).await;
        check_host(&wanted, &seen)
    }

    /// Whether the authority would be let through. `nonce`: URL-safe characters that no other request has.
    pub async fn before_an_order(&self, facts: &PortalFacts, nonce: &str) -> (HostReport, Preflight) {
        let target = &facts.canonical_host;
        let (report, canonical) = tokio::join!(self.host(facts), self.of(target, target, &facts.token));
        let path = challenge_path(nonce);
        let (host, canonical) = tokio::join!(
            self.prober.http(&facts.domain, &report.addresses, &path),
            self.prober.http(target, &canonical.addresses, &path)
        );
        let judged = preflight(&report, &path, &host, &canonical);
        (report, judged)
    }

    /// Whether the portal answers, with our certificate.
    pub async fn visit(&self, facts: &PortalFacts, now: OffsetDateTime) -> Probe {
        let report = self.host(facts).await;
        let seen = self.prober.https(&facts.domain, &report.addresses, "/").await;
        probe(&facts.domain, &expected(facts), &seen, now)
    }
}

/// The certificate that was issued, as the last look at the cluster has found it.
fn expected(facts: &PortalFacts) -> Expected {
    let known = |name: &str| facts.certificate.as_ref().and_then(|seen| seen[name].as_str());
    Expected {
        sha256: known("fingerprint").map(str::to_owned),
        not_after: known("notAfter").and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()),
        was_live: facts.was_active,
    }
}

/// Where a hostname leads, as its life hears it. `rivalled`: another tenant has shown lately that it leads there.
pub(crate) fn pointing(report: &HostReport, serves: bool, rivalled: bool) -> Pointing {
    match report.pointing {
        Leads::Cname => Pointing::Here,
        // The text was there once, and the addresses still are: nobody else's it is, unless somebody else shows it.
        Leads::Flattened if serves && !rivalled => Pointing::Here,
        Leads::Flattened => match report.proven {
            Some(true) => Pointing::Here,
            Some(false) => Pointing::Elsewhere,
            None => Pointing::Unclear,
        },
        Leads::Proxied => Pointing::Proxied,
        Leads::Elsewhere | Leads::Missing => Pointing::Elsewhere,
        Leads::Unclear => Pointing::Unclear,
    }
}

/// What the tenant is told of a look: what matters most, and what to do. Who may issue certificates matters when the name leads here.
pub(crate) fn words(report: &HostReport, pointing: Pointing) -> String {
    let about_name = |finding: &&Finding| !finding.code.starts_with("caa_");
    let first = report.findings.iter().find(about_name).filter(|_| pointing != Pointing::Here);
    match first.or(report.findings.first()) {
        Some(finding) => said(finding),
        None if pointing == Pointing::Here => String::new(),
        None => format!("{} leads to {}.", report.host, report.observed),
    }
}

fn said(finding: &Finding) -> String {
    format!("{} {}", finding.saw, finding.advice)
}
