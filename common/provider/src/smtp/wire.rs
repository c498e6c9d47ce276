//! A TCP stream that hands out one line at a time until TLS stands.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// The wire below a STARTTLS connection.
///
/// Whoever sits between us and the server can append replies of their own to its `220 go ahead`. A client that has read
/// them into its buffer already takes them for what the server says under TLS (response injection, as in
/// CVE-2020-14954). As long as `line_by_line` is set, a read never goes beyond a line's end: such bytes stay on the
/// wire, become the start of the TLS handshake, and fail it.
#[derive(Debug)]
pub(super) struct Wire {
    tcp: TcpStream,
    line_by_line: Arc<AtomicBool>,
}

impl Wire {
    /// Wraps a stream; storing `false` in `line_by_line` lets it read freely.
    pub(super) fn new(tcp: TcpStream, line_by_line: Arc<AtomicBool>) -> Self {
        Self { tcp, line_by_line }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.line_by_line.load(Ordering::Relaxed) {
            return Pin::new(&mut self.tcp).poll_read(cx, buf);
        }
        let mut bytes = [0; 512];
        let room = buf.remaining().min(bytes.len());
        let mut ahead = ReadBuf::new(&mut bytes[..room]);
        ready!(self.tcp.poll_peek(cx, &mut ahead))?;
        let seen = ahead.filled();
        let line = seen.iter().position(|&byte| byte == b'\n').map_or(seen.len(), |end| end + 1);
        let mut taken = ReadBuf::new(&mut bytes[..line]);
        ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut taken))?;
        buf.put_slice(taken.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.peer_addr()
    }
}
