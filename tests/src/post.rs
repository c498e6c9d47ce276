//! Messages to send, without the API between.

use std::time::Duration;

use secrecy::SecretString;
use tenantry_mail::{Draft, Limits};
use tenantry_model::{MessageId, RunId, TenantId};
use tenantry_outbox::{Letter, Outbox};
use tenantry_runtime::config::Reader;
use tenantry_secrets::Sealer;
use tenantry_store::{mail, runs::RunRow};
use time::OffsetDateTime;

use crate::{TestStack, wait::until};

impl TestStack {
    /// So many active tenants `acme-1`, `acme-2`, ... with their settings, written without an onboarding.
    pub async fn tenants(&self, number: usize) -> Vec<TenantId> {
        let tenants: Vec<TenantId> = (0..number).map(|_| TenantId::new()).collect();
        for (tenant, n) in tenants.iter().zip(1..) {
            sqlx::query(
                "with t as (
                     insert into tenants (id, run_id, name, slug, email, contract_line, status, portal_host, created_at, updated_at, activated_at)
                     values ($1, $1, 'Acme ' || $2, 'acme-' || $2, 'admin@acme-' || $2 || '.example', 'standard', 'active',
                             'acme-' || $2 || '.portal.tenantry.test', $3, $3, $3))
                 insert into tenant_email_settings (tenant_id, reply_to, created_at, updated_at)
                 values ($1, 'office@acme-' || $2 || '.example', $3, $3)",
            )
            .bind(tenant.0)
            .bind(n.to_string())
            .bind(self.db().clock().now())
            .execute(&self.sql)
            .await
            .expect("a tenant");
        }
        tenants
    }

    /// A draft to one address.
    pub fn draft(&self, tenant: TenantId, to: &str) -> Draft {
        let to = tenantry_mail::Mailbox::from(to.parse::<tenantry_model::EmailAddress>().expect("an address"));
        let mut draft = Draft::new(tenant, to, "invoices".parse().expect("a category"), "Your invoice");
        draft.text = Some("Dear customer,\n\nhere it is.\n".to_owned());
        draft.html = Some("<p>Dear customer,</p><p>here it is.</p>".to_owned());
        draft
    }

    /// The outbox, with the stack's own key.
    pub async fn outbox(&self) -> Outbox {
        let mut read = Reader::new(self.stack.environment.clone());
        let keys: SecretString = read.secret("SEALING_KEYS").await;
        Outbox::new(Sealer::new(&keys).expect("a key"), Limits::default(), Duration::from_secs(86_400))
    }

    /// Stores messages, as the API does, and gives no hint.
    pub async fn store(&self, drafts: Vec<Draft>, wait: u64) -> (Vec<RunId>, Vec<tenantry_store::runs::Hint>) {
        let (outbox, now) = (self.outbox().await, self.db().clock().now());
        let pack = |draft: Draft| {
            let id = MessageId(uuid::Uuid::now_v7());
            let (template, locale, caused_by, trace) = (None, None, None, None);
            let letter = Letter { id, draft, caused_by, template, locale, wait, by: "test".to_owned(), trace };
            outbox.pack(letter, now).expect("a message that may be sent")
        };
        let new: Vec<_> = drafts.into_iter().map(pack).collect();
        let mut tx = self.db().begin().await.expect("a transaction");
        let hints = mail::accept(&mut tx, &new, self.db().timing()).await.expect("accepted");
        tx.commit().await.expect("a commit");
        (new.iter().map(|new| RunId(new.id.0)).collect(), hints)
    }

    /// Sends messages.
    pub async fn post(&self, drafts: Vec<Draft>) -> Vec<RunId> {
        let (ids, hints) = self.store(drafts, 0).await;
        self.hint(hints).await;
        ids
    }

    /// Waits until a message is in this state.
    pub async fn settles(&self, id: RunId, state: &str) -> RunRow {
        let what = format!("the message to be {state}");
        let found = until(&what, || async {
            let run = self.run(id).await;
            (run.state == state).then_some(run)
        });
        tokio::select! {
            run = found => run,
            () = tokio::time::sleep(crate::wait::PATIENCE - Duration::from_secs(1)) => {
                let run = self.run(id).await;
                let history: Vec<String> = self.history(id).await.iter().map(|row| format!("\n  {row:?}")).collect();
                panic!("it is {}, not {state}; error {:?}; history:{}", run.state, run.error, history.concat());
            }
        }
    }

    /// When each message left, by tenant: the moments at which turns were given.
    pub async fn departures(&self) -> Vec<(TenantId, OffsetDateTime)> {
        let rows: Vec<(uuid::Uuid, OffsetDateTime)> =
            sqlx::query_as("select tenant_id, at from history where name = 'Admitted' order by at, tenant_id")
                .fetch_all(&self.sql)
                .await
                .expect("the history");
        rows.into_iter().map(|(tenant, at)| (TenantId(tenant), at)).collect()
    }
}
