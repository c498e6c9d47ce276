#![doc = include_str!("../README.md")]

mod attachment;
pub mod breaker;
mod capabilities;
mod discard;
mod domains;
mod header;
mod mail;
mod mime;
mod pattern;
mod provider;
mod resend;
mod ses;
mod smtp;
mod words;

pub use attachment::{Attachment, Tag};
pub use breaker::Health;
pub use capabilities::{Capabilities, fits, fits_batch};
pub use discard::Discard;
pub use domains::{Domain, DomainRecord, DomainStatus, Domains, NewDomain};
pub use header::{Header, HeaderError, HeaderText, MessageIdHeader};
pub use mail::{Mail, Mailbox};
pub use mime::mime;
pub use pattern::DomainPattern;
pub use provider::{Accepted, ConfigError, Provider, ProviderConfig, RateSeen, from_config};
pub use resend::{MESSAGE_TAG, Resend, ResendConfig};
pub use ses::SesConfig;
pub use smtp::{Credentials, Smtp, SmtpConfig, Timeouts, Tls};
pub use words::words;
