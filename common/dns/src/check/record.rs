//! One record: what every server says of it, put together.

use super::{
    absent, cname,
    codes::Code,
    judge::{Held, Judged, Standing, judge},
    look::Look,
    misplaced,
    nature::{self, Nature},
    other, text, words,
};
use crate::{
    Answer, Answers, Delegation, Finding, RecordReport, RecordStatus, Said, Severity, Value, Wanted,
    render::{self, plain},
};

/// How many values are shown of what is there instead.
const SHOWN: usize = 10;

/// The longest of them, in characters.
const LONGEST: usize = 600;

/// How a record stands, and why.
pub(crate) fn check(look: &Look<'_>, wanted: &Wanted) -> (RecordReport, Vec<Finding>) {
    let nobody = Answers::default();
    let answers = look.answers(&wanted.name, wanted.kind).unwrap_or(&nobody);
    let judged: Vec<(&Answer, Option<Judged>)> =
        answers.authoritative.iter().map(|answer| (answer, said(look, wanted, answer))).collect();
    let (status, mut findings) = together(look, wanted, answers, &judged);
    if !look.seen.dnssec_bogus {
        findings.extend(elsewhere(look, wanted, answers, status));
    }
    let mut servers: Vec<String> = answers.authoritative.iter().map(|answer| answer.server.clone()).collect();
    servers.dedup();
    let report = RecordReport {
        wanted: wanted.clone(),
        status,
        saw: if status == RecordStatus::Detected { Vec::new() } else { saw(wanted, answers) },
        servers,
        seen_ttl: answers.authoritative.iter().filter_map(|answer| ttl(&answer.said)).max(),
    };
    (report, findings)
}

/// What one server's answer means; none: it gave none that can be used.
fn said(look: &Look<'_>, wanted: &Wanted, answer: &Answer) -> Option<Judged> {
    match &answer.said {
        Said::Records { values, .. } => Some(judge(look, wanted, Held { values, aliases: &answer.aliases })),
        Said::NoData { .. } | Said::NxDomain { .. } => {
            Some(judge(look, wanted, Held { values: &[], aliases: &answer.aliases }))
        }
        Said::Failed(_) => cname::endless(look, &wanted.name, answer)
            .map(|aliases| Judged::conflict(cname::chain(look, wanted, &aliases))),
    }
}

fn together(
    look: &Look<'_>,
    wanted: &Wanted,
    answers: &Answers,
    judged: &[(&Answer, Option<Judged>)],
) -> (RecordStatus, Vec<Finding>) {
    let said: Vec<&Judged> = judged.iter().filter_map(|(_, judged)| judged.as_ref()).collect();
    let Some(worst) = said.iter().map(|judged| judged.standing).max() else {
        return match (&look.seen.delegation, judged.is_empty()) {
            // Nothing stands in a zone that does not exist.
            (Delegation::NotRegistered { .. }, _) => (RecordStatus::Missing, Vec::new()),
            (Delegation::Found, true) => (RecordStatus::NotChecked, Vec::new()),
            _ => (RecordStatus::LookupFailed, Vec::new()),
        };
    };
    let mut findings: Vec<Finding> = Vec::new();
    for finding in said.iter().flat_map(|judged| &judged.findings) {
        if !findings.iter().any(|have| have.code == finding.code) {
            findings.push(finding.clone());
        }
    }
    if worst == Standing::Right {
        return (RecordStatus::Detected, findings);
    }
    if said.iter().any(|judged| judged.standing == Standing::Right) {
        return (status(worst), vec![disagree(look, wanted, judged)]);
    }
    let endless = findings.iter().any(|finding| finding.code == Code::CnameChain.name());
    if worst == Standing::Missing {
        let (standing, findings) = absent::explain(look, wanted, &answers.authoritative);
        return (status(standing), findings);
    }
    if let Some((standing, finding)) = absent::in_the_way(look, wanted, &answers.authoritative).filter(|_| !endless) {
        return (status(standing), vec![finding]);
    }
    findings.extend(misplaced::find(look, wanted));
    if super::look::is_required(wanted) && !findings.iter().any(|finding| finding.severity == Severity::Error) {
        findings.push(other::differs(look, wanted, &[]));
    }
    (status(worst), findings)
}

