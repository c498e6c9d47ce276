#![doc = include_str!("../README.md")]

mod discard;
mod header;
mod mail;
mod provider;
mod smtp;

pub use discard::Discard;
pub use header::{Header, HeaderError, HeaderText, MessageIdHeader};
pub use mail::{Mail, Mailbox};
pub use provider::{Accepted, ConfigError, Provider, ProviderConfig, from_config};
pub use smtp::{Credentials, Smtp, SmtpConfig, Timeouts, Tls};
