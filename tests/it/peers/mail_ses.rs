//! Mail by SES, against one that is not ours.

use aws_sdk_sesv2::Client;
use serde_json::{Value, json};
use tenantry_model::{EmailAddress, ErrorClass, MessageId};
use tenantry_provider::{DomainStatus, Domains as _, Mail, Mailbox, NewDomain, Provider as _, SesConfig, Tag};
use tenantry_ses::Ses;
use tenantry_tests::TestStack;

use super::ministack::{MiniStack, REGION};

const WHOLE_WAY: &str = "peers::mail_ses::carries_a_message_of_the_whole_stack";

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn named(name: &str, at: &str) -> Mailbox {
    Mailbox { name: Some(name.parse().unwrap()), address: address(at) }
}

fn mail(from: &str) -> Mail {
    let to = vec![named("Zoë", "zoe@customer.example"), address("ada@customer.example").into()];
    let text = "Grüße\n.\n.hidden\n".to_owned();
    Mail {
        cc: vec![address("bob@customer.example").into()],
        bcc: vec![address("archive@acme.example").into()],
        html: Some("<p>Grüße</p>".to_owned()),
        tags: vec![Tag::new("invoice", "2024-117").unwrap()],
        ..Mail::new(MessageId::new(), named("Acme Ü", from), to, "Grüße an Zoë".parse().unwrap(), text)
    }
}

async fn identity(ministack: &MiniStack, name: &str) {
    Client::new(&ministack.sdk().await).create_email_identity().email_identity(name).send().await.unwrap();
}

/// Everything that was sent, oldest first.
async fn sent(endpoint: &str) -> Vec<Value> {
    let seen: Value = reqwest::get(format!("{endpoint}/_ministack/ses/messages")).await.unwrap().json().await.unwrap();
    let accounts = seen["messages"].as_object().unwrap_or_else(|| panic!("{seen}"));
    accounts.values().flat_map(|messages| messages.as_array().unwrap()).cloned().collect()
}

#[tokio::test]
async fn a_message_is_taken_from_a_domain_that_is_ours_and_from_no_other() {
    let Some(ministack) = MiniStack::start(&[]).await else { return };
    let ses = Ses::with_sdk(&ministack.sdk().await, SesConfig::default()).unwrap();
    ses.check().await.unwrap_or_else(|fault| panic!("{fault}\n{}", ministack.log()));
    identity(&ministack, "mail.acme.example").await;

    let accepted = ses.send(&mail("noreply@mail.acme.example")).await.unwrap();
    let messages = sent(&ministack.endpoint).await;
    assert_eq!(messages.len(), 1, "{messages:#?}");
    let seen = &messages[0];
    assert_eq!(seen["MessageId"].as_str(), accepted.provider_message_id.as_deref());
    assert_eq!(seen["Source"], "noreply@mail.acme.example");
    assert_eq!(seen["To"], json!(["zoe@customer.example", "ada@customer.example"]));
    assert_eq!((&seen["CC"], &seen["BCC"]), (&json!(["bob@customer.example"]), &json!(["archive@acme.example"])));
    assert_eq!(seen["Subject"], "Grüße an Zoë");
    assert_eq!(
        seen["BodyText"].as_str().map(|text| text.replace("\r\n", "\n")).as_deref(),
        Some("Grüße\n.\n.hidden\n")
    );
    assert_eq!(seen["BodyHtml"].as_str().map(str::trim_end), Some("<p>Grüße</p>"));

    let stranger = ses.send(&mail("noreply@stranger.example")).await.unwrap_err();
    assert_eq!(stranger.class, ErrorClass::SenderRefused, "{stranger}");
    assert!(stranger.message.contains("not send from this From domain"), "{stranger}");
    assert!(!stranger.message.contains("stranger") && !stranger.message.contains(REGION), "{stranger}");
    assert_eq!(sent(&ministack.endpoint).await.len(), 1);
}

