//! A receiver of webhooks that can be told to misbehave.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What it does with a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Does {
    /// Answers with this status.
    Answers(u16),
    /// Answers with this status, and asks to be left alone for so many seconds.
    AsksForPatience(u16, u64),
    /// Sends whoever comes somewhere else.
    Redirects,
    /// Takes it, and never answers.
    IsSilent,
    /// Takes it, and is gone before it answers.
    Dies,
    /// Answers 200 with a body that does not end.
    Babbles,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Delivery {
    /// The event's id.
    pub(super) fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    /// What is told.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether this secret has signed it, by the library of those who made the standard. (It only knows the clock of the machine, so
    /// the signature is made again and not checked.)
    pub(super) fn is_signed_by(&self, secret: &str) -> bool {
        let text = |name: &str| self.headers[name].to_str().unwrap();
        let at = text("webhook-timestamp").parse().unwrap();
        let wanted = Webhook::new(secret).unwrap().sign(self.id(), at, self.body.as_bytes()).unwrap();
        text("webhook-signature").split(' ').any(|given| given == wanted)
    }
}

#[derive(Default)]
struct Inner {
    seen: Vec<Delivery>,
    does: VecDeque<Does>,
}

/// The receiver. What it does last, it does for ever.
#[derive(Clone)]
pub(super) struct Receiver {
    inner: Arc<Mutex<Inner>>,
    pub(super) port: u16,
}

impl Receiver {
    /// One that does these in turn.
    pub(super) async fn start(does: &[Does]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Mutex::new(Inner { seen: Vec::new(), does: does.iter().copied().collect() }));
        let kept = inner.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let inner = kept.clone();
                tokio::spawn(async move { serve(socket, &inner).await });
            }
        });
        Self { inner, port }
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// What has come.
    pub(super) fn seen(&self) -> Vec<Delivery> {
        self.inner.lock().unwrap().seen.clone()
    }

    /// From now on it does this.
    pub(super) fn does(&self, does: Does) {
        self.inner.lock().unwrap().does = VecDeque::from([does]);
    }
}

async fn serve(socket: TcpStream, inner: &Mutex<Inner>) -> Option<()> {
    let mut socket = BufReader::new(socket);
    loop {
        let delivery = read(&mut socket).await?;
        let does = {
            let mut inner = inner.lock().unwrap();
            inner.seen.push(delivery);
            if inner.does.len() > 1 { inner.does.pop_front() } else { inner.does.front().copied() }
        };
        let answer = match does? {
            Does::Answers(status) => format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n"),
            Does::AsksForPatience(status, seconds) => {
                format!("HTTP/1.1 {status} x\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\r\n")
            }
            Does::Redirects => "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_owned(),
            Does::IsSilent => std::future::pending().await,
            Does::Dies => return None,
            Does::Babbles => {
                socket.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.ok()?;
                loop {
                    socket.write_all(b"5\r\nhello\r\n").await.ok()?;
                    tokio::time::sleep(Duration::from_micros(10)).await;
                }
            }
        };
        socket.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn read(socket: &mut BufReader<TcpStream>) -> Option<Delivery> {
    let mut line = String::new();
    socket.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut headers, mut length) = (HeaderMap::new(), 0);
    loop {
        line.clear();
        socket.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
        headers.append(name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?);
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    Some(Delivery { path, headers, body: String::from_utf8(body).ok()? })
}
