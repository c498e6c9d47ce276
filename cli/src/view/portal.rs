//! Portals, and their hostnames.

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

/// A tenant's portal.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Portal {
    /// The host that it always answers at.
    #[serde(default)]
    pub canonical_host: Option<String>,
    /// What it takes where no hostname can be set.
    #[serde(default)]
    pub note: Option<String>,
    /// The hostname that was set.
    #[serde(flatten)]
    pub hostname: Option<Hostname>,
    /// One that is on its way while the first serves.
    #[serde(default)]
    pub replacement: Option<Hostname>,
}

/// A hostname of a portal.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hostname {
    /// The run that is its life.
    pub run_id: String,
    /// Whose; only in the list of all.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// In A-labels.
    pub domain: String,
    /// In the letters of its language.
    #[serde(default)]
    pub unicode_domain: Option<String>,
    /// `pending_dns`, ..., `active`, `disabled`
    pub status: String,
    /// The same more exactly.
    #[serde(default)]
    pub step: Option<String>,
    /// What was seen, or stands in the way.
    #[serde(default)]
    pub status_message: Option<String>,
    /// What its status is made of.
    #[serde(default)]
    pub axes: Axes,
    /// When it was last looked at.
    #[serde(default)]
    pub last_checked_at: Option<Moment>,
    /// When it is looked at next.
    #[serde(default)]
    pub next_check_at: Option<Moment>,
    /// What was seen of it in the DNS.
    #[serde(default)]
    pub verification_details: Verification,
    /// The records to create.
    #[serde(default)]
    pub records: Vec<Record>,
    /// The zone that holds it.
    #[serde(default)]
    pub zone: Option<String>,
    /// Who hosts the zone.
    #[serde(default)]
    pub host: Option<Host>,
    /// Its certificate.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// When it first was the portal.
    #[serde(default)]
    pub activated_at: Option<Moment>,
    /// What to do next.
    #[serde(default)]
    pub next: Option<String>,
    /// What makes sense now.
    #[serde(default)]
    pub actions: Vec<String>,
    /// What is worth knowing about the choice of it.
    #[serde(default)]
    pub warnings: Vec<super::domain::Warning>,
}

/// What a status is made of.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Axes {
    /// DNS.
    pub ownership: String,
    /// TLS.
    pub certificate: String,
    /// The way to the portal.
    pub routing: String,
}

/// What was seen in the DNS.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Verification {
    /// Where it leads, in one line.
    pub observed: Option<String>,
    /// When that was seen.
    pub observed_at: Option<Moment>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// A certificate.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Until when it is good.
    #[serde(default)]
    pub not_after: Option<Moment>,
    /// Who has issued it.
    #[serde(default)]
    pub issuer: Option<String>,
    /// When it is to be renewed.
    #[serde(default)]
    pub renewal: Option<Moment>,
    /// What is to be said about it.
    #[serde(default)]
    pub words: Option<String>,
}

impl Portal {
    /// The hostname that somebody waits for: the one on its way, else the one there is.
    #[must_use]
    pub fn awaited(&self) -> Option<&Hostname> {
        self.replacement.as_ref().or(self.hostname.as_ref())
    }
}

impl Hostname {
    /// Whether it is the one of a name, in A-labels or in the letters of its language.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.domain.eq_ignore_ascii_case(name) || self.unicode_domain.as_deref() == Some(&name.to_lowercase())
    }

    /// In A-labels, with what they mean.
    fn called(&self) -> String {
        match self.unicode_domain.as_deref().filter(|name| *name != self.domain) {
            Some(name) => format!("{} ({name})", self.domain),
            None => self.domain.clone(),
        }
    }

    /// Whether nothing will change by itself that anybody waits for.
    #[must_use]
    pub fn rests(&self) -> bool {
        matches!(self.status.as_str(), "active" | "dns_failed" | "certificate_failed")
            || self.step.as_deref() == Some("disabled")
    }

    /// One line: how it stands, and why.
    #[must_use]
    pub fn standing(&self) -> String {
        let reason = self.status_message.as_deref().map(|words| format!(": {words}")).unwrap_or_default();
        format!("{}{reason}", self.status.replace('_', " "))
    }

    /// Success for one that is the portal.
    ///
    /// # Errors
    /// How it stands instead: [`Failure::NotReady`] while it may still become so, [`Failure::Ended`] when nothing happens by itself.
    pub fn is_active(&self) -> Result<(), Failure> {
        let name = printable(&self.domain);
        let next = printable(self.next.as_deref().unwrap_or_default());
        let detail = self.status_message.as_deref().map(|words| format!("What we saw: {}", printable(words)));
        match self.status.as_str() {
            "active" => Ok(()),
            "dns_failed" | "certificate_failed" | "disabled" => Err(Failure::Ended {
                what: format!("{name} is not active: {}", self.status.replace('_', " ")),
                detail: detail.unwrap_or_default(),
                next,
                code: if self.status == "disabled" { "disabled" } else { "failed" },
            }),
            _ => Err(Failure::NotReady {
                what: format!("{name} is not active yet: {}", printable(&self.standing())),
                next,
            }),
        }
    }
}

