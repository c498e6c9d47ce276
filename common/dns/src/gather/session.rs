//! One gather's memory and its bounds: who is dead, how many questions are under way, how many are left.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use hickory_net::proto::op::Message;
use tokio::{
    sync::{OnceCell, Semaphore},
    time::Instant,
};

use super::{
    Key,
    address::is_public,
    elsewhere::Step,
    exchange::{Manner, Question, by_tcp, by_udp},
    places::Places,
    walk::Cut,
};
use crate::{Name, RecordType, Trouble};

/// Questions under way at once.
const AT_ONCE: usize = 48;
/// Questions under way at once to one address: what is asked faster is taken for an attack by some servers.
const AT_ONCE_EACH: usize = 8;
/// Questions of one gather. A common domain needs a hundred; a zone that sends us in circles gets no more than this.
const QUESTIONS: u32 = 1500;

/// A question that was put, and to whom.
type Asked = (SocketAddr, Name, RecordType, Manner);

/// What came of it.
type Answered = Result<Arc<Message>, Trouble>;

/// What the first to need it finds out for all.
type Once<T> = Arc<OnceCell<T>>;

/// One gather.
pub(super) struct Session<'a> {
    pub(super) places: &'a Places,
    deadline: Instant,
    left: AtomicU32,
    lines: Semaphore,
    lines_each: Mutex<HashMap<SocketAddr, Arc<Semaphore>>>,
    /// Who has been heard from, and who was silent to every try before saying anything.
    heard: Mutex<HashMap<SocketAddr, Result<(), Trouble>>>,
    asked: Mutex<HashMap<Asked, Once<Answered>>>,
    pub(super) cuts: Mutex<HashMap<Name, Arc<Cut>>>,
    pub(super) hosts: Mutex<HashMap<Name, Vec<SocketAddr>>>,
    pub(super) steps: Mutex<HashMap<Key, Once<Step>>>,
}

impl<'a> Session<'a> {
    pub(super) fn new(places: &'a Places) -> Self {
        let root = Arc::new(Cut::root(&places.roots));
        Self {
            places,
            deadline: Instant::now() + places.overall,
            left: AtomicU32::new(QUESTIONS),
            lines: Semaphore::new(AT_ONCE),
            lines_each: Mutex::default(),
            heard: Mutex::default(),
            asked: Mutex::default(),
            cuts: Mutex::new(HashMap::from([(Name::new(), root)])),
            hosts: Mutex::default(),
            steps: Mutex::default(),
        }
    }

    /// Puts a question to an address, once: whoever asks the same again gets the same answer. Many names may lead to one
    /// address, and it is not to be flooded for that.
    pub(super) async fn ask(&self, to: SocketAddr, question: Question<'_>) -> Answered {
        let key = (to, question.name.to_owned(), question.kind, question.manner);
        let cell = Arc::clone(lock(&self.asked).entry(key).or_default());
        cell.get_or_init(|| async { self.put(to, question).await.map(Arc::new) }).await.clone()
    }

    /// By UDP, as often as the places say, and by TCP where the answer was cut.
    async fn put(&self, to: SocketAddr, question: Question<'_>) -> Result<Message, Trouble> {
        let line =
            Arc::clone(lock(&self.lines_each).entry(to).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE_EACH))));
        // Neither is ever closed.
        let (_each, _all) = (line.acquire().await, self.lines.acquire().await);
        if let Some(Err(trouble)) = lock(&self.heard).get(&to) {
            return Err(*trouble);
        }
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if taken.is_err() {
            return Err(Trouble::TimeOut);
        }
        for _ in 0..self.places.tries.max(1) {
            let answer = match by_udp(to, question, self.patience()?).await {
                Err(Trouble::TimeOut) => continue,
                Err(Trouble::Unreachable) => return Err(self.silent(to, Trouble::Unreachable)),
                answer => answer,
            };
            lock(&self.heard).insert(to, Ok(()));
            let answer = answer?;
            if answer.metadata.truncation {
                return by_tcp(to, question, self.patience()?).await;
            }
            return Ok(answer);
        }
        Err(self.silent(to, Trouble::TimeOut))
    }

    /// How long the next try may take.
    fn patience(&self) -> Result<Duration, Trouble> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Trouble::TimeOut) } else { Ok(left.min(self.places.time_out)) }
    }

    /// Who answered before is not dead: it, or the network, dislikes this one question.
    fn silent(&self, to: SocketAddr, trouble: Trouble) -> Trouble {
        lock(&self.heard).entry(to).or_insert(Err(trouble));
        trouble
    }

    /// Whether a server that the DNS names may be asked.
    pub(super) fn allowed(&self, address: IpAddr) -> bool {
        self.places.port != 53 || self.places.server.is_some() || is_public(address)
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
