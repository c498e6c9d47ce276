//! What a check may know: the domain, what is wanted, what was seen, who hosts the zone.

use std::net::IpAddr;

use super::{codes::Code, nature};
use crate::{
    Answer, Answers, Finding, Name, RecordType, Said, Seen, Severity, Value, Wanted,
    hosts::{self, Host},
    render::{self, plain},
};

/// What a check may know.
pub(crate) struct Look<'a> {
    /// The domain.
    pub(crate) domain: Name,
    /// Every record that should be there.
    pub(crate) wanted: &'a [Wanted],
    /// What was seen.
    pub(crate) seen: &'a Seen,
    /// The zone, where it is known and holds the domain.
    pub(crate) zone: Option<Name>,
    /// Who hosts it.
    pub(crate) host: Option<&'static Host>,
}

/// What is known of a name and a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known<T> {
    /// There is something.
    Here(T),
    /// There is nothing: certain.
    Nothing,
    /// Nobody was asked, or nobody could say.
    Unknown,
}

impl<'a> Look<'a> {
    pub(crate) fn new(domain: &str, wanted: &'a [Wanted], seen: &'a Seen) -> Self {
        let domain = plain(domain);
        let zone = seen.zone.as_deref().map(plain).filter(|zone| render::within(&domain, zone));
        let host = hosts::recognise(seen.servers.iter().map(|server| server.name.as_str()));
        Self { domain, wanted, seen, zone, host }
    }

    /// Everybody's answers.
    pub(crate) fn answers(&self, name: &str, kind: RecordType) -> Option<&'a Answers> {
        self.seen.answers.get(&(plain(name), kind))
    }

    /// The authoritative servers' answers.
    pub(crate) fn authoritative(&self, name: &str, kind: RecordType) -> &'a [Answer] {
        self.answers(name, kind).map_or(&[], |answers| &answers.authoritative)
    }

    /// What stands there, after the first server that could say, a resolver last.
    pub(crate) fn known(&self, name: &str, kind: RecordType) -> Known<&'a [Value]> {
        let Some(answers) = self.answers(name, kind) else { return Known::Unknown };
        let mut nothing = false;
        for answer in answers.authoritative.iter().chain(&answers.public) {
            match &answer.said {
                Said::Records { values, .. } if !values.is_empty() => return Known::Here(values),
                Said::Records { .. } | Said::NoData { .. } | Said::NxDomain { .. } => nothing = true,
                Said::Failed(_) => {}
            }
        }
        if nothing { Known::Nothing } else { Known::Unknown }
    }

    /// The texts at a name.
    pub(crate) fn texts(&self, name: &str) -> Known<Vec<String>> {
        match self.known(name, RecordType::Txt) {
            Known::Here(values) => Known::Here(texts(values)),
            Known::Nothing => Known::Nothing,
            Known::Unknown => Known::Unknown,
        }
    }

    /// The addresses at a name, of both kinds.
    pub(crate) fn addresses(&self, name: &str) -> Vec<IpAddr> {
        [RecordType::A, RecordType::Aaaa]
            .into_iter()
            .filter_map(|kind| match self.known(name, kind) {
                Known::Here(values) => Some(values),
                Known::Nothing | Known::Unknown => None,
            })
            .flatten()
            .filter_map(|value| match value {
                Value::Address(address) => Some(*address),
                _ => None,
            })
            .collect()
    }

    /// A finding about a record. What is only advised can be no error.
    pub(crate) fn about(wanted: &Wanted, code: Code, severity: Severity, saw: String, advice: String) -> Finding {
        let severity = if is_required(wanted) { severity } else { severity.min(Severity::Warning) };
        let record = Some(format!("{} {}", render::kind(wanted.kind), plain(&wanted.name)));
        Finding { code: code.name().to_owned(), severity, record, saw, advice }
    }

    /// A finding about the domain as a whole.
    pub(crate) fn overall(code: Code, severity: Severity, saw: String, advice: String) -> Finding {
        Finding { code: code.name().to_owned(), severity, record: None, saw, advice }
    }
}

/// Whether the domain cannot be used without it. A DMARC policy is never required.
pub(crate) fn is_required(wanted: &Wanted) -> bool {
    wanted.required && nature::of(wanted) != nature::Nature::Dmarc
}

/// The texts among values, each with its strings joined.
pub(crate) fn texts(values: &[Value]) -> Vec<String> {
    values
        .iter()
        .filter_map(|value| match value {
            Value::Txt(strings) => Some(strings.concat()),
            _ => None,
        })
        .collect()
}
