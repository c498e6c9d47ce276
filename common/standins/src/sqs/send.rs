//! `SendMessage` and `SendMessageBatch`.

use super::batch;
use super::digest;
use super::error::Fault;
use super::hub::{Hub, Queue};
use super::queue::{Message, Now};
use super::settings::{MAX_BYTES, Settings};
use super::wire::{Attributes, Batch, BatchAnswer, Receipt, SendMessage, Sent};
use std::time::Duration;
use uuid::Uuid;

pub(super) fn one(hub: &Hub, request: SendMessage) -> Result<Receipt, Fault> {
    let queue = hub.by_url(&request.queue_url)?;
    send(hub, &queue, request.sent)
}

pub(super) fn many(hub: &Hub, request: Batch<Sent>) -> Result<BatchAnswer<Receipt>, Fault> {
    let queue = hub.by_url(&request.queue_url)?;
    batch::check(&request.entries)?;
    let bytes = request.entries.iter().map(|entry| size(&entry.of)).sum();
    if bytes > MAX_BYTES {
        return Err(Fault::batch_too_long(MAX_BYTES, bytes));
    }
    Ok(batch::each(request.entries, |sent| send(hub, &queue, sent)))
}

fn send(hub: &Hub, queue: &Queue, sent: Sent) -> Result<Receipt, Fault> {
    let settings = queue.settings();
    let delay = check(&sent, &settings)?;
    let body = sent.message_body.unwrap_or_default();
    let now = Now::read();
    let digest = digest::body(&body);
    let mut message = Message::new(Uuid::new_v4().to_string(), body, digest, sent.message_attributes, now);
    let trace = sent.message_system_attributes.get("AWSTraceHeader").and_then(|header| header.string_value.clone());
    message.system.extend(trace.map(|trace| ("AWSTraceHeader", trace)));
    message.system.extend(sent.message_group_id.map(|group| ("MessageGroupId", group)));
    queue.accept(&message, delay, hub.misbehaviour().as_deref(), now);
    Ok(Receipt {
        md5_of_attributes: digest::attributes(&message.attributes),
        md5_of_system_attributes: digest::attributes(&sent.message_system_attributes),
        message_id: message.message_id,
        md5_of_body: message.md5_of_body,
    })
}

/// Everything a message may be refused for; its delay when it is fine.
fn check(sent: &Sent, settings: &Settings) -> Result<Duration, Fault> {
    let body = sent.message_body.as_deref().ok_or_else(|| Fault::missing("MessageBody"))?;
    if body.is_empty() {
        return Err(Fault::missing("MessageBody"));
    }
    if size(sent) > settings.max_bytes {
        return Err(Fault::too_long(settings.max_bytes));
    }
    let values = sent.message_attributes.values().filter_map(|attribute| attribute.string_value.as_deref());
    if !values.chain([body]).all(|text| text.chars().all(allowed)) {
        return Err(Fault::bad_contents());
    }
    check_attributes(&sent.message_attributes)?;
    if sent.message_deduplication_id.is_some() {
        let message = "The request include parameter that is not valid for this queue type: MessageDeduplicationId";
        return Err(Fault::bad_parameter(message));
    }
    match sent.delay_seconds {
        None => Ok(settings.delay),
        Some(seconds @ 0..=900) => Ok(Duration::from_secs(seconds.unsigned_abs())),
        Some(seconds) => Err(Fault::bad_parameter(format!(
            "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        ))),
    }
}

fn check_attributes(attributes: &Attributes) -> Result<(), Fault> {
    if attributes.len() > 10 {
        return Err(Fault::bad_parameter(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [10].",
            attributes.len()
        )));
    }
    for (name, attribute) in attributes {
        let known =
            attribute.data_type.split('.').next().is_some_and(|kind| ["String", "Number", "Binary"].contains(&kind));
        let binary = attribute.data_type.starts_with("Binary");
        let value = if binary {
            attribute.binary().is_some_and(|value| !value.is_empty())
        } else {
            attribute.string_value.as_deref().is_some_and(|value| !value.is_empty())
        };
        if !known || !value {
            return Err(Fault::bad_parameter(format!(
                "The message attribute '{name}' must have a non-empty value and the type String, Number or Binary."
            )));
        }
    }
    Ok(())
}

/// What counts: the body, and names, types and values of attributes.
fn size(sent: &Sent) -> usize {
    let attributes = sent.message_attributes.iter().map(|(name, attribute)| {
        let value =
            attribute.binary().map_or_else(|| attribute.string_value.as_deref().map_or(0, str::len), |it| it.len());
        name.len() + attribute.data_type.len() + value
    });
    sent.message_body.as_deref().map_or(0, str::len) + attributes.sum::<usize>()
}

/// The characters of XML 1.0.
fn allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
