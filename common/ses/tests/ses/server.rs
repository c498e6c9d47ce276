//! An HTTP server that follows a script, one act a request, and then hangs up.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::AbortHandle};

/// What happens to a request.
pub(super) enum Act {
    /// It is answered.
    Answer(u16, Value),
    /// It is refused with one of the API's errors.
    Error(u16, &'static str, &'static str),
    /// It is answered with a text that is no JSON.
    Noise,
    /// Nothing is said.
    Hang,
}

/// 200 with a body.
pub(super) fn ok(body: Value) -> Act {
    Act::Answer(200, body)
}

#[derive(Default)]
struct Script {
    acts: Mutex<VecDeque<Act>>,
    requests: Mutex<Vec<(String, Value)>>,
}

pub(super) struct Server {
    pub(super) base: String,
    script: Arc<Script>,
    serving: AbortHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    pub(super) async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Script { acts: Mutex::new(acts.into_iter().collect()), ..Script::default() });
        let router = Router::new().fallback(play).with_state(Arc::clone(&script));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        Self { base, script, serving }
    }

    /// What was asked, as `METHOD /path` and body. Panics when less or more was asked than the script foresees.
    pub(super) fn finish(self) -> Vec<(String, Value)> {
        assert!(self.script.acts.lock().unwrap().is_empty(), "not everything was asked");
        let requests = std::mem::take(&mut *self.script.requests.lock().unwrap());
        assert!(requests.iter().all(|(line, _)| line != "too much"), "more was asked");
        requests
    }
}

async fn play(State(script): State<Arc<Script>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let act = script.acts.lock().unwrap().pop_front();
    let line = if act.is_some() { format!("{method} {uri}") } else { "too much".to_owned() };
    script.requests.lock().unwrap().push((line, serde_json::from_slice(&body).unwrap_or_default()));
    let status = |status| StatusCode::from_u16(status).unwrap();
    match act {
        Some(Act::Answer(code, body)) => (status(code), body.to_string()).into_response(),
        Some(Act::Error(code, name, message)) => {
            (status(code), [("x-amzn-errortype", name)], json!({"message": message}).to_string()).into_response()
        }
        Some(Act::Noise) => "<html>".into_response(),
        Some(Act::Hang) => std::future::pending().await,
        None => StatusCode::IM_A_TEAPOT.into_response(),
    }
}
