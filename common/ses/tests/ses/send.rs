//! What is asked of the API, and every answer's class.

use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use tenantry_model::ErrorClass::{
    self, AccountRefused, EmailError, EmailRefused, RateLimited, SenderRefused, UnknownOutcome, ValidationError,
};
use tenantry_provider::{Mail, Provider, ProviderConfig, SesConfig, Tag};
use tenantry_ses::{Ses, from_config};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    address, assert_fit_for_people, impatient, mail, sdk,
    server::{Act, Server, ok},
    ses,
};

#[tokio::test]
async fn a_message_travels_as_mime_with_its_blind_copies_beside_it() {
    let server = Server::start([ok(json!({"MessageId": "0100-abc"}))]).await;
    let full = Mail {
        cc: vec![address("bob@example.com").into()],
        bcc: vec![address("carol@example.com").into()],
        tags: vec![Tag::new("category", "invoices").unwrap()],
        ..mail()
    };
    let config = SesConfig { configuration_set: Some("events".into()), ..SesConfig::default() };
    let accepted = Ses::with_sdk(&sdk(&server.base).await, config).unwrap().send(&full).await.unwrap();
    assert_eq!(accepted.provider_message_id.as_deref(), Some("0100-abc"));
    let (line, body) = server.finish().remove(0);
    assert_eq!(line, "POST /v2/email/outbound-emails");
    assert_eq!(body["FromEmailAddress"], "noreply@mail.example.com");
    let to = json!({
        "ToAddresses": ["ada@example.com"], "CcAddresses": ["bob@example.com"], "BccAddresses": ["carol@example.com"],
    });
    assert_eq!(body["Destination"], to);
    let tags = json!([{"Name": "message", "Value": full.id}, {"Name": "category", "Value": "invoices"}]);
    assert_eq!((&body["EmailTags"], &body["ConfigurationSetName"]), (&tags, &json!("events")));
    let raw = STANDARD.decode(body["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap();
    let raw = String::from_utf8(raw).unwrap();
    assert!(raw.contains("Subject: Welcome\r\n") && raw.contains("Cc: bob@example.com\r\n"), "{raw}");
    assert!(!raw.contains("carol"), "{raw}");
}

const ROWS: &[(u16, &str, &str, ErrorClass)] = &[
    (429, "TooManyRequestsException", "Maximum sending rate exceeded.", RateLimited),
    (400, "ThrottlingException", "Rate exceeded", RateLimited),
    (429, "", "", RateLimited),
    (429, "TooManyRequestsException", "Daily message quota exceeded.", AccountRefused),
    (400, "LimitExceededException", "limit", AccountRefused),
    (400, "AccountSuspendedException", "suspended", AccountRefused),
    (400, "SendingPausedException", "paused", AccountRefused),
    (404, "NotFoundException", "Configuration set <x> does not exist.", AccountRefused),
    (403, "AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized", AccountRefused),
    (403, "SignatureDoesNotMatch", "no", AccountRefused),
    (400, "ExpiredTokenException", "expired", AccountRefused),
    (400, "UnrecognizedClientException", "no", AccountRefused),
    (400, "MailFromDomainNotVerifiedException", "no", SenderRefused),
    (400, "MessageRejected", "Email address is not verified: ada@example.com in region EU-WEST-1", SenderRefused),
    (400, "MessageRejected", "Message contains a virus.", EmailRefused),
    (400, "BadRequestException", "Missing final '@domain' ada@example.com", EmailRefused),
    (413, "", "", EmailRefused),
    (500, "InternalServiceErrorException", "no", UnknownOutcome),
    (503, "ServiceUnavailable", "no", UnknownOutcome),
    (408, "RequestTimeout", "no", UnknownOutcome),
];

#[tokio::test]
async fn every_error_has_its_class_and_is_asked_for_once() {
    for (status, name, message, class) in ROWS {
        let server = Server::start([Act::Error(*status, name, message)]).await;
        let fault = ses(&server.base).await.send(&mail()).await.unwrap_err();
        assert_eq!(fault.class, *class, "{status} {name}: {fault}");
        assert_eq!(fault.retry_after, (*class == RateLimited).then_some(1), "{fault}");
        assert_fit_for_people(&fault);
        server.finish();
    }
}

#[tokio::test]
async fn an_answer_that_is_missing_or_unreadable_is_unknown() {
    for (act, class) in [(Act::Hang, UnknownOutcome), (Act::Noise, UnknownOutcome)] {
        let server = Server::start([act]).await;
        let fault = impatient(&server.base).await.send(&mail()).await.unwrap_err();
        assert_eq!(fault.class, class, "{fault}");
        assert_fit_for_people(&fault);
        server.finish();
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_is_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let reset = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        tcp.readable().await.unwrap();
        tcp.set_zero_linger().unwrap();
    });
    let fault = ses(&base).await.send(&mail()).await.unwrap_err();
    assert_eq!(fault.class, UnknownOutcome, "{fault}");
    assert_fit_for_people(&fault);
    reset.await.unwrap();
}

#[tokio::test]
async fn an_api_that_cannot_be_reached_was_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for base in [base.as_str(), "http://nowhere.invalid"] {
        let fault = ses(base).await.send(&mail()).await.unwrap_err();
        assert_eq!(fault.class, EmailError, "{base}: {fault}");
        assert!(fault.message.contains("nothing was sent"), "{fault}");
        assert_fit_for_people(&fault);
    }
}

