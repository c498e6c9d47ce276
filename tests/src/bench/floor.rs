//! The floor: the same rows, one statement each, one transaction per step, as one writes it plainly; nothing is durable
//! between the steps, nothing is tried again, nobody can watch.

use std::sync::Arc;

use anyhow::Result;
use secrecy::ExposeSecret as _;
use serde_json::json;
use sqlx::{Connection as _, PgPool, postgres::PgPoolOptions};
use tenantry_model::{MessageId, RunId, Slug, TenantId, UserId};
use tenantry_provider::{Header, Mail, Mailbox, MessageIdHeader, Provider, from_config};
use tenantry_runtime::config::{self, Reader};
use tenantry_secrets::{Passwords, TemporaryPassword};
use tenantry_templates::{Template, render};
use tenantry_workflows::tenant_onboarding::{Data, Input};
use time::OffsetDateTime;

use super::{CONNECTIONS, Counted, Options, count::Listener, engine::Engine, measure, measure::Onboards};
use crate::Onboard;

const CATEGORIES: [(&str, bool); 5] =
    [("authentication", true), ("security", true), ("notifications", false), ("invoices", false), ("tickets", false)];

/// Plain transactions.
pub(super) struct Floor {
    sql: PgPool,
    url: String,
    means: Means,
}

/// What both sides use: the same settings, hash and mail transport.
#[derive(Clone)]
struct Means {
    passwords: Passwords,
    onboarding: config::Onboarding,
    mail: config::Mail,
    provider: Arc<dyn Provider>,
}

impl Floor {
    /// On this database, with the settings of the engine's stack, the same number of connections and the same role.
    pub(super) async fn start(url: &str, engine: &Engine) -> Result<Self> {
        let mut read = Reader::new(engine.stack.environment.clone());
        let (onboarding, mail) = (config::onboarding(&mut read), config::mail(&mut read).await);
        let sealer = config::sealer(&mut read).await;
        read.finish()?;
        let passwords = Passwords { sealer: sealer.expect("a key"), cost: onboarding.hash_cost };
        let provider = from_config(mail.provider.clone())?;
        // Here a message has no life.
        let mut owner = sqlx::PgConnection::connect(url).await?;
        sqlx::raw_sql("alter table messages drop constraint messages_id_fkey").execute(&mut owner).await?;
        owner.close().await?;
        Self::on(url, url, Means { passwords, onboarding, mail, provider }).await
    }

