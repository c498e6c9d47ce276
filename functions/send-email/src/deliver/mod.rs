//! Messages: their turns are taken in batches, planned, handed over, and what the providers say is written down.

mod admit;
mod answer;
mod hand;
mod health;
mod operation;
mod plan;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tenantry_mail::Draft;
use tenantry_model::{EmailAddress, MessageId, TenantId};
use tenantry_outbox::{Accounts, Outbox, Patterns};
use tenantry_provider::{Accepted, MessageIdHeader};
use tenantry_runtime::{Draw, Drawing, config};
use tenantry_store::{Db, Result, mail::NewSend, runs::Claimed};
use tenantry_workflows::email_delivery::Plan;

/// What carries mail, and by which rules.
#[derive(Clone)]
pub struct Delivery {
    pub(crate) db: Db,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) outbox: Outbox,
    pub(crate) patterns: Patterns,
    pub(crate) settings: config::Mail,
}

/// A message whose attempt is ours to make.
pub(crate) struct Admitted {
    pub(crate) claimed: Claimed,
    pub(crate) tenant: TenantId,
    pub(crate) plan: Plan,
    pub(crate) draft: Draft,
    /// Tries before this one.
    pub(crate) tries: u32,
    /// Nobody knows what became of the attempt before; this is the very same one.
    pub(crate) bound: bool,
}

impl Delivery {
    /// Longer than any provider takes: it is the provider that knows how far a message got.
    pub(crate) const TIME_OUT: Duration = Duration::from_secs(45);

    /// That a provider has accepted a message, as a row.
    pub(crate) fn send_of(
        &self,
        id: MessageId,
        tenant: TenantId,
        plan: &Plan,
        accepted: &Accepted,
        tries: u32,
    ) -> NewSend {
        NewSend {
            message: id,
            tenant,
            provider: plan.provider.clone(),
            provider_message_id: accepted.provider_message_id.clone(),
            message_id_header: self.header(id),
            sender: plan.from.clone(),
            response: accepted.response.clone(),
            attempts: tries + 1,
        }
    }

    /// The Message-ID: the same whatever carries the message, and from whatever address.
    pub(crate) fn header(&self, id: MessageId) -> String {
        MessageIdHeader::new(id, &self.settings.from).as_str().to_owned()
    }

    pub(crate) fn platform(&self) -> &EmailAddress {
        &self.settings.from
    }
}

#[async_trait]
impl Draw for Delivery {
    async fn draw(&self, with: &Drawing<'_>) -> Result<bool> {
        let batch = self.admit(with).await?;
        if batch.taken == 0 {
            return Ok(false);
        }
        let handed = self.hand_over(batch.admitted, with.time_out).await;
        self.note_health(with, &handed, &batch.ailing).await;
        self.answer(with, handed).await?;
        Ok(true)
    }

    fn time_out(&self) -> Duration {
        Self::TIME_OUT
    }
}
