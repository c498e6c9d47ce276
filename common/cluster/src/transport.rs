//! What became of a call that got no answer.

use std::{error::Error, io};

use kube::client::AuthError;

use crate::ClusterError;

/// In our words: the error of a credentials program holds its output, and that is a token.
pub(crate) fn explain(error: &kube::Error) -> ClusterError {
    for cause in chain(error) {
        if let Some(error) = cause.downcast_ref::<AuthError>() {
            return ClusterError::Access { why: credentials(error) };
        }
    }
    match error {
        kube::Error::Auth(error) => ClusterError::Access { why: credentials(error) },
        kube::Error::RustlsTls(_) | kube::Error::TlsRequired => {
            let why = "the certificate authority, the client certificate or its key cannot be used";
            ClusterError::Access { why: why.to_owned() }
        }
        kube::Error::ProxyProtocolDisabled { .. } | kube::Error::ProxyProtocolUnsupported { .. } => {
            ClusterError::Access { why: "proxies are not supported".to_owned() }
        }
        error => broken(error),
    }
}

/// A connection that could not be made, or that broke off.
pub(crate) fn broken(error: &(dyn Error + 'static)) -> ClusterError {
    let mut why = None;
    for cause in chain(error) {
        if cause.is::<http_body_util::LengthLimitError>() {
            return ClusterError::Unreadable { why: "it is longer than any that we expect".to_owned() };
        }
        // The connector's own error: it can only be told by what it says.
        if cause.to_string() == "dns error" {
            why = Some("its name could not be looked up");
            break;
        }
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            why = Some(tls(error));
        } else if let Some(error) = cause.downcast_ref::<io::Error>() {
            // The last one in the chain is the nearest to the cause.
            why = Some(io_error(error));
        }
    }
    ClusterError::Unreachable { why: why.unwrap_or("the connection broke off").to_owned() }
}

/// An error and what caused it, outermost first. An `io::Error` shows its inner error not as its source but beside it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn io_error(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection was refused",
        io::ErrorKind::TimedOut => "the connection could not be made in time",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "there is no route to it",
        io::ErrorKind::InvalidData => "the TLS handshake failed",
        _ => "the connection broke off",
    }
}

fn tls(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(_) => {
            "its certificate does not hold: it is not from the certificate authority that we were given, not for this name, or out of date"
        }
        _ => "the TLS handshake failed",
    }
}

fn credentials(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecStart(_) | AuthError::MissingCommand => {
            "the program that prints credentials cannot be started".to_owned()
        }
        AuthError::AuthExecRun { cmd: _, out } => {
            format!("the program that prints credentials failed ({})", out.status)
        }
        AuthError::ReadTokenFile(_, path) => format!("the token file {} cannot be read", path.display()),
        _ => "the credentials cannot be used".to_owned(),
    }
}