    async fn on(way: &str, url: &str, means: Means) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).after_connect(
            |connection, _| {
                Box::pin(async move { sqlx::raw_sql("set role tenantry_worker").execute(connection).await.map(drop) })
            },
        );
        Ok(Self { sql: pool.connect(way).await?, url: url.to_owned(), means })
    }

    /// Counts what an onboarding asks of Postgres.
    pub(super) async fn counted(&self, options: Options) -> Result<Counted> {
        let listener = Listener::start(self.sql.connect_options().get_port()).await?;
        let counted = Self::on(&listener.url(&self.url)?, &self.url, self.means.clone()).await?;
        measure::busy(&counted, options.concurrency, options.concurrency * 2).await?;
        listener.reset();
        let wal = async || {
            sqlx::query_scalar::<_, f64>("select (pg_current_wal_insert_lsn() - '0/0')::float8")
                .fetch_one(&self.sql)
                .await
        };
        let before = wal().await?;
        measure::busy(&counted, options.concurrency, options.busy).await?;
        let wal = (wal().await? - before) / options.busy as f64;
        let result = Counted { wal, ..listener.each(options.busy) };
        counted.stop().await;
        Ok(result)
    }

    pub(super) async fn stop(self) {
        self.sql.close().await;
    }

    async fn create_tenant(&self, data: &Data, run: RunId) -> Result<()> {
        let (now, input) = (OffsetDateTime::now_utc(), &data.input);
        let mut tx = self.sql.begin().await?;
        sqlx::query(
            "insert into tenants (id, run_id, name, slug, email, contract_line, status, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, 'provisioning', $7, $7)",
        )
        .bind(data.tenant.0)
        .bind(run.0)
        .bind(input.tenant_name.as_str())
        .bind(Slug::of(&input.tenant_name).as_str())
        .bind(input.admin_user.email.as_str())
        .bind(input.contract_line.as_str())
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query("insert into companies (id, tenant_id, name, created_at, updated_at) values ($1, $2, $3, $4, $4)")
            .bind(data.company.0)
            .bind(data.tenant.0)
            .bind(input.company_name.as_ref().map(|name| name.as_str()))
            .bind(now)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into tenant_companies (tenant_id, company_id, created_at, updated_at) values ($1, $2, $3, $3)",
        )
        .bind(data.tenant.0)
        .bind(data.company.0)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    async fn create_admin(&self, data: &Data, run: RunId, password: &TemporaryPassword) -> Result<()> {
        let (now, admin) = (OffsetDateTime::now_utc(), &data.input.admin_user);
        let expires_at = now + self.means.onboarding.credential_lasts;
        let mut tx = self.sql.begin().await?;
        for role in ["tenant_admin", "tenant_member"] {
            sqlx::query("insert into roles (tenant_id, name, created_at, updated_at) values ($1, $2, $3, $3)")
                .bind(data.tenant.0)
                .bind(role)
                .bind(now)
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query(
            "insert into users (id, tenant_id, first_name, last_name, email, password_hash, must_change_password,
                                password_expires_at, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, true, $7, $8, $8)",
        )
        .bind(data.admin_user.0)
        .bind(data.tenant.0)
        .bind(admin.first_name.as_str())
        .bind(admin.last_name.as_str())
        .bind(admin.email.as_str())
        .bind(&password.hash)
        .bind(expires_at)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into user_roles (tenant_id, user_id, role, created_at, updated_at)
             values ($1, $2, 'tenant_admin', $3, $3)",
        )
        .bind(data.tenant.0)
        .bind(data.admin_user.0)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into credentials (user_id, tenant_id, run_id, sealed, expires_at, created_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(data.admin_user.0)
        .bind(data.tenant.0)
        .bind(run.0)
        .bind(&password.sealed)
        .bind(expires_at)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    async fn set_up(&self, data: &Data) -> Result<String> {
        let (now, slug) = (OffsetDateTime::now_utc(), Slug::of(&data.input.tenant_name));
        let settings = &self.means.onboarding;
        let portal_host = format!("{}.{}", data.tenant.0.simple(), settings.portal_zone);
        let mut tx = self.sql.begin().await?;
        sqlx::query(
            "insert into tenant_email_settings (tenant_id, default_from_address, reply_to, created_at, updated_at)
             values ($1, $2, $3, $4, $4)",
        )
        .bind(data.tenant.0)
        .bind(settings.from_pattern.replace("{tenant}", slug.as_str()))
        .bind(data.input.admin_user.email.as_str())
        .bind(now)
        .execute(&mut *tx)
        .await?;
        for (category, locked) in CATEGORIES {
            sqlx::query(
                "insert into notification_defaults (tenant_id, category, enabled, locked, created_at, updated_at)
                 values ($1, $2, true, $3, $4, $4)",
            )
            .bind(data.tenant.0)
            .bind(category)
            .bind(locked)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query(
            "update tenant_companies set is_default = true, updated_at = $3 where tenant_id = $1 and company_id = $2",
        )
        .bind(data.tenant.0)
        .bind(data.company.0)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "update tenants set status = 'active', portal_host = $2, activated_at = $3, updated_at = $3 where id = $1",
        )
        .bind(data.tenant.0)
        .bind(&portal_host)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(portal_host)
    }

    async fn welcome(&self, data: &Data, run: RunId, host: &str, password: &TemporaryPassword) -> Result<()> {
        let (admin, means) = (&data.input.admin_user, &self.means);
        let clear = means.passwords.sealer.open(&password.sealed, data.admin_user.0.as_bytes())?;
        let variables = json!({
            "tenant_name": data.input.tenant_name,
            "first_name": admin.first_name,
            "login_email": admin.email,
            "support_email": means.mail.support,
            "login_url": means.onboarding.login_url.replace("{host}", host),
            "temporary_password": clear.expose_secret(),
            "expires_hours": 72,
        });
        let words = render(Template::Welcome, "en", &variables)?;
        let id = MessageId::new();
        let header = MessageIdHeader::new(id, &means.mail.from).as_str().to_owned();
        let from = Mailbox { name: Some(means.mail.from_name.parse()?), address: means.mail.from.clone() };
        let mail = Mail {
            reply_to: means.mail.support.clone().map(Mailbox::from),
            html: Some(words.html),
            headers: vec![Header::auto_generated()],
            ..Mail::new(id, from, vec![admin.email.clone().into()], words.subject.parse()?, words.text)
        };
        let accepted = means.provider.send(&mail).await?;
        self.record(data.tenant, data.admin_user, run, id, admin.email.as_str(), &header, accepted.response).await
    }

    #[allow(clippy::too_many_arguments, reason = "the columns of one row")]
    async fn record(
        &self,
        tenant: TenantId,
        user: UserId,
        run: RunId,
        id: MessageId,
        recipient: &str,
        header: &str,
        response: Option<String>,
    ) -> Result<()> {
        let now = OffsetDateTime::now_utc();
        let mut tx = self.sql.begin().await?;
        sqlx::query(
            "with m as (
                 insert into messages (id, tenant_id, user_id, caused_by, category, template, locale, subject, recipients, size, created_at)
                 values ($1, $2, $4, $3, 'onboarding', 'welcome', 'en', 'Welcome', array[$5], 0, $9)),
             f as (insert into message_finds (what, tenant_id, message_id) values ('to:' || $5, $2, $1)),
             n as (
                 insert into mail_stats as s (tenant_id, day, provider, sent) values ($2, ($9 at time zone 'UTC')::date, $7, 1)
                 on conflict (tenant_id, day, provider) do update set sent = s.sent + 1)
             insert into sends (message_id, tenant_id, provider, message_id_header, sender, response, attempts, accepted_at)
             values ($1, $2, $7, $6, 'hello@tenantry.test', $8, 1, $9)",
        )
        .bind(id.0)
        .bind(tenant.0)
        .bind(run.0)
        .bind(user.0)
        .bind(recipient)
        .bind(header)
        .bind(self.means.provider.name())
        .bind(response)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query("update credentials set mailed_at = $2 where user_id = $1")
            .bind(user.0)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

impl Onboards for Floor {
    async fn onboard(&self) -> Result<()> {
        let onboard = Onboard::another();
        let input: Input = onboard.input();
        let (data, run) = (Data::new(input, onboard.credential).own, RunId::new());
        self.create_tenant(&data, run).await?;
        let password = self.means.passwords.make(data.admin_user.0.as_bytes()).await?;
        self.create_admin(&data, run, &password).await?;
        let host = self.set_up(&data).await?;
        self.welcome(&data, run, &host, &password).await
    }
}
