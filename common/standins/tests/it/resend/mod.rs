//! Resend's stand-in, spoken to as a client of the real one would.

mod domains;
mod faults;
mod kept;
mod sending;
mod shapes;
mod webhooks;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tenantry_standins::resend::{Options, Resend, sign};
use tokio::sync::watch;

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The server and a client of it.
pub(crate) struct Stage {
    pub(crate) resend: Resend,
    client: Client,
}

impl Stage {
    pub(crate) async fn new(options: Options) -> Stage {
        let resend = Resend::start(options).await.unwrap();
        Stage { resend, client: client() }
    }

    /// Any sender's domain will do.
    pub(crate) async fn open() -> Stage {
        Stage::new(Options { any_domain: true, ..Options::default() }).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.resend.url())).bearer_auth(self.resend.key())
    }

    /// Status and body.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.request(method, path);
        let request = if body.is_null() { request } else { request.json(body) };
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Sends under a key.
    pub(crate) async fn keyed(&self, path: &str, key: &str, body: &Value) -> reqwest::Result<(u16, Value)> {
        let sent = self.request(Method::POST, path).header("Idempotency-Key", key).json(body).send().await?;
        Ok(read(sent).await)
    }

    /// The id of a mail that is accepted.
    pub(crate) async fn sent(&self, body: &Value) -> String {
        let (status, answer) = self.call(Method::POST, "/emails", body).await;
        assert_eq!(status, 200, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    }
}

/// A client without a proxy and with little patience.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap()
}

pub(crate) async fn read(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
}

/// A good mail to this recipient.
pub(crate) fn mail(to: &str) -> Value {
    json!({ "from": "Acme <hello@acme.example>", "to": [to], "subject": "Hello", "text": "World" })
}

/// A mail with one field changed; null takes it out.
pub(crate) fn with(field: &str, value: Value) -> Value {
    let mut mail = mail("ann@a.example");
    match value {
        Value::Null => drop(mail.as_object_mut().unwrap().remove(field)),
        value => mail[field] = value,
    }
    mail
}

/// A webhook that came: its id and its body.
pub(crate) type Heard = (String, Value);

/// An endpoint for webhooks that checks each signature and answers with what it is told to.
pub(crate) struct Ear {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    count: watch::Sender<usize>,
}

#[derive(Clone)]
struct Listening {
    heard: Arc<Mutex<Vec<Heard>>>,
    count: watch::Sender<usize>,
    secret: String,
    refuse: Arc<Mutex<usize>>,
}

impl Ear {
    /// Refuses the first so many with 500.
    pub(crate) async fn new(stage: &Stage, refuse: usize) -> Ear {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (heard, count) = (Arc::<Mutex<Vec<Heard>>>::default(), watch::Sender::new(0));
        let secret = stage.resend.webhook_secret().to_owned();
        let refuse = Arc::new(Mutex::new(refuse));
        let state = Listening { heard: Arc::clone(&heard), count: count.clone(), secret, refuse };
        let router = Router::new().route("/hook", axum::routing::post(listen)).with_state(state);
        tokio::spawn(axum::serve(listener, router).into_future());
        stage.resend.send_webhooks_to(Some(&url));
        Ear { url, heard, count }
    }

    /// What was heard once so many have come.
    pub(crate) async fn heard(&self, count: usize) -> Vec<Heard> {
        let mut come = self.count.subscribe();
        let waited = tokio::time::timeout(PATIENCE, come.wait_for(|come| *come >= count)).await;
        let heard = self.heard.lock().unwrap().clone();
        assert!(waited.is_ok(), "only {} of {count} webhooks came: {heard:?}", heard.len());
        heard
    }

    /// The types of what was heard, in order.
    pub(crate) async fn types(&self, count: usize) -> Vec<String> {
        self.heard(count).await.into_iter().map(|(_, body)| body["type"].as_str().unwrap().to_owned()).collect()
    }
}

async fn listen(State(state): State<Listening>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (id, timestamp) = (header("svix-id"), header("svix-timestamp").parse().unwrap());
    assert_eq!(header("svix-signature"), sign(&state.secret, &id, timestamp, &body).unwrap());
    {
        let mut refuse = state.refuse.lock().unwrap();
        if *refuse > 0 {
            *refuse -= 1;
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
    }
    state.heard.lock().unwrap().push((id, serde_json::from_slice(&body).unwrap()));
    state.count.send_modify(|count| *count += 1);
    StatusCode::OK
}
