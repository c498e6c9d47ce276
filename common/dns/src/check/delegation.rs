//! What is wrong with the zone as a whole: not registered, served by nobody, or by some only.

use std::{collections::BTreeMap, net::IpAddr};

use super::{codes::Code, look::Look, words};
use crate::{Delegation, Finding, RecordReport, RecordStatus, Said, Severity, render};

/// How the zone was found.
pub(crate) fn delegation(look: &Look<'_>) -> Option<Finding> {
    let names: Vec<String> = look.seen.servers.iter().map(|server| words::code(&server.name)).collect();
    match &look.seen.delegation {
        Delegation::Found => None,
        Delegation::NotRegistered { name } => Some(Look::overall(
            Code::NotRegistered,
            Severity::Error,
            format!("The domain {} does not exist: its parent zone does not know it.", words::code(name)),
            "Look for a spelling mistake in the domain; if there is none, register it, or pay for it again if it has expired.".to_owned(),
        )),
        // The one server that we were told to ask is no delegation.
        Delegation::Lame if !look.seen.servers.is_empty() && addresses_only(look) => Some(Look::overall(
            Code::LookupFailed,
            Severity::Warning,
            format!("The server {} does not answer for {}.", words::list(&names), words::code(&look.domain)),
            "Ask a server that holds the zone, or a resolver.".to_owned(),
        )),
        Delegation::Lame => Some(Look::overall(
            Code::LameDelegation,
            Severity::Error,
            match names.is_empty() {
                true => format!("The domain {} is delegated, and no name server answers for it.", words::code(&look.domain)),
                false => format!("The domain {} is delegated to {}, and none of them answers for it.", words::code(&look.domain), words::list(&names)),
            },
            "At the registrar, name the servers of the company that holds the zone; at that company, see that the zone is there.".to_owned(),
        )),
        Delegation::Unknown(trouble) => Some(Look::overall(
            Code::LookupFailed,
            Severity::Warning,
            format!("The name servers of {} could not be found just now: a server on the way {}.", words::code(&look.domain), words::trouble(*trouble)),
            "Nothing needs to be done: this passes by itself most of the time, and the records are looked up again.".to_owned(),
        )),
    }
}

/// Whether the servers are known by their addresses alone: then they were named to us, and not by the zone above.
fn addresses_only(look: &Look<'_>) -> bool {
    look.seen.servers.iter().all(|server| server.name.parse::<IpAddr>().is_ok())
}

/// The zone's signatures do not hold.
pub(crate) fn dnssec(look: &Look<'_>) -> Option<Finding> {
    look.seen.dnssec_bogus.then(|| {
        let zone = look.zone.as_deref().unwrap_or(&look.domain);
        Look::overall(
            Code::DnssecBogus,
            Severity::Error,
            format!("The DNSSEC signatures of {} do not hold, so resolvers that check them refuse every answer.", words::code(zone)),
            "Have the zone signed again, or remove the DS record at the registrar until it is; an old DS record after a change of the DNS host is the usual cause.".to_owned(),
        )
    })
}

/// The zone answers for names that nobody has made.
pub(crate) fn wildcard(look: &Look<'_>, records: &[RecordReport]) -> Option<Finding> {
    if look.seen.wildcard.is_empty() {
        return None;
    }
    let kinds: Vec<&str> = look.seen.wildcard.iter().map(|kind| render::kind(*kind)).collect();
    let hides = |record: &&RecordReport| {
        record.status != RecordStatus::Detected && look.seen.wildcard.contains(&record.wanted.kind)
    };
    let severity = if records.iter().any(|record| hides(&record)) { Severity::Warning } else { Severity::Info };
    Some(Look::overall(
        Code::Wildcard,
        severity,
        format!(
            "The zone answers for any name below {} with records of type {}.",
            words::code(&look.domain),
            words::list(&kinds)
        ),
        format!(
            "Publish every record at its own name; a wildcard such as `*.{}` does not count for a name that has any record.",
            look.domain
        ),
    ))
}

/// What was asked and not answered: the servers that failed where others answered, the records nobody could say anything of.
pub(crate) fn silence(look: &Look<'_>, records: &[RecordReport]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let down = down(look);
    if !down.is_empty() {
        let down: Vec<String> = down.iter().map(|(server, what)| format!("{} {what}", words::code(server))).collect();
        findings.push(Look::overall(
            Code::ServerDown,
            Severity::Warning,
            format!("Not every name server of the zone answers: {}.", words::list(&down)),
            "The others do, so mail is not held up. If it stays so, tell whoever runs the name server, or take it out of the NS records.".to_owned(),
        ));
    }
    if look.seen.delegation != Delegation::Found {
        return findings;
    }
    let failed: Vec<&RecordReport> =
        records.iter().filter(|record| record.status == RecordStatus::LookupFailed).collect();
    let advice = "Nothing needs to be done: this passes by itself most of the time, and the record is looked up again.";
    if failed.len() > 1 && failed.len() == records.len() {
        let said = failed.first().map(|record| troubles(look, record)).unwrap_or_default();
        let saw = format!("No name server could say anything about {} just now: {said}.", words::code(&look.domain));
        findings.push(Look::overall(Code::LookupFailed, Severity::Warning, saw, advice.to_owned()));
        return findings;
    }
    for record in failed {
        let kind = render::kind(record.wanted.kind);
        let saw = format!(
            "Nobody could say just now whether `{}` has a {kind} record: {}.",
            record.wanted.name,
            troubles(look, record)
        );
        findings.push(Look::about(&record.wanted, Code::LookupFailed, Severity::Warning, saw, advice.to_owned()));
    }
    findings
}

fn troubles(look: &Look<'_>, record: &RecordReport) -> String {
    let said: Vec<String> = look
        .authoritative(&record.wanted.name, record.wanted.kind)
        .iter()
        .filter_map(|answer| match answer.said {
            Said::Failed(trouble) => Some(format!("{} {}", words::code(&answer.server), words::trouble(trouble))),
            _ => None,
        })
        .collect();
    if said.is_empty() { "no server was asked".to_owned() } else { words::list(&said) }
}

/// The servers that gave no answer to a question that another answered, and those without an address.
fn down(look: &Look<'_>) -> BTreeMap<String, &'static str> {
    let mut down: BTreeMap<String, &'static str> = BTreeMap::new();
    for wanted in look.wanted {
        let answers = look.authoritative(&wanted.name, wanted.kind);
        if answers.iter().all(|answer| matches!(answer.said, Said::Failed(_))) {
            continue;
        }
        for answer in answers.iter().filter(|answer| super::cname::endless(look, &wanted.name, answer).is_none()) {
            if let Said::Failed(trouble) = answer.said {
                down.entry(answer.server.clone()).or_insert(words::trouble(trouble));
            }
        }
    }
    if look.seen.delegation == Delegation::Found && look.seen.servers.iter().any(|server| !server.addresses.is_empty())
    {
        for server in look.seen.servers.iter().filter(|server| server.addresses.is_empty()) {
            down.entry(server.name.clone()).or_insert("has no address");
        }
    }
    down
}
