//! What the API server may do to its clients: rules that say at which request what happens, to which objects and how often.

use super::kind::{Key, Kind};
use crate::chance::Chance;
use std::time::Duration;

/// What is asked of the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// GET of one object.
    Get,
    /// GET of all of a kind.
    List,
    /// POST.
    Create,
    /// PATCH with `application/apply-patch+yaml`.
    Apply,
    /// PATCH with `application/merge-patch+json`.
    Patch,
    /// PUT.
    Update,
    /// DELETE.
    Delete,
}

impl Verb {
    /// As roles name it; [`Verb::Apply`] and [`Verb::Patch`] are the same to them.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Create => "create",
            Verb::Apply | Verb::Patch => "patch",
            Verb::Update => "update",
            Verb::Delete => "delete",
        }
    }

    /// Whether it changes something.
    #[must_use]
    pub fn writes(self) -> bool {
        !matches!(self, Verb::Get | Verb::List)
    }
}

/// What happens there. What concerns the answer strikes before the request has its effect, or after it with
/// [`Rule::after`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status, with a `Status` as body whose reason is what goes with it.
    Error(u16),
    /// 429 with a `Retry-After` of so many seconds.
    TooManyRequests(u32),
    /// 422 in these words, as of an admission that refuses the object.
    Refused(String),
    /// 500 with an empty reason, as for a body that does not fit the schema, in these words: `.spec.nonsense: field not declared in
    /// schema`.
    Untyped(String),
    /// 410 `Expired`: the continue token is too old. Strikes only a list that is continued.
    Gone,
    /// No answer, ever; the connection stays open until the client leaves.
    Silence,
    /// The connection is reset (RST) without an answer.
    Reset,
    /// 200 with a page instead of JSON.
    Garbage,
    /// The effect and the answer come this much later.
    Slow(Duration),
    /// As [`Fault::Slow`], until [`super::Cluster::release`].
    Hold,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    verbs: Vec<Verb>,
    kind: Option<Kind>,
    name: Option<String>,
    fault: Fault,
    after: bool,
    probability: f64,
    skip: u32,
    times: u32,
}

impl Rule {
    /// At every request with this verb.
    #[must_use]
    pub fn on(verb: Verb, fault: Fault) -> Rule {
        Rule { verbs: vec![verb], ..Rule::always(fault) }
    }

    /// At every request.
    #[must_use]
    pub fn always(fault: Fault) -> Rule {
        Rule {
            verbs: Vec::new(),
            kind: None,
            name: None,
            fault,
            after: false,
            probability: 1.0,
            skip: 0,
            times: u32::MAX,
        }
    }

    /// Refuses each write of the object of this name with 422, whatever its kind.
    #[must_use]
    pub fn refuse(name: &str, words: &str) -> Rule {
        let verbs = vec![Verb::Create, Verb::Apply, Verb::Patch, Verb::Update];
        Rule { verbs, ..Rule::always(Fault::Refused(words.to_owned())) }.named(name)
    }

    /// Only for this kind.
    #[must_use]
    pub fn of(mut self, kind: Kind) -> Rule {
        self.kind = Some(kind);
        self
    }

    /// Only for the object of this name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Rule {
        self.name = Some(name.to_owned());
        self
    }

    /// Strikes after the request had its effect: the client does not learn of it.
    #[must_use]
    pub fn after(mut self) -> Rule {
        self.after = true;
        self
    }

    /// Only with this probability (0 to 1), drawn from the seed.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Rule {
        self.probability = probability;
        self
    }

    /// Only this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Rule {
        self.times = times;
        self
    }

    /// Only at the `number`-th request it concerns, counted from 1.
    #[must_use]
    pub fn nth(mut self, number: u32) -> Rule {
        (self.skip, self.times) = (number.saturating_sub(1), 1);
        self
    }

    fn concerns(&self, verb: Verb, key: &Key, continued: bool) -> bool {
        (self.verbs.is_empty() || self.verbs.contains(&verb))
            && self.kind.is_none_or(|kind| kind == key.kind)
            && self.name.as_ref().is_none_or(|name| *name == key.name)
            && (continued || self.fault != Fault::Gone)
    }
}

/// All that strikes one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Strikes {
    pub(super) before: Option<Fault>,
    pub(super) after: Option<Fault>,
    pub(super) hold: bool,
    pub(super) slow: Option<Duration>,
}

/// The rules in force and how far each has come. Of those that decide about the answer, the first that strikes does.
#[derive(Debug, Default)]
pub(super) struct Rules {
    seed: u64,
    rules: Vec<(Rule, u32, u32)>,
}

impl Rules {
    pub(super) fn new(seed: u64, rules: impl IntoIterator<Item = Rule>) -> Rules {
        Rules { seed, rules: rules.into_iter().map(|rule| (rule, 0, 0)).collect() }
    }

    /// What happens to this request; `continued` where it is a list's second page or a later one.
    pub(super) fn strike(&mut self, verb: Verb, key: &Key, continued: bool) -> Strikes {
        let mut strikes = Strikes::default();
        for (number, (rule, seen, struck)) in self.rules.iter_mut().enumerate() {
            if *struck == rule.times || !rule.concerns(verb, key, continued) {
                continue;
            }
            *seen += 1;
            let happens = Chance::of(self.seed, &number.to_string(), u64::from(*seen)).happens(rule.probability);
            if *seen > rule.skip && happens && strikes.take(rule) {
                *struck += 1;
            }
        }
        strikes
    }
}

impl Strikes {
    /// Takes a rule's fault in; false when an earlier rule has already decided.
    fn take(&mut self, rule: &Rule) -> bool {
        match &rule.fault {
            Fault::Slow(delay) => self.slow = Some(*delay),
            Fault::Hold => self.hold = true,
            _ if self.before.is_some() || self.after.is_some() => return false,
            answer if rule.after => self.after = Some(answer.clone()),
            answer => self.before = Some(answer.clone()),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_strikes_its_verb_kind_and_name_at_its_turn() {
        let rule = Rule::on(Verb::Apply, Fault::Reset).of(Kind::Gateway).named("a").nth(2);
        let mut rules = Rules::new(1, [rule, Rule::on(Verb::List, Fault::Gone)]);
        let mut strike = |verb, kind, name| rules.strike(verb, &Key::new(kind, "n", name), false).before;
        assert_eq!(strike(Verb::Apply, Kind::Gateway, "a"), None);
        assert_eq!(strike(Verb::Apply, Kind::Gateway, "b"), None);
        assert_eq!(strike(Verb::Get, Kind::Gateway, "a"), None);
        assert_eq!(strike(Verb::Apply, Kind::VirtualService, "a"), None);
        assert_eq!(strike(Verb::Apply, Kind::Gateway, "a"), Some(Fault::Reset));
        assert_eq!(strike(Verb::Apply, Kind::Gateway, "a"), None);
        assert_eq!(strike(Verb::List, Kind::Gateway, ""), None);
        let later = rules.strike(Verb::List, &Key::new(Kind::Gateway, "n", ""), true).before;
        assert_eq!(later, Some(Fault::Gone));
    }
}
