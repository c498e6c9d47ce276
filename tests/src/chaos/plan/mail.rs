//! How those that carry mail misbehave.

use fastrand::Rng;
use tenantry_standins::{
    resend,
    smtp::{Fault, Rule, Stage},
};

use super::millis;

/// Only what an honest server may do: one that has taken a mail does not say that it has not.
pub(super) fn draw_smtp(rng: &mut Rng) -> Vec<Rule> {
    let faults = [
        (Stage::Connect, Fault::Reply("421 4.3.2 too busy".to_owned())),
        (Stage::Mail, Fault::Close),
        (Stage::Rcpt, Fault::Reply("451 4.3.0 try again later".to_owned())),
        (Stage::Rcpt, Fault::Reply("550 5.1.1 no such user".to_owned())),
        (Stage::Data, Fault::Reset),
        (Stage::BeforeAccept, Fault::Reply("452 4.2.2 mailbox full".to_owned())),
        (Stage::BeforeAccept, Fault::Close),
        (Stage::BeforeAccept, Fault::Silence),
        (Stage::AfterAccept, Fault::Reset),
        (Stage::AfterAccept, Fault::Close),
        (Stage::AfterAccept, Fault::Silence),
        (Stage::AfterAccept, Fault::Slow(millis(rng, 50..1_500))),
    ];
    let mut rules = Vec::new();
    for (stage, fault) in faults {
        if rng.u32(0..3) == 0 {
            rules.push(Rule::at(stage, fault).with_probability(rng.f64() * 0.3));
        }
    }
    rules
}

/// Only what its documentation and the network allow: it has had its effect or not, and under a key it has it once.
pub(super) fn draw_resend(rng: &mut Rng) -> Vec<resend::Rule> {
    use resend::{Fault, Rule};
    let error = |status, name: &str| Fault::Error(status, name.to_owned());
    let before = [
        error(500, "internal_server_error"),
        error(403, "suspended_api_key"),
        error(422, "validation_error"),
        Fault::RateLimited(1),
        Fault::Reset,
        Fault::Silence,
        Fault::Slow(millis(rng, 50..1_500)),
        // Longer than any of us waits for it.
        Fault::Slow(millis(rng, 7_000..9_000)),
    ];
    let after = [error(500, "internal_server_error"), Fault::Reset, Fault::Silence, Fault::Garbage];
    let mut rules = Vec::new();
    let all =
        before.into_iter().map(Rule::on_sending).chain(after.into_iter().map(|fault| Rule::on_sending(fault).after()));
    for rule in all {
        if rng.u32(0..3) == 0 {
            rules.push(rule.with_probability(rng.f64() * 0.3));
        }
    }
    rules
}
