use std::sync::{
    Arc, LazyLock, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{
    CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize, SigningKey, date_time_ymd,
};
use serde_json::{Value, json};
use tenantry_events::{
    Rejected,
    sns::{Certificates, Message, NEWEST, OLDEST, Sns, TopicArn},
};
use time::{Duration, OffsetDateTime, macros::datetime};
use url::Url;

const NOW: OffsetDateTime = datetime!(2026-11-20 09:00:00 UTC);
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:mail-events";
const CERTIFICATE_URL: &str =
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";

static KEY: LazyLock<KeyPair> = LazyLock::new(rsa_key);
static PEM: LazyLock<String> = LazyLock::new(|| certificate(&KEY, "sns.amazonaws.com", 2026, 2027));

fn rsa_key() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

fn certificate(key: &KeyPair, name: &str, from_year: i32, to_year: i32) -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(from_year, 1, 1);
    params.not_after = date_time_ymd(to_year, 1, 1);
    params.self_signed(key).unwrap().pem()
}

/// Serves certificates by a list of answers, the last one for ever, and counts.
struct Shelf {
    answers: Mutex<Vec<Result<Vec<u8>, String>>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Certificates for Shelf {
    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, String> {
        assert_eq!(url.as_str(), CERTIFICATE_URL);
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    }
}

fn shelf(answers: Vec<Result<Vec<u8>, String>>) -> (Arc<Shelf>, Sns) {
    let shelf = Arc::new(Shelf { answers: Mutex::new(answers), asked: AtomicUsize::new(0) });
    (Arc::clone(&shelf), Sns::new(vec![topic()], shelf))
}

fn genuine() -> (Arc<Shelf>, Sns) {
    shelf(vec![Ok(PEM.clone().into_bytes())])
}

fn topic() -> TopicArn {
    TOPIC.parse().unwrap()
}

fn notification() -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": "{\"eventType\":\"Send\"}\nsecond line",
        "Timestamp": "2026-11-20T08:59:54.066Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
    })
}

fn confirmation(kind: &str) -> Value {
    json!({
        "Type": kind,
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "Token": "2336412f37",
        "TopicArn": TOPIC,
        "Message": "You have chosen to subscribe to the topic.",
        "SubscribeURL": format!("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37"),
        "Timestamp": "2026-11-20T08:59:54.066Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
    })
}

