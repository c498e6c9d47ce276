//! Connections, and why there is none.

use std::{
    io::{Error, ErrorKind},
    net::IpAddr,
    sync::Arc,
};

use rustls::{AlertDescription, ClientConfig, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{ProbeTrouble, TlsTrouble};

/// A connection that is secured.
pub(super) type Secured = TlsStream<TcpStream>;

/// Connects to the very address.
pub(super) async fn tcp(at: IpAddr, port: u16) -> Result<TcpStream, ProbeTrouble> {
    TcpStream::connect((at, port)).await.map_err(|error| connecting(error.kind()))
}

/// Secures the connection for the name, which is told to the server (SNI, RFC 6066).
pub(super) async fn tls(
    client: &Arc<ClientConfig>,
    stream: TcpStream,
    name: ServerName<'static>,
) -> Result<Secured, ProbeTrouble> {
    TlsConnector::from(Arc::clone(client))
        .connect(name, stream)
        .await
        .map_err(|error| ProbeTrouble::Tls(securing(&error)))
}

fn connecting(kind: ErrorKind) -> ProbeTrouble {
    match kind {
        ErrorKind::ConnectionRefused => ProbeTrouble::Refused,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => ProbeTrouble::Reset,
        ErrorKind::TimedOut => ProbeTrouble::TimedOut,
        // No route of our own, or no address of that family to come from.
        ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable | ErrorKind::Unsupported => ProbeTrouble::NoRoute,
        _ => ProbeTrouble::Unreachable,
    }
}

fn securing(error: &Error) -> TlsTrouble {
    let rustls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match rustls {
        Some(rustls::Error::AlertReceived(AlertDescription::UnrecognisedName)) => TlsTrouble::NoSuchName,
        Some(rustls::Error::AlertReceived(_)) => TlsTrouble::Alert,
        Some(rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateMessage { .. }) => TlsTrouble::NotTls,
        Some(_) => TlsTrouble::Unusable,
        // The socket's own word: end of file, reset, broken pipe.
        None => TlsTrouble::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_there_is_no_connection_is_told_apart() {
        for (kind, trouble) in [
            (ErrorKind::ConnectionRefused, ProbeTrouble::Refused),
            (ErrorKind::ConnectionReset, ProbeTrouble::Reset),
            (ErrorKind::TimedOut, ProbeTrouble::TimedOut),
            (ErrorKind::NetworkUnreachable, ProbeTrouble::NoRoute),
            (ErrorKind::HostUnreachable, ProbeTrouble::Unreachable),
            (ErrorKind::Other, ProbeTrouble::Unreachable),
        ] {
            assert_eq!(connecting(kind), trouble, "{kind:?}");
        }
    }
}
