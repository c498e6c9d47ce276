use serde_json::{Value, json};
use tenantry_events::{BounceKind, EventKind, ProviderEvent, ses, sns::Notification};
use tenantry_model::{EmailAddress, MessageId};
use time::macros::datetime;

const EMAIL: &str = "0102019a7c191be4-5e9aedb9-a02f-4d12-a87d-dd0099a07f8a-000000";

fn said(message: String) -> ProviderEvent {
    ses::read(&Notification {
        id: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324".to_owned(),
        topic: "arn:aws:sns:eu-west-1:123456789012:mail-events".parse().unwrap(),
        subject: None,
        message,
        at: datetime!(2026-11-20 09:00:00 UTC),
    })
}

fn mail() -> Value {
    json!({
        "timestamp": "2026-11-20T08:59:50.240Z",
        "source": "Acme <noreply@acme.example>",
        "sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/acme.example",
        "sendingAccountId": "123456789012",
        "messageId": EMAIL,
        "destination": ["ada@customer.example", "bob@customer.example"],
        "headersTruncated": false,
        "headers": [{"name": "Subject", "value": "Your invoice"}],
        "commonHeaders": {"subject": "Your invoice", "from": ["Acme <noreply@acme.example>"]},
        "tags": {"ses:configuration-set": ["tenantry"], "ses:from-domain": ["acme.example"]},
    })
}

fn event(name: &str, part: &str, content: Value) -> ProviderEvent {
    said(json!({"eventType": name, "mail": mail(), part: content}).to_string())
}

fn texts(addresses: &[EmailAddress]) -> Vec<&str> {
    addresses.iter().map(EmailAddress::as_str).collect()
}

#[test]
fn an_event_says_whose_message_it_is_about_and_when() {
    let id = MessageId::new();
    let mut mail = mail();
    mail["tags"]["message"] = json!([id]);
    let delivery = json!({
        "timestamp": "2026-11-20T08:59:54.133Z",
        "processingTimeMillis": 3893,
        "recipients": ["bob@customer.example"],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "a1.eu-west-1.amazonses.com",
    });
    let event = said(json!({"eventType": "Delivery", "mail": mail, "delivery": delivery}).to_string());
    assert_eq!(event.id, "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324");
    assert_eq!(event.provider, "ses");
    assert_eq!(event.kind, EventKind::Delivered);
    assert_eq!(event.provider_message_id.as_deref(), Some(EMAIL));
    assert_eq!(event.message, Some(id));
    assert_eq!(texts(&event.recipients), ["bob@customer.example"]);
    assert_eq!(event.at, datetime!(2026-11-20 08:59:54.133 UTC));
    assert_eq!(
        event.detail,
        json!({
            "event": "Delivery",
            "processingTimeMillis": 3893,
            "smtpResponse": "250 2.6.0 Message received",
            "reportingMTA": "a1.eu-west-1.amazonses.com",
        })
    );
}

#[test]
fn every_event_has_its_kind() {
    let failed = |reason: &str| EventKind::Failed { reason: reason.to_owned() };
    for (name, part, content, expected) in [
        ("Send", "send", json!({}), EventKind::Sent),
        ("Reject", "reject", json!({"reason": "Bad content"}), failed("Bad content")),
        (
            "Rendering Failure",
            "failure",
            json!({"errorMessage": "Attribute 'name' is not present in the rendering data.", "templateName": "t"}),
            failed("Attribute 'name' is not present in the rendering data."),
        ),
        ("Open", "open", json!({"ipAddress": "192.0.2.1", "userAgent": "x"}), EventKind::Opened),
        ("Click", "click", json!({"link": "https://acme.example/"}), EventKind::Clicked),
        ("DeliveryDelay", "deliveryDelay", json!({"delayType": "MailboxFull"}), EventKind::Delayed),
    ] {
        let event = event(name, part, content);
        assert_eq!(event.kind, expected, "{name}");
        assert_eq!(event.provider_message_id.as_deref(), Some(EMAIL), "{name}");
        // No recipients of its own: all of the message. No time of its own: the message's.
        assert_eq!(texts(&event.recipients), ["ada@customer.example", "bob@customer.example"], "{name}");
        assert_eq!(event.at, datetime!(2026-11-20 08:59:50.240 UTC), "{name}");
    }
}

#[test]
fn a_delay_is_about_its_own_recipients() {
    let delay = json!({
        "timestamp": "2026-11-20T08:59:59.095Z",
        "delayType": "TransientCommunicationFailure",
        "expirationTime": "2026-11-20T22:59:59.914Z",
        "delayedRecipients": [{"emailAddress": "ada@customer.example", "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host"}],
    });
    let event = event("DeliveryDelay", "deliveryDelay", delay);
    assert_eq!(event.kind, EventKind::Delayed);
    assert_eq!(texts(&event.recipients), ["ada@customer.example"]);
    assert_eq!(event.detail["delayType"], "TransientCommunicationFailure");
}

fn bounce(bounce_type: &str, subtype: &str, diagnostic: Option<&str>) -> ProviderEvent {
    let mut recipient = json!({"emailAddress": "ada@customer.example", "action": "failed"});
    if let Some(diagnostic) = diagnostic {
        recipient["diagnosticCode"] = json!(diagnostic);
    }
    let content = json!({
        "bounceType": bounce_type,
        "bounceSubType": subtype,
        "bouncedRecipients": [recipient],
        "timestamp": "2026-11-20T08:59:55.669Z",
        "feedbackId": "0102019a44f053b-61b59c11-9236-11e6-8f96-7be8a-000000",
        "reportingMTA": "dsn; a1.eu-west-1.amazonses.com",
    });
    event("Bounce", "bounce", content)
}

