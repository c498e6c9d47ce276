//! Connections of any kind: plain or over TLS.

use tokio::io::{AsyncRead, AsyncWrite};

/// Any connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}
