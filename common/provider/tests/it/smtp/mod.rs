//! The SMTP provider against a mail server that follows a script.

mod message;
mod phases;
mod pool;
mod server;
mod tls;

use std::time::Duration;

use tenantry_model::MessageId;
use tenantry_provider::{Credentials, Header, Mail, Smtp, SmtpConfig, Timeouts};

/// A configuration for a server on this machine, with the usual patience: a busy machine makes no test fail.
fn config(port: u16) -> SmtpConfig {
    SmtpConfig::new("127.0.0.1", port)
}

/// For servers that will never answer: how long that takes to find out.
fn impatient(port: u16) -> SmtpConfig {
    let second = Duration::from_secs(1);
    SmtpConfig {
        timeouts: Timeouts { connect: second, command: second, accept: second, total: 10 * second },
        ..config(port)
    }
}

fn smtp(config: SmtpConfig) -> Smtp {
    Smtp::new(config).unwrap()
}

fn account() -> Credentials {
    Credentials { username: "tenantry".into(), password: "s3cret-word".into() }
}

fn mail() -> Mail {
    let from = "noreply@mail.example.com".parse::<tenantry_model::EmailAddress>().unwrap().into();
    let to = vec!["ada@example.com".parse::<tenantry_model::EmailAddress>().unwrap().into()];
    let id = MessageId::from(uuid::Uuid::from_u128(0x4711));
    Mail {
        html: Some("<p>Hello</p>".into()),
        headers: vec![Header::auto_generated()],
        ..Mail::new(id, from, to, "Welcome".parse().unwrap(), "Hello".into())
    }
}
