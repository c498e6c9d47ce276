//! An HTTP server that follows a script, one act a request.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What happens to a request once it has been read in full.
pub(super) enum Act {
    /// It is answered: status, further header lines, body.
    Answer(u16, &'static str, Value),
    /// It is answered with these bytes, then the connection ends.
    Raw(&'static str),
    /// Nothing is said until the client leaves.
    Hang,
    /// The connection is reset.
    Reset,
    /// The connection ends.
    Close,
}

/// 200 with a body.
pub(super) fn ok(body: Value) -> Act {
    Act::Answer(200, "", body)
}

/// An error as the API writes it.
pub(super) fn error(status: u16, name: &str, message: &str) -> Act {
    Act::Answer(status, "", json!({"statusCode": status, "name": name, "message": message}))
}

/// A request that the server has read.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) head: String,
    pub(super) body: Value,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found =
            self.head.lines().filter_map(|line| line.split_once(':')).find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}

pub(super) struct Server {
    pub(super) base: String,
    requests: Arc<Mutex<Vec<Request>>>,
    task: JoinSet<()>,
}

impl Server {
    /// Serves one request per act, in order, each on its own connection. What comes after the last one is refused.
    pub(super) async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (shared, mut task) = (Arc::clone(&requests), JoinSet::new());
        task.spawn(async move {
            for act in acts {
                let (tcp, _) = listener.accept().await.unwrap();
                play(tcp, act, &shared).await;
            }
        });
        Self { base, requests, task }
    }

    /// Waits until the script has been played to its end and returns what was asked.
    pub(super) async fn finish(mut self) -> Vec<Request> {
        while let Some(result) = self.task.join_next().await {
            result.expect("the dialogue went differently");
        }
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

async fn play(mut tcp: TcpStream, act: Act, requests: &Mutex<Vec<Request>>) {
    let request = read(&mut tcp).await;
    requests.lock().unwrap().push(request);
    match act {
        Act::Answer(status, headers, body) => {
            let body = body.to_string();
            let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close", body.len());
            tcp.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
        }
        // A client that has read enough may leave before the end.
        Act::Raw(bytes) => drop(tcp.write_all(bytes.as_bytes()).await),
        Act::Hang => while tcp.read_u8().await.is_ok() {},
        Act::Reset => tcp.set_zero_linger().unwrap(),
        Act::Close => {}
    }
}

async fn read(tcp: &mut TcpStream) -> Request {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.expect("the client left within the head"));
    }
    let head = String::from_utf8(head).unwrap();
    let (line, head) = head.split_once("\r\n").unwrap();
    let mut request = Request { line: line.to_owned(), head: head.to_owned(), body: Value::Null };
    let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    tcp.read_exact(&mut body).await.unwrap();
    if length > 0 {
        request.body = serde_json::from_slice(&body).unwrap();
    }
    request
}
