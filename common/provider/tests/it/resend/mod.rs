//! The Resend provider against an HTTP server that follows a script.

mod domains;
mod errors;
mod send;
mod server;
mod silence;

use std::time::Duration;

use tenantry_model::{EmailAddress, Fault, MessageId};
use tenantry_provider::{Header, Mail, Resend, ResendConfig};

use crate::resend::server::Server;

const KEY: &str = "re_s3cret_word";

fn config(server: &Server) -> ResendConfig {
    ResendConfig { base_url: server.base.clone(), ..ResendConfig::new(KEY.into()) }
}

fn resend(server: &Server) -> Resend {
    Resend::new(&config(server)).unwrap()
}

/// For servers that will never answer: how long that takes to find out.
fn impatient(server: &Server) -> Resend {
    let (connect, total) = (Duration::from_millis(500), Duration::from_secs(1));
    Resend::new(&ResendConfig { connect, total, ..config(server) }).unwrap()
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn mail() -> Mail {
    let (from, to) = (address("noreply@mail.example.com").into(), vec![address("ada@example.com").into()]);
    Mail {
        html: Some("<p>Hello</p>".into()),
        headers: vec![Header::auto_generated()],
        ..Mail::new(
            MessageId::from(uuid::Uuid::from_u128(0x4711)),
            from,
            to,
            "Welcome".parse().unwrap(),
            "Hello".into(),
        )
    }
}

/// Nothing that is said to people holds the key, an address or the provider's name.
fn assert_fit_for_people(fault: &Fault) {
    let message = fault.message.to_ascii_lowercase();
    for word in ["s3cret", "ada@", "hello", "resend", "reqwest", "hyper"] {
        assert!(!message.contains(word), "{word} in {fault}");
    }
}
