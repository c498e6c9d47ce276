//! What is refused, and by which error.

use super::client::{Queue, handle, refusal};
use anyhow::{Context, Result, ensure};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName::MaximumMessageSize;

pub(super) async fn an_unknown_queue_has_its_own_error(client: Client) -> Result<()> {
    let name = format!("conformance-absent-{}", uuid::Uuid::new_v4().simple());
    let absent = client.get_queue_url().queue_name(&name).send().await.err().context("found an absent queue")?;
    let absent = absent.into_service_error();
    ensure!(absent.is_queue_does_not_exist(), "GetQueueUrl: {absent:?}");
    let queue = Queue::new(&client).await?;
    let url = queue.url.replace(&queue.name, &name);
    let sent = client.send_message().queue_url(&url).message_body("x").send().await.err().context("sent to nowhere")?;
    let sent = sent.into_service_error();
    ensure!(sent.is_queue_does_not_exist(), "SendMessage: {sent:?}");
    let received = client.receive_message().queue_url(&url).send().await.err().context("received from nowhere")?;
    let received = received.into_service_error();
    ensure!(received.is_queue_does_not_exist(), "ReceiveMessage: {received:?}");
    queue.remove().await
}

pub(super) async fn a_handle_that_is_none_has_its_own_error(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let outcome = client.delete_message().queue_url(&queue.url).receipt_handle("nonsense").send().await;
    let error = outcome.err().context("nonsense was deleted")?.into_service_error();
    ensure!(error.is_receipt_handle_is_invalid(), "{error:?}");
    queue.remove().await
}

pub(super) async fn the_visibility_of_a_deleted_message_cannot_be_changed(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    queue.send("gone").await?;
    let message = queue.receive_one(1, 30).await?;
    queue.delete(&message).await?;
    let request = client.change_message_visibility().queue_url(&queue.url).receipt_handle(handle(&message));
    let code = refusal(request.visibility_timeout(30).send().await)?;
    let known = ["InvalidParameterValue", "MessageNotInflight", "ReceiptHandleIsInvalid"];
    ensure!(known.iter().any(|known| code.ends_with(known)), "{code}");
    queue.remove().await
}

pub(super) async fn a_message_over_the_queues_limit_is_refused(client: Client) -> Result<()> {
    let queue = Queue::with(&client, &[(MaximumMessageSize, "2048")]).await?;
    queue.send(&"x".repeat(2048)).await?;
    let over = client.send_message().queue_url(&queue.url).message_body("x".repeat(2049)).send().await;
    let code = refusal(over)?;
    ensure!(code == "InvalidParameterValue", "{code}");
    // Over the limit whether it is 256 KiB (until 2025) or 1 MiB.
    let ordinary = Queue::new(&client).await?;
    let huge = "x".repeat(1024 * 1024 + 1);
    let code = refusal(client.send_message().queue_url(&ordinary.url).message_body(huge).send().await)?;
    ensure!(code == "InvalidParameterValue", "{code}");
    ordinary.remove().await?;
    queue.remove().await
}

pub(super) async fn characters_outside_xml_are_refused(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let outcome = client.send_message().queue_url(&queue.url).message_body("a\u{1}b").send().await;
    let code = refusal(outcome)?;
    ensure!(code == "InvalidMessageContents", "{code}");
    queue.remove().await
}

pub(super) async fn numbers_out_of_range_are_refused(client: Client) -> Result<()> {
    let queue = Queue::new(&client).await?;
    let url = &queue.url;
    let sent = client.send_message().queue_url(url).message_body("x").delay_seconds(901).send().await;
    refusal(sent).context("a delay of 901 seconds")?;
    for most in [0, 11] {
        let received = client.receive_message().queue_url(url).max_number_of_messages(most).send().await;
        refusal(received).with_context(|| format!("{most} messages at once"))?;
    }
    let received = client.receive_message().queue_url(url).wait_time_seconds(21).send().await;
    refusal(received).context("a wait of 21 seconds")?;
    queue.remove().await
}
