//! Every way a delivery can fail: what we saw, in words, with the class that decides what follows.

use std::{error::Error as _, fmt, io, time::Duration};

use lettre::transport::smtp;
use tenantry_model::{ErrorClass, Fault};

use crate::words;

/// How far a delivery had come. Nothing is accepted in any of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Connect,
    Greeting,
    Tls,
    Auth,
    Noop,
    Sender,
    Recipient,
    Data,
    Content,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Greeting => "greeting",
            Self::Tls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Noop => "NOOP",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "the message's content",
        })
    }
}

/// What went wrong in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server answered with a negative reply.
    Reply { code: u16, text: String },
    /// A positive reply of the wrong kind, such as 250 where 354 must come.
    Unexpected(u16),
    /// Something came that is no SMTP reply.
    Unreadable,
    /// Nothing came in time.
    TimedOut,
    /// The connection ended.
    Closed,
    /// There never was a connection, and why.
    Unreachable(&'static str),
    /// The server does not offer what we must have.
    NotOffered(&'static str),
    /// The certificate does not hold, and why.
    Certificate(&'static str),
    /// TLS could not be agreed on.
    Handshake,
}

impl Failure {
    /// Whether the connection is of no more use: on a kept connection this means that the server had let go of it.
    pub(super) fn lost_connection(&self) -> bool {
        match self {
            // 421: "service closing transmission channel", possible as a reply to any command.
            Self::Reply { code, .. } => *code == 421,
            _ => true,
        }
    }

    /// What we saw, as the second half of a sentence about the mail server.
    fn seen(&self, step: Step) -> String {
        match self {
            // What a server says about AUTH is not repeated: some echo what they were given.
            Self::Reply { code, .. } if step == Step::Auth => format!("answered {code}"),
            Self::Reply { code, text } => format!("answered {code} {}", words(text)).trim_end().to_owned(),
            Self::Unexpected(code) => format!("answered {code}, which is no answer to that"),
            Self::Unreadable => "answered something that is not SMTP".into(),
            Self::TimedOut => "did not answer in time".into(),
            Self::Closed => "closed the connection".into(),
            Self::Unreachable(why) => format!("could not be reached: {why}"),
            Self::NotOffered(what) => format!("does not offer {what}"),
            Self::Certificate(why) => format!("showed a certificate that {why}"),
            Self::Handshake => "could not agree with us on TLS".into(),
        }
    }
}

impl From<smtp::Error> for Failure {
    fn from(error: smtp::Error) -> Self {
        if let Some(code) = error.status() {
            let text = error.source().map(ToString::to_string).unwrap_or_default();
            return Self::Reply { code: code.into(), text };
        }
        if let Some(tls) = cause::<rustls::Error>(&error) {
            return match tls {
                rustls::Error::InvalidCertificate(why) => Self::Certificate(certificate(why)),
                _ => Self::Handshake,
            };
        }
        match cause::<io::Error>(&error).map(io::Error::kind) {
            Some(io::ErrorKind::TimedOut) => Self::TimedOut,
            Some(io::ErrorKind::ConnectionRefused) => Self::Unreachable("it refused the connection"),
            // Bytes that are not UTF-8.
            Some(io::ErrorKind::InvalidData) => Self::Unreadable,
            Some(_) => Self::Closed,
            // How the library says that the connection ended within or before a reply.
            None if error.source().is_some_and(|source| source.to_string() == "incomplete response") => Self::Closed,
            None => Self::Unreadable,
        }
    }
}

/// The first error of a type in an error's chain, looking into I/O errors too.
fn cause<T: std::error::Error + 'static>(error: &smtp::Error) -> Option<&T> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref::<T>()) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn certificate(why: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Why;
    match why {
        Why::Expired | Why::ExpiredContext { .. } => "has expired",
        Why::NotValidYet | Why::NotValidYetContext { .. } => "is not valid yet",
        Why::NotValidForName | Why::NotValidForNameContext { .. } => "is not made out to its host name",
        Why::UnknownIssuer => "no trusted authority has signed",
        Why::Revoked => "has been revoked",
        _ => "does not hold",
    }
}

/// A delivery that ended in one of the steps, with nothing accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) step: Step,
    pub(super) failure: Failure,
}

impl Broken {
    pub(super) fn at(step: Step) -> impl Fn(Failure) -> Self {
        move |failure| Self { step, failure }
    }
}