fn status(standing: Standing) -> RecordStatus {
    match standing {
        Standing::Right => RecordStatus::Detected,
        Standing::Missing => RecordStatus::Missing,
        Standing::Mismatch => RecordStatus::Mismatch,
        Standing::Conflict => RecordStatus::Conflict,
    }
}

/// Some servers have it and some do not: who says what.
fn disagree(look: &Look<'_>, wanted: &Wanted, judged: &[(&Answer, Option<Judged>)]) -> Finding {
    let (mut here, mut not) = (Vec::new(), Vec::new());
    for (answer, judged) in judged {
        let server = words::code(&answer.server);
        match (judged, &answer.said) {
            (Some(judged), _) if judged.standing == Standing::Right => here.push(server),
            (Some(_), Said::Records { values, .. }) if !values.is_empty() => {
                not.push(format!("{server} (which has {})", words::list(&shown(wanted, values))));
            }
            (Some(_), _) => not.push(server),
            (None, _) => {}
        }
    }
    let name = plain(&wanted.name);
    let runner = look.host.map_or("whoever runs the name servers", |host| host.name);
    Look::about(
        wanted,
        Code::ServersDisagree,
        Severity::Error,
        format!(
            "The name servers disagree about `{name}`: the record is there at {}, and not at {}.",
            words::list(&here),
            words::list(&not)
        ),
        format!(
            "Wait until the change has reached every server, a few minutes most of the time; after an hour, ask {runner}."
        ),
    )
}

/// What a public resolver still remembers, where that is something else.
fn elsewhere(look: &Look<'_>, wanted: &Wanted, answers: &Answers, status: RecordStatus) -> Option<Finding> {
    let public = answers.public.as_ref()?;
    let judged = said(look, wanted, public)?;
    let right = judged.standing == Standing::Right;
    let differs = match status {
        RecordStatus::Detected => !right,
        RecordStatus::Missing | RecordStatus::Mismatch | RecordStatus::Conflict => right,
        RecordStatus::LookupFailed | RecordStatus::NotChecked => false,
    };
    if !differs {
        return None;
    }
    let has = match &public.said {
        Said::Records { values, .. } if !values.is_empty() => words::list(&shown(wanted, values)),
        _ => "that there is nothing".to_owned(),
    };
    let until = ttl(&public.said).map(|seconds| format!(" for up to {}", words::duration(seconds))).unwrap_or_default();
    Some(Look::about(
        wanted,
        Code::PublicDiffers,
        Severity::Info,
        format!(
            "A public resolver ({}) still remembers {has} at `{}`, and may{until}.",
            public.server,
            plain(&wanted.name)
        ),
        "Nothing needs to be done: it forgets that by itself, and then says what the zone says.".to_owned(),
    ))
}

/// How long an answer may be remembered.
pub(crate) fn ttl(said: &Said) -> Option<u32> {
    match said {
        Said::Records { ttl, .. } => Some(*ttl),
        Said::NoData { negative_ttl } | Said::NxDomain { negative_ttl } => *negative_ttl,
        Said::Failed(_) => None,
    }
}

/// What is there instead, each value once.
fn saw(wanted: &Wanted, answers: &Answers) -> Vec<String> {
    let mut saw: Vec<String> = Vec::new();
    for answer in &answers.authoritative {
        let aliases = answer.aliases.iter().map(|alias| format!("CNAME {}.", words::cut(alias, LONGEST)));
        let values = match &answer.said {
            Said::Records { values, .. } => values.as_slice(),
            _ => &[],
        };
        for shown in aliases.chain(values.iter().map(|value| as_zone_file(wanted, value))) {
            if saw.len() < SHOWN && !saw.contains(&shown) {
                saw.push(shown);
            }
        }
    }
    saw
}

/// A value as a zone file says it; nobody else's token in full.
fn as_zone_file(wanted: &Wanted, value: &Value) -> String {
    match value {
        Value::Txt(strings) if nature::of(wanted) == Nature::Ownership && strings.concat().trim() != wanted.value => {
            format!("\"{}\"", text::masked(&strings.concat()).replace('"', "\\\""))
        }
        other => words::cut(&render::shown(other), LONGEST),
    }
}

fn shown(wanted: &Wanted, values: &[Value]) -> Vec<String> {
    values
        .iter()
        .map(|value| match value {
            Value::Txt(strings) if nature::of(wanted) == Nature::Ownership => {
                words::code(&text::masked(&strings.concat()))
            }
            other => words::value(other),
        })
        .collect()
}
