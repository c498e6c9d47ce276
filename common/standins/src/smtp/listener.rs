//! The listening socket: takes connections, refuses them, and ends them all.

use super::connection::{Connection, End, Peer, Shared};
use super::options::{Options, Tls};
use super::session::{Policy, Session};
use super::tls::Identity;
use std::io::{Error, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A wish to the loop that accepts connections.
enum Wish {
    /// Refuse connections, or take them again; answered when it is done.
    Refuse(bool, oneshot::Sender<Result<()>>),
}

/// The handle to that loop. When it is dropped the loop ends, and with it every connection.
#[derive(Debug)]
pub(super) struct Listening {
    address: SocketAddr,
    wishes: mpsc::UnboundedSender<Wish>,
    task: JoinHandle<()>,
}

impl Listening {
    pub(super) async fn start(options: Options, identity: Identity, shared: Arc<Shared>) -> Result<Listening> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port.unwrap_or(0))).await?;
        let address = listener.local_addr()?;
        let (wishes, heard) = mpsc::unbounded_channel();
        let policy = Policy { tls: options.tls, auth: options.auth, max_size: options.max_size };
        let door = Door { policy, acceptor: identity.acceptor, shared, most: options.max_connections };
        let task = tokio::spawn(door.run(listener, address, heard));
        Ok(Listening { address, wishes, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn refuse(&self, refuse: bool) -> Result<()> {
        let (done, answer) = oneshot::channel();
        let ended = || Error::other("the mail server has ended");
        self.wishes.send(Wish::Refuse(refuse, done)).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    pub(super) async fn stop(self) {
        drop(self.wishes);
        // It has nothing to say beyond having ended.
        let _ = self.task.await;
    }
}

struct Door {
    policy: Policy,
    acceptor: TlsAcceptor,
    shared: Arc<Shared>,
    most: usize,
}

impl Door {
    /// Ends when nobody holds the handle any more; the set of connections is dropped, and so are they.
    async fn run(self, listener: TcpListener, address: SocketAddr, mut wishes: mpsc::UnboundedReceiver<Wish>) {
        let mut open = Some(listener);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                wish = wishes.recv() => match wish {
                    None => break,
                    Some(Wish::Refuse(true, done)) => {
                        open = None;
                        let _ = done.send(Ok(()));
                    }
                    Some(Wish::Refuse(false, done)) => {
                        let bound = if open.is_none() { TcpListener::bind(address).await.map(Some) } else { Ok(open.take()) };
                        let _ = done.send(bound.map(|listener| open = listener));
                    }
                },
                accepted = accept(open.as_ref()) => match accepted {
                    Ok(stream) => self.welcome(stream, &mut connections),
                    Err(error) => {
                        // Out of file descriptors, most likely: connections that end make room.
                        tracing::warn!(%error, "the mail server could not take a connection");
                        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    }
                },
                Some(_) = connections.join_next() => {}
            }
        }
        connections.shutdown().await;
    }

    fn welcome(&self, mut stream: TcpStream, connections: &mut JoinSet<()>) {
        // Answers are small and wait for nobody.
        let _ = stream.set_nodelay(true);
        if connections.len() >= self.most {
            connections.spawn(async move {
                let _ = stream.write_all(b"421 4.3.2 Too many connections\r\n").await;
            });
            return;
        }
        let (policy, acceptor, shared) = (self.policy.clone(), self.acceptor.clone(), Arc::clone(&self.shared));
        connections.spawn(async move {
            if let Err(error) = serve(stream, policy, acceptor, shared).await {
                // Clients leave without a word all the time, above all in chaos tests.
                tracing::debug!(%error, "a mail connection ended");
            }
        });
    }
}

/// Waits for ever while connections are refused.
async fn accept(listener: Option<&TcpListener>) -> Result<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

async fn serve(stream: TcpStream, policy: Policy, acceptor: TlsAcceptor, shared: Arc<Shared>) -> Result<()> {
    if policy.tls == Tls::Implicit {
        let stream = acceptor.accept(stream).await?;
        return converse(stream, Session::new(policy, true), shared).await.map(|_| ());
    }
    let session = Session::new(policy, false);
    if let (End::Upgrade(stream), mut session) = converse(stream, session, Arc::clone(&shared)).await? {
        let stream = acceptor.accept(stream).await?;
        session.encrypted();
        Connection::new(stream, shared).talk(&mut session).await?;
    }
    Ok(())
}

async fn converse<S: Peer>(stream: S, mut session: Session, shared: Arc<Shared>) -> Result<(End<S>, Session)> {
    let mut connection = Connection::new(stream, shared);
    if !connection.greet().await? {
        return Ok((End::Closed, session));
    }
    let end = connection.talk(&mut session).await?;
    Ok((end, session))
}
