//! What was decided, and why.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::DomainTier;
use tenantry_model::Domain;

use crate::Mailbox;

/// One step of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A stable word that programs decide by; the README lists them all.
    pub code: Cow<'static, str>,
    /// In a sentence, for the tenant: names no vendor and no other tenant.
    pub text: String,
    /// More, for the operator alone: provider names, what they answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

/// How a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The From address with its display name.
    pub from: Mailbox,
    /// Where answers go, where that is not `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Mailbox>,
    /// The domain of `from`.
    pub domain: Domain,
    /// Whose domain that is.
    pub tier: DomainTier,
    /// Who carries it. For the operator: never shown to a tenant.
    pub provider: String,
    /// The provider it stands in for, if it is a fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_for: Option<String>,
    /// Every step that led here, in order.
    pub why: Vec<Reason>,
}

/// What is to be done with a message. The last of the reasons is the one that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Send it so.
    Send(Route),
    /// Record it as suppressed; nothing leaves.
    Suppress {
        /// Why.
        why: Vec<Reason>,
    },
    /// Not now: decide again after this many seconds.
    Hold {
        /// At least 1.
        seconds: u64,
        /// Why.
        why: Vec<Reason>,
    },
    /// Never.
    Refuse {
        /// Why.
        why: Vec<Reason>,
    },
}

impl Reason {
    /// A reason that everybody may read.
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), text: text.into(), operator: None }
    }

    /// The same without the operator's words, for a tenant.
    #[must_use]
    pub fn public(&self) -> Self {
        Self { operator: None, ..self.clone() }
    }

    /// The same, with words for the operator.
    pub(super) fn operator(mut self, words: impl Into<String>) -> Self {
        self.operator = Some(words.into());
        self
    }
}

impl Decision {
    /// Every step that led here, in order.
    #[must_use]
    pub fn why(&self) -> &[Reason] {
        match self {
            Self::Send(Route { why, .. }) | Self::Suppress { why } | Self::Hold { why, .. } | Self::Refuse { why } => {
                why
            }
        }
    }

    /// The code of the step that decided.
    #[must_use]
    pub fn code(&self) -> &str {
        self.why().last().map_or("", |reason| &reason.code)
    }
}
