//! Sending domains of tenants' own.

use serde::Deserialize;

use super::{
    look::{self, Finding, Host, Record},
    moment::Moment,
    table::{Tone, Toned, details, or_dash, status, table, time_or_dash},
};
use crate::{
    failure::Failure,
    output::{Paint, printable},
};

/// A domain.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// `dom_...`
    pub id: String,
    /// The run that is its life.
    #[serde(default)]
    pub run_id: Option<String>,
    /// Whose.
    pub tenant_id: String,
    /// In A-labels.
    pub name: String,
    /// In the letters of its language.
    #[serde(default)]
    pub unicode_name: Option<String>,
    /// `created`, `awaiting_dns`, `verifying`, `verified`, `degraded`, `failed`, `deactivated`
    pub status: String,
    /// The same more exactly.
    #[serde(default)]
    pub step: Option<String>,
    /// What stands in the way.
    #[serde(default)]
    pub reason: Option<String>,
    /// The address that mail comes from.
    #[serde(default)]
    pub from: Option<String>,
    /// Whether mail of the tenant usually comes from it.
    #[serde(default)]
    pub is_default: bool,
    /// Whether mail leaves from it.
    #[serde(default)]
    pub sends: bool,
    /// The region that was asked for.
    #[serde(default)]
    pub region: Option<String>,
    /// The zone that holds it.
    #[serde(default)]
    pub zone: Option<String>,
    /// Who hosts the zone.
    #[serde(default)]
    pub host: Option<Host>,
    /// The records to publish.
    #[serde(default)]
    pub records: Vec<Record>,
    /// What the last look has found.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// `ready`, `not_ready`, `unclear`; none: nobody has looked.
    #[serde(default)]
    pub verdict: Option<String>,
    /// When the DNS was last looked at.
    #[serde(default)]
    pub looked_at: Option<Moment>,
    /// When it is looked at next.
    #[serde(default)]
    pub next_look_at: Option<Moment>,
    /// When mail could first leave from it.
    #[serde(default)]
    pub verified_at: Option<Moment>,
    /// When it was added.
    #[serde(default)]
    pub created_at: Option<Moment>,
    /// What is worth knowing about the choice of it.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// Something worth knowing about a domain.
#[derive(Debug, Deserialize)]
pub struct Warning {
    /// For people.
    #[serde(default)]
    pub detail: String,
}

