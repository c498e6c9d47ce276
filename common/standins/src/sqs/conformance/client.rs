//! A queue of its own for a scenario, and the calls all scenarios make.

use anyhow::{Context, Result, ensure};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

/// A fresh queue.
pub(super) struct Queue {
    pub(super) client: Client,
    pub(super) name: String,
    pub(super) url: String,
}

impl Queue {
    pub(super) async fn with(client: &Client, attributes: &[(QueueAttributeName, &str)]) -> Result<Queue> {
        let name = format!("conformance-{}", uuid::Uuid::new_v4().simple());
        let mut request = client.create_queue().queue_name(&name);
        for (attribute, value) in attributes {
            request = request.attributes(attribute.clone(), *value);
        }
        let url = request.send().await.context("creating a queue")?.queue_url.context("no queue URL")?;
        Ok(Queue { client: client.clone(), name, url })
    }

    pub(super) async fn new(client: &Client) -> Result<Queue> {
        Queue::with(client, &[]).await
    }

    /// Removes the queue. A scenario that fails before leaves its queue behind, for whoever looks into it.
    pub(super) async fn remove(self) -> Result<()> {
        self.client.delete_queue().queue_url(&self.url).send().await.context("deleting a queue")?;
        Ok(())
    }

    pub(super) async fn send(&self, body: &str) -> Result<String> {
        let sent =
            self.client.send_message().queue_url(&self.url).message_body(body).send().await.context("sending")?;
        sent.message_id.context("no message id")
    }

    /// Receives up to ten, waiting up to this many seconds, hidden for that many.
    pub(super) async fn receive(&self, wait: i32, visibility: i32) -> Result<Vec<Message>> {
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
        let received =
            request.wait_time_seconds(wait).visibility_timeout(visibility).send().await.context("receiving")?;
        Ok(received.messages.unwrap_or_default())
    }

    /// Receives exactly one message.
    pub(super) async fn receive_one(&self, wait: i32, visibility: i32) -> Result<Message> {
        let mut messages = self.receive(wait, visibility).await?;
        ensure!(messages.len() == 1, "expected one message, received {}", messages.len());
        Ok(messages.remove(0))
    }

    pub(super) async fn delete(&self, message: &Message) -> Result<()> {
        let request = self.client.delete_message().queue_url(&self.url).receipt_handle(handle(message));
        request.send().await.context("deleting a message")?;
        Ok(())
    }

    pub(super) async fn attribute(&self, name: QueueAttributeName) -> Result<String> {
        let request = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone());
        let attributes = request.send().await.context("asking for attributes")?.attributes.unwrap_or_default();
        attributes.get(&name).cloned().with_context(|| format!("no attribute {name}"))
    }
}

pub(super) fn handle(message: &Message) -> &str {
    message.receipt_handle().unwrap_or_default()
}

/// How often it was received.
pub(super) fn receives(message: &Message) -> Result<u32> {
    let count = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount));
    Ok(count.context("no receive count")?.parse()?)
}

/// The error code of a refused call; fails when it was not refused, or not by the service.
pub(super) fn refusal<T, E: ProvideErrorMetadata + std::fmt::Debug>(
    outcome: std::result::Result<T, SdkError<E>>,
) -> Result<String> {
    let error = outcome.err().context("it was accepted")?;
    let error = error.as_service_error().with_context(|| format!("no answer of the service: {error:?}"))?;
    Ok(error.code().context("an error without a code")?.to_owned())
}
