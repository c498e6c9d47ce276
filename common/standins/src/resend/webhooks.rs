//! Webhooks on their way: signed, tried again, and made to misbehave.

use super::events::Event;
use super::misbehave::Delivery;
use super::svix;
use crate::background::Background;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::{Semaphore, watch};

/// Requests to the client's endpoint at once.
const AT_ONCE: usize = 64;
/// How long the endpoint may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The account's one webhook.
#[derive(Debug)]
pub(super) struct Webhooks {
    client: reqwest::Client,
    url: Mutex<Option<String>>,
    secret: String,
    retries: Vec<Duration>,
    places: Semaphore,
    held: Mutex<Vec<Vec<Event>>>,
    delivered: watch::Sender<u64>,
    background: Background,
}

impl Webhooks {
    pub(super) fn new(
        url: Option<String>,
        secret: String,
        retries: Vec<Duration>,
        background: Background,
    ) -> std::io::Result<Arc<Webhooks>> {
        // Never through a proxy: the endpoint is on this machine.
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().map_err(std::io::Error::other)?;
        Ok(Arc::new(Webhooks {
            client,
            url: Mutex::new(url),
            secret,
            retries,
            places: Semaphore::new(AT_ONCE),
            held: Mutex::default(),
            delivered: watch::Sender::new(0),
            background,
        }))
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn send_to(&self, url: Option<String>) {
        *self.url.lock().unwrap_or_else(PoisonError::into_inner) = url;
    }

    /// Whether making events is worth while.
    pub(super) fn wanted(&self, deliveries: &[Delivery]) -> bool {
        deliveries.contains(&Delivery::Held) || self.url().is_some()
    }

    /// Sends these events one after the other, unless they are to be delivered another way.
    pub(super) fn deliver(self: &Arc<Self>, mut events: Vec<Event>, deliveries: &[Delivery]) {
        if deliveries.contains(&Delivery::Lost) {
            return;
        }
        if deliveries.contains(&Delivery::Twice) {
            events = events.into_iter().flat_map(|event| [event.clone(), event]).collect();
        }
        if deliveries.contains(&Delivery::Reversed) {
            events.reverse();
        }
        if deliveries.contains(&Delivery::Held) {
            self.held.lock().unwrap_or_else(PoisonError::into_inner).push(events);
        } else {
            self.send(events);
        }
    }

    /// Sends what was held.
    pub(super) fn release(self: &Arc<Self>) {
        let held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        held.into_iter().for_each(|events| self.send(events));
    }

    /// Waits until so many events were answered with 2xx; false when they were not in time.
    pub(super) async fn wait_for(&self, count: u64, patience: Duration) -> bool {
        let mut delivered = self.delivered.subscribe();
        let enough = delivered.wait_for(|delivered| *delivered >= count);
        tokio::time::timeout(patience, enough).await.is_ok_and(|waited| waited.is_ok())
    }

    pub(super) fn delivered(&self) -> u64 {
        *self.delivered.borrow()
    }

    fn url(&self) -> Option<String> {
        self.url.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn send(self: &Arc<Self>, events: Vec<Event>) {
        let webhooks = Arc::clone(self);
        self.background.spawn(async move {
            for event in events {
                if !webhooks.attempt(&event).await {
                    // Later events do not wait for this one: order is nothing webhooks promise.
                    webhooks.background.spawn(Arc::clone(&webhooks).again(event));
                }
            }
        });
    }

    async fn again(self: Arc<Self>, event: Event) {
        for pause in &self.retries {
            tokio::time::sleep(*pause).await;
            if self.attempt(&event).await {
                return;
            }
        }
        tracing::warn!(event = event.id, "a webhook was given up: its endpoint never answered with 2xx");
    }

    /// One attempt; true when it succeeded or there is nowhere to send it.
    async fn attempt(&self, event: &Event) -> bool {
        let Some(url) = self.url() else { return true };
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let Some(signature) = svix::sign(&self.secret, &event.id, now, &event.body) else { return true };
        let Ok(_place) = self.places.acquire().await else { return true };
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("svix-id", &event.id)
            .header("svix-timestamp", now.to_string())
            .header("svix-signature", signature)
            .body(event.body.clone());
        let taken = request.send().await.is_ok_and(|answer| answer.status().is_success());
        if taken {
            self.delivered.send_modify(|delivered| *delivered += 1);
        }
        taken
    }
}
