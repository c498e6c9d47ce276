//! An API that does not answer.

use std::{error::Error as _, io};

use reqwest::Url;

use crate::failure::repeat_with;

/// Why no answer came.
#[derive(Debug)]
pub struct Unreachable {
    /// Who was asked.
    pub url: String,
    /// What was seen.
    pub seen: &'static str,
    /// The API is meant to run on this very machine.
    pub local: bool,
    /// The key to repeat the request with.
    pub idempotency_key: Option<String>,
    /// What goes on whatever became of this request.
    pub besides: Option<String>,
}

impl Unreachable {
    pub(super) fn new(url: &Url, error: &reqwest::Error, idempotency_key: Option<String>) -> Self {
        let local = match url.host_str() {
            Some("localhost" | "[::1]") => true,
            Some(host) => host.starts_with("127."),
            None => false,
        };
        Self {
            url: url.as_str().trim_end_matches('/').to_owned(),
            seen: seen(error),
            local,
            idempotency_key,
            besides: None,
        }
    }

    /// The failure for people: a headline, then lines.
    #[must_use]
    pub fn words(&self) -> (String, Vec<String>) {
        let next = if self.local {
            "Start the local stack with `cargo run` in the project's folder and leave it running, \
             or name another API with --url or TENANTRY_URL."
        } else {
            "Check the address (--url, TENANTRY_URL or the configuration file) and the network, then try again."
        };
        let mut lines = vec![format!("What we saw: {}.", self.seen), format!("What to do: {next}")];
        lines.extend(self.besides.clone());
        lines.extend(self.idempotency_key.as_deref().map(repeat_with));
        (format!("No answer from {}", self.url), lines)
    }
}

/// The library's own words are for its developers; the kind of the error underneath is what helps.
fn seen(error: &reqwest::Error) -> &'static str {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::ConnectionRefused => return "the connection was refused, so nothing listens there",
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
                    return "the connection broke before the answer was complete";
                }
                io::ErrorKind::TimedOut => return "it took too long",
                io::ErrorKind::InvalidData => return "no secure connection could be agreed on",
                _ => {}
            }
        }
        if cause.to_string() == "dns error" {
            return "the name of the host cannot be resolved";
        }
        source = cause.source();
    }
    if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "no connection could be made"
    } else {
        "the connection broke before the answer was complete"
    }
}
