//! Which rows go, and in which order: children first.

use tenantry_model::{MessageId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, Tx, mail::MATCHED_FOR};

/// Deletes at most so many rows, counted down.
pub(super) struct Batch<'a> {
    pub(super) tx: &'a mut Tx,
    pub(super) tenant: TenantId,
    pub(super) now: OffsetDateTime,
    pub(super) left: i64,
    pub(super) rows: u64,
}

macro_rules! delete {
    ($batch:expr, $sql:literal $(, $with:expr)*) => {{
        let gone = sqlx::query!($sql $(, $with)*).execute(&mut **$batch.tx).await?.rows_affected();
        $batch.rows += gone;
        $batch.left -= i64::try_from(gone).unwrap_or(i64::MAX);
    }};
}

/// Rows of a table by their tenant, as many as may go.
macro_rules! delete_by_tenant {
    ($batch:expr, $($sql:literal),+ $(,)?) => {
        $(if $batch.left > 0 {
            delete!($batch, $sql, $batch.tenant.0, $batch.left);
        })+
    };
}

impl Batch<'_> {
    /// Messages, with everything that hangs on them.
    pub(super) async fn messages(&mut self) -> Result<()> {
        if self.left <= 0 {
            return Ok(());
        }
        // Each has about ten rows besides.
        let ids = sqlx::query_scalar!(
            "select id from messages where tenant_id = $1 order by id desc limit $2",
            self.tenant.0,
            (self.left / 10).max(1),
        )
        .fetch_all(&mut **self.tx)
        .await?;
        if ids.is_empty() {
            return Ok(());
        }
        self.lock(&ids).await?;
        delete!(
            self,
            r#"delete from message_finds f
               using (select 'to:' || address as what, m.tenant_id, m.id from messages m, unnest(m.recipients) as address where m.id = any($1)
                      union
                      select 'tag:' || tag.key || '=' || tag.value, m.tenant_id, m.id from messages m, jsonb_each_text(m.tags) as tag
                      where m.id = any($1)) by_what
               where f.what = by_what.what and f.tenant_id = by_what.tenant_id and f.message_id = by_what.id"#,
            &ids
        );
        delete!(self, "delete from message_contents where message_id = any($1)", &ids);
        delete!(self, "delete from sends where message_id = any($1)", &ids);
        delete!(self, "delete from provider_events where message_id = any($1)", &ids);
        self.unmatched_events(&ids).await?;
        delete!(self, "delete from messages where id = any($1)", &ids);
        self.runs(&ids).await
    }

    /// What providers said of these messages, or of somebody they went to, without our having found which message it is. Of somebody
    /// only what is too old to be found to be of another tenant's message.
    async fn unmatched_events(&mut self, ids: &[Uuid]) -> Result<()> {
        let told: Vec<String> = ids.iter().map(|id| MessageId(*id).to_string()).collect();
        delete!(
            self,
            r#"delete from provider_events e
               where e.message_id is null
                 and (e.detail ->> 'message' = any($1)
                      or (e.received_at <= $3 and e.detail -> 'recipients' ?| array(
                          select distinct lower(address) from messages m, unnest(m.recipients) as address where m.id = any($2))))"#,
            &told,
            ids,
            self.now - MATCHED_FOR
        );
        Ok(())
    }

    /// Deliveries of webhooks.
    pub(super) async fn deliveries(&mut self) -> Result<()> {
        if self.left <= 0 {
            return Ok(());
        }
        let ids = sqlx::query_scalar!(
            "select id from webhook_deliveries where tenant_id = $1 order by id desc limit $2",
            self.tenant.0,
            (self.left / 10).max(1),
        )
        .fetch_all(&mut **self.tx)
        .await?;
        if ids.is_empty() {
            return Ok(());
        }
        self.lock(&ids).await?;
        delete!(self, "delete from webhook_attempts where delivery_id = any($1)", &ids);
        delete!(self, "delete from webhook_deliveries where id = any($1)", &ids);
        self.runs(&ids).await
    }

    /// Every other run but this one, with the domain or hostname that it is. One that is not over is not touched: the caller has seen
    /// that there is none. Runs of messages and deliveries go with their own rows, of which more may be left than one batch takes.
    pub(super) async fn others(&mut self, but: Uuid) -> Result<()> {
        if self.left <= 0 {
            return Ok(());
        }
        let ids = sqlx::query_scalar!(
            "select id from runs r
             where tenant_id = $1 and kind <> 'email_delivery' and id <> $2
               and not exists (select from webhook_deliveries d where d.id = r.id)
             order by id desc limit $3",
            self.tenant.0,
            but,
            (self.left / 10).max(1),
        )
        .fetch_all(&mut **self.tx)
        .await?;
        if ids.is_empty() {
            return Ok(());
        }
        self.lock(&ids).await?;
        // The list it was imported from is the platform's and stays, without who it was.
        sqlx::query!(
            r#"update import_rows set tenant_name = null, error = case when error is not null then 'the tenant has left' end
               where run_id = any (array(select id from runs where id = any($1) and kind = 'tenant_onboarding'))
                 and (tenant_name is not null or error is not null)"#,
            &ids
        )
        .execute(&mut **self.tx)
        .await?;
        sqlx::query!(
            r#"insert into former_names (name, tenant_id, released_at)
               select name, tenant_id, max(released_at) from email_domains
               where id = any($1) and verified_at is not null and released_at is not null group by name, tenant_id
               on conflict (name, tenant_id) do update set released_at = greatest(former_names.released_at, excluded.released_at)"#,
            &ids
        )
        .execute(&mut **self.tx)
        .await?;
        delete!(self, "delete from email_domains where id = any($1) and released_at is not null", &ids);
        sqlx::query!("update certificate_orders set domain_id = null where domain_id = any($1)", &ids)
            .execute(&mut **self.tx)
            .await?;
        delete!(self, "delete from portal_objects where domain_id = any($1)", &ids);
        delete!(self, "delete from portal_domains where id = any($1) and closed_at is not null", &ids);
        self.runs(&ids).await
    }

    /// What is the tenant's without a run.
    pub(super) async fn rest(&mut self) -> Result<()> {
        delete_by_tenant!(
            self,
            "delete from webhook_events where ctid = any (array(select ctid from webhook_events where tenant_id = $1 limit $2))",
            "delete from webhook_endpoints where ctid = any (array(select ctid from webhook_endpoints where tenant_id = $1 limit $2))",
            "delete from suppressions where ctid = any (array(select ctid from suppressions where tenant_id = $1 limit $2))",
            "delete from soft_bounces where ctid = any (array(select ctid from soft_bounces where tenant_id = $1 limit $2))",
            "delete from mail_stats where ctid = any (array(select ctid from mail_stats where tenant_id = $1 limit $2))",
            "delete from templates where ctid = any (array(select ctid from templates where tenant_id = $1 limit $2))",
            "delete from notification_choices where ctid = any (array(select ctid from notification_choices where tenant_id = $1 limit $2))",
            "delete from notification_defaults where ctid = any (array(select ctid from notification_defaults where tenant_id = $1 limit $2))",
            "delete from tenant_email_settings where ctid = any (array(select ctid from tenant_email_settings where tenant_id = $1 limit $2))",
            "delete from credentials where ctid = any (array(select ctid from credentials where tenant_id = $1 limit $2))",
            "delete from invitations where ctid = any (array(select ctid from invitations where tenant_id = $1 limit $2))",
            "delete from user_roles where ctid = any (array(select ctid from user_roles where tenant_id = $1 limit $2))",
            "delete from users where ctid = any (array(select ctid from users where tenant_id = $1 limit $2))",
            "delete from roles where ctid = any (array(select ctid from roles where tenant_id = $1 limit $2))",
            "delete from tenant_companies where ctid = any (array(select ctid from tenant_companies where tenant_id = $1 limit $2))",
            "delete from companies where ctid = any (array(select ctid from companies where tenant_id = $1 limit $2))",
            "delete from api_keys where ctid = any (array(select ctid from api_keys where tenant_id = $1 limit $2))",
            "delete from idempotency_keys where ctid = any (array(select ctid from idempotency_keys where scope = ($1::uuid)::text limit $2))",
            "delete from lanes where ctid = any (array(select ctid from lanes where tenant_id = $1 limit $2))",
        );
        Ok(())
    }

    /// Whoever writes locks the run first; so do we, so that no two wait for each other.
    async fn lock(&mut self, ids: &[Uuid]) -> Result<()> {
        sqlx::query!("select id from runs where id = any($1) order by id for update", ids)
            .fetch_all(&mut **self.tx)
            .await?;
        Ok(())
    }

    async fn runs(&mut self, ids: &[Uuid]) -> Result<()> {
        delete!(self, "delete from timers where run_id = any($1)", ids);
        delete!(self, "delete from tasks where run_id = any($1)", ids);
        delete!(self, "delete from commands where run_id = any($1)", ids);
        delete!(self, "delete from history where run_id = any($1)", ids);
        delete!(self, "delete from runs where id = any($1)", ids);
        Ok(())
    }
}
