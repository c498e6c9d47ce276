//! Categories: what a message is about. Routing, preferences and unsubscribing go by it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

/// Why a text is no category or subtype.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters of a-z, 0-9, _ and -")]
pub struct WordError;

/// What a message is about: a word of 1 to 64 characters `a-z 0-9 _ -`.
///
/// Some words are known and have a [`CategoryKind`] of their own; every other word is free, and mail under it can be
/// unsubscribed from, which is the safe assumption about words we do not know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Category(String);

/// What a category allows its recipients to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryKind {
    /// Cannot be switched off: without it the account is lost or unsafe (`authentication`, `security`).
    Locked,
    /// Owed to its recipient, or an answer to what the recipient did (`invoices`, `tickets`, ...). A preference may
    /// switch it off, but it carries no one-click unsubscribe: a mail program that offers "unsubscribe" beside an
    /// invoice invites an accident.
    Transactional,
    /// Everything else. Carries one-click unsubscribe (RFC 8058), as Google and Yahoo demand for promotional mail.
    Subscription,
}

/// The words that cannot be switched off.
const LOCKED: [&str; 2] = ["authentication", "security"];

/// The words that a recipient is owed.
const TRANSACTIONAL: [&str; 8] =
    ["account", "contracts", "invoices", "onboarding", "orders", "receipts", "tickets", "transactional"];

/// Whether a text is a category's or subtype's word.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

impl Category {
    /// The words we know, for forms and documentation; free words are as good.
    pub const KNOWN: [&str; 16] = [
        "account",
        "authentication",
        "contracts",
        "digests",
        "invoices",
        "marketing",
        "newsletter",
        "notifications",
        "onboarding",
        "orders",
        "product",
        "receipts",
        "reminders",
        "security",
        "tickets",
        "transactional",
    ];

    /// The category of a message that names none: `notifications`.
    #[must_use]
    pub fn unnamed() -> Self {
        Self("notifications".to_owned())
    }

    /// `authentication`: log-in links, codes, passwords.
    #[must_use]
    pub fn authentication() -> Self {
        Self("authentication".to_owned())
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What its recipients may refuse.
    #[must_use]
    pub fn kind(&self) -> CategoryKind {
        if LOCKED.contains(&self.as_str()) {
            CategoryKind::Locked
        } else if TRANSACTIONAL.contains(&self.as_str()) {
            CategoryKind::Transactional
        } else {
            CategoryKind::Subscription
        }
    }

    /// Whether no preference can switch it off.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.kind() == CategoryKind::Locked
    }

    /// Whether its mail carries the headers of RFC 8058.
    #[must_use]
    pub fn offers_unsubscribe(&self) -> bool {
        self.kind() == CategoryKind::Subscription
    }
}

impl FromStr for Category {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        if is_word(text) { Ok(Self(text.to_owned())) } else { Err(WordError) }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Category {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_category_is_a_lower_case_word() {
        for word in ["invoices", "a", "weekly-report_2", &"x".repeat(64)] {
            assert_eq!(word.parse::<Category>().unwrap().as_str(), word);
        }
        for word in ["", "Invoices", "in voices", "a:b", "é", "a\n", &"x".repeat(65)] {
            assert!(word.parse::<Category>().is_err(), "{word:?} was accepted");
            assert!(serde_json::from_value::<Category>(serde_json::json!(word)).is_err());
        }
    }

    #[test]
    fn every_known_word_parses_and_those_with_a_kind_are_known() {
        assert!(Category::KNOWN.iter().all(|word| word.parse::<Category>().is_ok()));
        assert!(Category::KNOWN.is_sorted());
        assert!(LOCKED.iter().chain(&TRANSACTIONAL).all(|word| Category::KNOWN.contains(word)));
    }

    #[test]
    fn only_mail_that_nobody_owes_offers_one_click_unsubscribe() {
        let kind = |word: &str| word.parse::<Category>().unwrap().kind();
        assert_eq!(kind("authentication"), CategoryKind::Locked);
        assert_eq!(kind("security"), CategoryKind::Locked);
        assert_eq!(kind("invoices"), CategoryKind::Transactional);
        assert_eq!(kind("notifications"), CategoryKind::Subscription);
        assert_eq!(kind("a-word-of-their-own"), CategoryKind::Subscription);
        // Similar is not the same.
        assert_eq!(kind("security-news"), CategoryKind::Subscription);
        let offering: Vec<_> =
            Category::KNOWN.iter().filter(|word| word.parse::<Category>().unwrap().offers_unsubscribe()).collect();
        assert_eq!(offering, [&"digests", &"marketing", &"newsletter", &"notifications", &"product", &"reminders"]);
    }
}
