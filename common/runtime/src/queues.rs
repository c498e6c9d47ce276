//! The queues, one per function, over SQS.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex as Lock, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use futures::future::join_all;
use tenantry_store::runs::Hint;
use tokio::{
    sync::{Mutex, RwLock},
    time::{Instant, sleep_until},
};

use crate::{Hints, Message};

/// What one `SendMessageBatch` takes.
const BATCH: usize = 10;
/// How soon after one another hints may go; a hint that comes alone does not notice.
const GATHER: Duration = Duration::from_millis(5);
/// The longest delay SQS knows, in seconds; the sweeper takes care of longer ones.
const LONGEST_DELAY: u64 = 900;

/// Sends hints to `<prefix><function>`.
///
/// A request to SQS costs as much for ten as for one. So those that come while some are on their way, or shortly after,
/// gather and go together; after a pause they go at once.
#[derive(Debug)]
pub struct Queues {
    client: Client,
    prefix: String,
    urls: RwLock<HashMap<String, String>>,
    gathered: Lock<Gathered>,
    /// When hints went last; held while they go.
    turn: Mutex<Option<Instant>>,
}

/// Hints that wait for their turn.
#[derive(Debug, Default)]
struct Gathered {
    hints: Vec<Hint>,
    /// All that were ever added.
    added: usize,
}

impl Gathered {
    /// Adds hints, and says how many there were ever then.
    fn add(&mut self, hints: Vec<Hint>) -> usize {
        self.added += hints.len();
        self.hints.extend(hints);
        self.added
    }

    /// Whether the first so many have been taken.
    fn gone(&self, first: usize) -> bool {
        self.added - self.hints.len() >= first
    }

    /// Takes all of them.
    fn take(&mut self) -> Vec<Hint> {
        std::mem::take(&mut self.hints)
    }
}

impl Queues {
    /// Queues of a region (or of the emulator that `AWS_ENDPOINT_URL` names), by the prefix of their names.
    #[must_use]
    pub fn new(client: Client, prefix: impl Into<String>) -> Self {
        Self {
            client,
            prefix: prefix.into(),
            urls: RwLock::default(),
            gathered: Lock::default(),
            turn: Mutex::default(),
        }
    }

    /// Queues as the process's environment says.
    pub async fn from_env(prefix: impl Into<String>) -> Self {
        let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        Self::new(Client::new(&config), prefix)
    }

    /// The URL of a function's queue, looked up once.
    ///
    /// # Errors
    /// SQS says so: no such queue, not allowed, out of reach.
    pub async fn url(&self, function: &str) -> Result<String, aws_sdk_sqs::Error> {
        if let Some(url) = self.urls.read().await.get(function) {
            return Ok(url.clone());
        }
        let answer = self.client.get_queue_url().queue_name(format!("{}{function}", self.prefix)).send().await?;
        let url = answer.queue_url.unwrap_or_default();
        self.urls.write().await.insert(function.to_owned(), url.clone());
        Ok(url)
    }

    /// Sends one batch, and says how many of it SQS did not take.
    async fn send_batch(&self, function: &str, hints: &[Hint]) -> Result<usize, aws_sdk_sqs::Error> {
        let url = self.url(function).await?;
        let entries = hints.iter().enumerate().map(|(at, hint)| {
            let delay = (hint.delay.as_secs() + u64::from(hint.delay.subsec_nanos() > 0)).min(LONGEST_DELAY);
            SendMessageBatchRequestEntry::builder()
                .id(at.to_string())
                .message_body(Message::new(hint.command, hint.trace.clone()).body())
                .set_delay_seconds((delay > 0).then(|| i32::try_from(delay).unwrap_or(i32::MAX)))
                .build()
        });
        let entries: Result<Vec<_>, _> = entries.collect();
        let entries = entries.map_err(aws_sdk_sqs::Error::from)?;
        let answer = self.client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await?;
        Ok(answer.failed.len())
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send_all(&self, hints: Vec<Hint>) {
        let mut by_function: BTreeMap<String, Vec<Hint>> = BTreeMap::new();
        for hint in hints {
            by_function.entry(hint.performer.clone()).or_default().push(hint);
        }
        let batches =
            by_function.iter().flat_map(|(function, hints)| hints.chunks(BATCH).map(move |batch| (function, batch)));
        join_all(batches.map(|(function, batch)| async move {
            match self.send_batch(function, batch).await {
                Ok(0) => {}
                Ok(failed) => {
                    tracing::warn!(function, failed, "SQS did not take some hints; the sweeper sends them again")
                }
                Err(error) => tracing::warn!(
                    function,
                    hints = batch.len(),
                    error = &error as &dyn std::error::Error,
                    "hints could not be sent; the sweeper sends them again"
                ),
            }
        }))
        .await;
    }
}

#[async_trait]
impl Hints for Queues {
    async fn send(&self, hints: Vec<Hint>) {
        if hints.is_empty() {
            return;
        }
        let mine = self.gathered().add(hints);
        let mut last = self.turn.lock().await;
        // Whoever had the turn before may have taken these along.
        if self.gathered().gone(mine) {
            return;
        }
        if let Some(last) = *last {
            sleep_until(last + GATHER).await;
        }
        let hints = self.gathered().take();
        *last = Some(Instant::now());
        self.send_all(hints).await;
    }
}

#[cfg(test)]
mod tests {
    use tenantry_model::CommandId;

    use super::*;

    fn hints(number: usize) -> Vec<Hint> {
        let hint = || Hint { command: CommandId::new(), performer: "f".into(), delay: Duration::ZERO, trace: None };
        std::iter::repeat_with(hint).take(number).collect()
    }

    #[test]
    fn the_next_turn_takes_all_that_have_gathered_and_leaves_nothing_to_those_it_took_along() {
        let mut gathered = Gathered::default();
        let (first, second) = (gathered.add(hints(1)), gathered.add(hints(2)));
        assert!(!gathered.gone(first));
        assert_eq!(gathered.take().len(), 3);
        let third = gathered.add(hints(1));
        assert!(gathered.gone(first) && gathered.gone(second), "they went along");
        assert!(!gathered.gone(third), "and the third has a turn of its own");
    }
}
