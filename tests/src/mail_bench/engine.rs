//! Mail as it leaves: through `send-email`, with every row.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use futures::future::join_all;
use secrecy::SecretString;
use sqlx::{Connection as _, PgConnection};
use tenantry_mail::{Draft, Limits};
use tenantry_model::{CommandId, EmailAddress, MessageId, TenantId};
use tenantry_outbox::{Letter, Outbox};
use tenantry_runtime::{
    Hints, Message, Worker,
    config::{self, Environment, Reader},
};
use tenantry_secrets::Sealer;
use tenantry_store::{
    Db, DbRole, mail,
    runs::{Hint, lanes_ready},
};

use super::{Carrier, Order, TEXT};

/// Nobody is hinted: the invocations are all there are.
struct Nobody;

#[async_trait]
impl Hints for Nobody {
    async fn send(&self, _: Vec<Hint>) {}
}

async fn parts(order: &Order) -> Result<(Db, Reader)> {
    let connections = order.options.connections.to_string();
    let table: HashMap<&str, String> = HashMap::from([
        ("DATABASE_URL", order.database.clone()),
        ("DATABASE_CONNECTIONS", "12".to_owned()),
        ("SEALING_KEYS", order.sealing_key.clone()),
        ("PORTAL_ZONE", "portal.tenantry.test".to_owned()),
        ("EMAIL_TENANT_FROM_PATTERN", "noreply@{tenant}.tenantry.test".to_owned()),
        ("EMAIL_FROM", "hello@tenantry.test".to_owned()),
        ("EMAIL_PROVIDER", if order.carrier == Carrier::Smtp { "smtp" } else { "resend" }.to_owned()),
        ("EMAIL_HOST", "127.0.0.1".to_owned()),
        ("EMAIL_PORT", order.smtp.to_string()),
        ("EMAIL_TLS", "none".to_owned()),
        ("EMAIL_CONNECTIONS", connections),
        ("RESEND_BASE_URL", order.resend.0.clone()),
        ("RESEND_API_KEY", order.resend.1.clone()),
        ("RESEND_VERIFIED_DOMAINS", "*.tenantry.test".to_owned()),
        ("EMAIL_TENANT_PER_MINUTE", "0".to_owned()),
        ("EMAIL_BATCH", order.options.batch.to_string()),
    ]);
    let mut read = Reader::new(Environment::new(move |name| table.get(name).cloned()));
    let db = config::database(&mut read, DbRole::Worker).await;
    Ok((db, read))
}

/// Stores what is to be sent.
pub(super) async fn store(order: &Order) -> Result<()> {
    let (db, _) = parts(order).await?;
    let mut sql = PgConnection::connect(&order.database).await?;
    let tenants: Vec<TenantId> = (0..order.options.tenants).map(|_| TenantId::new()).collect();
    let ids: Vec<uuid::Uuid> = tenants.iter().map(|tenant| tenant.0).collect();
    sqlx::query(
        "with t as (
             insert into tenants (id, run_id, name, slug, email, contract_line, status, portal_host, created_at, updated_at, activated_at)
             select id, id, 'Acme ' || n, 'acme-' || n, 'admin@acme-' || n || '.example', 'standard', 'active', 'p' || n, now(), now(), now()
             from unnest($1::uuid[]) with ordinality as t(id, n))
         insert into tenant_email_settings (tenant_id, created_at, updated_at) select id, now(), now() from unnest($1::uuid[]) as id",
    )
    .bind(&ids)
    .execute(&mut sql)
    .await?;
    let sealer = Sealer::new(&SecretString::from(order.sealing_key.clone()))?;
    let outbox = Outbox::new(sealer, Limits::default(), Duration::from_secs(86_400));
    for chunk in (0..order.options.messages).collect::<Vec<_>>().chunks(100) {
        let timing = db.timing();
        let pack = |n: &usize| {
            let to: EmailAddress = format!("user{n}@customer.example").parse()?;
            let mut draft = Draft::new(tenants[n % tenants.len()], to.into(), "invoices".parse()?, "Your invoice");
            draft.text = Some(TEXT.to_owned());
            let id = MessageId(uuid::Uuid::now_v7());
            let (template, locale, caused_by, trace) = (None, None, None, None);
            let letter = Letter { id, draft, caused_by, template, locale, wait: 0, by: "bench".to_owned(), trace };
            Ok(outbox.pack(letter, timing.now)?)
        };
        let new = chunk.iter().map(pack).collect::<Result<Vec<_>>>()?;
        let mut tx = db.begin().await?;
        mail::accept(&mut tx, &new, timing).await?;
        tx.commit().await?;
    }
    sqlx::raw_sql("analyze; checkpoint").execute(&mut sql).await?;
    sql.close().await?;
    db.close().await;
    Ok(())
}

/// Sends all that is stored, as `send-email` does when it is invoked.
pub(super) async fn send(order: &Order) -> Result<Duration> {
    let (db, mut read) = parts(order).await?;
    let function = send_email::function(&mut read, &db).await;
    read.finish()?;
    let worker = Arc::new(Worker::new(function, db.clone(), Arc::new(Nobody)));
    let hint = Message::new(CommandId::new(), None).body();
    let began = Instant::now();
    let until = began + Duration::from_secs(590);
    join_all((0..order.options.invocations).map(|_| {
        let (worker, hint) = (Arc::clone(&worker), hint.clone());
        let db = db.clone();
        tokio::spawn(async move {
            // As its queue would: it is invoked again while there is something to do.
            loop {
                worker.handle(&[&hint], until).await;
                if lanes_ready(&db).await.is_ok_and(|(ready, _)| ready == 0) || Instant::now() >= until {
                    break;
                }
            }
        })
    }))
    .await;
    let took = began.elapsed();
    ensure!(Instant::now() < until, "it took too long");
    db.close().await;
    Ok(took)
}