#[test]
fn bounces_are_told_apart_and_name_who_bounced() {
    use BounceKind::{Hard, Infrastructure, Soft};
    for (bounce_type, subtype, diagnostic, expected) in [
        ("Permanent", "General", Some("smtp; 550 5.1.1 user unknown"), Hard),
        ("Permanent", "NoEmail", None, Hard),
        ("Permanent", "General", Some("smtp; 550 5.7.1 listed at spamhaus"), Infrastructure),
        ("Transient", "General", None, Soft),
        ("Transient", "MailboxFull", Some("smtp; 552 5.2.2 over quota"), Soft),
        ("Transient", "MessageTooLarge", None, Infrastructure),
        ("Transient", "ContentRejected", None, Infrastructure),
        ("Transient", "AttachmentRejected", None, Infrastructure),
        ("Undetermined", "Undetermined", None, Soft),
    ] {
        let event = bounce(bounce_type, subtype, diagnostic);
        let EventKind::Bounced(bounce) = event.kind else { panic!("{bounce_type}/{subtype} is no bounce") };
        assert_eq!(bounce.kind, expected, "{bounce_type}/{subtype}");
        assert_eq!(bounce.reason, diagnostic.map_or(format!("{bounce_type}: {subtype}"), str::to_owned));
        assert_eq!(texts(&event.recipients), ["ada@customer.example"]);
        assert_eq!(event.at, datetime!(2026-11-20 08:59:55.669 UTC));
    }
}

#[test]
fn what_ses_did_not_even_try_is_a_suppression() {
    for subtype in ["Suppressed", "OnAccountSuppressionList", "UnsubscribedRecipient"] {
        assert_eq!(bounce("Permanent", subtype, None).kind, EventKind::Suppressed, "{subtype}");
    }
    let complaint = json!({"complainedRecipients": [], "complaintSubType": "OnAccountSuppressionList"});
    assert_eq!(event("Complaint", "complaint", complaint).kind, EventKind::Suppressed);
}

#[test]
fn a_complaint_is_one_unless_the_report_says_otherwise() {
    let complaint = |feedback: Value| {
        let recipients = json!([{"emailAddress": "bob@customer.example"}]);
        let content =
            json!({"complainedRecipients": recipients, "complaintSubType": null, "complaintFeedbackType": feedback});
        event("Complaint", "complaint", content)
    };
    for feedback in [json!("abuse"), json!("fraud"), json!("other"), Value::Null] {
        let event = complaint(feedback.clone());
        assert_eq!(event.kind, EventKind::Complained, "{feedback}");
        assert_eq!(texts(&event.recipients), ["bob@customer.example"]);
    }
    for feedback in ["not-spam", "auth-failure"] {
        assert_eq!(complaint(json!(feedback)).kind, EventKind::Other(feedback.to_owned()));
    }
}

#[test]
fn leaving_a_list_is_an_unsubscription_and_coming_back_is_none() {
    let changed = |all: bool, status: &str| {
        let topics = json!([{"topicName": "news", "subscriptionStatus": status}]);
        let content = json!({
            "contactList": "customers",
            "timestamp": "2026-11-20T08:59:58.910Z",
            "source": "UnsubscribeHeader",
            "newTopicPreferences": {"unsubscribeAll": all, "topicSubscriptionStatus": topics},
            "oldTopicPreferences": {"unsubscribeAll": false, "topicSubscriptionStatus": []},
        });
        event("Subscription", "subscription", content).kind
    };
    assert_eq!(changed(true, "OptIn"), EventKind::Unsubscribed);
    assert_eq!(changed(false, "OptOut"), EventKind::Unsubscribed);
    assert_eq!(changed(false, "OPT_OUT"), EventKind::Unsubscribed);
    assert_eq!(changed(false, "OptIn"), EventKind::Other("Subscription".to_owned()));
}

#[test]
fn feedback_notifications_are_read_alike() {
    let mut mail = mail();
    mail.as_object_mut().unwrap().remove("tags");
    let recipients = json!([{"emailAddress": "ada@customer.example", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]);
    let bounce = json!({"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipients});
    let event = said(json!({"notificationType": "Bounce", "mail": mail, "bounce": bounce}).to_string());
    let EventKind::Bounced(bounce) = &event.kind else { panic!("{:?}", event.kind) };
    assert_eq!(bounce.kind, BounceKind::Hard);
    assert_eq!((event.provider_message_id.as_deref(), event.message), (Some(EMAIL), None));
}

#[test]
fn what_is_no_event_is_kept_and_never_an_error() {
    let greeting = said("Successfully validated SNS topic for Amazon SES event publishing.".to_owned());
    assert_eq!(greeting.kind, EventKind::Other("notice".to_owned()));
    assert_eq!(greeting.at, datetime!(2026-11-20 09:00:00 UTC));
    let greeting = said(json!({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "..."}).to_string());
    assert_eq!(greeting.kind, EventKind::Other("AmazonSnsSubscriptionSucceeded".to_owned()));
    for text in ["[]", "7", "null", "{}", "{\"eventType\":\"Bounce\"}", "{\"eventType\":\"Teleported\",\"mail\":[]}"] {
        let event = said(text.to_owned());
        assert_eq!((event.provider_message_id, event.message, event.recipients.len()), (None, None, 0), "{text}");
    }
}

#[test]
fn nothing_private_is_kept() {
    let click = json!({"ipAddress": "192.0.2.1", "userAgent": "Lynx", "link": "https://acme.example/reset?token=s3cret", "linkTags": {"a": ["b"]}});
    let event = event("Click", "click", click);
    assert_eq!(event.detail, json!({"event": "Click", "link": "https://acme.example/reset"}));
    let shown = format!("{event:?}");
    assert!(!shown.contains("ada@") && shown.contains("…@customer.example"), "{shown}");
}
