//! The two sockets, UDP and TCP, on one port.

use super::handler::Handler;
use super::zones::Zones;
use hickory_server::Server;
use std::io::{Error, ErrorKind, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};

/// How long a TCP connection may be silent.
const IDLE: Duration = Duration::from_secs(30);
/// Answers that wait to be written to one TCP connection.
const ANSWERS: usize = 64;
/// Free ports tried before giving up: a port that is free for UDP may be taken for TCP.
const TRIES: u32 = 50;

/// The running sockets; they close when this is dropped.
pub(super) struct Listening {
    address: SocketAddr,
    server: Server<Handler>,
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Listening").field(&self.address).finish()
    }
}

impl Listening {
    pub(super) async fn start(address: Ipv4Addr, port: Option<u16>, zones: Arc<Zones>) -> Result<Listening> {
        let (udp, tcp) = bind(address, port).await?;
        let address = udp.local_addr()?;
        let mut server = Server::new(Handler(zones));
        server.register_socket(udp);
        server.register_listener(tcp, IDLE, ANSWERS);
        Ok(Listening { address, server })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn stop(mut self) {
        // It has nothing to say beyond having ended.
        let _ = self.server.shutdown_gracefully().await;
    }
}

async fn bind(address: Ipv4Addr, port: Option<u16>) -> Result<(UdpSocket, TcpListener)> {
    for _ in 0..TRIES {
        let tcp = TcpListener::bind((address, port.unwrap_or(0))).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(error) if error.kind() == ErrorKind::AddrInUse && port.is_none() => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::new(ErrorKind::AddrInUse, "no port was free for both UDP and TCP"))
}
