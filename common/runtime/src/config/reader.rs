//! Reads settings and collects everything that is wrong with them.

use std::{fmt, ops::RangeInclusive, str::FromStr, sync::Arc, time::Duration};

use secrecy::SecretString;
use tenantry_model::EmailAddress;
use tenantry_secrets::Secrets;

type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where settings come from: the process's environment, or a table made by the local stack or a test.
#[derive(Clone)]
pub struct Environment(Lookup);

impl Environment {
    /// The process's own.
    #[must_use]
    pub fn process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// Any other.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// This one, with another to fall back on.
    #[must_use]
    pub fn or(self, fallback: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::new(move |name| self.get(name).or_else(|| fallback(name)))
    }

    /// A variable; an empty one counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// Everything that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not usable:\n  {}", problems.join("\n  "))]
pub struct ConfigError {
    /// A sentence for each problem; it begins with the variable's name.
    pub problems: Vec<String>,
}

/// Reads settings one by one. What is wrong is noted, and reading goes on; [`Reader::finish`] tells all of it.
#[derive(Debug)]
pub struct Reader {
    environment: Environment,
    secrets: Secrets,
    problems: Vec<String>,
}

impl Reader {
    /// Reads from an environment.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        let lookup = environment.clone();
        Self { environment, secrets: Secrets::new(move |name| lookup.get(name)), problems: Vec::new() }
    }

    /// Notes a problem with a variable.
    pub fn problem(&mut self, name: &str, what: impl fmt::Display) {
        self.problems.push(format!("{name} {what}"));
    }

    /// A text, if set.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.environment.get(name)
    }

    /// The first of several names that is set.
    #[must_use]
    pub fn first_of(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    /// A text that must be set.
    pub fn required(&mut self, name: &str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.problem(name, "is not set");
            String::new()
        })
    }

    /// A text that must hold certain placeholders.
    pub fn pattern(&mut self, name: &str, usual: Option<&str>, placeholders: &[&str]) -> String {
        let text = match (self.text(name), usual) {
            (Some(text), _) => text,
            (None, Some(usual)) => return usual.to_owned(),
            (None, None) => return self.required(name),
        };
        for missing in placeholders.iter().filter(|placeholder| !text.contains(*placeholder)) {
            self.problem(name, format!("must contain {missing}"));
        }
        text
    }

    /// `true` or `false` (also `on`, `yes`, `1` and their opposites).
    pub fn switch(&mut self, name: &str, usual: bool) -> bool {
        match self.text(name).map(|text| text.to_ascii_lowercase()).as_deref() {
            None => usual,
            Some("true" | "on" | "yes" | "1") => true,
            Some("false" | "off" | "no" | "0") => false,
            Some(_) => {
                self.problem(name, "must be true or false");
                usual
            }
        }
    }

    /// A number in a range.
    pub fn number<T: FromStr + PartialOrd + fmt::Display + Copy>(
        &mut self,
        name: &str,
        usual: T,
        range: RangeInclusive<T>,
    ) -> T {
        let Some(text) = self.text(name) else { return usual };
        match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                self.problem(name, format!("must be a number from {} to {}", range.start(), range.end()));
                usual
            }
        }
    }

    /// A duration in whole seconds.
    pub fn seconds(&mut self, name: &str, usual: u64, range: RangeInclusive<u64>) -> Duration {
        Duration::from_secs(self.number(name, usual, range))
    }

    /// An address, by the first of several names that is set.
    pub fn address(&mut self, names: &[&str]) -> Option<EmailAddress> {
        let (name, text) = names.iter().find_map(|name| Some((*name, self.text(name)?)))?;
        text.parse().map_err(|error| self.problem(name, format!("is not an address: {error}"))).ok()
    }

    /// A secret that must be set (or named in Secrets Manager by `<name>_SECRET`).
    pub async fn secret(&mut self, name: &str) -> SecretString {
        match self.secrets.get(name).await {
            Ok(secret) => secret,
            Err(error) => {
                self.problems.push(error.to_string());
                SecretString::default()
            }
        }
    }

    /// A secret that may be set.
    pub async fn find_secret(&mut self, name: &str) -> Option<SecretString> {
        self.secrets.find(name).await.unwrap_or_else(|error| {
            self.problems.push(error.to_string());
            None
        })
    }

    /// All is well, or everything that is not.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn finish(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() { Ok(()) } else { Err(ConfigError { problems: self.problems }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn environment(pairs: &'static [(&'static str, &'static str)]) -> Environment {
        Environment::new(move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[tokio::test]
    async fn every_problem_is_named_at_once() {
        let mut read = Reader::new(environment(&[
            ("EMAIL_PORT", "99999"),
            ("EMAIL_FROM", "nobody"),
            ("CREDENTIAL", "magic"),
            ("DATABASE_CONNECTIONS", "0"),
        ]));
        config::database(&mut read, tenantry_store::DbRole::Worker).await;
        config::onboarding(&mut read);
        config::mail(&mut read).await;
        let said = read.finish().expect_err("nothing is set").to_string();
        for name in [
            "DATABASE_URL",
            "DATABASE_CONNECTIONS",
            "CREDENTIAL",
            "PORTAL_ZONE",
            "EMAIL_TENANT_FROM_PATTERN",
            "EMAIL_HOST",
            "EMAIL_PORT",
            "EMAIL_FROM",
        ] {
            assert!(said.contains(name), "{name} is missing in:\n{said}");
        }
    }

    #[tokio::test]
    async fn the_older_names_of_the_mail_settings_still_work() {
        let mut read = Reader::new(environment(&[
            ("SMTP_HOST", "mail.example.com"),
            ("SMTP_PORT", "2525"),
            ("SMTP_USER", "u"),
            ("SMTP_PASS", "p"),
            ("SMTP_FROM", "a@example.com"),
        ]));
        let mail = config::mail(&mut read).await;
        let tenantry_provider::ProviderConfig::Smtp(smtp) = mail.provider else { panic!("smtp is usual") };
        assert_eq!((smtp.host.as_str(), smtp.port, smtp.credentials.is_some()), ("mail.example.com", 2525, true));
        assert_eq!(read.finish(), Ok(()));
    }
}
