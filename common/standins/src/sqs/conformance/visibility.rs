//! Visibility: a received message is hidden, not gone.

use super::client::{Queue, handle, receives};
use anyhow::{Result, ensure};
use aws_sdk_sqs::Client;

pub(super) async fn a_received_message_hides_and_comes_back_with_a_higher_count(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let id = queue.send("again").await?;
    queue.receive_one(1, 1).await?;
    ensure!(queue.receive(0, 30).await?.is_empty(), "it is not hidden");
    let again = queue.receive_one(5, 30).await?;
    ensure!(again.message_id() == Some(&id), "another message: {again:?}");
    ensure!(receives(&again)? == 2, "received {} times", receives(&again)?);
    queue.remove().await
}

pub(super) async fn a_handle_still_deletes_after_its_visibility_expired(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    queue.send("late").await?;
    let message = queue.receive_one(1, 0).await?;
    queue.delete(&message).await?;
    ensure!(queue.receive(1, 30).await?.is_empty(), "it is still there");
    queue.remove().await
}

pub(super) async fn a_visibility_of_nothing_brings_a_message_back_at_once(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    queue.send("back").await?;
    let message = queue.receive_one(1, 600).await?;
    let request = client.change_message_visibility().queue_url(&queue.url).receipt_handle(handle(&message));
    request.visibility_timeout(0).send().await?;
    queue.receive_one(1, 30).await?;
    queue.remove().await
}

pub(super) async fn a_prolonged_message_stays_hidden(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    queue.send("mine").await?;
    let message = queue.receive_one(1, 1).await?;
    let request = client.change_message_visibility().queue_url(&queue.url).receipt_handle(handle(&message));
    request.visibility_timeout(60).send().await?;
    ensure!(queue.receive(2, 30).await?.is_empty(), "it came back after its first visibility");
    queue.delete(&message).await?;
    queue.remove().await
}