/// Signs as the documentation of SNS says, written down once more here: names in alphabetical order.
fn signed(mut message: Value) -> Value {
    let fields = if message["Type"] == "Notification" {
        vec!["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    } else {
        vec!["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    };
    let mut text = String::new();
    for field in fields {
        if let Some(value) = message[field].as_str() {
            text += &format!("{field}\n{value}\n");
        }
    }
    let signature = KEY.sign(text.as_bytes()).unwrap();
    message["Signature"] = json!(STANDARD.encode(signature));
    message
}

async fn read(sns: &Sns, message: &Value) -> Result<Message, Rejected> {
    sns.read(message.to_string().as_bytes(), NOW).await
}

#[tokio::test]
async fn a_genuine_notification_is_read_and_its_certificate_fetched_once() {
    let (shelf, sns) = genuine();
    for _ in 0..3 {
        let Message::Notification(read) = read(&sns, &signed(notification())).await.unwrap() else { panic!() };
        assert_eq!(read.id, "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324");
        assert_eq!(read.topic, topic());
        assert_eq!(read.subject.as_deref(), Some("Amazon SES Email Event Notification"));
        assert_eq!(read.message, "{\"eventType\":\"Send\"}\nsecond line");
        assert_eq!(read.at, datetime!(2026-11-20 08:59:54.066 UTC));
    }
    assert_eq!(shelf.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_notification_may_have_no_subject() {
    let (_, sns) = genuine();
    let mut message = notification();
    message.as_object_mut().unwrap().remove("Subject");
    assert!(read(&sns, &signed(message.clone())).await.is_ok());
    message["Subject"] = Value::Null;
    assert!(read(&sns, &signed(message)).await.is_ok());
}

#[tokio::test]
async fn a_message_of_version_1_is_read() {
    // Signed by `openssl dgst -sha1`, since nothing here makes SHA-1 signatures any more; its key was thrown away.
    let (_, sns) = shelf(vec![Ok(include_bytes!("../fixtures/sns-version-1.pem").to_vec())]);
    let message: Value = serde_json::from_slice(include_bytes!("../fixtures/sns-version-1.json")).unwrap();
    assert_eq!(message["SignatureVersion"], "1");
    assert!(matches!(read(&sns, &message).await, Ok(Message::Notification(_))));
    // The same signature is none under SHA-256, and the text is checked under SHA-1 too.
    let changed = |field: &str, value: &str| {
        let mut changed = message.clone();
        changed[field] = json!(value);
        changed
    };
    assert_eq!(read(&sns, &changed("SignatureVersion", "2")).await, Err(Rejected::WrongSignature));
    assert_eq!(read(&sns, &changed("Message", "another")).await, Err(Rejected::WrongSignature));
}

#[tokio::test]
async fn every_field_that_is_signed_is_checked() {
    let (_, sns) = genuine();
    for (field, value) in [
        ("Message", json!("another")),
        ("MessageId", json!("another")),
        ("Subject", json!("another")),
        ("Subject", Value::Null),
        ("Timestamp", json!("2026-11-20T08:59:54.067Z")),
        ("Type", json!("SubscriptionConfirmation")),
        ("Signature", json!(STANDARD.encode([7; 256]))),
        ("Signature", json!("")),
    ] {
        let mut message = signed(notification());
        message[field] = value;
        assert_eq!(read(&sns, &message).await, Err(Rejected::WrongSignature), "{field}");
    }
    for field in ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "Type"] {
        let mut message = signed(confirmation("SubscriptionConfirmation"));
        let longer = match field {
            "Type" => "UnsubscribeConfirmation".to_owned(),
            "Timestamp" => "2026-11-20T08:59:54.067Z".to_owned(),
            _ => message[field].as_str().unwrap().to_owned() + "x",
        };
        message[field] = json!(longer);
        assert_eq!(read(&sns, &message).await, Err(Rejected::WrongSignature), "{field}");
    }
}

#[tokio::test]
async fn a_signature_of_another_key_is_refused() {
    let (_, sns) = shelf(vec![Ok(certificate(&rsa_key(), "sns.amazonaws.com", 2026, 2027).into_bytes())]);
    assert_eq!(read(&sns, &signed(notification())).await, Err(Rejected::WrongSignature));
}

#[tokio::test]
async fn a_version_we_do_not_know_is_refused() {
    let (_, sns) = genuine();
    let mut message = signed(notification());
    message["SignatureVersion"] = json!("3");
    assert_eq!(read(&sns, &message).await, Err(Rejected::UnknownSignatureVersion));
}

#[tokio::test]
async fn a_message_is_good_for_an_hour() {
    let (_, sns) = genuine();
    let body = signed(notification()).to_string();
    let at = datetime!(2026-11-20 08:59:54.066 UTC);
    for (now, expected) in [
        (at + OLDEST, Ok(())),
        (at - NEWEST, Ok(())),
        (at + OLDEST + Duration::SECOND, Err(Rejected::TooOld { seconds: 3601 })),
        (at - NEWEST - Duration::SECOND, Err(Rejected::TooNew { seconds: 301 })),
    ] {
        assert_eq!(sns.read(body.as_bytes(), now).await.map(|_| ()), expected);
    }
}

#[tokio::test]
async fn nothing_is_fetched_for_what_cannot_be_genuine() {
    let (shelf, sns) = genuine();
    let mut foreign = notification();
    foreign["TopicArn"] = json!("arn:aws:sns:eu-west-1:999999999999:mail-events");
    assert_eq!(read(&sns, &signed(foreign)).await, Err(Rejected::ForeignTopic));
    let mut elsewhere = notification();
    elsewhere["SigningCertURL"] = json!("https://sns.eu-west-1.amazonaws.com.evil.example/a.pem");
    assert_eq!(read(&sns, &signed(elsewhere)).await, Err(Rejected::ForeignUrl("SigningCertURL")));
    let mut stale = notification();
    stale["Timestamp"] = json!("2026-11-20T07:00:00.000Z");
    assert_eq!(read(&sns, &signed(stale)).await, Err(Rejected::TooOld { seconds: 7200 }));
    // A subscription with "raw message delivery" posts what was published alone, and signs nothing.
    for body in ["", "{}", "[]", "{\"eventType\":\"Send\"}", "{\"Type\":\"Invitation\"}"] {
        assert!(matches!(sns.read(body.as_bytes(), NOW).await, Err(Rejected::Unreadable(_))), "{body:?}");
    }
    assert_eq!(shelf.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_certificate_must_be_issued_to_sns_hold_an_rsa_key_and_be_valid() {
    let elliptic = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    for (pem, why) in [
        (certificate(&KEY, "s3.amazonaws.com", 2026, 2027), "it was not issued to SNS"),
        (certificate(&KEY, "sns.amazonaws.com.evil.example", 2026, 2027), "it was not issued to SNS"),
        (certificate(&elliptic, "sns.amazonaws.com", 2026, 2027), "its key is not RSA"),
        (certificate(&KEY, "sns.amazonaws.com", 2024, 2026), "it is not valid today"),
        (certificate(&KEY, "sns.amazonaws.com", 2027, 2028), "it is not valid today"),
        ("<html>Not found</html>".to_owned(), "it is not X.509 in PEM"),
        (String::new(), "it is not X.509 in PEM"),
    ] {
        let (_, sns) = shelf(vec![Ok(pem.into_bytes())]);
        assert_eq!(read(&sns, &signed(notification())).await, Err(Rejected::Certificate(why)));
    }
}

#[tokio::test]
async fn a_kept_certificate_expires_too() {
    let (_, sns) = shelf(vec![Ok(certificate(&KEY, "sns.amazonaws.com", 2026, 2027).into_bytes())]);
    assert!(read(&sns, &signed(notification())).await.is_ok());
    let later = datetime!(2027-01-02 00:00 UTC);
    let mut message = notification();
    message["Timestamp"] = json!("2027-01-02T00:00:00.000Z");
    let answer = sns.read(signed(message).to_string().as_bytes(), later).await;
    assert_eq!(answer, Err(Rejected::Certificate("it is not valid today")));
}

#[tokio::test]
async fn a_failed_fetch_is_temporary_and_not_remembered() {
    let (shelf, sns) = shelf(vec![
        Err("no answer within 5 s".to_owned()),
        Ok(b"<html>try later</html>".to_vec()),
        Ok(PEM.clone().into_bytes()),
    ]);
    let message = signed(notification());
    let first = read(&sns, &message).await.unwrap_err();
    assert_eq!((first.is_temporary(), first.word()), (true, "unavailable"));
    assert!(matches!(read(&sns, &message).await, Err(Rejected::Certificate(_))));
    assert!(read(&sns, &message).await.is_ok());
    assert_eq!(shelf.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_confirmation_leads_to_sns_and_nowhere_else() {
    let (_, sns) = genuine();
    let Message::SubscriptionConfirmation(asked) =
        read(&sns, &signed(confirmation("SubscriptionConfirmation"))).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(asked.topic, topic());
    assert_eq!(asked.subscribe_url.host_str(), Some("sns.eu-west-1.amazonaws.com"));
    assert!(!format!("{asked:?}").contains("2336412f37"));
    let ended = read(&sns, &signed(confirmation("UnsubscribeConfirmation"))).await.unwrap();
    assert!(matches!(ended, Message::UnsubscribeConfirmation(_)));

    // Even a signed one is held to its form.
    let mut elsewhere = confirmation("SubscriptionConfirmation");
    elsewhere["SubscribeURL"] = json!("http://169.254.169.254/latest/meta-data/");
    assert_eq!(read(&sns, &signed(elsewhere)).await, Err(Rejected::ForeignUrl("SubscribeURL")));
    let mut without = confirmation("SubscriptionConfirmation");
    without.as_object_mut().unwrap().remove("SubscribeURL");
    assert_eq!(read(&sns, &signed(without)).await, Err(Rejected::ForeignUrl("SubscribeURL")));
}
