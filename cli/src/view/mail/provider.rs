//! What carries mail.

use serde::Deserialize;

use super::super::{
    moment::Moment,
    table::{Tone, Toned, details, or_dash, table, time_or_dash},
};
use crate::{failure::Failure, output::Paint};

/// A provider.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// `smtp`, `resend`, ...
    pub name: String,
    /// `primary`, `fallback`
    #[serde(default)]
    pub role: Option<String>,
    /// How it is.
    #[serde(default)]
    pub health: Option<String>,
    /// Until when it is left alone.
    #[serde(default)]
    pub blocked_until: Option<Moment>,
    /// What was last wrong with it.
    #[serde(default)]
    pub last_error: Option<Met>,
    /// When it last told what became of a message.
    #[serde(default)]
    pub last_event_at: Option<Moment>,
    /// It should have told something by now.
    #[serde(default)]
    pub silent: bool,
}

/// What was wrong with a provider.
#[derive(Debug, Deserialize)]
pub struct Met {
    /// `EmailError`, ...
    #[serde(default)]
    pub class: String,
    /// What was seen.
    #[serde(default)]
    pub message: String,
    /// When.
    #[serde(default)]
    pub at: Option<Moment>,
}

impl Met {
    fn words(&self) -> String {
        let at = self.at.map(|at| format!(" ({})", at.day_and_time())).unwrap_or_default();
        format!("{}: {}{at}", self.class, self.message)
    }
}

/// Providers, one per line.
#[must_use]
pub fn providers(providers: &[Provider], now: Moment, paint: Paint) -> String {
    let row = |provider: &Provider| {
        let until = provider.blocked_until.filter(|until| *until > now);
        let last = match provider.last_event_at {
            Some(at) if provider.silent => Toned(format!("{} (silent)", at.day_and_time()), Tone::Warn),
            None if provider.silent => Toned("never (silent)".to_owned(), Tone::Warn),
            at => time_or_dash(at),
        };
        vec![
            provider.name.as_str().into(),
            or_dash(provider.role.as_deref()),
            health(provider.health.as_deref()),
            time_or_dash(until),
            last,
            or_dash(provider.last_error.as_ref().map(Met::words).as_deref()),
        ]
    };
    let head = ["PROVIDER", "ROLE", "HEALTH", "LEFT ALONE UNTIL (UTC)", "LAST EVENT (UTC)", "LAST ERROR"];
    table(&head, providers.iter().map(row).collect(), "No provider is configured.", paint)
}

fn health(word: Option<&str>) -> Toned {
    let tone = match word {
        Some("healthy") => Tone::Good,
        Some("down") => Tone::Bad,
        None => Tone::Faint,
        _ => Tone::Warn,
    };
    Toned(word.unwrap_or("-").to_owned(), tone)
}

/// What a provider said to our account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// It accepts us.
    pub valid: bool,
    /// Why not.
    #[serde(default)]
    pub problem: Option<Met>,
}

impl Checked {
    /// Success when the provider accepts our account.
    ///
    /// # Errors
    /// [`Failure::Ended`] when it does not.
    pub fn succeeded(&self, name: &str) -> Result<(), Failure> {
        if self.valid {
            return Ok(());
        }
        Err(Failure::Ended {
            what: format!("{name} does not accept our account, or cannot be reached"),
            detail: self.problem.as_ref().map(Met::words).unwrap_or_default(),
            next: "Correct its configuration, and try again.".to_owned(),
            code: "provider_not_valid",
        })
    }
}

/// What a provider said, for people.
#[must_use]
pub fn checked(name: &str, checked: &Checked, paint: Paint) -> String {
    let word = if checked.valid { Toned("yes".to_owned(), Tone::Good) } else { Toned("no".to_owned(), Tone::Bad) };
    details(vec![("provider", name.into()), ("accepts us", word)], paint)
}
