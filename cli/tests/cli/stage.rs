//! An API that answers by script, and the binary beside it with an empty home.

use std::{
    collections::{HashMap, VecDeque},
    process::{ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, process::Command, sync::watch};

use crate::answers::Reply;

/// A request as the API saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Debug, Default)]
struct Script {
    replies: Mutex<HashMap<String, VecDeque<Reply>>>,
    seen: Mutex<Vec<Seen>>,
    unexpected: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
}

/// The scripted API, and a folder that is home and working directory of the binary. What was scripted and not asked
/// for, or asked for and not scripted, fails the test at the end.
pub(crate) struct Stage {
    script: Arc<Script>,
    pub(crate) url: String,
    pub(crate) home: TempDir,
}

/// What the binary did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Script::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { script, url, home: tempfile::tempdir().unwrap() }
    }

    /// The next answer to a request such as `GET /v1/runs?limit=2`.
    pub(crate) fn on(&self, line: &str, reply: Reply) -> &Self {
        self.script.replies.lock().unwrap().entry(line.to_owned()).or_default().push_back(reply);
        self
    }

    /// The binary with these arguments, this API and a token.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.stranger(arguments);
        command.env("TENANTRY_URL", &self.url).env("TENANTRY_TOKEN", "tk_test");
        command
    }

    /// The binary with these arguments; nobody has told it anything.
    pub(crate) fn stranger(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        command.args(arguments).env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        self.finish(self.command(arguments)).await
    }

    pub(crate) async fn finish(&self, mut command: Command) -> Ran {
        let output = command.output().await.unwrap();
        self.ran(&output)
    }

    /// What the binary did, with this API's address made one that is always the same.
    pub(crate) fn ran(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace(&self.url, "http://api.test");
        Ran { code: code(output.status), out: text(&output.stdout), err: text(&output.stderr) }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().unwrap().clone()
    }

    /// Waits until that many requests have come.
    pub(crate) async fn until_seen(&self, count: usize) {
        self.script.count.subscribe().wait_for(|seen| *seen >= count).await.unwrap();
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn code(status: ExitStatus) -> Option<i32> {
    status.code()
}

async fn answer(
    State(script): State<Arc<Script>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let line = format!("{method} {uri}");
    let body = String::from_utf8(body.to_vec()).unwrap();
    script.seen.lock().unwrap().push(Seen { line: line.clone(), headers, body });
    let reply = script.replies.lock().unwrap().get_mut(&line).and_then(VecDeque::pop_front);
    script.count.send_modify(|count| *count += 1);
    match reply {
        Some(reply) => reply.respond().await,
        None => {
            script.unexpected.lock().unwrap().push(line);
            Response::builder().status(StatusCode::NOT_IMPLEMENTED).body(Body::from("not in the script")).unwrap()
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("asked: {:#?}", self.seen().iter().map(|seen| &seen.line).collect::<Vec<_>>());
            return;
        }
        assert_eq!(*self.script.unexpected.lock().unwrap(), Vec::<String>::new(), "asked for, but not in the script");
        let replies = self.script.replies.lock().unwrap();
        let left: Vec<_> = replies.iter().filter(|(_, replies)| !replies.is_empty()).map(|(line, _)| line).collect();
        assert!(left.is_empty(), "in the script, but not asked for: {left:?}");
    }
}
