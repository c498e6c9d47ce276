//! `ReceiveMessage`, with its long poll, and what a receipt handle opens.

use super::batch;
use super::digest;
use super::error::Fault;
use super::hub::{Hub, Queue};
use super::queue::{Message, Now};
use super::wire::{Batch, BatchAnswer, Handle, Nothing, OneHandle, ReceiveMessage, Received};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Receives at once, or as soon as there is something within the time to wait.
pub(super) async fn receive(hub: &Hub, request: ReceiveMessage) -> Result<Vec<Received>, Fault> {
    let queue = hub.by_url(&request.queue_url)?;
    let settings = queue.settings();
    let most = ranged("MaxNumberOfMessages", request.max_number_of_messages, 1..=10)?.unwrap_or(1);
    let visibility = seconds("VisibilityTimeout", request.visibility_timeout, 43_200)?.unwrap_or(settings.visibility);
    let wait = seconds("WaitTimeSeconds", request.wait_time_seconds, 20)?.unwrap_or(settings.wait);
    let deadline = Instant::now() + wait;
    let mut closing = hub.closing.clone();
    loop {
        // Listening starts before looking, so that nothing that arrives in between is missed.
        let bell = queue.bell.notified();
        let (taken, next) = take(hub, &queue, most, visibility);
        let over = Instant::now() >= deadline || *closing.borrow();
        if !taken.is_empty() || over || hub.by_name(&queue.name).is_none_or(|now| now.born != queue.born) {
            return Ok(taken.into_iter().map(|taken| show(&queue, taken, &request)).collect());
        }
        let until = next.map_or(deadline, |next| next.min(deadline));
        tokio::select! {
            () = bell => {}
            () = tokio::time::sleep_until(until) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    }
}

fn take(hub: &Hub, queue: &Queue, most: usize, visibility: Duration) -> (Vec<(u64, Message)>, Option<Instant>) {
    let settings = queue.settings();
    let dead_letters = settings.redrive.as_ref().and_then(|redrive| hub.by_name(&redrive.queue));
    // Without a place for dead letters they stay where they are.
    let too_often = settings.redrive.as_ref().filter(|_| dead_letters.is_some()).map(|redrive| redrive.max_receives);
    let now = Now::read();
    let (taken, next, left) = queue.with(|messages| {
        let taken = messages.take(most, visibility, too_often, now);
        (taken, messages.next_change(), messages.ready())
    });
    if left > 0 {
        // The bell keeps one ring at most: whoever took something passes it on while there is more.
        queue.bell.notify_one();
    }
    if let Some(target) = dead_letters {
        for mut message in taken.dead {
            message.receives = 0;
            message.first_received = None;
            message.system.insert("DeadLetterQueueSourceArn", queue.arn());
            let settings = target.settings();
            target.with(|messages| messages.put(message, &settings, Duration::ZERO, 0, now));
        }
    }
    (taken.messages, next)
}

fn show(queue: &Queue, (key, message): (u64, Message), request: &ReceiveMessage) -> Received {
    let receipt_handle = handle(queue, key, message.receives);
    let wanted = |name: &str| {
        let mut names = request.attribute_names.iter().chain(&request.message_system_attribute_names);
        names.any(|asked| asked == "All" || asked == name)
    };
    let mut attributes: BTreeMap<&'static str, String> = message.system;
    attributes.insert("ApproximateReceiveCount", message.receives.to_string());
    attributes.insert("SentTimestamp", millis(message.sent_at));
    attributes.insert("ApproximateFirstReceiveTimestamp", message.first_received.map(millis).unwrap_or_default());
    attributes.insert("SenderId", super::hub::ACCOUNT.to_owned());
    attributes.retain(|name, _| wanted(name));
    let mut message_attributes = message.attributes;
    message_attributes.retain(|name, _| request.message_attribute_names.iter().any(|asked| matches(asked, name)));
    Received {
        message_id: message.message_id,
        receipt_handle,
        md5_of_body: message.md5_of_body,
        body: message.body,
        attributes,
        md5_of_attributes: digest::attributes(&message_attributes),
        message_attributes,
    }
}

/// `All`, `.*`, `prefix.*`, or the name itself.
fn matches(asked: &str, name: &str) -> bool {
    asked == "All" || asked == name || asked.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
}

pub(super) fn millis(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string()
}

pub(super) fn delete(hub: &Hub, request: &OneHandle) -> Result<Nothing, Fault> {
    delete_in(&*hub.by_url(&request.queue_url)?, &request.of)
}

pub(super) fn delete_many(hub: &Hub, request: Batch<Handle>) -> Result<BatchAnswer<Nothing>, Fault> {
    let queue = hub.by_url(&request.queue_url)?;
    batch::check(&request.entries)?;
    Ok(batch::each(request.entries, |of| delete_in(&queue, &of)))
}

fn delete_in(queue: &Queue, of: &Handle) -> Result<Nothing, Fault> {
    let (key, receive) = open(queue, &of.receipt_handle)?;
    queue.with(|messages| messages.delete(key, receive));
    Ok(Nothing {})
}

pub(super) fn change(hub: &Hub, request: &OneHandle) -> Result<Nothing, Fault> {
    change_in(&hub.by_url(&request.queue_url)?, &request.of)
}

pub(super) fn change_many(hub: &Hub, request: Batch<Handle>) -> Result<BatchAnswer<Nothing>, Fault> {
    let queue = hub.by_url(&request.queue_url)?;
    batch::check(&request.entries)?;
    Ok(batch::each(request.entries, |of| change_in(&queue, &of)))
}

fn change_in(queue: &Arc<Queue>, of: &Handle) -> Result<Nothing, Fault> {
    let visibility = seconds("VisibilityTimeout", of.visibility_timeout, 43_200)?;
    let visibility = visibility.ok_or_else(|| Fault::missing("VisibilityTimeout"))?;
    let (key, receive) = open(queue, &of.receipt_handle)?;
    queue.with(|messages| messages.change(key, receive, visibility, Now::read())).map(|()| Nothing {})
}

/// A handle says which receive of which message of which queue it belongs to.
fn handle(queue: &Queue, key: u64, receive: u32) -> String {
    URL_SAFE.encode(format!("{}/{}/{key}/{receive}", queue.name, queue.born))
}

fn open(queue: &Queue, handle: &str) -> Result<(u64, u32), Fault> {
    let read = || {
        let words = String::from_utf8(URL_SAFE.decode(handle).ok()?).ok()?;
        let [name, born, key, receive] = words.split('/').collect::<Vec<_>>().try_into().ok()?;
        let fits = name == queue.name && born.parse() == Ok(queue.born);
        fits.then_some((key.parse().ok()?, receive.parse().ok()?))
    };
    read().ok_or_else(|| Fault::bad_handle(handle))
}

fn seconds(name: &str, value: Option<i64>, most: i64) -> Result<Option<Duration>, Fault> {
    Ok(ranged(name, value, 0..=most)?.map(|seconds| Duration::from_secs(seconds as u64)))
}

fn ranged(name: &str, value: Option<i64>, range: std::ops::RangeInclusive<i64>) -> Result<Option<usize>, Fault> {
    match value {
        Some(value) if !range.contains(&value) => Err(Fault::bad_parameter(format!(
            "Value {value} for parameter {name} is invalid. Reason: Must be between {} and {}, if provided.",
            range.start(),
            range.end()
        ))),
        value => Ok(value.and_then(|value| usize::try_from(value).ok())),
    }
}