impl Domain {
    /// Its name: in A-labels, with what they mean.
    fn called(&self) -> String {
        match self.unicode_name.as_deref().filter(|name| *name != self.name) {
            Some(name) => format!("{} ({name})", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether nothing will change by itself that anybody waits for.
    #[must_use]
    pub fn rests(&self) -> bool {
        matches!(self.status.as_str(), "verified" | "failed" | "deactivated")
    }

    /// One line: how it stands, and why.
    #[must_use]
    pub fn standing(&self) -> String {
        let step = self.step.as_deref().filter(|step| *step != self.status);
        let step = step.map(|step| format!(" ({})", step.replace('_', " "))).unwrap_or_default();
        let reason = self.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{}{step}{reason}", self.status.replace('_', " "))
    }

    /// Success for a domain that is verified.
    ///
    /// # Errors
    /// How it stands instead: [`Failure::NotReady`] while it may still become so, [`Failure::Ended`] when it cannot.
    pub fn is_verified(&self) -> Result<(), Failure> {
        let Self { name, .. } = self;
        match self.status.as_str() {
            "verified" => Ok(()),
            "failed" => Err(Failure::Ended {
                what: format!("{} could not be set up", printable(name)),
                detail: self
                    .reason
                    .as_deref()
                    .map(|reason| format!("What we saw: {}", printable(reason)))
                    .unwrap_or_default(),
                next: format!("Find the question what to do now with: tenantry task list{}", self.of_run()),
                code: "failed",
            }),
            "deactivated" => Err(Failure::Ended {
                what: format!("{} is removed", printable(name)),
                detail: String::new(),
                next: format!("Add it again with: tenantry domain add {}", printable(name)),
                code: "deactivated",
            }),
            _ => Err(Failure::NotReady {
                what: format!("{} is not verified yet: {}", printable(name), printable(&self.standing())),
                next: format!(
                    "See what is missing with: tenantry domain show {}; whether somebody is asked: tenantry task list{}",
                    printable(name),
                    self.of_run()
                ),
            }),
        }
    }

    fn of_run(&self) -> String {
        self.run_id.as_deref().map(|run| format!(" --run {}", printable(run))).unwrap_or_default()
    }
}

/// Domains, one per line; with whose they are where several tenants' are listed.
#[must_use]
pub fn domains(domains: &[Domain], with_tenant: bool, paint: Paint) -> String {
    let row = |domain: &Domain| {
        let mut row: Vec<Toned> = vec![domain.called().into(), status(&domain.status)];
        row.extend(with_tenant.then(|| domain.tenant_id.as_str().into()));
        row.extend([
            or_dash(domain.from.as_deref()),
            verdict(domain.verdict.as_deref()),
            time_or_dash(domain.looked_at),
            time_or_dash(domain.next_look_at),
            domain.id.as_str().into(),
        ]);
        row
    };
    let mut head = vec!["DOMAIN", "STATUS"];
    head.extend(with_tenant.then_some("TENANT"));
    head.extend(["FROM", "DNS", "LOOKED (UTC)", "NEXT LOOK (UTC)", "ID"]);
    table(&head, domains.iter().map(row).collect(), "No domains.", paint)
}

fn verdict(word: Option<&str>) -> Toned {
    match word {
        Some("ready") => Toned("ready".to_owned(), Tone::Good),
        Some(word) => Toned(word.replace('_', " "), Tone::Warn),
        None => or_dash(None),
    }
}

/// One domain: how it stands, its records, what was found.
#[must_use]
pub fn domain(domain: &Domain, paint: Paint) -> String {
    let mut pairs = vec![
        ("domain", Toned::from(domain.called())),
        ("id", domain.id.as_str().into()),
        ("tenant", domain.tenant_id.as_str().into()),
        ("status", status(&domain.status)),
    ];
    let step = domain.step.as_deref().filter(|step| *step != domain.status);
    pairs.extend(step.map(|step| ("step", step.replace('_', " ").into())));
    pairs.extend(domain.reason.as_deref().map(|reason| ("in the way", Toned(reason.to_owned(), Tone::Bad))));
    let sends = match (domain.sends, domain.is_default) {
        (true, true) => Toned("mail leaves from it, and it is the usual one".to_owned(), Tone::Good),
        (true, false) => Toned("mail leaves from it".to_owned(), Tone::Good),
        _ => Toned("nothing leaves from it".to_owned(), Tone::Faint),
    };
    pairs.extend([("from", or_dash(domain.from.as_deref())), ("sends", sends)]);
    pairs.extend(domain.region.as_deref().map(|region| ("region", region.into())));
    pairs.push(("zone", or_dash(domain.zone.as_deref())));
    pairs.extend(look::host(domain.host.as_ref()));
    pairs.extend([
        ("DNS", verdict(domain.verdict.as_deref())),
        ("looked (UTC)", time_or_dash(domain.looked_at)),
        ("next look (UTC)", time_or_dash(domain.next_look_at)),
        ("verified (UTC)", time_or_dash(domain.verified_at)),
        ("added (UTC)", time_or_dash(domain.created_at)),
    ]);
    let mut parts = vec![details(pairs, paint), look::records(&domain.records, paint)];
    parts.extend(
        domain.warnings.iter().map(|warning| format!("{}  {}", paint.warn("warning"), printable(&warning.detail))),
    );
    parts.extend(look::findings(&domain.findings, paint));
    parts.join("\n\n")
}

/// The records to publish, each with its whole value on a line of its own, so that it can be copied.
#[must_use]
pub fn to_publish(domain: &Domain, paint: Paint) -> String {
    look::to_publish(&domain.records, domain.zone.as_deref(), domain.host.as_ref(), paint)
}

/// What has changed between two looks at a domain, a line or a block each.
#[must_use]
pub fn changes(before: Option<&Domain>, now: &Domain, paint: Paint) -> Vec<String> {
    let mut said = Vec::new();
    if before.is_none_or(|before| before.standing() != now.standing()) {
        said.push(paint.head(&printable(&now.standing())));
    }
    for record in &now.records {
        let same =
            |other: &&Record| (&other.kind, &other.name, &other.value) == (&record.kind, &record.name, &record.value);
        let old = before.and_then(|before| before.records.iter().find(same)).and_then(|old| old.status.as_deref());
        let new = record.status.as_deref().unwrap_or("not_checked");
        if old.unwrap_or("not_checked") != new {
            let words = format!("  {} {}: {}", record.kind, record.name, new.replace('_', " "));
            said.push(if new == "detected" { paint.good(&printable(&words)) } else { printable(&words) });
        }
    }
    let known = |finding: &&Finding| !before.is_some_and(|before| before.findings.contains(finding));
    said.extend(now.findings.iter().filter(known).map(|finding| look::finding(finding, paint)));
    said
}

/// Domains at the mail service that no tenant has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Orphans {
    /// At which.
    #[serde(default)]
    pub provider: Option<String>,
    /// The domains.
    #[serde(default)]
    pub data: Vec<Orphan>,
    /// When the account was read; none: no report was made yet.
    #[serde(default)]
    pub looked_at: Option<Moment>,
    /// How to read this.
    #[serde(default)]
    pub detail: String,
}

/// A domain that no tenant has.
#[derive(Debug, Deserialize)]
pub struct Orphan {
    /// Its id there.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Such domains, one per line, and how to read it.
#[must_use]
pub fn orphans(report: &Orphans, paint: Paint) -> String {
    let mut parts = Vec::new();
    if let Some(provider) = &report.provider {
        let pairs = vec![("provider", provider.as_str().into()), ("looked (UTC)", time_or_dash(report.looked_at))];
        parts.push(details(pairs, paint));
    }
    if !report.data.is_empty() {
        let rows = report.data.iter().map(|one| vec![one.name.as_str().into(), one.id.as_str().into()]).collect();
        parts.push(table(&["DOMAIN", "ID THERE"], rows, "", paint));
    }
    parts.push(printable(&report.detail));
    parts.join("\n\n")
}
