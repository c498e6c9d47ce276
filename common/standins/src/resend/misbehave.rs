//! What the server may do to its clients: rules that say at which request what happens, to whom and how often.

use super::fate::Fate;
use crate::chance::Chance;
use std::time::Duration;

/// A route a rule can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// `POST /emails`
    Send,
    /// `POST /emails/batch`
    SendBatch,
    /// `GET /emails/{id}`
    GetEmail,
    /// `GET /emails`
    ListEmails,
    /// `POST /emails/{id}/cancel`
    CancelEmail,
    /// `PATCH /emails/{id}`
    UpdateEmail,
    /// `POST /domains`
    CreateDomain,
    /// `GET /domains`
    ListDomains,
    /// `GET /domains/{id}`
    GetDomain,
    /// `PATCH /domains/{id}`
    UpdateDomain,
    /// `DELETE /domains/{id}`
    DeleteDomain,
    /// `POST /domains/{id}/verify`
    VerifyDomain,
}

/// What happens there. What concerns the answer strikes before the request has its effect, or after it with
/// [`Rule::after`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status and error name, in Resend's shape.
    Error(u16, String),
    /// 429 `rate_limit_exceeded` with a `retry-after` of so many seconds.
    RateLimited(u32),
    /// No answer, ever; the connection stays open until the client leaves.
    Silence,
    /// The connection is reset (RST) without an answer.
    Reset,
    /// 200 with a page instead of JSON.
    Garbage,
    /// The effect and the answer come this much later; meanwhile the idempotency key is in flight.
    Slow(Duration),
    /// As [`Fault::Slow`], until [`super::Resend::release`].
    Hold,
    /// What becomes of the mails this request sends, whatever their recipients.
    Fate(Fate),
    /// How the webhooks about the mails this request sends are delivered.
    Webhooks(Delivery),
    /// The verification this request asks for begins only at [`super::Resend::release`].
    HoldVerification,
}

/// How webhooks are delivered when something is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Each twice, under the same `svix-id`.
    Twice,
    /// The last event first.
    Reversed,
    /// Only at [`super::Resend::release`].
    Held,
    /// Never.
    Lost,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    routes: Vec<Route>,
    fault: Fault,
    after: bool,
    recipient: Option<String>,
    probability: f64,
    skip: u32,
    times: u32,
}

impl Rule {
    /// At every request of this route.
    #[must_use]
    pub fn on(route: Route, fault: Fault) -> Rule {
        Rule { routes: vec![route], fault, after: false, recipient: None, probability: 1.0, skip: 0, times: u32::MAX }
    }

    /// At every request that sends, one mail or a batch.
    #[must_use]
    pub fn on_sending(fault: Fault) -> Rule {
        Rule { routes: vec![Route::Send, Route::SendBatch], ..Rule::on(Route::Send, fault) }
    }

    /// An error before the request has an effect.
    #[must_use]
    pub fn error(route: Route, status: u16, name: &str) -> Rule {
        Rule::on(route, Fault::Error(status, name.to_owned()))
    }

    /// Strikes after the request had its effect: the client does not learn of it.
    #[must_use]
    pub fn after(mut self) -> Rule {
        self.after = true;
        self
    }

    /// Only where the address of a recipient, of any mail of a batch, contains this.
    #[must_use]
    pub fn to(mut self, recipient: &str) -> Rule {
        self.recipient = Some(recipient.to_lowercase());
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

    fn concerns(&self, route: Route, recipients: &[String]) -> bool {
        let named = |wanted: &String| recipients.iter().any(|recipient| recipient.to_lowercase().contains(wanted));
        self.routes.contains(&route) && self.recipient.as_ref().is_none_or(named)
    }
}

/// All that strikes one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Strikes {
    pub(super) before: Option<Fault>,
    pub(super) after: Option<Fault>,
    pub(super) hold: bool,
    pub(super) slow: Option<Duration>,
    pub(super) fate: Option<Fate>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) hold_verification: bool,
}

/// The rules in force and how far each has come. Of those that decide about the answer, the first that strikes does.
#[derive(Debug, Default)]
pub(super) struct Rules {
    seed: u64,
    rules: Vec<(Rule, u32, u32)>,
}

impl Rules {
    pub(super) fn new(seed: u64, rules: Vec<Rule>) -> Rules {
        Rules { seed, rules: rules.into_iter().map(|rule| (rule, 0, 0)).collect() }
    }

    /// What happens to a request of this route, to these recipients.
    pub(super) fn strike(&mut self, route: Route, recipients: &[String]) -> Strikes {
        let mut strikes = Strikes::default();
        for (number, (rule, seen, struck)) in self.rules.iter_mut().enumerate() {
            if *struck == rule.times || !rule.concerns(route, recipients) {
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
            Fault::Fate(fate) => self.fate = Some(*fate),
            Fault::Webhooks(delivery) => self.deliveries.push(*delivery),
            Fault::HoldVerification => self.hold_verification = true,
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

    fn to(address: &str) -> Vec<String> {
        vec![address.to_owned()]
    }

    #[test]
    fn a_rule_strikes_its_route_and_recipient_at_its_turn() {
        let mut rules = Rules::new(1, vec![Rule::on_sending(Fault::Reset).to("Slow@").nth(2).after()]);
        let mut strike = |route, address: &str| rules.strike(route, &to(address)).after;
        assert_eq!(strike(Route::Send, "fast@x.example"), None);
        assert_eq!(strike(Route::GetEmail, "slow@x.example"), None);
        assert_eq!(strike(Route::Send, "slow@x.example"), None);
        assert_eq!(strike(Route::SendBatch, "slow@x.example"), Some(Fault::Reset));
        assert_eq!(strike(Route::Send, "slow@x.example"), None);
    }

    #[test]
    fn the_first_rule_decides_the_answer_and_the_others_keep_their_turns() {
        let mut rules = Rules::new(
            1,
            vec![
                Rule::error(Route::Send, 500, "application_error").times(1),
                Rule::on(Route::Send, Fault::Silence).times(1),
                Rule::on(Route::Send, Fault::Webhooks(Delivery::Twice)),
            ],
        );
        let first = rules.strike(Route::Send, &[]);
        assert_eq!(first.before, Some(Fault::Error(500, "application_error".to_owned())));
        assert_eq!(first.deliveries, [Delivery::Twice]);
        assert_eq!(rules.strike(Route::Send, &[]).before, Some(Fault::Silence));
        assert_eq!(rules.strike(Route::Send, &[]).before, None);
    }

    #[test]
    fn probabilities_are_drawn_from_the_seed() {
        let draw = |seed| {
            let mut rules = Rules::new(seed, vec![Rule::on(Route::Send, Fault::Reset).with_probability(0.5)]);
            (0..64).map(|_| rules.strike(Route::Send, &[]).before.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
