//! What became of a batch.

use serde::Deserialize;

use super::super::table::{Tone, Toned, or_dash, status, table};
use crate::output::Paint;

/// What became of each message of a batch.
#[derive(Debug, Deserialize)]
pub struct Accepted {
    /// In the order of the batch.
    pub data: Vec<Item>,
}

/// What became of one message.
#[derive(Debug, Deserialize)]
pub struct Item {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// `msg_...`, when it was accepted.
    #[serde(default)]
    pub id: Option<String>,
    /// How it stands.
    #[serde(default)]
    pub status: Option<String>,
    /// Why it was not accepted.
    #[serde(default)]
    pub error: Option<Error>,
}

/// Why a message was not accepted.
#[derive(Debug, Deserialize)]
pub struct Error {
    /// In words.
    #[serde(default)]
    pub detail: String,
    /// What is wrong where.
    #[serde(default)]
    pub errors: Vec<Wrong>,
}

/// What is wrong where.
#[derive(Debug, Deserialize)]
pub struct Wrong {
    /// A JSON Pointer into the message.
    #[serde(default)]
    pub pointer: Option<String>,
    /// In words.
    #[serde(default)]
    pub detail: String,
}

impl Accepted {
    /// How many were refused.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.data.iter().filter(|item| item.error.is_some()).count()
    }
}

impl Error {
    fn words(&self) -> String {
        if self.errors.is_empty() {
            return self.detail.clone();
        }
        let one = |wrong: &Wrong| format!("{}: {}", wrong.pointer.as_deref().unwrap_or_default(), wrong.detail);
        self.errors.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

/// What became of each message, with the line of the file that it stands in.
#[must_use]
pub fn batch(accepted: &Accepted, lines: &[usize], paint: Paint) -> String {
    let row = |item: &Item| {
        let line = lines.get(item.index).map(ToString::to_string);
        let standing = match (&item.error, &item.status) {
            (Some(_), _) => Toned("refused".to_owned(), Tone::Bad),
            (None, standing) => standing.as_deref().map_or_else(|| or_dash(None), status),
        };
        let why = item.error.as_ref().map(Error::words);
        vec![or_dash(line.as_deref()), or_dash(item.id.as_deref()), standing, or_dash(why.as_deref())]
    };
    table(&["LINE", "MESSAGE", "STATUS", "WHY"], accepted.data.iter().map(row).collect(), "No messages.", paint)
}
