//! Work beside the requests, which ends with the server.

use tokio::sync::watch;

/// Where such work is started.
#[derive(Debug, Clone)]
pub(crate) struct Background(watch::Receiver<bool>);

impl Background {
    /// `closed` turns true, or its sender goes, when the server ends.
    pub(crate) fn new(closed: watch::Receiver<bool>) -> Background {
        Background(closed)
    }

    /// Runs this until it is done or the server ends.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let background = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = background.ended() => {}
                () = work => {}
            }
        });
    }

    /// Ready when the server ends.
    pub(crate) async fn ended(&self) {
        let mut closed = self.0.clone();
        let _ = closed.wait_for(|closed| *closed).await;
    }
}
