//! An API server that follows a script: one act a request. A call too many, or one too few, fails the test.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tenantry_cluster::{Access, Cluster};
use tokio::{net::TcpListener, task::AbortHandle};

pub(super) const TOKEN: &str = "very-secret-token";

/// What happens to a request.
pub(super) enum Act {
    /// It is answered with JSON.
    Json(u16, Value),
    /// It is answered with a text.
    Text(u16, &'static str),
    /// It is answered with JSON and a header.
    With(u16, &'static str, &'static str, Value),
    /// Nothing is said.
    Silence,
}

pub(super) fn ok(body: Value) -> Act {
    Act::Json(200, body)
}

/// A `Status` as a server writes it.
pub(super) fn refused(status: u16, reason: &str, message: &str, details: Value) -> Act {
    let mut body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "details": details, "code": status,
    });
    if !reason.is_empty() {
        body["reason"] = reason.into();
    }
    Act::Json(status, body)
}

/// 404 as a server says it of an object.
pub(super) fn not_there(group: &str, plural: &str, name: &str) -> Act {
    let details = json!({"name": name, "group": group, "kind": plural});
    refused(404, "NotFound", &format!("{plural}.{group} \"{name}\" not found"), details)
}

/// A request as it came in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    /// `GET /apis/...?...`.
    pub(super) line: String,
    pub(super) accept: String,
    pub(super) content_type: String,
    pub(super) authorization: String,
    /// Null: there was none.
    pub(super) body: Value,
}

#[derive(Default)]
struct Script {
    acts: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<Seen>>,
    too_many: Mutex<Vec<String>>,
}

pub(super) struct Api {
    pub(super) address: String,
    script: Arc<Script>,
    serving: AbortHandle,
}

impl Drop for Api {
    fn drop(&mut self) {
        self.serving.abort();
        if !std::thread::panicking() {
            let too_many = self.script.too_many.lock().unwrap();
            assert!(too_many.is_empty(), "calls that nobody expected: {too_many:?}");
            assert_eq!(self.script.acts.lock().unwrap().len(), 0, "calls that were expected and did not come");
        }
    }
}

impl Api {
    pub(super) async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Script { acts: Mutex::new(acts.into_iter().collect()), ..Script::default() });
        let router = Router::new().fallback(play).with_state(Arc::clone(&script));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        Self { address, script, serving }
    }

    /// A server with a script, and a client of it.
    pub(super) async fn with(acts: impl IntoIterator<Item = Act>) -> (Self, Cluster) {
        let api = Self::start(acts).await;
        let cluster = connect(&kubeconfig(&api.address, None)).await;
        (api, cluster)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().unwrap().clone()
    }

    /// The first line of each request.
    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

async fn play(
    State(script): State<Arc<Script>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name| headers.get(name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned());
    let line = format!("{method} {uri}");
    let Some(act) = script.acts.lock().unwrap().pop_front() else {
        script.too_many.lock().unwrap().push(line);
        return StatusCode::IM_A_TEAPOT.into_response();
    };
    script.seen.lock().unwrap().push(Seen {
        line,
        accept: text(header::ACCEPT),
        content_type: text(header::CONTENT_TYPE),
        authorization: text(header::AUTHORIZATION),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let json = |status, body: Value| {
        (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "application/json")], body.to_string())
    };
    match act {
        Act::Json(status, body) => json(status, body).into_response(),
        Act::Text(status, body) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        Act::With(status, name, value, body) => ([(name, value)], json(status, body)).into_response(),
        Act::Silence => std::future::pending().await,
    }
}

/// A kubeconfig with one cluster, two contexts and a token.
pub(super) fn kubeconfig(server: &str, authority: Option<&str>) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let mut cluster = json!({"server": server});
    if let Some(authority) = authority {
        cluster["certificate-authority-data"] = authority.into();
    }
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "ours",
        "clusters": [{"name": "here", "cluster": cluster}],
        "users": [{"name": "us", "user": {"token": TOKEN}}],
        "contexts": [
            {"name": "ours", "context": {"cluster": "here", "user": "us"}},
            {"name": "nameless", "context": {"cluster": "here"}},
        ],
    });
    std::fs::write(file.path(), config.to_string()).unwrap();
    file
}

pub(super) fn access(file: &NamedTempFile, context: Option<&str>) -> Access {
    Access::Kubeconfig { file: Some(file.path().to_owned()), context: context.map(ToOwned::to_owned) }
}

pub(super) async fn connect(file: &NamedTempFile) -> Cluster {
    Cluster::connect(access(file, None), "tenantry").await.unwrap()
}
