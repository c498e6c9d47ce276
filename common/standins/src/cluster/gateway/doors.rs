//! The gateway's two ports: open, or closed so that connections are refused.

use super::{Gateway, Mood};
use crate::cluster::streams::Stream;
use crate::wire::{Cut, Line};
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::ServerConfig;
use std::io::{Error, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// How long a client may take for its handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a handler knows of its connection.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    pub(super) tls: bool,
    pub(super) cut: Cut,
}

/// The connections of one port that are ready to be spoken over.
pub(super) struct Arrivals(mpsc::Receiver<(Box<dyn Stream>, Arrived)>, SocketAddr);

impl Listener for Arrivals {
    type Io = Box<dyn Stream>;
    type Addr = Arrived;

    async fn accept(&mut self) -> (Box<dyn Stream>, Arrived) {
        match self.0.recv().await {
            Some(arrived) => arrived,
            // The cluster ends.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> Result<Arrived> {
        Err(Error::other("asked of the gateway itself"))
    }
}

impl Connected<IncomingStream<'_, Arrivals>> for Arrived {
    fn connect_info(stream: IncomingStream<'_, Arrivals>) -> Arrived {
        stream.remote_addr().clone()
    }
}

impl Arrivals {
    /// Takes connections on this port for as long as the gateway's mood allows; with TLS where there is a configuration.
    pub(super) fn of(gateway: &Arc<Gateway>, listener: TcpListener, tls: Option<ServerConfig>) -> Result<Arrivals> {
        let (tell, arrivals) = mpsc::channel(64);
        let address = listener.local_addr()?;
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let keeper = Keeper { gateway: Arc::clone(gateway), address, acceptor, tell };
        gateway.background.spawn(keeper.keep(listener));
        Ok(Arrivals(arrivals, address))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.1
    }
}

struct Keeper {
    gateway: Arc<Gateway>,
    address: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    tell: mpsc::Sender<(Box<dyn Stream>, Arrived)>,
}

impl Keeper {
    async fn keep(self, listener: TcpListener) {
        let mut mood = self.gateway.mood.subscribe();
        let mut listener = Some(listener);
        loop {
            let refusing = *mood.borrow_and_update() == Mood::Refusing;
            match &listener {
                Some(_) if refusing => {
                    listener = None;
                    self.gateway.closed.send_modify(|closed| *closed += 1);
                }
                None if !refusing => match TcpListener::bind(self.address).await {
                    Ok(bound) => {
                        listener = Some(bound);
                        self.gateway.closed.send_modify(|closed| *closed -= 1);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the played gateway could not open its port again");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
                Some(open) => tokio::select! {
                    changed = mood.changed() => if changed.is_err() { return },
                    Ok((stream, _)) = open.accept() => self.arrive(stream),
                },
                None => {
                    if mood.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Shakes hands beside everything else.
    fn arrive(&self, stream: TcpStream) {
        let (line, cut) = Line::new(stream);
        let (tell, acceptor) = (self.tell.clone(), self.acceptor.clone());
        self.gateway.background.spawn(async move {
            let arrived = Arrived { tls: acceptor.is_some(), cut };
            let stream: Box<dyn Stream> = match acceptor {
                None => Box::new(line),
                Some(acceptor) => match tokio::time::timeout(PATIENCE, acceptor.accept(line)).await {
                    Ok(Ok(stream)) => Box::new(stream),
                    // The client's own affair.
                    _ => return,
                },
            };
            let _ = tell.send((stream, arrived)).await;
        });
    }
}
