//! A small HTTP server on loopback that stops when its owner lets go of it.

use axum::Router;
use axum::serve::ListenerExt;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long requests in progress may take after `stop`.
const GRACE: Duration = Duration::from_secs(3);

/// Ready when the server is to end.
pub(crate) type Closed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The running server.
#[derive(Debug)]
pub(crate) struct Server {
    closing: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Binds 127.0.0.1 (a free port for `None`).
    pub(crate) async fn bind(port: Option<u16>) -> std::io::Result<TcpListener> {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await
    }

    /// Serves until dropped. `closing` turns true then, for requests that wait for something.
    pub(crate) fn serve(listener: TcpListener, router: Router, closing: watch::Sender<bool>) -> Server {
        let listener = listener.tap_io(|connection| {
            // Answers are small and wait for nobody.
            let _ = connection.set_nodelay(true);
        });
        Server::run(closing, |closed| axum::serve(listener, router).with_graceful_shutdown(closed).into_future())
    }

    /// As [`Server::serve`], for a listener or a router of another kind: `serving` is given what tells it to end.
    pub(crate) fn run<S>(closing: watch::Sender<bool>, serving: impl FnOnce(Closed) -> S) -> Server
    where
        S: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let mut closed = closing.subscribe();
        let serving = serving(Box::pin(async move {
            // An owner that is gone also means: close.
            let _ = closed.wait_for(|closing| *closing).await;
        }));
        let task = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::warn!(%error, "a stand-in's HTTP server ended");
            }
        });
        Server { closing, task: Some(task) }
    }

    /// Takes no more connections, lets requests in progress end, and returns when they have.
    pub(crate) async fn stop(mut self) {
        self.closing.send_replace(true);
        if let Some(mut task) = self.task.take()
            && tokio::time::timeout(GRACE, &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing.send_replace(true);
    }
}
