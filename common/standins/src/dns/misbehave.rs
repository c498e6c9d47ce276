//! What the DNS server may do to those who ask: rules that say about which name and type, what, and how often.

use hickory_server::proto::rr::RecordType;
use std::time::Duration;

/// What happens to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SERVFAIL: the server could not say.
    ServFail,
    /// REFUSED: the server would not say.
    Refused,
    /// NXDOMAIN, with the zone's SOA: there is no such name, whatever the zone holds.
    NxDomain,
    /// NOERROR without records, SOA and authority, as of a server that does not hold the zone.
    NotAuthoritative,
    /// SERVFAIL unless the question says not to check signatures (CD), as of a resolver that finds them broken.
    Bogus,
    /// No answer, ever.
    Silence,
    /// Over UDP an empty answer that is marked as cut off (TC), so that the client has to ask again over TCP.
    Truncated,
    /// The usual answer, this much later.
    Slow(Duration),
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    name: String,
    below: bool,
    kind: Option<String>,
    fault: Fault,
    times: u32,
}

impl Rule {
    /// For this very name, every type, always.
    #[must_use]
    pub fn at(name: &str, fault: Fault) -> Rule {
        let name = name.trim_end_matches('.').to_lowercase();
        Rule { name, below: false, kind: None, fault, times: u32::MAX }
    }

    /// For this name and all below it; `.` is everything.
    #[must_use]
    pub fn below(name: &str, fault: Fault) -> Rule {
        Rule { below: true, ..Rule::at(name, fault) }
    }

    /// Only for this record type, for instance `TXT`.
    #[must_use]
    pub fn of(mut self, kind: &str) -> Rule {
        self.kind = Some(kind.to_ascii_uppercase());
        self
    }

    /// Only this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Rule {
        self.times = times;
        self
    }

    fn concerns(&self, name: &str, kind: RecordType) -> bool {
        let above = || name.strip_suffix(&self.name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let named = name == self.name || (self.below && (self.name.is_empty() || above()));
        named && self.kind.as_ref().is_none_or(|wanted| *wanted == kind.to_string())
    }
}

/// The rules in force and how often each may still strike. The first that strikes decides.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<Rule>);

impl Rules {
    pub(super) fn new(rules: Vec<Rule>) -> Rules {
        Rules(rules)
    }

    /// What happens to a question about this name (small letters, no last dot) and type.
    pub(super) fn strike(&mut self, name: &str, kind: RecordType) -> Option<Fault> {
        let rule = self.0.iter_mut().find(|rule| rule.times > 0 && rule.concerns(name, kind))?;
        rule.times -= 1;
        Some(rule.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_strikes_its_name_and_type_as_often_as_it_says() {
        let mut rules = Rules::new(vec![
            Rule::at("A.example.", Fault::Refused).of("txt").times(1),
            Rule::below("b.example", Fault::ServFail),
        ]);
        assert_eq!(rules.strike("a.example", RecordType::MX), None);
        assert_eq!(rules.strike("x.a.example", RecordType::TXT), None);
        assert_eq!(rules.strike("a.example", RecordType::TXT), Some(Fault::Refused));
        assert_eq!(rules.strike("a.example", RecordType::TXT), None);
        assert_eq!(rules.strike("x.b.example", RecordType::MX), Some(Fault::ServFail));
        assert_eq!(rules.strike("b.example", RecordType::MX), Some(Fault::ServFail));
        assert_eq!(rules.strike("xb.example", RecordType::MX), None);
        assert_eq!(
            Rules::new(vec![Rule::below(".", Fault::Silence)]).strike("x.test", RecordType::A),
            Some(Fault::Silence)
        );
    }
}