#[tokio::test]
async fn domains_are_shown_found_and_forgotten() {
    let Some(ministack) = MiniStack::start(&[]).await else { return };
    let ses = Ses::with_sdk(&ministack.sdk().await, SesConfig::default()).unwrap();
    assert_eq!(ses.get("mail.acme.example").await.unwrap(), None);
    identity(&ministack, "mail.acme.example").await;
    let domain = ses.get("mail.acme.example").await.unwrap().expect("what was made");
    assert_eq!(ses.find("mail.acme.example").await.unwrap().as_ref(), Some(&domain));
    assert_eq!((domain.id.as_str(), domain.name.as_str()), ("mail.acme.example", "mail.acme.example"));
    assert_eq!(domain.status, DomainStatus::Verified, "it verifies everything at once");
    let keys: Vec<_> = domain.records.iter().filter(|record| record.purpose == "DKIM").collect();
    assert_eq!(keys.len(), 3, "{:#?}", domain.records);
    for key in keys {
        let token = key.name.strip_suffix("._domainkey.mail.acme.example").unwrap_or_else(|| panic!("{key:?}"));
        assert_eq!(key.kind, "CNAME");
        assert!(key.value.starts_with(&format!("{token}.")) && key.value.ends_with("dkim.amazonses.com"), "{key:?}");
    }
    ses.verify("mail.acme.example").await.unwrap();
    ses.delete("mail.acme.example").await.unwrap();
    assert_eq!(ses.find("mail.acme.example").await.unwrap(), None);
    ses.delete("mail.acme.example").await.unwrap();

    // This one knows no MAIL FROM domains. When it learns them, `create` is to be tried here as a whole.
    let created = ses.create(&NewDomain::new("other.acme.example")).await;
    assert!(created.is_err(), "MiniStack has learnt MAIL FROM domains: {created:?}");
    assert!(ses.get("other.acme.example").await.unwrap().is_some(), "begun, and to be asked for again");
}

/// Not a test by itself: what the next one runs in another process. AWS's client reads its account and endpoint from the
/// process's environment, which is this whole test run's.
#[tokio::test]
#[ignore = "run by the test below, with an environment of its own"]
async fn carries_a_message_of_the_whole_stack() {
    let endpoint = std::env::var("AWS_ENDPOINT_URL_SESV2").unwrap();
    let settings = [("EMAIL_PROVIDER", "ses"), ("SES_VERIFIED_DOMAINS", "*.tenantry.test")];
    let stack = TestStack::with(&settings, local::Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let ids = stack.post(vec![stack.draft(tenant, "ada@customer.example")]).await;
    stack.settles(ids[0], "sent").await;
    let messages = sent(&endpoint).await;
    assert_eq!(messages.len(), 1, "{messages:#?}");
    let seen = &messages[0];
    assert_eq!((&seen["Source"], &seen["Subject"]), (&json!("noreply@acme-1.tenantry.test"), &json!("Your invoice")));
    assert_eq!(seen["To"], json!(["ada@customer.example"]));
    let (provider, theirs): (String, String) =
        sqlx::query_as("select provider, provider_message_id from sends").fetch_one(&stack.sql).await.unwrap();
    assert_eq!((provider.as_str(), theirs.as_str()), ("ses", seen["MessageId"].as_str().unwrap()));
    assert!(stack.mail().mailbox().messages().is_empty(), "and nothing by the other way");
}

#[tokio::test]
async fn one_setting_makes_it_the_way_of_the_whole_stack() {
    let Some(ministack) = MiniStack::start(&[]).await else { return };
    identity(&ministack, "acme-1.tenantry.test").await;
    let ran = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", WHOLE_WAY, "--ignored", "--nocapture"])
        .env("AWS_ENDPOINT_URL_SESV2", &ministack.endpoint)
        .env("AWS_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let complained = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}\n{complained}\n{}", ministack.log());
}
