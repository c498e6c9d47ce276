//! Why a mail cannot be rendered, or a source cannot be accepted. No error holds a variable's value.

use std::fmt;

/// A part of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The subject line.
    Subject,
    /// The text part.
    Text,
    /// The HTML part.
    Html,
}

impl Part {
    /// The part's name: `subject`, `text` or `html`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A mail that was not rendered: its variables do not fit, or it would grow beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The variables are not a JSON object.
    #[error("the variables of a mail must be a JSON object")]
    NotAnObject,
    /// A variable is absent or null, or empty although it is required.
    #[error("the mail needs a value for the variable {variable:?}")]
    MissingVariable {
        /// Where it would stand: `first_name`, `records[2].value`.
        variable: String,
    },
    /// A variable is of another kind than its documented example.
    #[error("the variable {variable:?} must be {expected}")]
    WrongKind {
        /// Where it stands.
        variable: String,
        /// `a text, number or boolean`, `a list` or `an object`.
        expected: &'static str,
    },
    /// A variable that becomes a link is no web address.
    #[error("the variable {variable:?} must be an http or https address")]
    UnsafeUrl {
        /// Where it stands.
        variable: String,
    },
    /// The rendered subject holds a line break or another control character.
    #[error("the subject would contain a line break or a control character; a variable in it holds one")]
    SubjectBreaksLine,
    /// Nothing is left of the subject with these variables.
    #[error("the subject would be empty with these variables")]
    SubjectEmpty,
    /// A rendered part is larger than [`MAX_RENDERED`](crate::MAX_RENDERED).
    #[error("the {part} would be larger than {} KiB; give shorter lists or texts", crate::MAX_RENDERED / 1024)]
    TooLarge {
        /// Which part.
        part: Part,
    },
    /// The loops of a part would go round more often than [`MAX_ROUNDS`](crate::MAX_ROUNDS).
    #[error("the loops of the {part} would go round more than {} times; give shorter lists", crate::MAX_ROUNDS)]
    TooManyRounds {
        /// Which part.
        part: Part,
    },
    /// A mistake in the template that its checks should have found.
    #[error("the {part} cannot be rendered; check and publish the template again")]
    Broken {
        /// Which part.
        part: Part,
    },
}

/// One thing that is wrong with a source, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The part; none where it is about the variables' documentation.
    pub part: Option<Part>,
    /// The line, from 1; 0 where it is about the whole.
    pub line: usize,
    /// The column in characters, from 1; 0 where it is about the whole.
    pub column: usize,
    /// What kind of mistake, for programs: `unknown_variable`, `raw_output`, ...
    pub code: &'static str,
    /// What we saw and what to do, in a sentence or two.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Some(part) if self.line > 0 => {
                write!(f, "{part}, line {}, column {}: {}", self.line, self.column, self.detail)
            }
            Some(part) => write!(f, "{part}: {}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

/// A source that is not accepted: everything that is wrong with it, in reading order. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template cannot be used: {}", .findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct SourceError {
    /// What is wrong.
    pub findings: Vec<Finding>,
}
