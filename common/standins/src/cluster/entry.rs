//! The API server's port, which takes plain HTTP and TLS: `kubectl` shows its token over TLS only.

use super::certificates::{Authority, certified, request_for};
use super::streams::Stream;
use crate::background::Background;
use crate::wire::{Cut, Line};
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::sign::SingleCertAndKey;
use std::io::{Error, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// How long a client may take to say its first word.
const PATIENCE: Duration = Duration::from_secs(10);

/// What every TLS connection begins with: a record of the handshake (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// The connections that are ready to be spoken over.
pub(super) struct Entry(mpsc::Receiver<(Box<dyn Stream>, Cut)>);

impl Entry {
    /// Takes connections until the cluster ends.
    pub(super) fn of(listener: TcpListener, authority: &Authority, background: &Background) -> Result<Entry> {
        let acceptor = acceptor(authority)?;
        let (tell, entries) = mpsc::channel(64);
        let tasks = background.clone();
        background.spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let (tell, acceptor) = (tell.clone(), acceptor.clone());
                        tasks.spawn(async move {
                            // A handshake that fails is the client's own affair.
                            if let Ok(Ok(entered)) = tokio::time::timeout(PATIENCE, enter(stream, acceptor)).await {
                                let _ = tell.send(entered).await;
                            }
                        });
                    }
                    Err(error) => {
                        // Out of file descriptors, most likely: connections that end make room.
                        tracing::warn!(%error, "the played API server could not take a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        });
        Ok(Entry(entries))
    }
}

async fn enter(stream: TcpStream, acceptor: TlsAcceptor) -> Result<(Box<dyn Stream>, Cut)> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    let (line, cut) = Line::new(stream);
    if first[0] == HANDSHAKE {
        return Ok((Box::new(acceptor.accept(line).await?), cut));
    }
    Ok((Box::new(line), cut))
}

/// With a certificate for loopback, made anew at every start.
fn acceptor(authority: &Authority) -> Result<TlsAcceptor> {
    let (key, request) = request_for(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    let signed = authority.sign(&request, time::Duration::days(3_650))?;
    let shown = certified(signed.chain.as_bytes(), key.as_bytes());
    let shown = shown.ok_or_else(|| Error::other("no certificate for the API server could be made"))?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Listener for Entry {
    type Io = Box<dyn Stream>;
    type Addr = Cut;

    async fn accept(&mut self) -> (Box<dyn Stream>, Cut) {
        match self.0.recv().await {
            Some(entered) => entered,
            // The cluster ends.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> Result<Cut> {
        Ok(Cut::default())
    }
}

impl Connected<IncomingStream<'_, Entry>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Entry>) -> Cut {
        stream.remote_addr().clone()
    }
}
