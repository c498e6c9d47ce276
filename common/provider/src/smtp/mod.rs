//! Mail over SMTP (RFC 5321), submitted to one server.

mod config;
mod connect;
mod fault;
mod pool;
mod transaction;
mod wire;

use std::fmt;

use async_trait::async_trait;
use lettre::{
    Address,
    transport::smtp::{
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Noop, Quit},
    },
};
use tenantry_model::Fault;
use tokio::sync::OwnedSemaphorePermit;

pub use self::config::{Credentials, SmtpConfig, Timeouts, Tls};
use self::{
    fault::{Broken, Step},
    pool::Pool,
    transaction::{Clock, Ended},
};
use crate::{Accepted, Capabilities, ConfigError, Mail, Provider, fits, mime};

/// 100 recipients is what every server must take (RFC 5321, section 4.5.3.1.8), 25 MB what most do.
const CAPABILITIES: Capabilities = Capabilities {
    batch: 1,
    idempotent: false,
    recipients: 100,
    bytes: 25_000_000,
    tags: false,
    events: false,
    domains: false,
};

/// A mail server, spoken to over a few connections that are kept between messages.
pub struct Smtp {
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    pool: Pool,
}

impl Smtp {
    /// A provider for a server. Connects with the first message or [`Provider::check`].
    ///
    /// # Errors
    /// The configuration contradicts itself, would send a password unencrypted to another machine, or its extra
    /// certificate authorities are unreadable.
    pub fn new(config: SmtpConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let tls = config.tls_parameters()?;
        let pool = Pool::new(config.max_connections, config.max_idle);
        Ok(Self { config, tls, pool })
    }

    async fn permit(&self, clock: &Clock) -> Result<OwnedSemaphorePermit, Fault> {
        let Timeouts { total, accept, .. } = self.config.timeouts;
        let permit = self.pool.permit(clock.before_content()).await;
        permit.ok_or_else(|| fault::busy(self.config.max_connections, total - accept))
    }

    /// A connection with a transaction begun. A kept connection that the server has let go of meanwhile is replaced by
    /// a fresh one: nothing had been said on it, so this is no second try.
    async fn begin(&self, from: &Address, clock: &Clock) -> Result<AsyncSmtpConnection, Fault> {
        let broken = Broken::at(Step::Sender);
        if let Some(mut connection) = self.pool.take() {
            let by = clock.within(self.config.timeouts.connect);
            match transaction::begin(&mut connection, from, by).await {
                Ok(()) => return Ok(connection),
                Err(failure) if failure.lost_connection() => self.pool.forget(),
                Err(failure) => {
                    self.withdraw(connection, clock).await;
                    return Err(broken(failure).into());
                }
            }
        }
        let mut connection = connect::connect(&self.config, self.tls.as_ref(), clock).await?;
        match transaction::begin(&mut connection, from, clock.command()).await {
            Ok(()) => Ok(connection),
            Err(failure) => {
                if !failure.lost_connection() {
                    self.withdraw(connection, clock).await;
                }
                Err(broken(failure).into())
            }
        }
    }

    async fn withdraw(&self, mut connection: AsyncSmtpConnection, clock: &Clock) {
        if transaction::withdraw(&mut connection, clock).await {
            self.pool.keep(connection);
        }
    }
}

#[async_trait]
impl Provider for Smtp {
    fn name(&self) -> &'static str {
        "smtp"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, mail: &Mail) -> Result<Accepted, Fault> {
        fits(&CAPABILITIES, mail)?;
        let letter = mime::compose(mail)?;
        let clock = Clock::start(self.config.timeouts);
        let _permit = self.permit(&clock).await?;
        let mut connection = self.begin(&letter.from, &clock).await?;
        let id = mail.message_id.as_str();
        let Ended { outcome, usable } = transaction::deliver(&mut connection, &letter, id, &clock).await;
        if usable {
            self.pool.keep(connection);
        }
        outcome.map(|response| Accepted { response: Some(response), ..Accepted::default() })
    }

    async fn check(&self) -> Result<(), Fault> {
        let clock = Clock::start(self.config.timeouts);
        let _permit = self.permit(&clock).await?;
        let opened = async {
            let mut connection = connect::connect(&self.config, self.tls.as_ref(), &clock).await?;
            let noop = transaction::command(&mut connection, Noop, clock.command()).await;
            // A polite end; whether it is heard changes nothing.
            let _ = transaction::command(&mut connection, Quit, clock.command()).await;
            noop.map(drop).map_err(Broken::at(Step::Noop))
        };
        opened.await.map_err(|broken| {
            let fault = Fault::from(broken);
            Fault { message: format!("{}:{}: {}", self.config.host, self.config.port, fault.message), ..fault }
        })
    }

    /// Whatever the server's account may send from: only the server knows.
    fn may_send_for(&self, _domain: &str) -> bool {
        true
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.config.host)
            .field("port", &self.config.port)
            .field("tls", &self.config.tls)
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}
