//! Batches: what concerns the whole, and an answer per entry.

use super::client::{Queue, handle, refusal};
use anyhow::{Context, Result, ensure};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, SendMessageBatchRequestEntry,
};
use std::collections::HashSet;

fn entry(id: impl Into<String>, body: impl Into<String>) -> Result<SendMessageBatchRequestEntry> {
    Ok(SendMessageBatchRequestEntry::builder().id(id).message_body(body).build()?)
}

fn deletion(id: impl Into<String>, handle: &str) -> Result<DeleteMessageBatchRequestEntry> {
    Ok(DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build()?)
}

/// Receives until there are this many: a batch may arrive in several answers.
async fn all(queue: &Queue, wanted: usize) -> Result<Vec<Message>> {
    let mut messages = Vec::new();
    while messages.len() < wanted {
        let more = queue.receive(2, 30).await?;
        ensure!(!more.is_empty(), "only {} of {wanted} arrived", messages.len());
        messages.extend(more);
    }
    Ok(messages)
}

pub(super) async fn ten_are_sent_received_and_deleted_by_batch(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let entries =
        (0..10).map(|number| entry(format!("n-{number}"), format!("body {number}"))).collect::<Result<_>>()?;
    let sent = client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries)).send().await?;
    ensure!(sent.failed().is_empty(), "{:?}", sent.failed());
    let ids: HashSet<_> = sent.successful().iter().map(|entry| entry.message_id()).collect();
    ensure!(ids.len() == 10, "{} ids", ids.len());
    let messages = all(&queue, 10).await?;
    let bodies: HashSet<_> = messages.iter().filter_map(|message| message.body()).collect();
    ensure!(bodies.len() == 10, "{bodies:?}");
    let entries = messages.iter().enumerate();
    let entries = entries.map(|(id, message)| deletion(id.to_string(), handle(message))).collect::<Result<_>>()?;
    let deleted = client.delete_message_batch().queue_url(&queue.url).set_entries(Some(entries)).send().await?;
    ensure!(deleted.successful().len() == 10 && deleted.failed().is_empty(), "{deleted:?}");
    queue.remove().await
}

pub(super) async fn a_batch_deletes_what_it_can_and_names_the_rest(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    queue.send("good").await?;
    let message = queue.receive_one(1, 1).await?;
    let request = client.delete_message_batch().queue_url(&queue.url);
    let answer =
        request.entries(deletion("good", handle(&message))?).entries(deletion("bad", "nonsense")?).send().await?;
    ensure!(answer.successful().iter().map(|done| done.id()).eq(["good"]), "{answer:?}");
    let failed = answer.failed().first().context("nothing failed")?;
    ensure!(
        failed.id() == "bad" && failed.sender_fault() && failed.code().contains("ReceiptHandleIsInvalid"),
        "{failed:?}"
    );
    ensure!(queue.receive(2, 30).await?.is_empty(), "the good one was not deleted");
    queue.remove().await
}

pub(super) async fn a_batch_changes_what_it_can_and_names_the_rest(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    queue.send("good").await?;
    let message = queue.receive_one(1, 30).await?;
    let change = |id: &str, handle: &str| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id).receipt_handle(handle);
        entry.visibility_timeout(0).build()
    };
    let request = client.change_message_visibility_batch().queue_url(&queue.url);
    let answer = request.entries(change("good", handle(&message))?).entries(change("bad", "nonsense")?).send().await?;
    ensure!(answer.successful().iter().map(|done| done.id()).eq(["good"]), "{answer:?}");
    ensure!(answer.failed().iter().map(|failed| failed.id()).eq(["bad"]), "{answer:?}");
    queue.receive_one(1, 30).await.context("the good one did not come back")?;
    queue.remove().await
}

pub(super) async fn a_wrong_batch_is_refused_as_a_whole(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let numbered = |count: u32| (0..count).map(|number| entry(number.to_string(), "x")).collect::<Result<Vec<_>>>();
    for (entries, expected) in [
        (vec![], "EmptyBatchRequest"),
        (numbered(11)?, "TooManyEntriesInBatchRequest"),
        (vec![entry("same", "a")?, entry("same", "b")?], "BatchEntryIdsNotDistinct"),
        (vec![entry("not an id!", "a")?], "InvalidBatchEntryId"),
    ] {
        let outcome = client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries)).send().await;
        let code = refusal(outcome).context(expected)?;
        ensure!(code.ends_with(expected), "{code} instead of {expected}");
    }
    ensure!(queue.receive(0, 30).await?.is_empty(), "a part of a refused batch was sent");
    queue.remove().await
}

/// Over the limit whether it is 256 KiB (until 2025) or 1 MiB.
pub(super) async fn a_batch_that_is_too_long_is_refused_as_a_whole(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let body = "x".repeat(150 * 1024);
    let entries = (0..10).map(|number| entry(number.to_string(), body.clone())).collect::<Result<_>>()?;
    let outcome = client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries)).send().await;
    let code = refusal(outcome)?;
    ensure!(code.ends_with("BatchRequestTooLong"), "{code}");
    ensure!(queue.receive(0, 30).await?.is_empty(), "a part of it was sent");
    queue.remove().await
}
