//! What a hostname's life knows.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tenantry_model::{Domain, ErrorClass, Fault, TenantId};

use super::{Axes, CONFIRM, State};

/// What a hostname's life knows. What was seen stands whole in its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub domain: Domain,
    /// Seconds added to each daily look, so that not all hostnames are looked at in the same minute.
    pub jitter: u64,
    /// Seconds between the two looks that must agree.
    pub confirm: u64,
    /// Nobody was told of it yet.
    #[serde(default)]
    pub fresh: bool,
    /// How it stands.
    #[serde(default)]
    pub axes: Axes,
    /// What was seen last, and what to do, for the tenant.
    #[serde(default)]
    pub words: String,
    /// Looks or polls since the state was entered, as far as it matters for the next wait.
    #[serde(default)]
    pub looks: u32,
    /// Looks in a row, far enough apart, that said the same: that it points here, or, for one in use, that it does not.
    #[serde(default)]
    pub agreed: u32,
    /// The next look is far enough from the one before to count.
    #[serde(default)]
    pub may_confirm: bool,
    /// Visits in a row to a live portal that found something wrong.
    #[serde(default)]
    pub troubles: u32,
    /// The last visit found something about the certificate that concerns operators.
    #[serde(default)]
    pub concerned: bool,
    /// The certificate is to be ordered again, at once.
    #[serde(default)]
    pub again: bool,
    /// It has pointed elsewhere for long enough: the next look decides.
    #[serde(default)]
    pub overdue: bool,
    /// Another tenant has shown that it points there.
    #[serde(default)]
    pub rival: bool,
    /// Another hostname has taken its place.
    #[serde(default)]
    pub superseded: Option<Domain>,
    /// What to go back to when what went wrong is mended.
    #[serde(default)]
    pub broken_in: Option<State>,
    /// What stands in the way.
    #[serde(default)]
    pub fault: Option<Fault>,
}

impl Data {
    /// A hostname that nobody has looked at yet.
    #[must_use]
    pub fn new(tenant: TenantId, domain: Domain, jitter: Duration) -> Self {
        Self {
            tenant,
            domain,
            jitter: jitter.as_secs(),
            confirm: CONFIRM.as_secs(),
            fresh: true,
            axes: Axes::default(),
            words: String::new(),
            looks: 0,
            agreed: 0,
            may_confirm: false,
            troubles: 0,
            concerned: false,
            again: false,
            overdue: false,
            rival: false,
            superseded: None,
            broken_in: None,
            fault: None,
        }
    }

    /// The same, with another time between the two looks that must agree.
    #[must_use]
    pub fn confirmed_after(self, wait: Duration) -> Self {
        Self { confirm: wait.as_secs(), ..self }
    }

    pub(super) fn confirm(&self) -> Duration {
        Duration::from_secs(self.confirm)
    }

    /// Forgets what was counted and what stood in the way: something new begins.
    pub(super) fn settle(&mut self) {
        (self.looks, self.agreed, self.troubles) = (0, 0, 0);
        (self.may_confirm, self.overdue, self.rival) = (false, false, false);
        (self.broken_in, self.fault) = (None, None);
        self.words.clear();
    }

    pub(super) fn failed(&mut self, class: ErrorClass, words: &str) {
        words.clone_into(&mut self.words);
        self.fault = Some(Fault::new(class, words));
    }
}
