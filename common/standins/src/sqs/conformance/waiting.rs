//! Long polls and delays: what waiting promises.

use super::client::Queue;
use anyhow::{Result, ensure};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName::{DelaySeconds, ReceiveMessageWaitTimeSeconds};
use std::time::{Duration, Instant};

/// What a second may last at least, seen from here: clocks of endpoints are coarse.
const ABOUT_A_SECOND: Duration = Duration::from_millis(850);
/// What anything that takes "about a second" must be done by, on a busy machine.
const SOON: Duration = Duration::from_secs(5);

pub(super) async fn a_long_poll_ends_empty_after_its_time(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let start = Instant::now();
    ensure!(queue.receive(1, 30).await?.is_empty(), "something came");
    let took = start.elapsed();
    ensure!((ABOUT_A_SECOND..SOON).contains(&took), "it took {took:?}");
    queue.remove().await
}

pub(super) async fn a_long_poll_wakes_when_a_message_arrives(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let start = Instant::now();
    let (received, sent) = tokio::join!(queue.receive(20, 30), async {
        // The poll has to be waiting for it.
        tokio::time::sleep(Duration::from_millis(400)).await;
        queue.send("wake up").await
    });
    sent?;
    let received = received?;
    ensure!(received.len() == 1, "received {}", received.len());
    ensure!(start.elapsed() < SOON, "it took {:?}", start.elapsed());
    queue.remove().await
}

pub(super) async fn the_queue_says_how_long_to_wait_when_the_request_does_not(client: Client) -> Result<()> {
    let queue = Queue::with(&client, &[(ReceiveMessageWaitTimeSeconds, "1")]).await?;
    let start = Instant::now();
    client.receive_message().queue_url(&queue.url).send().await?;
    ensure!((ABOUT_A_SECOND..SOON).contains(&start.elapsed()), "it took {:?}", start.elapsed());
    queue.remove().await
}

pub(super) async fn a_delayed_message_appears_when_its_delay_is_over(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let start = Instant::now();
    client.send_message().queue_url(&queue.url).message_body("later").delay_seconds(1).send().await?;
    ensure!(queue.receive(0, 30).await?.is_empty(), "it came at once");
    queue.receive_one(10, 30).await?;
    ensure!((ABOUT_A_SECOND..SOON).contains(&start.elapsed()), "it took {:?}", start.elapsed());
    queue.remove().await
}

pub(super) async fn the_queue_says_how_long_to_delay_when_the_message_does_not(client: Client) -> Result<()> {
    let queue = Queue::with(&client, &[(DelaySeconds, "1")]).await?;
    queue.send("later").await?;
    ensure!(queue.receive(0, 30).await?.is_empty(), "it came at once");
    queue.receive_one(10, 30).await?;
    client.send_message().queue_url(&queue.url).message_body("now").delay_seconds(0).send().await?;
    ensure!(queue.receive(0, 30).await?.len() == 1, "a delay of nothing did not overrule the queue's");
    queue.remove().await
}
