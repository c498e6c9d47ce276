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
pub struct Explanation {
    /// `send`, `hold`, `suppress`, `refuse`
    pub decision: String,
    /// Every step that led there, in order.
    #[serde(default)]
    pub reasons: Vec<Reason>,
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
    lines.join("\n")
}
