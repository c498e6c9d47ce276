//! An SQS-compatible endpoint in this process, so that the real `aws-sdk-sqs` is what runs.
//!
//! Standard queues over the JSON protocol 1.0; FIFO queues are refused. Messages live in memory: in this house the row
//! is the truth and a message only a hint. What a queue promises is written down as [`conformance`] (feature
//! `conformance`), a list of scenarios that runs against this endpoint and against emulators that are not ours.

mod batch;
#[cfg(feature = "conformance")]
pub mod conformance;
mod digest;
mod error;
mod hub;
mod misbehave;
mod queue;
mod receive;
mod send;
mod server;
mod settings;
mod wire;

use crate::http::Server;
use hub::Hub;
pub use misbehave::Misbehaviour;
pub use queue::Depth;
use std::sync::Arc;
use tokio::sync::watch;

/// How the endpoint is to run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub port: Option<u16>,
}

/// The running endpoint; stops when dropped.
#[derive(Debug)]
pub struct Sqs {
    hub: Arc<Hub>,
    server: Server,
}

impl Sqs {
    /// Starts it; it answers when this returns.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(options: Options) -> std::io::Result<Sqs> {
        let listener = Server::bind(options.port).await?;
        let (closing, closed) = watch::channel(false);
        let hub = Arc::new(Hub::new(format!("http://{}", listener.local_addr()?), closed));
        let server = Server::serve(listener, server::router(Arc::clone(&hub)), closing);
        Ok(Sqs { hub, server })
    }

    /// The endpoint's URL: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.hub.endpoint.clone()
    }

    /// The URL of a queue of this name, whether it exists or not.
    #[must_use]
    pub fn queue_url(&self, queue: &str) -> String {
        self.hub.url(queue)
    }

    /// How many messages are where; `None` for an unknown queue.
    #[must_use]
    pub fn depth(&self, queue: &str) -> Option<Depth> {
        self.hub.depth(queue)
    }

    /// The names of all queues, in order.
    #[must_use]
    pub fn queues(&self) -> Vec<String> {
        self.hub.names("")
    }

    /// How many requests came so far, by action (`SendMessageBatch`).
    #[must_use]
    pub fn requests(&self) -> std::collections::BTreeMap<String, u64> {
        self.hub.counts()
    }

    /// Starts misbehaving, or stops it with `None`. Concerns what is sent and asked from now on.
    pub fn misbehave(&self, misbehaviour: impl Into<Option<Misbehaviour>>) {
        self.hub.misbehave(misbehaviour.into());
    }

    /// Ends long polls with an empty answer, closes all connections, and returns when that is done.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
