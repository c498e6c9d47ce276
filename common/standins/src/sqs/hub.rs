//! The queues by name, and what the server knows beside them.

use super::error::Fault;
use super::misbehave::{Misbehaviour, Treatment};
use super::queue::{Depth, Message, Messages, Now};
use super::settings::{Settings, fifo};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio::sync::{Notify, watch};

/// The account all queues belong to.
pub(super) const ACCOUNT: &str = "000000000000";
/// The region in their names.
const REGION: &str = "us-east-1";

/// A queue with its settings.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) name: String,
    /// Tells this queue from an earlier one of the same name.
    pub(super) born: u64,
    pub(super) created: SystemTime,
    settings: RwLock<Arc<Settings>>,
    messages: Mutex<Messages>,
    /// Rung when a message arrives, or when the next one will become visible earlier than was known.
    pub(super) bell: Notify,
    sends: AtomicU64,
}

impl Queue {
    pub(super) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        self.bell.notify_waiters();
    }

    pub(super) fn arn(&self) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", self.name)
    }

    /// Works on the messages, and wakes whom the change concerns.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Messages) -> T) -> T {
        let mut messages = lock(&self.messages);
        let before = (messages.ready(), messages.next_change());
        let outcome = work(&mut messages);
        let after = (messages.ready(), messages.next_change());
        drop(messages);
        if after.1.is_some_and(|next| before.1.is_none_or(|known| next < known)) {
            // Everybody who sleeps must sleep shorter now.
            self.bell.notify_waiters();
        } else if after.0 > before.0 {
            self.bell.notify_one();
        }
        outcome
    }

    /// Stores a message as it is sent: with the delay, and with whatever misbehaviour is switched on.
    pub(super) fn accept(&self, message: &Message, delay: Duration, bad: Option<&Misbehaviour>, now: Now) {
        let settings = self.settings();
        let copies = match bad {
            None => vec![(Duration::ZERO, 0)],
            Some(bad) => bad.fate(&self.name, self.sends.fetch_add(1, Ordering::Relaxed)).copies,
        };
        for (longer, earlier) in copies {
            self.with(|messages| messages.put(message.clone(), &settings, delay + longer, earlier, now));
        }
    }
}

/// All queues.
#[derive(Debug)]
pub(super) struct Hub {
    queues: RwLock<BTreeMap<String, Arc<Queue>>>,
    misbehaviour: RwLock<Option<Arc<Misbehaviour>>>,
    requests: AtomicU64,
    asked: Mutex<BTreeMap<String, u64>>,
    births: AtomicU64,
    pub(super) endpoint: String,
    pub(super) closing: watch::Receiver<bool>,
}

impl Hub {
    pub(super) fn new(endpoint: String, closing: watch::Receiver<bool>) -> Hub {
        Hub {
            queues: RwLock::default(),
            misbehaviour: RwLock::default(),
            requests: AtomicU64::new(0),
            asked: Mutex::default(),
            births: AtomicU64::new(0),
            endpoint,
            closing,
        }
    }

    /// Finds a queue by its URL, of which only the last part matters.
    pub(super) fn by_url(&self, url: &str) -> Result<Arc<Queue>, Fault> {
        let name = url.rsplit('/').next().unwrap_or_default();
        self.by_name(name).ok_or_else(Fault::no_queue)
    }

    pub(super) fn by_name(&self, name: &str) -> Option<Arc<Queue>> {
        self.queues.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(super) fn names(&self, prefix: &str) -> Vec<String> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        queues.keys().filter(|name| name.starts_with(prefix)).cloned().collect()
    }

    pub(super) fn url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/{name}", self.endpoint)
    }

    /// Creates a queue; the same name with the same attributes is the same queue.
    pub(super) fn create(&self, name: &str, attributes: &BTreeMap<String, String>) -> Result<Arc<Queue>, Fault> {
        if name.strip_suffix(".fifo").is_some() {
            return Err(fifo());
        }
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        if name.is_empty() || name.len() > 80 || !name.chars().all(fits) {
            let message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
            return Err(Fault::bad_parameter(message));
        }
        let settings = Settings::default().with(attributes)?;
        self.check_redrive(&settings)?;
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(existing) = queues.get(name) {
            let (has, wanted) = (existing.settings().list(), settings.list());
            let differs = attributes.keys().find(|attribute| has.get(*attribute) != wanted.get(*attribute));
            return match differs {
                Some(attribute) => Err(Fault::name_taken(attribute)),
                None => Ok(Arc::clone(existing)),
            };
        }
        let queue = Arc::new(Queue {
            name: name.to_owned(),
            born: self.births.fetch_add(1, Ordering::Relaxed),
            created: SystemTime::now(),
            settings: RwLock::new(Arc::new(settings)),
            messages: Mutex::default(),
            bell: Notify::new(),
            sends: AtomicU64::new(0),
        });
        queues.insert(name.to_owned(), Arc::clone(&queue));
        Ok(queue)
    }

    /// A redrive policy must name a queue that exists.
    pub(super) fn check_redrive(&self, settings: &Settings) -> Result<(), Fault> {
        match &settings.redrive {
            Some(redrive) if self.by_name(&redrive.queue).is_none() => Err(Fault::bad_parameter(
                "Value for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn delete(&self, name: &str) {
        let removed = self.queues.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        if let Some(queue) = removed {
            queue.bell.notify_waiters();
        }
    }

    pub(super) fn depth(&self, name: &str) -> Option<Depth> {
        let queue = self.by_name(name)?;
        Some(lock(&queue.messages).depth(Now::read()))
    }

    pub(super) fn misbehave(&self, misbehaviour: Option<Misbehaviour>) {
        *self.misbehaviour.write().unwrap_or_else(PoisonError::into_inner) = misbehaviour.map(Arc::new);
    }

    pub(super) fn misbehaviour(&self) -> Option<Arc<Misbehaviour>> {
        self.misbehaviour.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a request.
    pub(super) fn count(&self, action: &str) {
        let mut asked = lock(&self.asked);
        match asked.get_mut(action) {
            Some(count) => *count += 1,
            None => drop(asked.insert(action.to_owned(), 1)),
        }
    }

    /// Requests so far, by action.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        lock(&self.asked).clone()
    }

    /// How the next request about messages is treated.
    pub(super) fn treatment(&self) -> Treatment {
        let bad = self.misbehaviour();
        bad.map_or(Treatment::Answer, |bad| bad.treatment(self.requests.fetch_add(1, Ordering::Relaxed)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
