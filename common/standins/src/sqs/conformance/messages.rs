//! One message, sent, received and deleted.

use super::client::{Queue, handle, receives};
use anyhow::{Context, Result, ensure};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName};

pub(super) async fn a_message_arrives_whole(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let body = "{\"command\":\"grüße 🚀\",\n\t\"quoted\": \"\\\"\"}";
    let sent = client.send_message().queue_url(&queue.url).message_body(body).send().await?;
    let message = queue.receive_one(1, 30).await?;
    ensure!(message.body() == Some(body), "{message:?}");
    ensure!(message.message_id() == sent.message_id(), "another id");
    ensure!(message.md5_of_body().is_some() && message.md5_of_body() == sent.md5_of_message_body(), "another digest");
    ensure!(receives(&message)? == 1, "received {} times", receives(&message)?);
    let at = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
    let at: i64 = at.context("no timestamp")?.parse()?;
    let now = time::OffsetDateTime::now_utc().unix_timestamp() * 1000;
    ensure!((at - now).abs() < 60_000, "sent at {at}, and it is {now}");
    queue.delete(&message).await?;
    queue.remove().await
}

pub(super) async fn attributes_come_when_asked_for(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let text = MessageAttributeValue::builder().data_type("String").string_value("00-abc-01").build()?;
    let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0, 255])).build()?;
    let request = client.send_message().queue_url(&queue.url).message_body("with attributes");
    let sent = request.message_attributes("trace", text).message_attributes("raw", bytes).send().await?;
    let bare = queue.receive_one(1, 0).await?;
    ensure!(bare.message_attributes().is_none_or(|all| all.is_empty()), "attributes nobody asked for: {bare:?}");
    let request = client.receive_message().queue_url(&queue.url).message_attribute_names("All").wait_time_seconds(1);
    let received = request.send().await?;
    let message = received.messages().first().context("nothing received")?;
    let all = message.message_attributes().context("no attributes")?;
    ensure!(all.get("trace").and_then(|value| value.string_value()) == Some("00-abc-01"), "{all:?}");
    ensure!(
        all.get("raw").and_then(|value| value.binary_value()).map(AsRef::as_ref) == Some(&[0u8, 255][..]),
        "{all:?}"
    );
    ensure!(sent.md5_of_message_attributes().is_some(), "no digest of the attributes");
    ensure!(message.md5_of_message_attributes() == sent.md5_of_message_attributes(), "another digest");
    queue.remove().await
}

pub(super) async fn a_second_delete_is_no_error(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    queue.send("once").await?;
    let message = queue.receive_one(1, 30).await?;
    queue.delete(&message).await?;
    queue.delete(&message).await?;
    ensure!(queue.receive(0, 30).await?.is_empty(), "it is still there");
    queue.remove().await
}

pub(super) async fn a_handle_of_an_earlier_receive_is_no_error(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    queue.send("twice").await?;
    let first = queue.receive_one(1, 0).await?;
    let second = queue.receive_one(1, 30).await?;
    ensure!(handle(&first) != handle(&second), "both receives have the same handle");
    // Whether this deletes is left open ("DeleteMessage", SQS API reference); that it succeeds is not.
    queue.delete(&first).await?;
    queue.delete(&second).await?;
    queue.remove().await
}
