//! Queues themselves.

use super::client::{Queue, refusal};
use anyhow::{Result, ensure};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName::{
    ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, QueueArn, VisibilityTimeout,
};

pub(super) async fn a_queue_is_created_once_found_and_listed(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let again = client.create_queue().queue_name(&queue.name).send().await?;
    ensure!(again.queue_url() == Some(&queue.url), "created twice: {again:?}");
    let found = client.get_queue_url().queue_name(&queue.name).send().await?;
    ensure!(found.queue_url() == Some(&queue.url), "found {found:?}");
    let listed = client.list_queues().queue_name_prefix(&queue.name).send().await?;
    ensure!(listed.queue_urls() == [queue.url.clone()], "listed {listed:?}");
    ensure!(queue.attribute(QueueArn).await?.ends_with(&format!(":{}", queue.name)), "its ARN has another name");
    queue.remove().await
}

pub(super) async fn another_value_for_an_existing_queue_is_refused(client: Client) -> Result<()> {
    let queue = Queue::with(&client, &[(VisibilityTimeout, "40")]).await?;
    let same = client.create_queue().queue_name(&queue.name).attributes(VisibilityTimeout, "40").send().await?;
    ensure!(same.queue_url() == Some(&queue.url), "the same attributes made another queue");
    let other = client.create_queue().queue_name(&queue.name).attributes(VisibilityTimeout, "41").send().await;
    let code = refusal(other)?;
    ensure!(code.ends_with("QueueAlreadyExists") || code == "QueueNameExists", "{code}");
    queue.remove().await
}

pub(super) async fn attributes_are_kept_and_counts_are_told(client: Client) -> Result<()> {
    let queue = Queue::with(&client, &[(VisibilityTimeout, "33")]).await?;
    ensure!(queue.attribute(VisibilityTimeout).await? == "33", "not as created");
    client.set_queue_attributes().queue_url(&queue.url).attributes(VisibilityTimeout, "44").send().await?;
    ensure!(queue.attribute(VisibilityTimeout).await? == "44", "not as set");
    let wrong = client.set_queue_attributes().queue_url(&queue.url).attributes(VisibilityTimeout, "43201").send().await;
    let code = refusal(wrong)?;
    ensure!(code == "InvalidAttributeValue", "{code}");
    queue.send("one").await?;
    queue.send("two").await?;
    let count = queue.attribute(ApproximateNumberOfMessages).await?;
    ensure!(count == "2", "{count} messages");
    let taken = queue.receive(1, 30).await?.len().to_string();
    let count = queue.attribute(ApproximateNumberOfMessagesNotVisible).await?;
    ensure!(count == taken, "{count} in flight of {taken}");
    queue.remove().await
}

pub(super) async fn a_purge_leaves_nothing(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    for body in ["a", "b", "c"] {
        queue.send(body).await?;
    }
    client.purge_queue().queue_url(&queue.url).send().await?;
    ensure!(queue.receive(0, 30).await?.is_empty(), "something is left");
    queue.send("new").await?;
    let message = queue.receive_one(1, 30).await?;
    ensure!(message.body() == Some("new"), "{message:?}");
    queue.remove().await
}
