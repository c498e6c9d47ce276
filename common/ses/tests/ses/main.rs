//! The SES provider against an HTTP server that follows a script.
#![allow(clippy::unwrap_used)]

mod domains;
mod send;
mod server;

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use tenantry_model::{EmailAddress, Fault, MessageId};
use tenantry_provider::{Header, Mail, SesConfig};
use tenantry_ses::Ses;

async fn sdk(base: &str) -> SdkConfig {
    let settings = aws_config::defaults(BehaviorVersion::latest()).test_credentials().endpoint_url(base);
    settings.region(Region::new("eu-west-1")).load().await
}

async fn ses(base: &str) -> Ses {
    Ses::with_sdk(&sdk(base).await, SesConfig::default()).unwrap()
}

/// For servers that will never answer: how long that takes to find out.
async fn impatient(base: &str) -> Ses {
    let (connect, total) = (Duration::from_millis(500), Duration::from_secs(1));
    Ses::with_sdk(&sdk(base).await, SesConfig { connect, total, ..SesConfig::default() }).unwrap()
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn mail() -> Mail {
    let (from, to) = (address("noreply@mail.example.com").into(), vec![address("ada@example.com").into()]);
    Mail {
        html: Some("<p>Hello</p>".into()),
        headers: vec![Header::auto_generated()],
        ..Mail::new(MessageId::new(), from, to, "Welcome".parse().unwrap(), "Hello".into())
    }
}

/// Nothing that is said to people holds an address or the provider's name.
fn assert_fit_for_people(fault: &Fault) {
    let message = fault.message.to_ascii_lowercase();
    for word in ["ada@", "hello", "amazon", "aws", "arn:", "smithy", "hyper"] {
        assert!(!message.contains(word), "{word} in {fault}");
    }
}
