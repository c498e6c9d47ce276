//! Which domains in the provider's account are nobody's?

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tenantry_model::Fault;
use tenantry_outbox::Accounts;
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{Tx, domains::known_at_provider};
use tenantry_workflows::orphan_report::{Command, Event, Orphan};
use time::format_description::well_known::Rfc3339;

/// The operation.
pub struct Orphans {
    /// The providers.
    pub accounts: Arc<Accounts>,
    /// At which of them domains are made.
    pub provider: Option<String>,
}

impl Operation for Orphans {
    type Command = Command;
    type Event = Event;
    /// Name and id of every domain in the account that is not the platform's own.
    type Seen = Vec<Orphan>;

    fn effect(&self, _: &Command) -> Effect {
        Effect::Repeatable
    }

    fn time_out(&self) -> Duration {
        Duration::from_secs(300)
    }

    async fn perform(&self, _: &Job, _: &Command) -> Result<Vec<Orphan>, Fault> {
        let (name, domains) = self.accounts.domains_at(self.provider.as_deref())?;
        let own = |domain: &str| self.accounts.named(name).is_some_and(|provider| provider.may_send_for(domain));
        let listed = domains.list().await?.into_iter().filter(|domain| !own(&domain.name));
        Ok(listed.map(|domain| Orphan { name: domain.name, id: domain.id }).collect())
    }

    async fn record(&self, tx: &mut Tx, job: &Job, _: &Command, listed: &Vec<Orphan>) -> Result<Event, Fault> {
        let (provider, _) = self.accounts.domains_at(self.provider.as_deref())?;
        let known: BTreeSet<String> =
            known_at_provider(tx, provider).await?.into_iter().map(|(name, _)| name).collect();
        let orphans = listed.iter().filter(|domain| !known.contains(&domain.name)).cloned().collect();
        let at = job.now.format(&Rfc3339).unwrap_or_default();
        Ok(Event::Listed { provider: provider.to_owned(), orphans, at })
    }
}
