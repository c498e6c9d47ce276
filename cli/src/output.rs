//! Where answers and failures go: JSON for programs, words and colours for people.

use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
};

use console::{Style, Term};

use crate::failure::Failure;

/// How this process speaks.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// For programs.
    pub json: bool,
    /// Standard output is a terminal.
    pub out_terminal: bool,
    /// Standard error is a terminal.
    pub error_terminal: bool,
    plain: bool,
}

impl Output {
    /// Looks at this process: who reads it, and whether colours are wanted (`NO_COLOR`, `TERM=dumb`).
    #[must_use]
    pub fn of_this_process(json: bool) -> Self {
        let says = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        Self {
            json,
            out_terminal: io::stdout().is_terminal(),
            error_terminal: io::stderr().is_terminal(),
            plain: says("NO_COLOR") || env::var_os("TERM").is_some_and(|term| term == "dumb"),
        }
    }

    /// The paint for standard output.
    #[must_use]
    pub fn paint(&self) -> Paint {
        let width = self.out_terminal.then(|| Term::stdout().size().1);
        Paint { on: self.out_terminal && !self.plain, width }
    }

    /// The paint for standard error.
    #[must_use]
    pub fn error_paint(&self) -> Paint {
        Paint { on: self.error_terminal && !self.plain, width: None }
    }

    /// Writes to standard output: the API's document for programs, or what people read.
    ///
    /// # Errors
    /// The reader is gone, or the disk is full.
    pub fn answer(&self, document: &str, people: impl FnOnce(Paint) -> String) -> Result<(), Failure> {
        let text = if self.json { document.to_owned() } else { people(self.paint()) };
        let text = text.trim_end_matches('\n');
        if text.is_empty() { Ok(()) } else { self.line(text) }
    }

    /// Writes a line to standard output.
    ///
    /// # Errors
    /// The reader is gone, or the disk is full.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()?;
        Ok(())
    }

    /// Says something beside the answer, to people only. It is not the answer, so nobody fails when it is not read.
    pub fn aside(&self, text: &str) {
        if !self.json {
            let _unread = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// Shows why it failed on standard error.
    pub fn failure(&self, failure: &Failure) {
        let text = if self.json { failure.document() } else { words(failure, self.error_paint()) };
        let _unread = writeln!(io::stderr().lock(), "{text}");
    }
}

fn words(failure: &Failure, paint: Paint) -> String {
    let (headline, lines) = failure.words();
    let label = if failure.exit_code() == 3 { paint.warn("not yet:") } else { paint.bad("error:") };
    let mut text = format!("{label} {}", printable(&headline));
    for line in lines.iter().flat_map(|line| line.lines()) {
        text.push_str("\n  ");
        text.push_str(&printable(line));
    }
    text
}

/// Colours, or none, and how wide the paper is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paint {
    /// Whether there are colours.
    pub on: bool,
    /// Columns of the terminal; none where lines may be as long as they like.
    pub width: Option<u16>,
}

impl Paint {
    fn with(self, style: Style, text: &str) -> String {
        style.force_styling(self.on).apply_to(text).to_string()
    }

    /// As it should be.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.with(Style::new().green(), text)
    }

    /// Worth a look.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.with(Style::new().yellow(), text)
    }

    /// Wrong.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.with(Style::new().red().bold(), text)
    }

    /// The name of a part.
    #[must_use]
    pub fn head(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    /// Less important.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.with(Style::new().dim(), text)
    }
}

/// A text from elsewhere that may hold anything: control characters could move a terminal's cursor or rename its
/// window, so they are shown instead. Line breaks too.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || reorders(c) { '\u{FFFD}' } else { c }).collect()
}

/// Characters that change the order in which what is around them is seen.
fn reorders(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(printable("Acme\u{1b}]0;owned\u{7}"), "Acme\u{FFFD}]0;owned\u{FFFD}");
        assert_eq!(printable("a\u{202E}b\nc"), "a\u{FFFD}b\u{FFFD}c");
        assert_eq!(printable("Łódź 東京"), "Łódź 東京");
    }
}
