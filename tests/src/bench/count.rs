//! Counts statements and round trips, by listening in between a client and Postgres.
//!
//! The frontend's messages (<https://www.postgresql.org/docs/current/protocol-message-formats.html>) tell both: a
//! `Query` and a `Bind` are one statement each, and the client waits for an answer after each `Query` and each `Sync`.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What was counted, per onboarding.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Statements by what they do.
    pub statements: BTreeMap<String, f64>,
    /// Times a client waited for Postgres.
    pub round_trips: f64,
    /// Requests to the queue, by action.
    pub requests: BTreeMap<String, f64>,
    /// Write-ahead log, in bytes.
    pub wal: f64,
}

impl Counted {
    /// All statements.
    #[must_use]
    pub fn all_statements(&self) -> f64 {
        self.statements.values().sum()
    }

    /// All requests to the queue.
    #[must_use]
    pub fn all_requests(&self) -> f64 {
        self.requests.values().sum()
    }
}

#[derive(Debug, Default)]
struct Tally {
    statements: BTreeMap<String, u64>,
    round_trips: u64,
}

/// A listener in front of Postgres.
pub(super) struct Listener {
    port: u16,
    tally: Arc<Mutex<Tally>>,
    _serving: JoinSet<()>,
}

impl Listener {
    /// Listens in front of the Postgres on this port.
    pub(super) async fn start(postgres: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (port, tally) = (listener.local_addr()?.port(), Arc::new(Mutex::new(Tally::default())));
        let (mut serving, into) = (JoinSet::new(), Arc::clone(&tally));
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass(client, postgres, Arc::clone(&into)));
            }
        });
        Ok(Self { port, tally, _serving: serving })
    }

    /// The URL by way of this listener.
    pub(super) fn url(&self, url: &str) -> Result<String> {
        let mut url: url::Url = url.parse()?;
        url.set_port(Some(self.port)).ok().context("a URL with a port")?;
        Ok(url.into())
    }

    /// Begins to count anew.
    pub(super) fn reset(&self) {
        *self.tally.lock().expect("a tally") = Tally::default();
    }

    /// What was counted, for each of `number` onboardings.
    pub(super) fn each(&self, number: usize) -> Counted {
        let (tally, number) = (self.tally.lock().expect("a tally"), number as f64);
        Counted {
            statements: tally.statements.iter().map(|(name, count)| (name.clone(), *count as f64 / number)).collect(),
            round_trips: tally.round_trips as f64 / number,
            ..Counted::default()
        }
    }
}

async fn pass(client: TcpStream, postgres: u16, tally: Arc<Mutex<Tally>>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", postgres)).await else { return };
    let (_, _) = (client.set_nodelay(true), server.set_nodelay(true));
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let asks = async move {
        let (mut frontend, mut bytes) = (Frontend::default(), [0; 16 * 1024]);
        while let Ok(read @ 1..) = from_client.read(&mut bytes).await {
            frontend.hear(&bytes[..read], &tally);
            if to_server.write_all(&bytes[..read]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = asks => {}
        _ = copy(&mut from_server, &mut to_client) => {}
    }
}

/// What one client has said so far.
#[derive(Default)]
struct Frontend {
    heard: Vec<u8>,
    started: bool,
    prepared: HashMap<Vec<u8>, String>,
}

impl Frontend {
    fn hear(&mut self, bytes: &[u8], tally: &Mutex<Tally>) {
        self.heard.extend_from_slice(bytes);
        loop {
            // The first message, and a request for encryption before it, have no letter.
            let head = usize::from(self.started);
            let Some(length) = self.heard.get(head..head + 4).and_then(|length| length.try_into().ok()) else { return };
            let end = head + u32::from_be_bytes(length) as usize;
            if self.heard.len() < end {
                return;
            }
            let message: Vec<u8> = self.heard.drain(..end).collect();
            if self.started {
                self.message(message[0], &message[5..], &mut tally.lock().expect("a tally"));
            } else {
                const ENCRYPTION: [u8; 4] = 80_877_103_u32.to_be_bytes();
                self.started = message[4..8] != ENCRYPTION;
            }
        }
    }

    fn message(&mut self, letter: u8, body: &[u8], tally: &mut Tally) {
        let mut texts = body.split(|byte| *byte == 0);
        let (first, second) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
        let mut count = |statement: &str| *tally.statements.entry(name(statement)).or_default() += 1;
        match letter {
            b'Q' => {
                count(&String::from_utf8_lossy(first));
                tally.round_trips += 1;
            }
            b'P' => drop(self.prepared.insert(first.to_vec(), String::from_utf8_lossy(second).into_owned())),
            b'B' => count(self.prepared.get(second).map_or("", String::as_str)),
            b'S' => tally.round_trips += 1,
            _ => {}
        }
    }
}

/// A statement's first words.
fn name(statement: &str) -> String {
    let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(56).collect::<String>().trim_end().to_owned()
}
