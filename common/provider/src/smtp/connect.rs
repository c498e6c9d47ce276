//! A connection from nothing to "may send": TCP, greeting, TLS, AUTH.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use lettre::transport::smtp::{
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, TlsParameters},
    extension::ClientId,
};
use secrecy::ExposeSecret;
use tokio::{net::TcpStream, time::timeout_at};

use super::{
    config::{SmtpConfig, Tls},
    fault::{Broken, Failure, Step},
    transaction::{Clock, until},
    wire::Wire,
};

/// What we authenticate with, best first. Both send the password itself, so both need an encrypted connection.
const MECHANISMS: &[Mechanism] = &[Mechanism::Plain, Mechanism::Login];

/// Opens a connection that is ready for MAIL.
pub(super) async fn connect(
    config: &SmtpConfig,
    tls: Option<&TlsParameters>,
    clock: &Clock,
) -> Result<AsyncSmtpConnection, Broken> {
    let hello = config.hello();
    let mut connection = match (config.tls, tls) {
        (Tls::Implicit, Some(tls)) => implicit(config, tls, &hello, clock).await?,
        (Tls::StartTls, Some(tls)) => start_tls(config, tls, &hello, clock).await?,
        _ => {
            let tcp = tcp(config, clock).await?;
            let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(tcp), &hello);
            until(clock.command(), greeting).await.map_err(Broken::at(Step::Greeting))?
        }
    };
    authenticate(&mut connection, config, clock).await?;
    Ok(connection)
}

async fn tcp(config: &SmtpConfig, clock: &Clock) -> Result<TcpStream, Broken> {
    let connecting = TcpStream::connect((config.host.as_str(), config.port));
    let failure = match timeout_at(clock.within(config.timeouts.connect), connecting).await {
        Ok(Ok(tcp)) => {
            // Every command waits for its answer: nothing is gained by waiting for more to send.
            let _ = tcp.set_nodelay(true);
            return Ok(tcp);
        }
        Ok(Err(error)) => Failure::Unreachable(match error.kind() {
            io::ErrorKind::ConnectionRefused => "it refused the connection",
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "there is no route to it",
            io::ErrorKind::TimedOut => "it did not answer",
            _ => "its name could not be resolved, or it did not answer",
        }),
        Err(_) => Failure::Unreachable("it did not answer in time"),
    };
    Err(Broken { step: Step::Connect, failure })
}

async fn implicit(
    config: &SmtpConfig,
    tls: &TlsParameters,
    hello: &ClientId,
    clock: &Clock,
) -> Result<AsyncSmtpConnection, Broken> {
    let server = (config.host.as_str(), config.port);
    let connecting = AsyncSmtpConnection::connect_tokio1(server, None, hello, Some(tls.clone()), None);
    let limit = config.timeouts.connect + config.timeouts.command;
    until(clock.within(limit), connecting).await.map_err(|failure| match failure {
        Failure::Reply { .. } => Broken { step: Step::Greeting, failure },
        failure => Broken { step: Step::Connect, failure },
    })
}

async fn start_tls(
    config: &SmtpConfig,
    tls: &TlsParameters,
    hello: &ClientId,
    clock: &Clock,
) -> Result<AsyncSmtpConnection, Broken> {
    let line_by_line = Arc::new(AtomicBool::new(true));
    let wire = Wire::new(tcp(config, clock).await?, Arc::clone(&line_by_line));
    let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), hello);
    let mut connection = until(clock.command(), greeting).await.map_err(Broken::at(Step::Greeting))?;
    let broken = Broken::at(Step::Tls);
    if !connection.can_starttls() {
        return Err(broken(Failure::NotOffered("the encryption (STARTTLS) that we require")));
    }
    until(clock.command(), connection.starttls(tls.clone(), hello)).await.map_err(broken)?;
    line_by_line.store(false, Ordering::Relaxed);
    Ok(connection)
}

async fn authenticate(connection: &mut AsyncSmtpConnection, config: &SmtpConfig, clock: &Clock) -> Result<(), Broken> {
    let Some(account) = &config.credentials else { return Ok(()) };
    let broken = Broken::at(Step::Auth);
    if connection.server_info().get_auth_mechanism(MECHANISMS).is_none() {
        return Err(broken(Failure::NotOffered("a way to log in that we know (AUTH PLAIN or LOGIN)")));
    }
    let credentials = Credentials::new(account.username.clone(), account.password.expose_secret().to_owned());
    until(clock.command(), connection.auth(MECHANISMS, &credentials)).await.map(drop).map_err(broken)
}
