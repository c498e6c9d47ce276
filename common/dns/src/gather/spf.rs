//! Where an SPF record leads (RFC 7208 sections 5 and 6.1). Only as much of it is read as is needed to ask on.

use crate::{Answer, Answers, Name, RecordType, Said, Value};

/// A name that an SPF record makes receivers look up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) name: Name,
    pub(super) kind: RecordType,
    /// It is a record of the same kind, to be read in turn.
    pub(super) deeper: bool,
}

/// The SPF records among the texts of a name, as some server says them.
pub(super) fn records(answers: &Answers) -> Vec<String> {
    let said = answers.authoritative.iter().chain(&answers.public);
    let values = said.filter_map(|Answer { said, .. }| match said {
        Said::Records { values, .. } => Some(values),
        _ => None,
    });
    let mut records: Vec<String> = Vec::new();
    for value in values.flatten() {
        let Value::Txt(strings) = value else { continue };
        let text = strings.concat();
        if text.to_ascii_lowercase().starts_with("v=spf1") && !records.contains(&text) {
            records.push(text);
        }
    }
    records
}

/// The names that a record of `own` makes receivers look up. What has macros is known only for a certain mail.
pub(super) fn links(record: &str, own: &str) -> Vec<Link> {
    let link = |name: &str, kind, deeper| {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        (!name.is_empty() && !name.contains('%')).then_some(Link { name, kind, deeper })
    };
    let mut links = Vec::new();
    for term in record.split_ascii_whitespace().skip(1) {
        let term = term.trim_start_matches(['+', '-', '~', '?']);
        let (word, value) = term.split_at(term.find([':', '=', '/']).unwrap_or(term.len()));
        let target = value.strip_prefix([':', '=']).map(|value| value.split('/').next().unwrap_or(value));
        let target = target.filter(|target| !target.is_empty());
        match (word.to_ascii_lowercase().as_str(), target) {
            ("include" | "redirect", Some(target)) => links.extend(link(target, RecordType::Txt, true)),
            ("a", target) => {
                let kinds = [RecordType::A, RecordType::Aaaa];
                links.extend(kinds.into_iter().filter_map(|kind| link(target.unwrap_or(own), kind, false)));
            }
            ("mx", target) => links.extend(link(target.unwrap_or(own), RecordType::Mx, false)),
            ("exists", Some(target)) => links.extend(link(target, RecordType::A, false)),
            _ => {}
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_s_links_are_those_that_cost_a_lookup() {
        let record = "v=spf1 include:_spf.A.example. ?a ~a:b.example/24 mx/24 mx:c.example//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 \
                      exists:%{i}.d.example exists:e.example ptr redirect=f.example all include: v=spf1";
        let links = links(record, "own.example");
        let found: Vec<(&str, RecordType, bool)> =
            links.iter().map(|link| (link.name.as_str(), link.kind, link.deeper)).collect();
        assert_eq!(
            found,
            [
                ("_spf.a.example", RecordType::Txt, true),
                ("own.example", RecordType::A, false),
                ("own.example", RecordType::Aaaa, false),
                ("b.example", RecordType::A, false),
                ("b.example", RecordType::Aaaa, false),
                ("own.example", RecordType::Mx, false),
                ("c.example", RecordType::Mx, false),
                ("e.example", RecordType::A, false),
                ("f.example", RecordType::Txt, true),
            ]
        );
    }
}
