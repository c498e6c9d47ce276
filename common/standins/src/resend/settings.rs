//! What can be changed about a domain.

use super::error::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What can be changed about a domain; also part of `POST /domains`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) open_tracking: Option<bool>,
    pub(super) click_tracking: Option<bool>,
    pub(super) tls: Option<String>,
    pub(super) capabilities: Option<Capabilities>,
    pub(super) tracking_subdomain: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Capabilities {
    sending: Option<Switch>,
    receiving: Option<Switch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Switch {
    Enabled,
    Disabled,
}

impl Switch {
    fn word(self) -> &'static str {
        if self == Switch::Enabled { "enabled" } else { "disabled" }
    }
}

impl Settings {
    pub(super) fn check(self) -> Result<Settings, Refusal> {
        let tls = self.tls.as_deref().unwrap_or("opportunistic");
        if !["opportunistic", "enforced"].contains(&tls) {
            return Err(Refusal::invalid("Invalid `tls` field. It is `opportunistic` or `enforced`."));
        }
        let off = Some(Switch::Disabled);
        let idle = |wanted: &Capabilities| wanted.sending == off && wanted.receiving != Some(Switch::Enabled);
        if self.capabilities.as_ref().is_some_and(idle) {
            return Err(Refusal::invalid("At least one capability must be enabled."));
        }
        Ok(self)
    }

    /// These settings with what another set says instead.
    pub(super) fn with(self, newer: Settings) -> Result<Settings, Refusal> {
        let newer = newer.check()?;
        Ok(Settings {
            open_tracking: newer.open_tracking.or(self.open_tracking),
            click_tracking: newer.click_tracking.or(self.click_tracking),
            tls: newer.tls.or(self.tls),
            capabilities: newer.capabilities.or(self.capabilities),
            tracking_subdomain: newer.tracking_subdomain.or(self.tracking_subdomain),
        })
    }

    pub(super) fn receives(&self) -> bool {
        self.capabilities.as_ref().and_then(|wanted| wanted.receiving) == Some(Switch::Enabled)
    }

    /// The capabilities as the API shows them: sending unless it was switched off, receiving if it was switched on.
    pub(super) fn capabilities(&self) -> Value {
        let wanted = self.capabilities.clone().unwrap_or_default();
        json!({
            "sending": wanted.sending.unwrap_or(Switch::Enabled).word(),
            "receiving": wanted.receiving.unwrap_or(Switch::Disabled).word(),
        })
    }
}