impl From<Broken> for Fault {
    fn from(Broken { step, failure }: Broken) -> Self {
        let seen = failure.seen(step);
        let (class, what) = match &failure {
            Failure::Reply { code, .. } => return refused(step, *code, &seen),
            // Both are for an operator to mend, and no message must be lost meanwhile.
            Failure::NotOffered(_) => (
                ErrorClass::AccountRefused,
                "nothing was sent; check the encryption and account settings for this server",
            ),
            Failure::Certificate(_) => {
                (ErrorClass::AccountRefused, "nothing was sent; check the host name and the trusted authorities")
            }
            Failure::Unreachable(_) => {
                (ErrorClass::EmailError, "check that its host and port are right and that it runs")
            }
            _ => (ErrorClass::EmailError, "nothing was accepted"),
        };
        let at = if step == Step::Connect { String::new() } else { format!(" at {step}") };
        Self::new(class, format!("the mail server {seen}{at}; {what}"))
    }
}

/// The fault of a negative reply. A 4xx may become a yes, a 5xx will not (RFC 5321, section 4.2.1).
fn refused(step: Step, code: u16, seen: &str) -> Fault {
    // RFC 4954, section 6: authentication required, mechanism too weak, credentials invalid, encryption required.
    let account = matches!(code, 530 | 534 | 535 | 538) || matches!(step, Step::Greeting | Step::Auth);
    if code < 500 {
        let advice = "nothing was accepted, it may work later";
        // 421 closes the connection (RFC 5321, section 3.8): it speaks of the server.
        let class = match step {
            Step::Recipient | Step::Content if code != 421 => ErrorClass::EmailDeferred,
            _ => ErrorClass::EmailError,
        };
        return Fault::new(class, format!("the mail server {seen} at {step}; {advice}"));
    }
    let (class, advice) = match (step, code) {
        _ if account => (
            ErrorClass::AccountRefused,
            "it refuses our account, so no message can be sent: check the user name and password",
        ),
        // Mailbox unavailable, not local, or its name not allowed: as a reply to MAIL it speaks of our From address.
        (Step::Sender, 550 | 551 | 553) => {
            (ErrorClass::SenderRefused, "it refuses our sender address: check that this account may send from it")
        }
        (Step::Recipient, _) => (ErrorClass::EmailRefused, "it refuses the recipient: check the address"),
        (Step::Content, _) => (ErrorClass::EmailRefused, "it refuses the message itself"),
        _ => (ErrorClass::EmailRefused, "nothing was accepted"),
    };
    Fault::new(class, format!("the mail server {seen} at {step}; {advice}"))
}

/// The fault of a message of which some recipients were refused before its content was sent.
pub(super) fn recipients_refused(refused: &[(u16, String)], of: usize) -> Fault {
    let worst = refused.iter().max_by_key(|(code, _)| *code);
    let (code, text) = worst.map_or((0, ""), |(code, text)| (*code, text.as_str()));
    let failure = Failure::Reply { code, text: text.to_owned() };
    if of == 1 {
        return Broken { step: Step::Recipient, failure }.into();
    }
    let (class, advice) = match code {
        500.. => (ErrorClass::EmailRefused, "check the addresses"),
        _ => (ErrorClass::EmailDeferred, "it may work later"),
    };
    let (count, seen) = (refused.len(), failure.seen(Step::Recipient));
    let message =
        format!("the mail server refused {count} of {of} recipients, it {seen}; nobody was sent the message; {advice}");
    Fault::new(class, message)
}

/// The fault of a message that left in full and whose answer we do not have.
pub(super) fn unknown(failure: &Failure, message_id: &str) -> Fault {
    let seen = failure.seen(Step::Content);
    let message = format!(
        "the whole message was sent, but the mail server {seen}; whether it was accepted is unknown, so it is not sent \
         again by itself; look for Message-ID {message_id} in the mail server's log"
    );
    Fault::new(ErrorClass::UnknownOutcome, message)
}

/// The fault of a message that never got a connection.
pub(super) fn busy(connections: usize, waited: Duration) -> Fault {
    let message = format!(
        "all {connections} connections to the mail server were busy for {} s; nothing was sent, it may work later",
        waited.as_secs()
    );
    Fault::new(ErrorClass::EmailDeferred, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_about_auth_is_not_repeated() {
        let failure = Failure::Reply { code: 535, text: "no such password: hunter2".into() };
        let fault = Fault::from(Broken { step: Step::Auth, failure });
        assert_eq!(fault.class, ErrorClass::AccountRefused);
        assert!(fault.message.contains("535") && fault.message.contains("our account"), "{fault}");
        assert!(!fault.message.contains("hunter2"), "{fault}");
    }

    #[test]
    fn one_permanent_refusal_among_several_is_permanent() {
        let fault = recipients_refused(&[(451, "later".into()), (550, "no such user".into())], 3);
        assert_eq!(fault.class, ErrorClass::EmailRefused);
        assert!(fault.message.contains("2 of 3 recipients") && fault.message.contains("550 no such user"), "{fault}");
        assert_eq!(recipients_refused(&[(451, "later".into())], 3).class, ErrorClass::EmailDeferred);
    }
}
