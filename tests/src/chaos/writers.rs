//! Those who send messages: as the API would, over the same shaky line.

use std::{sync::Arc, time::Duration};

use tenantry_mail::{Attachment, Draft};
use tenantry_model::{EmailAddress, RunId, TenantId};
use tenantry_outbox::Letter as Sealable;
use tenantry_runtime::Hints as _;
use tenantry_store::{
    Result, StoreError,
    mail::{self, NewMessage},
    runs::Hint,
};
use tokio::task::JoinSet;

use super::{
    callers::{Callers, patiently},
    plan::{Letter, Plan},
};

impl Callers {
    /// Everybody writes when the plan says so, for the tenants that were there before.
    pub(super) fn write(self: &Arc<Self>, plan: &Plan, houses: &[TenantId]) -> JoinSet<()> {
        let mut writing = JoinSet::new();
        for letter in plan.letters.clone() {
            let (this, house) = (self.clone(), houses[letter.house]);
            writing.spawn(async move {
                tokio::time::sleep(letter.at).await;
                this.send(&letter, house).await;
            });
        }
        writing
    }

    async fn send(&self, letter: &Letter, house: TenantId) {
        let message = self.pack(letter, house);
        if letter.twice {
            tokio::join!(self.hand_in(&message), self.hand_in(&message));
        } else {
            self.hand_in(&message).await;
        }
        let mut passed = Duration::ZERO;
        for (after, wish) in &letter.wishes {
            tokio::time::sleep(*after - passed).await;
            passed = *after;
            self.wish(RunId(message.id.0), wish).await;
        }
    }

    fn pack(&self, letter: &Letter, house: TenantId) -> NewMessage {
        let to: EmailAddress = letter.to.parse().expect("an address");
        let mut draft = Draft::new(house, to.into(), "invoices".parse().expect("a category"), "Your invoice");
        draft.text = Some("Here it is.\n".to_owned());
        draft.sensitive = letter.sensitive;
        if letter.file {
            let (filename, content_type) = ("invoice.txt".to_owned(), "text/plain".to_owned());
            draft.attachments.push(Attachment { filename, content_type, content: b"1 EUR".to_vec(), cid: None });
        }
        let sealable = Sealable {
            id: letter.id,
            draft,
            caused_by: None,
            template: None,
            locale: None,
            wait: letter.wait,
            by: "chaos".to_owned(),
            trace: None,
        };
        self.outbox.pack(sealable, self.db.clock().now()).expect("a message that may be sent")
    }

    /// A caller who heard no answer hands the message in again, under the same id.
    async fn hand_in(&self, message: &NewMessage) {
        let stored = patiently("hand in a message", || self.try_to_hand_in(message)).await;
        let hints = stored.expect("a message is never refused");
        self.note(|told| told.acknowledged.push(message.id));
        self.hints.send(hints).await;
    }

    async fn try_to_hand_in(&self, message: &NewMessage) -> Result<Vec<Hint>> {
        let mut tx = self.db.begin().await?;
        match mail::accept(&mut tx, std::slice::from_ref(message), self.db.timing()).await {
            // It was stored before, and we did not hear.
            Err(error) if error.constraint() == Some("runs_pkey") => Ok(Vec::new()),
            Err(error) => Err(error),
            Ok(hints) => {
                tx.commit().await.map_err(StoreError::from)?;
                Ok(hints)
            }
        }
    }
}
