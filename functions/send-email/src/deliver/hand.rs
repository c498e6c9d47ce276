//! Messages are handed over, and what their providers say is kept.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::{join_all, join3};
use tenantry_mail::Draft;
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId, TenantId};
use tenantry_outbox::compose;
use tenantry_provider::{Accepted, Mail, Provider, fits};
use tenantry_store::{StoreError, mail, runs::Claimed};
use tenantry_workflows::email_delivery::Plan;
use uuid::Uuid;

use super::{Admitted, Delivery};

type Batches = BTreeMap<Uuid, Vec<Admitted>>;

/// A message that was handed over, and what was said.
pub(crate) struct Handed {
    pub(crate) claimed: Claimed,
    pub(crate) tenant: TenantId,
    pub(crate) plan: Plan,
    pub(crate) tries: u32,
    pub(crate) said: Result<Accepted, Fault>,
    /// It was said of the whole batch.
    pub(crate) together: bool,
}

impl Delivery {
    /// Hands over messages at once: those of a batch in one request, the others each by itself. None takes longer than `within`.
    pub(super) async fn hand_over(&self, admitted: Vec<Admitted>, within: Duration) -> Vec<Handed> {
        let (mut alone, mut batches, mut again) = (Vec::new(), Batches::new(), Batches::new());
        for one in admitted {
            match one.plan.batch {
                // An attempt that is made again is made like the first, with those that were in it then.
                Some(batch) if one.bound => again.entry(batch).or_default().push(one),
                Some(batch) => batches.entry(batch).or_default().push(one),
                None => alone.push(one),
            }
        }
        let alone = join_all(alone.into_iter().map(|one| self.hand_one(one, within)));
        let together = join_all(batches.into_iter().map(|(batch, members)| self.hand_batch(batch, members, within)));
        let again = join_all(again.into_iter().map(|(batch, members)| self.hand_again(batch, members, within)));
        let (alone, together, again) = join3(alone, together, again).await;
        alone.into_iter().chain(together.into_iter().chain(again).flatten()).collect()
    }

    async fn hand_one(&self, one: Admitted, within: Duration) -> Handed {
        let Admitted { claimed, tenant, plan, draft, tries, .. } = one;
        let id = MessageId(claimed.run.0);
        let said = self.send(id, draft, &plan, within).await;
        Handed { claimed, tenant, plan, tries, said, together: false }
    }

    async fn hand_batch(&self, batch: Uuid, members: Vec<Admitted>, within: Duration) -> Vec<Handed> {
        let mut mails = Vec::with_capacity(members.len());
        let mut kept = Vec::with_capacity(members.len());
        for Admitted { claimed, tenant, plan, draft, tries, .. } in members {
            mails.push(self.mail(MessageId(claimed.run.0), draft, &plan));
            kept.push((claimed, tenant, plan, tries));
        }
        let said = match mails.into_iter().collect::<Result<Vec<Mail>, Fault>>() {
            Ok(mails) => self.send_batch(batch, &kept[0].2, &mails, within).await,
            Err(fault) => Err(fault),
        };
        let each: Vec<Result<Accepted, Fault>> = match said {
            Ok(accepted) => accepted.into_iter().map(Ok).collect(),
            Err(fault) => vec![Err(fault); kept.len()],
        };
        kept.into_iter()
            .zip(each)
            .map(|((claimed, tenant, plan, tries), said)| Handed { claimed, tenant, plan, tries, said, together: true })
            .collect()
    }

    /// Hands a batch over once more; those of its members that wait for it are answered by it.
    async fn hand_again(&self, batch: Uuid, members: Vec<Admitted>, within: Duration) -> Vec<Handed> {
        let said = match members.first() {
            Some(first) => self.send_again(batch, &first.plan, within).await,
            None => return Vec::new(),
        };
        let answered = |one: Admitted| {
            let id = MessageId(one.claimed.run.0);
            let said = said.clone().and_then(|accepted| mine(accepted, id));
            Handed { claimed: one.claimed, tenant: one.tenant, plan: one.plan, tries: one.tries, said, together: true }
        };
        members.into_iter().map(answered).collect()
    }