/// A portal: its hosts, how they stand, what to create, what was seen, what to do next.
#[must_use]
pub fn portal(portal: &Portal, paint: Paint) -> String {
    let mut parts = vec![details(vec![("canonical host", or_dash(portal.canonical_host.as_deref()))], paint)];
    match &portal.hostname {
        Some(one) => parts.extend(hostname(one, paint)),
        None => parts.push("No hostname is set; the portal answers at its canonical host.".to_owned()),
    }
    if let Some(one) = &portal.replacement {
        parts.push(paint.head("On its way, to take its place:"));
        parts.extend(hostname(one, paint));
    }
    parts.extend(portal.note.as_deref().map(printable));
    parts.join("\n\n")
}

fn hostname(one: &Hostname, paint: Paint) -> Vec<String> {
    let axis = |word: &str| {
        let tone = match word {
            "verified" | "ready" | "live" => Tone::Good,
            "failed" | "moved" | "troubled" | "renewal_failing" => Tone::Bad,
            "none" | "withdrawn" | "" => Tone::Faint,
            _ => Tone::Warn,
        };
        Toned(if word.is_empty() { "-".to_owned() } else { word.replace('_', " ") }, tone)
    };
    let mut pairs = vec![("hostname", Toned::from(one.called())), ("status", status(&one.status))];
    pairs.extend(one.status_message.as_deref().map(|words| ("message", words.into())));
    pairs.extend([
        ("  DNS", axis(&one.axes.ownership)),
        ("  certificate", axis(&one.axes.certificate)),
        ("  routing", axis(&one.axes.routing)),
    ]);
    let seen = &one.verification_details;
    pairs.extend(seen.observed.as_deref().map(|line| ("seen", line.into())));
    if let Some(certificate) = &one.certificate {
        pairs.extend(certificate.not_after.map(|at| ("good until (UTC)", at.day_and_time().into())));
        pairs.extend(certificate.issuer.as_deref().map(|issuer| ("issued by", issuer.into())));
        pairs.extend(certificate.words.as_deref().map(|words| ("about it", words.into())));
    }
    pairs.extend([
        ("looked (UTC)", time_or_dash(one.last_checked_at)),
        ("next look (UTC)", time_or_dash(one.next_check_at)),
        ("active since (UTC)", time_or_dash(one.activated_at)),
        ("run", one.run_id.as_str().into()),
    ]);
    let mut parts = vec![details(pairs, paint)];
    if one.status != "active" && one.status != "disabled" {
        parts.push(look::to_publish(&one.records, one.zone.as_deref(), one.host.as_ref(), paint));
    }
    let warned =
        |warning: &super::domain::Warning| format!("{}  {}", paint.warn("warning"), printable(&warning.detail));
    parts.extend(one.warnings.iter().map(warned));
    parts.extend(look::findings(&seen.findings, paint));
    parts.extend(one.next.as_deref().map(|next| format!("{} {}", paint.head("Next:"), printable(next))));
    parts
}

/// Hostnames of all tenants, one per line.
#[must_use]
pub fn hostnames(all: &[Hostname], paint: Paint) -> String {
    let row = |one: &Hostname| {
        vec![
            one.called().into(),
            status(&one.status),
            or_dash(one.tenant_id.as_deref()),
            time_or_dash(one.last_checked_at),
            time_or_dash(one.next_check_at),
            one.run_id.as_str().into(),
        ]
    };
    let head = ["HOSTNAME", "STATUS", "TENANT", "LOOKED (UTC)", "NEXT LOOK (UTC)", "RUN"];
    table(&head, all.iter().map(row).collect(), "No hostnames.", paint)
}

/// What has changed between two looks, a line each.
#[must_use]
pub fn changes(before: Option<&Portal>, now: &Portal, paint: Paint) -> Vec<String> {
    let of = |portal: &Portal| {
        let (name, standing) = portal.awaited().map(|one| (one.domain.clone(), one.standing())).unzip();
        format!("{}  {}", name.unwrap_or_default(), standing.unwrap_or_default())
    };
    let said = of(now);
    let mut lines = Vec::new();
    if before.is_none_or(|before| of(before) != said) {
        lines.push(paint.head(&printable(said.trim())));
    }
    let known = |finding: &&Finding| {
        let old = before.and_then(Portal::awaited);
        !old.is_some_and(|old| old.verification_details.findings.contains(finding))
    };
    let findings = now.awaited().map(|one| one.verification_details.findings.as_slice()).unwrap_or_default();
    lines.extend(findings.iter().filter(known).map(|finding| look::finding(finding, paint)));
    lines
}
