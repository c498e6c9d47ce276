//! Arguments that several commands have in common.

use std::{str::FromStr, time::Duration};

use clap::Args;
use serde_json::value::RawValue;

/// Which part of a list.
#[derive(Debug, Args)]
pub struct Paging {
    /// At most this many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100), conflicts_with = "all")]
    pub limit: Option<u8>,
    /// Continue after this cursor, which the list before ended with
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    /// The whole list
    #[arg(long)]
    pub all: bool,
}

/// How long to wait for a run that was just begun.
#[derive(Debug, Args)]
pub struct Await {
    /// Wait at most this long for the run to end; exit code 3 when it has not
    #[arg(long, value_name = "SECONDS", default_value_t = 300, conflicts_with = "no_wait")]
    pub wait: u64,
    /// Begin the run and do not wait
    #[arg(long)]
    pub no_wait: bool,
}

impl Await {
    /// The time to wait; none when the run shall only be begun.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        (!self.no_wait).then_some(Duration::from_secs(self.wait))
    }
}

/// The key that makes one request of several tries.
#[derive(Debug, Args)]
pub struct Repeat {
    /// Repeat an earlier request safely: the key that it was made with [default: a new one]
    #[arg(long, value_name = "KEY", value_parser = idempotency_key)]
    pub idempotency_key: Option<String>,
}

impl Repeat {
    /// The key given, or a new one that nobody has used.
    #[must_use]
    pub fn key(self) -> String {
        self.idempotency_key.unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
    }
}

fn idempotency_key(text: &str) -> Result<String, String> {
    if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("a key has 1 to 255 visible ASCII characters and no space".to_owned())
    }
}

/// `NAME=VALUE`
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// A JSON document as it was typed: numbers and the order of fields stay what they were.
#[derive(Debug, Clone)]
pub struct Json(pub Box<RawValue>);

impl FromStr for Json {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map(Self).map_err(|error| {
            format!("this is not JSON: it stops making sense at line {}, column {}", error.line(), error.column())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_fits_a_header() {
        assert_eq!(idempotency_key("order-17"), Ok("order-17".to_owned()));
        for wrong in ["", "two words", "line\nbreak", "ключ", &"x".repeat(256)] {
            assert!(idempotency_key(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn json_stays_as_it_was_typed() {
        assert_eq!(r#"{"b":1.10,"a":2}"#.parse::<Json>().unwrap().0.get(), r#"{"b":1.10,"a":2}"#);
        assert!("{action: resend}".parse::<Json>().unwrap_err().contains("line 1, column 2"));
    }
}
