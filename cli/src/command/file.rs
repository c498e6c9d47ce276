//! Files that are named on the command line.

use std::{
    fs,
    io::{self, Read as _},
};

use crate::{args::Json, failure::Failure};

/// A file's name, for people.
pub(super) fn name(file: &str) -> &str {
    if file == "-" { "standard input" } else { file }
}

/// A file's bytes; `-` is standard input.
///
/// # Errors
/// [`Failure::Input`] when it cannot be read.
pub(super) fn bytes(file: &str) -> Result<Vec<u8>, Failure> {
    let bytes = if file == "-" {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    bytes.map_err(|error| Failure::Input {
        what: format!("{} cannot be read: {}", name(file), error.kind()),
        next: "Check the name of the file and that you may read it.".to_owned(),
    })
}

/// A file's text; `-` is standard input.
///
/// # Errors
/// [`Failure::Input`] when it cannot be read, or holds something else than text.
pub(super) fn text(file: &str) -> Result<String, Failure> {
    String::from_utf8(bytes(file)?).map_err(|_| Failure::Input {
        what: format!("{} is not text in UTF-8", name(file)),
        next: "Save it as UTF-8, or name another file.".to_owned(),
    })
}

/// A file's JSON, to the letter; `-` is standard input. `holds` says what it should hold.
///
/// # Errors
/// [`Failure::Input`] when it cannot be read, or is no JSON.
pub(super) fn json(file: &str, holds: &str) -> Result<Json, Failure> {
    text(file)?
        .parse()
        .map_err(|why| Failure::Input { what: format!("{}: {why}", name(file)), next: format!("It holds {holds}.") })
}