    /// Hands one message to the plan's provider.
    pub(super) async fn send(
        &self,
        id: MessageId,
        draft: Draft,
        plan: &Plan,
        within: Duration,
    ) -> Result<Accepted, Fault> {
        let provider = self.provider(plan)?;
        let mail = self.mail(id, draft, plan)?;
        fits(&provider.capabilities(), &mail)?;
        in_time(within, provider.send(&mail)).await
    }

    /// Hands a batch to the plan's provider, under the batch's own key.
    pub(super) async fn send_batch(
        &self,
        batch: Uuid,
        plan: &Plan,
        mails: &[Mail],
        within: Duration,
    ) -> Result<Vec<Accepted>, Fault> {
        let provider = self.provider(plan)?;
        let accepted = in_time(within, provider.send_batch(&format!("batch_{}", batch.simple()), mails)).await?;
        if accepted.len() == mails.len() {
            return Ok(accepted);
        }
        Err(Fault::new(
            ErrorClass::UnknownOutcome,
            "the provider answered for another number of messages than it was given",
        ))
    }

    /// Hands the very same batch over once more, under the same key, so that it is sent once.
    pub(super) async fn send_again(
        &self,
        batch: Uuid,
        plan: &Plan,
        within: Duration,
    ) -> Result<Vec<(MessageId, Accepted)>, Fault> {
        let mut tx = self.db.begin().await?;
        let members = mail::batch_members(&mut tx, batch).await?;
        let ids: Vec<MessageId> = members.iter().map(|(id, _)| *id).collect();
        let facts = mail::facts(&mut tx, &ids).await?;
        tx.rollback().await.map_err(StoreError::from)?;
        let mail = |(id, plan): &(MessageId, Plan)| {
            let sealed = facts.iter().find(|facts| facts.id == *id).and_then(|facts| facts.sealed.as_deref());
            self.mail(*id, self.outbox.open(*id, sealed.ok_or_else(gone)?)?, plan)
        };
        let mails = members.iter().map(mail).collect::<Result<Vec<Mail>, Fault>>()?;
        Ok(ids.into_iter().zip(self.send_batch(batch, plan, &mails, within).await?).collect())
    }

    /// The mail of a draft and its plan; the same each time.
    pub(super) fn mail(&self, id: MessageId, draft: Draft, plan: &Plan) -> Result<Mail, Fault> {
        let address = |text: &str| -> Result<EmailAddress, Fault> {
            text.parse().map_err(|error| Fault::new(ErrorClass::InternalError, format!("the plan's address: {error}")))
        };
        let from = address(&plan.from)?;
        let reply_to = plan.reply_to.as_deref().map(address).transpose()?;
        compose(id, draft, (&from, plan.from_name.as_deref()), reply_to.as_ref(), &plan.without, self.platform())
    }

    fn provider(&self, plan: &Plan) -> Result<&Arc<dyn Provider>, Fault> {
        // Nothing was handed over; another provider may carry it.
        let gone = || Fault::new(ErrorClass::AccountRefused, "the provider that was chosen is not configured any more");
        self.accounts.named(&plan.provider).ok_or_else(gone)
    }
}

/// What was said of one message of a batch.
pub(super) fn mine(accepted: Vec<(MessageId, Accepted)>, id: MessageId) -> Result<Accepted, Fault> {
    accepted.into_iter().find(|(member, _)| *member == id).map(|(_, accepted)| accepted).ok_or_else(gone)
}

fn gone() -> Fault {
    Fault::new(ErrorClass::UnknownOutcome, "a message of the same batch is not there any more")
}

/// A provider knows its own limits; this is for one that does not keep them, or whose limits are longer than the lease.
async fn in_time<T>(within: Duration, sending: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    match tokio::time::timeout(within, sending).await {
        Ok(said) => said,
        Err(_elapsed) => Err(Fault::new(ErrorClass::UnknownOutcome, "the provider took longer than it may")),
    }
}
