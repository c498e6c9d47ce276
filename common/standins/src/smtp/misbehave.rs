//! What the mail server may do to its clients: rules that say where, what, to whom and how often.

use crate::chance::Chance;
use std::time::Duration;

/// A moment of a session at which a rule can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Instead of the greeting.
    Connect,
    /// At EHLO or HELO.
    Hello,
    /// At STARTTLS.
    StartTls,
    /// At AUTH.
    Auth,
    /// At MAIL.
    Mail,
    /// At RCPT; a rule may name the recipient.
    Rcpt,
    /// At DATA.
    Data,
    /// At the end of the data, before the message is stored: it is **not** accepted.
    BeforeAccept,
    /// At the end of the data, after the message was stored: it **is** accepted, whatever the client learns.
    AfterAccept,
    /// At RSET.
    Rset,
    /// At QUIT.
    Quit,
}

/// What happens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This answer instead of the usual one, for instance `450 4.2.1 Mailbox busy`. After 421 the connection is closed.
    Reply(String),
    /// No answer, ever; the connection stays open until the client leaves.
    Silence,
    /// The connection is closed without an answer.
    Close,
    /// The connection is reset (RST) without an answer.
    Reset,
    /// The usual answer, this much later.
    Slow(Duration),
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    stage: Stage,
    fault: Fault,
    recipient: Option<String>,
    probability: f64,
    times: u32,
}

impl Rule {
    /// Always, for everybody.
    #[must_use]
    pub fn at(stage: Stage, fault: Fault) -> Rule {
        Rule { stage, fault, recipient: None, probability: 1.0, times: u32::MAX }
    }

    /// A reply with this code and text.
    #[must_use]
    pub fn reply(stage: Stage, words: impl Into<String>) -> Rule {
        Rule::at(stage, Fault::Reply(words.into()))
    }

    /// Only where a recipient's address contains this; at RCPT that recipient, at DATA and later any of them.
    #[must_use]
    pub fn to(mut self, recipient: impl Into<String>) -> Rule {
        self.recipient = Some(recipient.into().to_lowercase());
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

    fn concerns(&self, stage: Stage, recipients: &[String]) -> bool {
        let named = |wanted: &String| recipients.iter().any(|recipient| recipient.to_lowercase().contains(wanted));
        self.stage == stage && self.recipient.as_ref().is_none_or(named)
    }
}

/// The rules in force and how far each has come. The first that strikes decides.
#[derive(Debug, Default)]
pub(super) struct Rules {
    seed: u64,
    rules: Vec<(Rule, u64, u32)>,
}

impl Rules {
    pub(super) fn new(seed: u64, rules: Vec<Rule>) -> Rules {
        Rules { seed, rules: rules.into_iter().map(|rule| (rule, 0, 0)).collect() }
    }

    /// What happens at this stage, with these recipients so far.
    pub(super) fn strike(&mut self, stage: Stage, recipients: &[String]) -> Option<Fault> {
        let seed = self.seed;
        self.rules.iter_mut().enumerate().find_map(|(number, (rule, seen, struck))| {
            if *struck == rule.times || !rule.concerns(stage, recipients) {
                return None;
            }
            *seen += 1;
            if !Chance::of(seed, &format!("{number}"), *seen).happens(rule.probability) {
                return None;
            }
            *struck += 1;
            Some(rule.fault.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_strikes_at_its_stage_for_its_recipient_as_often_as_it_says() {
        let mut rules = Rules::new(1, vec![Rule::reply(Stage::Rcpt, "450 busy").to("Slow@").times(2)]);
        let to = |address: &str| vec![address.to_owned()];
        assert_eq!(rules.strike(Stage::Rcpt, &to("fast@x.example")), None);
        assert_eq!(rules.strike(Stage::Data, &to("slow@x.example")), None);
        for _ in 0..2 {
            assert_eq!(rules.strike(Stage::Rcpt, &to("slow@x.example")), Some(Fault::Reply("450 busy".to_owned())));
        }
        assert_eq!(rules.strike(Stage::Rcpt, &to("slow@x.example")), None);
    }

    #[test]
    fn probabilities_are_drawn_from_the_seed() {
        let draw = |seed| {
            let mut rules = Rules::new(seed, vec![Rule::at(Stage::Mail, Fault::Close).with_probability(0.5)]);
            (0..64).map(|_| rules.strike(Stage::Mail, &[]).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!((10..54).contains(&draw(1).iter().filter(|struck| **struck).count()));
    }
}
