use secrecy::SecretString;
use serde_json::{Value, json};
use tenantry_events::{BounceKind, DomainEvent, EventKind, ProviderEvent, Rejected, resend, signature::Secrets};
use tenantry_model::MessageId;
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-20 09:00:00 UTC);
const EMAIL: &str = "56761188-7520-42d8-8898-ff6fc54ce618";

fn secrets() -> Secrets {
    Secrets::parse(&SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap()
}

/// Signs a body as Resend does, and reads it.
fn post(body: &[u8]) -> Result<ProviderEvent, Rejected> {
    let signed = secrets().sign("msg_2abc", NOW, body).unwrap().headers();
    let header = |name: &str| signed.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    resend::read(header, body, &secrets(), NOW)
}

fn event(name: &str, data: Value) -> ProviderEvent {
    let body = json!({"type": name, "created_at": "2026-11-20T08:59:58.126Z", "data": data});
    post(body.to_string().as_bytes()).unwrap()
}

/// The data every event about outbound mail carries, with more.
fn mail(more: Value) -> Value {
    let mut data = json!({
        "email_id": EMAIL,
        "created_at": "2026-11-20T08:59:50.000Z",
        "from": "Acme <noreply@acme.example>",
        "to": ["Ada <ada@customer.example>"],
        "subject": "Your invoice",
        "headers": [{"name": "X-Entity-Ref", "value": "123"}],
        "tags": {"category": "invoices"},
    });
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    data
}

#[test]
fn an_event_says_whose_message_it_is_about_and_when() {
    let id = MessageId::new();
    let event = event("email.delivered", mail(json!({"tags": {"message": id, "tenant": "ten_1"}})));
    assert_eq!(event.id, "msg_2abc");
    assert_eq!(event.provider, "resend");
    assert_eq!(event.kind, EventKind::Delivered);
    assert_eq!(event.provider_message_id.as_deref(), Some(EMAIL));
    assert_eq!(event.message, Some(id));
    assert_eq!(event.recipients, ["ada@customer.example".parse().unwrap()]);
    assert_eq!(event.at, datetime!(2026-11-20 08:59:58.126 UTC));
    assert_eq!(event.detail, json!({"event": "email.delivered"}));
}

#[test]
fn tags_may_be_a_list_too() {
    let id = MessageId::new();
    let event = event("email.sent", mail(json!({"tags": [{"name": "message", "value": id}]})));
    assert_eq!(event.message, Some(id));
}

#[test]
fn every_event_has_its_kind() {
    for (name, more, expected) in [
        ("email.sent", json!({}), EventKind::Sent),
        ("email.delivered", json!({}), EventKind::Delivered),
        ("email.delivery_delayed", json!({}), EventKind::Delayed),
        ("email.complained", json!({}), EventKind::Complained),
        ("email.opened", json!({}), EventKind::Opened),
        ("email.clicked", json!({"click": {}}), EventKind::Clicked),
        ("email.scheduled", json!({}), EventKind::Scheduled),
        ("email.received", json!({"message_id": "<a@b.example>", "attachments": []}), EventKind::Received),
        (
            "email.failed",
            json!({"failed": {"reason": "reached_daily_quota"}}),
            EventKind::Failed { reason: "reached_daily_quota".to_owned() },
        ),
        (
            "email.suppressed",
            json!({"suppressed": {"type": "OnAccountSuppressionList", "reason": "previous_bounce", "message": "-", "diagnosticCode": []}}),
            EventKind::Suppressed,
        ),
    ] {
        let event = event(name, mail(more));
        assert_eq!(event.kind, expected, "{name}");
        assert_eq!(event.provider_message_id.as_deref(), Some(EMAIL), "{name}");
    }
}

fn bounced(bounce: Value) -> EventKind {
    event("email.bounced", mail(json!({"bounce": bounce}))).kind
}

#[test]
fn bounces_are_told_apart_and_keep_what_the_server_said() {
    for (bounce_type, subtype, said, expected) in [
        ("Permanent", "General", "smtp; 550 5.1.1 user unknown", BounceKind::Hard),
        ("Permanent", "NoEmail", "smtp; 550 5.1.1 user unknown", BounceKind::Hard),
        ("Permanent", "General", "smtp; 550 5.7.1 blocked using a DNSBL", BounceKind::Infrastructure),
        ("Transient", "General", "smtp; 451 4.3.2 try later", BounceKind::Soft),
        ("Transient", "MailboxFull", "smtp; 552 5.2.2 over quota", BounceKind::Soft),
        ("Transient", "ContentRejected", "smtp; 554 no", BounceKind::Infrastructure),
        ("Undetermined", "Undetermined", "smtp; 550 what", BounceKind::Soft),
    ] {
        let bounce = json!({"type": bounce_type, "subType": subtype, "message": "words", "diagnosticCode": [said]});
        let EventKind::Bounced(bounce) = bounced(bounce) else { panic!("{bounce_type}/{subtype} is no bounce") };
        assert_eq!(bounce.kind, expected, "{bounce_type}/{subtype}");
        assert_eq!(bounce.reason, said);
    }
}

#[test]
fn a_bounce_without_a_diagnostic_keeps_the_providers_words() {
    let EventKind::Bounced(bounce) = bounced(json!({"type": "Permanent", "subType": "General", "message": "gone"}))
    else {
        panic!("no bounce")
    };
    assert_eq!((bounce.kind, bounce.reason.as_str()), (BounceKind::Hard, "gone"));
}

#[test]
fn a_bounce_off_the_accounts_own_list_is_a_suppression() {
    for subtype in ["Suppressed", "OnAccountSuppressionList"] {
        let kind = bounced(json!({"type": "Permanent", "subType": subtype, "message": "on the list"}));
        assert_eq!(kind, EventKind::Suppressed, "{subtype}");
    }
}

#[test]
fn timestamps_of_postgres_are_read_and_a_missing_one_is_the_signatures() {
    let at =
        |created: Value| post(json!({"type": "email.sent", "created_at": created, "data": {}}).to_string().as_bytes());
    assert_eq!(at(json!("2023-04-03 22:13:42.674981+00")).unwrap().at, datetime!(2023-04-03 22:13:42.674981 UTC));
    assert_eq!(at(json!("soon")).unwrap().at, NOW);
    assert_eq!(at(Value::Null).unwrap().at, NOW);
}

#[test]
fn domain_events_name_the_domain_and_its_status() {
    let data = json!({
        "id": "d91cd9bd-1176-453e-8fc1-35364d380206",
        "name": "Mail.Acme.Example",
        "status": "partially_verified",
        "created_at": "2026-04-26T20:21:26.347412+00:00",
        "region": "eu-west-1",
        "records": [{"record": "SPF", "name": "send", "type": "MX", "ttl": "Auto", "status": "verified", "value": "feedback-smtp.eu-west-1.amazonses.com", "priority": 10}],
    });
    for (name, status) in [
        ("domain.created", "partially_verified"),
        ("domain.updated", "partially_verified"),
        ("domain.deleted", "deleted"),
    ] {
        let event = event(name, data.clone());
        let expected = DomainEvent { domain: "mail.acme.example".to_owned(), status: status.to_owned() };
        assert_eq!(event.kind, EventKind::Domain(expected), "{name}");
        assert_eq!((event.provider_message_id, event.message, event.recipients.len()), (None, None, 0));
        assert_eq!(event.detail["id"], "d91cd9bd-1176-453e-8fc1-35364d380206");
        assert_eq!(event.detail["records"][0]["status"], "verified");
    }
}

#[test]
fn what_we_do_not_know_is_kept_and_never_an_error() {
    for name in ["contact.updated", "email.folded_into_a_swan", "domain.sold", ""] {
        let id = MessageId::new();
        let data = json!({"email": "ada@customer.example", "email_id": EMAIL, "to": ["ada@customer.example"], "tags": {"message": id}});
        let event = event(name, data);
        assert_eq!(event.kind, EventKind::Other(name.to_owned()));
        // Only what is about a message of ours names one.
        let ours = name.starts_with("email.");
        assert_eq!(event.provider_message_id.is_some(), ours, "{name}");
        assert_eq!((event.message, event.recipients.len()), (ours.then_some(id), usize::from(ours)), "{name}");
    }
    // Every field of a known event may be missing, null, or of another type.
    for data in [json!(null), json!({}), json!([]), json!({"to": 7, "tags": "x", "bounce": [], "email_id": {}})] {
        let event = event("email.bounced", data);
        assert!(matches!(event.kind, EventKind::Bounced(_)), "{:?}", event.kind);
        assert_eq!((event.provider_message_id, event.message, event.recipients.len()), (None, None, 0));
    }
}

#[test]
fn nothing_private_is_kept() {
    let click = json!({"click": {"ipAddress": "192.0.2.7", "link": "https://acme.example/reset?token=s3cret#x", "timestamp": "2026-11-20T08:59:58Z", "userAgent": "Lynx"}});
    let event = event("email.clicked", mail(click));
    assert_eq!(event.detail, json!({"event": "email.clicked", "link": "https://acme.example/reset"}));
    let shown = format!("{event:?}");
    assert!(!shown.contains("ada@") && shown.contains("…@customer.example"), "{shown}");
}

#[test]
fn nothing_is_read_before_its_signature_is_right() {
    let body = json!({"type": "email.sent"}).to_string();
    let answer = resend::read(|_| None, body.as_bytes(), &secrets(), NOW);
    assert_eq!(answer, Err(Rejected::MissingHeader("webhook-id")));
    let signed = secrets().sign("msg_2abc", NOW, body.as_bytes()).unwrap().headers();
    let header = |name: &str| signed.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let answer = resend::read(header, body.replace("sent", "opened").as_bytes(), &secrets(), NOW);
    assert_eq!(answer, Err(Rejected::WrongSignature));
}

#[test]
fn a_genuine_body_that_is_no_object_is_refused() {
    for body in ["", "not json", "[]", "7", "{\"type\":", "null"] {
        assert!(matches!(post(body.as_bytes()), Err(Rejected::Unreadable(_))), "{body:?}");
    }
}
