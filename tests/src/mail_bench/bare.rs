//! The transports alone: no rows, no rules, nothing remembered.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor, transport::smtp::PoolConfig};
use tenantry_model::MessageId;
use tenantry_provider::{Mail, ProviderConfig, ResendConfig, SmtpConfig, Tls, from_config};

use super::{Order, TEXT};

/// lettre with a pool of connections.
pub(super) async fn lettre(order: &Order) -> Result<Duration> {
    let pool = PoolConfig::new().max_size(u32::try_from(order.options.connections)?);
    let transport =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(order.smtp).pool_config(pool).build();
    let began = Instant::now();
    stream::iter((0..order.options.messages).map(Ok))
        .try_for_each_concurrent(order.options.connections, |n| {
            let transport = &transport;
            async move {
                let message = Message::builder()
                    .from("noreply@acme.tenantry.test".parse()?)
                    .to(format!("user{n}@customer.example").parse()?)
                    .subject("Your invoice")
                    .body(TEXT.to_owned())?;
                transport.send(message).await?;
                Ok::<(), anyhow::Error>(())
            }
        })
        .await?;
    Ok(began.elapsed())
}

/// Our provider over lettre's connections.
pub(super) async fn smtp(order: &Order) -> Result<Duration> {
    let config = SmtpConfig {
        tls: Tls::None,
        max_connections: order.options.connections,
        ..SmtpConfig::new("127.0.0.1", order.smtp)
    };
    let provider = from_config(ProviderConfig::Smtp(config))?;
    let mails: Vec<Mail> = (0..order.options.messages).map(mail).collect::<Result<_>>()?;
    let began = Instant::now();
    stream::iter(&mails)
        .map(|mail| {
            let provider = &provider;
            async move { provider.send(mail).await.map_err(|fault| anyhow!("{fault}")) }
        })
        .buffer_unordered(order.options.connections)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    Ok(began.elapsed())
}

/// Our own client of the API, batch after batch.
pub(super) async fn resend(order: &Order) -> Result<Duration> {
    let (url, key) = order.resend.clone();
    let provider =
        from_config(ProviderConfig::Resend(ResendConfig { base_url: url, ..ResendConfig::new(key.into()) }))?;
    let mails: Vec<Mail> = (0..order.options.messages).map(mail).collect::<Result<_>>()?;
    // Keys of this run alone: the API remembers those of earlier ones.
    let run = uuid::Uuid::new_v4().simple();
    let began = Instant::now();
    stream::iter(mails.chunks(order.options.batch).enumerate())
        .map(|(n, batch)| {
            let provider = &provider;
            async move { provider.send_batch(&format!("bare-{run}-{n}"), batch).await.map_err(|fault| anyhow!("{fault}")) }
        })
        .buffer_unordered(order.options.connections)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    Ok(began.elapsed())
}

fn mail(n: usize) -> Result<Mail> {
    let from: tenantry_model::EmailAddress = "noreply@acme.tenantry.test".parse()?;
    let to: tenantry_model::EmailAddress = format!("user{n}@customer.example").parse()?;
    let subject = "Your invoice".parse()?;
    Ok(Mail::new(MessageId::new(), from.into(), vec![to.into()], subject, TEXT.to_owned()))
}
