//! Which way a message goes, and why.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::{
    plain::members,
    table::{Tone, Toned, details},
};
use crate::output::{Paint, printable};

/// Which way a message goes, and why.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// `send`, `hold`, `suppress`, `refuse`
    pub decision: String,
    /// Every step that led there, in order.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// Recipients that it does not go to.
    #[serde(default)]
    pub left_out: Vec<NotTo>,
    /// What the tenant's limits leave.
    #[serde(default)]
    pub limits: Map<String, Value>,
    /// Everything else: from, domain, tier, ...
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A step of a decision.
#[derive(Debug, Deserialize)]
pub struct Reason {
    /// In a word.
    #[serde(default)]
    pub code: String,
    /// In a sentence.
    #[serde(default)]
    pub text: String,
    /// More, for operators.
    #[serde(default)]
    pub operator: Option<String>,
}

/// A recipient that a message does not go to.
#[derive(Debug, Deserialize)]
pub struct NotTo {
    /// Who.
    pub address: String,
    /// Why, in a sentence.
    #[serde(default)]
    pub why: String,
}

/// Which way a message goes, and every step that led there.
#[must_use]
pub fn explanation(explanation: &Explanation, paint: Paint) -> String {
    let tone = match explanation.decision.as_str() {
        "send" => Tone::Good,
        "hold" => Tone::Warn,
        _ => Tone::Bad,
    };
    let more = members(&explanation.more, &[]);
    let mut pairs = vec![("decision", Toned(explanation.decision.clone(), tone))];
    pairs.extend(more.iter().map(|(name, value)| (name.as_str(), value.clone())));
    let mut lines = vec![details(pairs, paint), String::new(), paint.head("Why")];
    for reason in &explanation.reasons {
        lines.push(format!("  {} {}", printable(&reason.text), paint.faint(&format!("({})", printable(&reason.code)))));
        lines.extend(reason.operator.as_deref().map(|words| format!("    {}", paint.faint(&printable(words)))));
    }
    if !explanation.left_out.is_empty() {
        lines.extend([String::new(), paint.head("Not to")]);
        let one = |one: &NotTo| format!("  {}: {}", printable(&one.address), printable(&one.why));
        lines.extend(explanation.left_out.iter().map(one));
    }
    let limits = members(&explanation.limits, &[]);
    if !limits.is_empty() {
        lines.extend([String::new(), paint.head("Limits")]);
        lines.push(details(limits.iter().map(|(name, value)| (name.as_str(), value.clone())).collect(), paint));
    }
    lines.join("\n")
}
