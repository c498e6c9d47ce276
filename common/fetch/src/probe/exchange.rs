//! One request, one answer, in HTTP/1.1.

use std::{
    error::Error,
    io::{self, ErrorKind},
    pin::pin,
};

use futures::future::{Either, select};
use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Request, Response, Uri,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{ACCEPT, CONNECTION, HOST, HeaderMap, HeaderName, LOCATION, SERVER, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{DnsName, ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};

use super::{HttpSaw, ProbeTrouble};

/// The most bytes of a body that are kept; no more are waited for.
const BODY: usize = 512;
/// The most bytes that all headers may have.
const HEADERS: usize = 16 * 1024;

/// The host as a name of DNS; addresses are none.
pub(super) fn name(host: &str) -> Result<ServerName<'static>, ProbeTrouble> {
    let name = DnsName::try_from(host.to_owned()).map_err(|_| ProbeTrouble::NotAskable)?;
    Ok(ServerName::DnsName(name))
}

/// A GET of the path at the host. The host goes without a port, as a visitor's browser would send it.
pub(super) fn request(host: &str, path: &str) -> Result<Request<Empty<Bytes>>, ProbeTrouble> {
    let target: Uri = path.parse().map_err(|_| ProbeTrouble::NotAskable)?;
    if !path.starts_with('/') || target.host().is_some() {
        return Err(ProbeTrouble::NotAskable);
    }
    let ServerName::DnsName(host) = name(host)? else { return Err(ProbeTrouble::NotAskable) };
    Request::get(target)
        .header(HOST, host.as_ref())
        .header(USER_AGENT, "Tenantry")
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(Empty::new())
        .map_err(|_| ProbeTrouble::NotAskable)
}

/// Asks over this connection, and reads the beginning of the answer.
pub(super) async fn ask<S>(
    stream: S,
    request: Request<Empty<Bytes>>,
    deadline: Instant,
) -> Result<HttpSaw, ProbeTrouble>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut client = http1::Builder::new();
    client.max_buf_size(HEADERS);
    let (mut sender, connection) = client.handshake(TokioIo::new(stream)).await.map_err(|error| explain(&error))?;
    let exchange = async move {
        let response = sender.send_request(request).await.map_err(|error| explain(&error))?;
        Ok(read(response, deadline).await)
    };
    // The connection has no task of its own: it ends with the answer, or with the deadline.
    match select(pin!(exchange), pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        Either::Right((_, exchange)) => exchange.await,
    }
}

async fn read(response: Response<Incoming>, deadline: Instant) -> HttpSaw {
    let (parts, mut body) = response.into_parts();
    let mut body_start = Vec::new();
    // A body that breaks off, or never comes, does not take back the answer.
    while body_start.len() < BODY
        && let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await
    {
        if let Some(data) = frame.data_ref() {
            body_start.extend_from_slice(&data[..data.len().min(BODY - body_start.len())]);
        }
    }
    HttpSaw {
        status: parts.status.as_u16(),
        location: text(&parts.headers, LOCATION, 300),
        server: text(&parts.headers, SERVER, 100),
        body_start,
    }
}

/// A header's visible ASCII characters, at most so many: they will stand in sentences that people read.
fn text(headers: &HeaderMap, name: HeaderName, most: usize) -> Option<String> {
    headers.get(name).map(|value| {
        value
            .as_bytes()
            .iter()
            .map(|byte| char::from(*byte))
            .filter(|letter| matches!(letter, ' '..='~'))
            .take(most)
            .collect()
    })
}

fn explain(error: &hyper::Error) -> ProbeTrouble {
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return ProbeTrouble::Reset;
    }
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        Some(ErrorKind::TimedOut) => ProbeTrouble::TimedOut,
        // A TLS connection that ends without saying so is an unexpected end of file (RFC 8446 section 6.1).
        Some(
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::NotConnected,
        ) => ProbeTrouble::Reset,
        _ => ProbeTrouble::Garbled,
    }
}
