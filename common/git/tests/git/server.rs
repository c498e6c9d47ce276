//! `git http-backend` behind a loopback server with basic authentication, which can be told to misbehave.

use std::{
    collections::VecDeque,
    future::pending,
    io,
    net::SocketAddr,
    process::Stdio,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::{Request, Response},
};
use futures::stream;
use tokio::{io::AsyncWriteExt, net::TcpListener, process::Command, task::JoinHandle};

use super::remote::{Remote, TOKEN, push_to};

/// How one request is treated.
#[derive(Debug, Clone)]
pub(crate) enum Mood {
    /// As it should be.
    Well,
    /// This status, with these headers.
    Status(u16, Vec<(&'static str, &'static str)>),
    /// A page that is no git.
    Page,
    /// Half of the answer, then the connection ends. git has done its part.
    Cut,
    /// The connection ends before git was asked.
    Deaf,
    /// git has done its part, and nothing of its answer arrives.
    Mute,
    /// No answer, ever.
    Hang,
    /// As it should be, after somebody else has pushed this file.
    After(&'static str),
}

/// A request as it came: `info/refs?service=git-upload-pack`, `git-receive-pack`.
type Log = Arc<Mutex<Vec<String>>>;
type Moods = Arc<Mutex<VecDeque<(&'static str, Mood)>>>;

#[derive(Clone)]
struct Shared {
    root: std::path::PathBuf,
    moods: Moods,
    log: Log,
}

/// The server; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    moods: Moods,
    log: Log,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn of(remote: &Remote) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (moods, log) = (Moods::default(), Log::default());
        let shared = Shared { root: remote.folder.path().to_owned(), moods: moods.clone(), log: log.clone() };
        let router = Router::new().fallback(serve).with_state(shared);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, moods, log, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/remote.git", self.address)
    }

    /// The next requests whose path and query end like this are treated so, in this order.
    pub(crate) fn next(&self, end: &'static str, mood: Mood) {
        self.moods.lock().unwrap().push_back((end, mood));
    }

    /// How many requests ended like this.
    pub(crate) fn count(&self, end: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|one| one.ends_with(end)).count()
    }
}

async fn serve(State(shared): State<Shared>, request: Request<Body>) -> Response<Body> {
    let asked = request.uri().path_and_query().unwrap().to_string();
    shared.log.lock().unwrap().push(asked.clone());
    let mood = {
        let mut moods = shared.moods.lock().unwrap();
        let at = moods.iter().position(|(end, _)| asked.ends_with(end));
        at.and_then(|at| moods.remove(at)).map_or(Mood::Well, |(_, mood)| mood)
    };
    let expected = {
        use base64::Engine;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("x-access-token:{TOKEN}")))
    };
    if request.headers().get("authorization").is_none_or(|value| value != expected.as_str()) {
        return Response::builder().status(401).header("www-authenticate", "Basic").body(Body::empty()).unwrap();
    }
    match mood {
        Mood::Well => backend(&shared, request).await,
        Mood::Status(status, headers) => {
            let response =
                headers.iter().fold(Response::builder().status(status), |to, (name, value)| to.header(*name, *value));
            response.body(Body::from("a body that nobody should read")).unwrap()
        }
        Mood::Page => Response::builder().header("content-type", "text/html").body(Body::from("<html>")).unwrap(),
        Mood::Deaf => {
            let kind = match asked.rsplit_once("service=") {
                Some((_, service)) => format!("application/x-{service}-advertisement"),
                None => format!("application/x-{}-result", asked.rsplit('/').next().unwrap()),
            };
            broken(Response::builder().header("content-type", kind), &[])
        }
        Mood::Cut | Mood::Mute => {
            let whole = backend(&shared, request).await;
            let kind = whole.headers()["content-type"].clone();
            let bytes = to_bytes(whole.into_body(), usize::MAX).await.unwrap();
            let keep = if matches!(mood, Mood::Cut) { bytes.len() / 2 } else { 0 };
            broken(Response::builder().header("content-type", kind), &bytes[..keep])
        }
        Mood::Hang => pending().await,
        Mood::After(path) => {
            let remote = shared.root.join("remote.git");
            tokio::task::spawn_blocking(move || push_to(&remote, "main", path, "meanwhile")).await.unwrap();
            backend(&shared, request).await
        }
    }
}

/// An answer that breaks off after `first`.
fn broken(response: axum::http::response::Builder, first: &[u8]) -> Response<Body> {
    let first = Ok(Bytes::copy_from_slice(first));
    response.body(Body::from_stream(stream::iter([first, Err(io::Error::other("cut"))]))).unwrap()
}

/// The common gateway interface of `git http-backend`.
async fn backend(shared: &Shared, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let header =
        |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &shared.root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("REMOTE_USER", "us")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let write = tokio::spawn(async move { stdin.write_all(&body).await });
    let done = child.wait_with_output().await.unwrap();
    let _ = write.await.unwrap();
    let end = done.stdout.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let mut response = Response::builder();
    for line in std::str::from_utf8(&done.stdout[..end]).unwrap().lines() {
        let (name, value) = line.split_once(": ").unwrap();
        response = match name {
            "Status" => response.status(value[..3].parse::<u16>().unwrap()),
            _ => response.header(name, value),
        };
    }
    response.body(Body::from(done.stdout[end + 4..].to_vec())).unwrap()
}
