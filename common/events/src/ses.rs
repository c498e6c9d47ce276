//! Amazon SES's events, as they come through SNS: event publishing of a configuration set (`eventType`) and feedback
//! notifications of an identity (`notificationType`).
//!
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>,
//! <https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html>

use serde_json::{Value, json};

use crate::{
    Bounce, EventKind, ProviderEvent, bounce,
    fields::{addresses, cut, link, message, moment, pick, text},
    sns::Notification,
};

/// This provider's name in the configuration.
pub const NAME: &str = "ses";

/// Reads what a genuine notification of SNS says about mail.
///
/// Never fails: what is no event of SES (SES greets a new topic with a plain sentence) is [`EventKind::Other`].
#[must_use]
pub fn read(notification: &Notification) -> ProviderEvent {
    let event: Value = serde_json::from_str(&notification.message).unwrap_or_default();
    let name = event["eventType"].as_str().or_else(|| event["notificationType"].as_str()).unwrap_or("notice");
    let part = &event[part(name)];
    let mail = &event["mail"];
    ProviderEvent {
        id: notification.id.clone(),
        provider: NAME,
        kind: kind(name, part),
        provider_message_id: mail["messageId"].as_str().map(cut),
        message: message(&mail["tags"]),
        recipients: recipients(part, mail),
        at: moment(text(part, "timestamp")).or_else(|| moment(text(mail, "timestamp"))).unwrap_or(notification.at),
        detail: detail(name, part),
    }
}

/// The member that holds what an event of this name is about.
fn part(name: &str) -> &'static str {
    match name {
        "Send" => "send",
        "Delivery" => "delivery",
        "DeliveryDelay" => "deliveryDelay",
        "Bounce" => "bounce",
        "Complaint" => "complaint",
        "Reject" => "reject",
        "Rendering Failure" | "RenderingFailure" => "failure",
        "Open" => "open",
        "Click" => "click",
        "Subscription" => "subscription",
        // No member of SES has this name, so it reads as null.
        _ => "none",
    }
}

fn kind(name: &str, part: &Value) -> EventKind {
    match name {
        "Send" => EventKind::Sent,
        "Delivery" => EventKind::Delivered,
        "DeliveryDelay" => EventKind::Delayed,
        "Bounce" => bounced(part),
        "Complaint" => complained(part),
        "Reject" => EventKind::Failed { reason: cut(text(part, "reason")) },
        "Rendering Failure" | "RenderingFailure" => EventKind::Failed { reason: cut(text(part, "errorMessage")) },
        "Open" => EventKind::Opened,
        "Click" => EventKind::Clicked,
        "Subscription" if unsubscribed(&part["newTopicPreferences"]) => EventKind::Unsubscribed,
        other => EventKind::Other(cut(other)),
    }
}

fn bounced(part: &Value) -> EventKind {
    let (bounce_type, subtype) = (text(part, "bounceType"), text(part, "bounceSubType"));
    if bounce::is_suppressed(subtype) {
        return EventKind::Suppressed;
    }
    let recipients = part["bouncedRecipients"].as_array().map_or(&[][..], Vec::as_slice);
    let said: Vec<&str> = recipients.iter().filter_map(|recipient| recipient["diagnosticCode"].as_str()).collect();
    let reason = said.first().map_or_else(|| format!("{bounce_type}: {subtype}"), |said| (*said).to_owned());
    EventKind::Bounced(Bounce { kind: bounce::kind(bounce_type, subtype, &said), reason: cut(&reason) })
}

fn complained(part: &Value) -> EventKind {
    if bounce::is_suppressed(text(part, "complaintSubType")) {
        return EventKind::Suppressed;
    }
    match text(part, "complaintFeedbackType") {
        // Reports of the same channel in which nobody complains (IANA, Feedback Report Type Values).
        report @ ("not-spam" | "auth-failure") => EventKind::Other(report.to_owned()),
        _ => EventKind::Complained,
    }
}

/// Whether the contact's new preferences refuse anything; a contact that comes back is no event of ours.
fn unsubscribed(preferences: &Value) -> bool {
    let topics = preferences["topicSubscriptionStatus"].as_array().map_or(&[][..], Vec::as_slice);
    preferences["unsubscribeAll"] == true
        || topics.iter().any(|topic| text(topic, "subscriptionStatus").to_lowercase().replace('_', "") == "optout")
}

/// The recipients of this event, which its part names; else all of the message.
fn recipients(part: &Value, mail: &Value) -> Vec<tenantry_model::EmailAddress> {
    let named = ["bouncedRecipients", "complainedRecipients", "delayedRecipients", "recipients"];
    let named = named.iter().find_map(|key| part.get(*key)).unwrap_or(&mail["destination"]);
    addresses(named, "emailAddress")
}

fn detail(name: &str, part: &Value) -> Value {
    const KEPT: [&str; 19] = [
        "bounceType",
        "bounceSubType",
        "bouncedRecipients",
        "feedbackId",
        "reportingMTA",
        "complaintSubType",
        "complaintFeedbackType",
        "processingTimeMillis",
        "smtpResponse",
        "delayType",
        "delayedRecipients",
        "expirationTime",
        "reason",
        "errorMessage",
        "templateName",
        "contactList",
        "source",
        "newTopicPreferences",
        "oldTopicPreferences",
    ];
    let mut detail = pick(part, &KEPT);
    if let Some(followed) = part["link"].as_str() {
        detail.insert("link".to_owned(), link(followed));
    }
    detail.insert("event".to_owned(), json!(cut(name)));
    Value::Object(detail)
}
