//! One message over one connection: MAIL, RCPT, DATA, content, dot (RFC 5321, section 3.3).

use std::{
    fmt::Display,
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use lettre::{
    Address,
    transport::smtp::{
        Error,
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt, Rset},
        response::{Response, Severity},
    },
};
use tenantry_model::Fault;
use tokio::time::{Instant, timeout_at};

use super::{
    config::Timeouts,
    fault::{Broken, Failure, Step, recipients_refused, unknown},
};
use crate::{mime::Letter, words};

/// The time one delivery has.
pub(super) struct Clock {
    started: Instant,
    timeouts: Timeouts,
}

impl Clock {
    pub(super) fn start(timeouts: Timeouts) -> Self {
        Self { started: Instant::now(), timeouts }
    }

    /// When everything that comes before the content must be over, so that the reply to the dot can be awaited in full.
    pub(super) fn before_content(&self) -> Instant {
        self.started + self.timeouts.total.saturating_sub(self.timeouts.accept)
    }

    /// When a step that may take `limit` must be over.
    pub(super) fn within(&self, limit: Duration) -> Instant {
        (Instant::now() + limit).min(self.before_content())
    }

    /// When a command must be answered.
    pub(super) fn command(&self) -> Instant {
        self.within(self.timeouts.command)
    }

    fn content(&self) -> Instant {
        Instant::now() + self.timeouts.accept
    }
}

/// Waits for a step of the protocol until a moment.
pub(super) async fn until<T>(by: Instant, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match timeout_at(by, step).await {
        Ok(result) => result.map_err(Failure::from),
        Err(_) => Err(Failure::TimedOut),
    }
}

/// Gives a command that must be answered with a 2xx.
pub(super) async fn command<C: Display>(
    connection: &mut AsyncSmtpConnection,
    command: C,
    by: Instant,
) -> Result<Response, Failure> {
    answered(until(by, connection.command(command)).await?, Severity::PositiveCompletion)
}

fn answered(response: Response, expected: Severity) -> Result<Response, Failure> {
    match response.code() {
        code if code.severity == expected => Ok(response),
        code => Err(Failure::Unexpected(code.into())),
    }
}

/// Begins a transaction. On a kept connection this is also the test whether the server still holds it.
pub(super) async fn begin(connection: &mut AsyncSmtpConnection, from: &Address, by: Instant) -> Result<(), Failure> {
    command(connection, Mail::new(Some(from.clone()), Vec::new()), by).await.map(drop)
}

/// Withdraws a transaction. `true` when the connection can take another one.
pub(super) async fn withdraw(connection: &mut AsyncSmtpConnection, clock: &Clock) -> bool {
    command(connection, Rset, clock.command()).await.is_ok()
}

/// How a transaction ended.
pub(super) struct Ended {
    /// The server's words, or the fault.
    pub(super) outcome: Result<String, Fault>,
    /// Whether the connection can take another transaction.
    pub(super) usable: bool,
}

/// Delivers a letter after [`begin`].
pub(super) async fn deliver(
    connection: &mut AsyncSmtpConnection,
    letter: &Letter,
    message_id: &str,
    clock: &Clock,
) -> Ended {
    if let Err((fault, lost)) = prepare(connection, letter, clock).await {
        let usable = !lost && withdraw(connection, clock).await;
        return Ended { outcome: Err(fault), usable };
    }
    let ended = |outcome, usable| Ended { outcome, usable };
    let (result, dot_due) = content(connection, &letter.bytes, clock.content()).await;
    match result {
        Ok(response) => {
            let text: Vec<_> = response.message().collect();
            ended(Ok(format!("{} {}", response.code(), words(&text.join(" ")))), true)
        }
        // The server read the dot and said no: that is an answer.
        Err(failure @ Failure::Reply { .. }) => {
            let usable = !failure.lost_connection();
            ended(Err(Broken { step: Step::Content, failure }.into()), usable)
        }
        Err(failure) if dot_due => ended(Err(unknown(&failure, message_id)), false),
        Err(failure) => ended(Err(Broken { step: Step::Content, failure }.into()), false),
    }
}

/// RCPT for everybody, then DATA. Everything up to here can be withdrawn. The fault comes with whether the connection
/// is lost.
async fn prepare(connection: &mut AsyncSmtpConnection, letter: &Letter, clock: &Clock) -> Result<(), (Fault, bool)> {
    let broken = |step, failure: Failure| {
        let lost = failure.lost_connection();
        (Broken { step, failure }.into(), lost)
    };
    let mut refused = Vec::new();
    for recipient in &letter.to {
        match command(connection, Rcpt::new(recipient.clone(), Vec::new()), clock.command()).await {
            Ok(_) => {}
            Err(Failure::Reply { code, text }) if code != 421 => refused.push((code, text)),
            Err(failure) => return Err(broken(Step::Recipient, failure)),
        }
    }
    if !refused.is_empty() {
        return Err((recipients_refused(&refused, letter.to.len()), false));
    }
    let go_ahead = until(clock.command(), connection.command(Data)).await;
    match go_ahead.and_then(|response| answered(response, Severity::PositiveIntermediate)) {
        Ok(_) => Ok(()),
        Err(failure) => Err(broken(Step::Data, failure)),
    }
}

/// Writes the content, dot-stuffed, then the dot, and reads the reply. The flag says whether the content had been
/// written in full, so that the dot was due: only then can the message have been accepted.
async fn content(connection: &mut AsyncSmtpConnection, bytes: &[u8], by: Instant) -> (Result<Response, Failure>, bool) {
    let dot_due = AtomicBool::new(false);
    // The library asks for the next part only after it has written and flushed the one before, and writes the dot when
    // there is none; so the moment of that question is the line between "rejected" and "unknown".
    let end = std::iter::from_fn(|| {
        dot_due.store(true, Ordering::Relaxed);
        None::<&[u8]>
    });
    let result = until(by, connection.message_iter(std::iter::once(bytes).chain(end))).await;
    let result = result.and_then(|response| answered(response, Severity::PositiveCompletion));
    (result, dot_due.load(Ordering::Relaxed))
}