#[derive(Debug)]
struct NoCredentials;

impl ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("none here")))
    }
}

#[tokio::test]
async fn without_credentials_nothing_was_sent() {
    for provider in [None, Some(SharedCredentialsProvider::new(NoCredentials))] {
        let mut sdk = sdk("http://127.0.0.1:1").await.into_builder();
        sdk.set_credentials_provider(provider);
        let fault = Ses::with_sdk(&sdk.build(), SesConfig::default()).unwrap().send(&mail()).await.unwrap_err();
        assert_eq!(fault.class, EmailError, "{fault}");
        assert!(fault.message.contains("credentials") && fault.message.contains("nothing was sent"), "{fault}");
        assert_fit_for_people(&fault);
    }
}

#[tokio::test]
async fn a_connection_that_is_never_answered_was_sent_nothing() {
    // A queue that is full: the kernel answers no further greeting.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let full = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(connected) = timeout(Duration::from_millis(300), TcpStream::connect(full)).await {
        waiting.push(connected.unwrap());
    }
    let fault = impatient(&format!("http://{full}")).await.send(&mail()).await.unwrap_err();
    assert_eq!(fault.class, EmailError, "{fault}");
}

#[tokio::test]
async fn what_cannot_be_carried_is_refused_without_a_request() {
    let server = Server::start([]).await;
    let ses = ses(&server.base).await;
    let crowd = Mail { to: vec![address("ada@example.com").into(); 51], ..mail() };
    assert_eq!(ses.send(&crowd).await.unwrap_err().class, ValidationError);
    assert_eq!(ses.send_batch("b", &[mail(), mail()]).await.unwrap_err().class, ValidationError);
    assert!(server.finish().is_empty());
}

#[tokio::test]
async fn a_check_looks_whether_the_account_may_send() {
    let server = Server::start([ok(json!({"SendingEnabled": true})), ok(json!({"SendingEnabled": false}))]).await;
    let ses = ses(&server.base).await;
    ses.check().await.unwrap();
    assert_eq!(ses.check().await.unwrap_err().class, AccountRefused);
    assert_eq!(server.finish()[0].0, "GET /v2/email/account");
}

#[tokio::test]
async fn a_configuration_chooses_it() {
    let config = SesConfig {
        region: Some("eu-west-1".into()),
        verified_domains: vec!["*.mail.example.com".parse().unwrap()],
        ..SesConfig::default()
    };
    let provider = from_config(ProviderConfig::Ses(config)).await.unwrap();
    assert_eq!((provider.name(), provider.capabilities().idempotent), ("ses", false));
    assert!(provider.may_send_for("acme.mail.example.com") && !provider.may_send_for("mail.example.com"));
    assert_eq!(from_config(ProviderConfig::Discard).await.unwrap().name(), "discard");
}
