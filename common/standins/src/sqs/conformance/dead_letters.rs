//! Dead letters.

use super::client::{Queue, receives};
use anyhow::{Result, ensure};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName::{QueueArn, RedrivePolicy};

/// A queue with dead letters after two receives, and the queue they go to.
async fn pair(client: &Client) -> Result<(Queue, Queue)> {
    let dead = Queue::new(client).await?;
    let arn = dead.attribute(QueueArn).await?;
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"2"}}"#);
    Ok((Queue::with(client, &[(RedrivePolicy, &policy)]).await?, dead))
}

pub(super) async fn a_message_received_too_often_goes_to_the_dead_letters(client: Client) -> Result<()> {
    let (queue, dead) = pair(&client).await?;
    queue.send("poison").await?;
    for time in 1..=2 {
        let message = queue.receive_one(1, 0).await?;
        ensure!(receives(&message)? == time, "received {} times instead of {time}", receives(&message)?);
    }
    ensure!(queue.receive(1, 0).await?.is_empty(), "it was received a third time");
    let letter = dead.receive_one(5, 30).await?;
    ensure!(letter.body() == Some("poison"), "{letter:?}");
    queue.remove().await?;
    dead.remove().await
}

pub(super) async fn a_deleted_message_never_becomes_a_dead_letter(client: Client) -> Result<()> {
    let (queue, dead) = pair(&client).await?;
    queue.send("fine").await?;
    queue.receive_one(1, 0).await?;
    let message = queue.receive_one(1, 30).await?;
    queue.delete(&message).await?;
    ensure!(queue.receive(1, 30).await?.is_empty() && dead.receive(0, 30).await?.is_empty(), "it is still somewhere");
    queue.remove().await?;
    dead.remove().await
}
