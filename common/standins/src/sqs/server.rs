//! From an HTTP request to an action: `POST /` with `x-amz-target: AmazonSQS.<Action>` and a JSON body.

use super::error::Fault;
use super::hub::Hub;
use super::misbehave::Treatment;
use super::queue::Now;
use super::wire::{
    Batch, CreateQueue, GetQueueAttributes, GetQueueUrl, ListQueues, Nothing, OfQueue, SetQueueAttributes,
};
use super::{receive, send};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A batch of 256 KiB may be several times that when its characters are escaped.
const MAX_REQUEST: usize = 8 * 1024 * 1024;

pub(super) fn router(hub: Arc<Hub>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(MAX_REQUEST)).with_state(hub)
}

async fn answer(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let action = target.strip_prefix("AmazonSQS.").unwrap_or(target);
    hub.count(action);
    let outcome = match treatment(&hub, action) {
        Treatment::Answer => act(&hub, action, &body).await,
        Treatment::FailBefore => Err(Fault::internal()),
        Treatment::FailAfter => act(&hub, action, &body).await.and(Err(Fault::internal())),
    };
    match outcome {
        Ok(json) => ([(header::CONTENT_TYPE, "application/x-amz-json-1.0")], json).into_response(),
        Err(fault) => fault.into_response(),
    }
}

/// Only requests about messages are made to fail: a stack's set-up is not what is put to the test.
fn treatment(hub: &Hub, action: &str) -> Treatment {
    if action.contains("Message") { hub.treatment() } else { Treatment::Answer }
}

async fn act(hub: &Hub, action: &str, body: &Bytes) -> Result<Vec<u8>, Fault> {
    match action {
        "SendMessage" => write(&send::one(hub, read(body)?)?),
        "SendMessageBatch" => write(&send::many(hub, read(body)?)?),
        "ReceiveMessage" => {
            let messages = receive::receive(hub, read(body)?).await?;
            write(&if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) })
        }
        "DeleteMessage" => write(&receive::delete(hub, &read(body)?)?),
        "DeleteMessageBatch" => write(&receive::delete_many(hub, read::<Batch<_>>(body)?)?),
        "ChangeMessageVisibility" => write(&receive::change(hub, &read(body)?)?),
        "ChangeMessageVisibilityBatch" => write(&receive::change_many(hub, read::<Batch<_>>(body)?)?),
        "CreateQueue" => {
            let request: CreateQueue = read(body)?;
            let queue = hub.create(&request.queue_name, &request.attributes)?;
            write(&json!({ "QueueUrl": hub.url(&queue.name) }))
        }
        "GetQueueUrl" => {
            let request: GetQueueUrl = read(body)?;
            let queue = hub.by_name(&request.queue_name).ok_or_else(Fault::no_queue)?;
            write(&json!({ "QueueUrl": hub.url(&queue.name) }))
        }
        "ListQueues" => {
            let request: ListQueues = read(body)?;
            let names = hub.names(&request.queue_name_prefix);
            let urls: Vec<String> = names.iter().take(1000).map(|name| hub.url(name)).collect();
            write(&if urls.is_empty() { json!({}) } else { json!({ "QueueUrls": urls }) })
        }
        "DeleteQueue" => {
            let queue = hub.by_url(&read::<OfQueue>(body)?.queue_url)?;
            hub.delete(&queue.name);
            write(&Nothing {})
        }
        "PurgeQueue" => {
            hub.by_url(&read::<OfQueue>(body)?.queue_url)?.with(super::queue::Messages::purge);
            write(&Nothing {})
        }
        "GetQueueAttributes" => write(&attributes(hub, &read(body)?)?),
        "SetQueueAttributes" => {
            let request: SetQueueAttributes = read(body)?;
            let queue = hub.by_url(&request.queue_url)?;
            let settings = queue.settings().with(&request.attributes)?;
            hub.check_redrive(&settings)?;
            queue.set(settings);
            write(&Nothing {})
        }
        other => Err(Fault::unknown_action(other)),
    }
}

fn attributes(hub: &Hub, request: &GetQueueAttributes) -> Result<Value, Fault> {
    let queue = hub.by_url(&request.queue_url)?;
    let depth = queue.with(|messages| messages.depth(Now::read()));
    let created = receive::millis(queue.created);
    let created = &created[..created.len().saturating_sub(3)];
    let mut all: BTreeMap<String, String> = queue.settings().list();
    all.extend(
        [
            ("ApproximateNumberOfMessages", depth.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string()),
            ("CreatedTimestamp", created.to_owned()),
            ("LastModifiedTimestamp", created.to_owned()),
            ("QueueArn", queue.arn()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let wants = |name: &String| request.attribute_names.iter().any(|asked| asked == "All" || asked == name);
    all.retain(|name, _| wants(name));
    Ok(if all.is_empty() { json!({}) } else { json!({ "Attributes": all }) })
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Fault> {
    serde_json::from_slice(body)
        .map_err(|error| Fault::bad_parameter(format!("The request could not be read: {error}")))
}

fn write(answer: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(answer).map_err(|_| Fault::internal())
}
