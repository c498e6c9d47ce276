//! Queue to function: receive, work, delete what is done with.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aws_sdk_sqs::{
    Client,
    types::{DeleteMessageBatchRequestEntry, Message},
};
use serde_json::json;
use tenantry_runtime::Worker;

/// How long one receive waits for messages, in seconds.
const LONG_POLL: i32 = 20;
/// As long as an invocation on Lambda.
const INVOCATION: Duration = Duration::from_secs(50);
/// After a failure of the queue itself.
const PAUSE: Duration = Duration::from_millis(500);

/// Where a function runs.
#[derive(Clone)]
pub enum Target {
    /// In this process.
    Here(Arc<Worker>),
    /// Behind Lambda's invocation URL (`cargo lambda watch`).
    There {
        /// The function.
        name: String,
        /// `http://127.0.0.1:9000`.
        url: String,
        /// The client.
        http: reqwest::Client,
    },
}

impl Target {
    async fn work(&self, messages: &[Message]) -> Vec<bool> {
        match self {
            Self::Here(worker) => {
                let bodies: Vec<&str> = messages.iter().map(|message| message.body().unwrap_or_default()).collect();
                worker.handle(&bodies, Instant::now() + INVOCATION).await
            }
            Self::There { name, url, http } => match invoke(http, url, name, messages).await {
                Ok(failed) => {
                    let done = |message: &Message| !failed.iter().any(|id| Some(id.as_str()) == message.message_id());
                    messages.iter().map(done).collect()
                }
                Err(error) => {
                    tracing::warn!(function = name, %error, "the function could not be invoked; the messages come again");
                    vec![false; messages.len()]
                }
            },
        }
    }
}

/// Invokes a function with an SQS event, and says which messages it is not done with.
async fn invoke(http: &reqwest::Client, url: &str, name: &str, messages: &[Message]) -> anyhow::Result<Vec<String>> {
    let record = |message: &Message| {
        json!({
            "messageId": message.message_id(), "receiptHandle": message.receipt_handle(), "body": message.body(),
            "attributes": {}, "messageAttributes": {}, "md5OfBody": message.md5_of_body(), "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{name}"), "awsRegion": "us-east-1",
        })
    };
    let event = json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() });
    let url = format!("{}/2015-03-31/functions/{name}/invocations", url.trim_end_matches('/'));
    let answer = http.post(url).json(&event).send().await?.error_for_status()?;
    let answer: serde_json::Value = answer.json().await?;
    let failures = answer["batchItemFailures"].as_array().cloned().unwrap_or_default();
    Ok(failures.iter().filter_map(|failure| failure["itemIdentifier"].as_str().map(str::to_owned)).collect())
}

/// Pumps one queue until it is stopped.
pub(crate) async fn pump(client: Client, queue_url: String, target: Target) {
    loop {
        let received = client
            .receive_message()
            .queue_url(&queue_url)
            .max_number_of_messages(10)
            .wait_time_seconds(LONG_POLL)
            .send()
            .await;
        let messages = match received {
            Ok(received) => received.messages.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the queue does not answer");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        if messages.is_empty() {
            continue;
        }
        let done = target.work(&messages).await;
        delete(&client, &queue_url, messages.iter().zip(done).filter(|(_, done)| *done).map(|(message, _)| message))
            .await;
    }
}

async fn delete(client: &Client, queue_url: &str, messages: impl Iterator<Item = &Message>) {
    let entries = messages.enumerate().filter_map(|(at, message)| {
        let handle = message.receipt_handle()?;
        DeleteMessageBatchRequestEntry::builder().id(at.to_string()).receipt_handle(handle).build().ok()
    });
    let entries: Vec<_> = entries.collect();
    if entries.is_empty() {
        return;
    }
    // A message that is not deleted comes again, and finds its row done.
    if let Err(error) = client.delete_message_batch().queue_url(queue_url).set_entries(Some(entries)).send().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "messages could not be deleted; they come again");
    }
}
