//! Everything that can go wrong, its words and its exit code.

use std::io;

use serde_json::{Value, json};

use crate::client::{Problem, Unreachable};

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The API answered with a problem.
    #[error("{}", .0.title)]
    Refused(Box<Problem>),
    /// The API did not answer.
    #[error("nothing answers at {}", .0.url)]
    Unreachable(Box<Unreachable>),
    /// Something answered that this program does not understand.
    #[error("{url} answered something that is not understood")]
    NotUnderstood {
        /// Who answered.
        url: String,
        /// What is wrong with it.
        what: String,
        /// The key of the request, when repeating it would be wanted.
        idempotency_key: Option<String>,
    },
    /// A run goes on: the time to wait is over, or a person is asked.
    #[error("{what}")]
    NotReady {
        /// What it waits for.
        what: String,
        /// What to do.
        next: String,
    },
    /// A run ended other than completed, or a check found something.
    #[error("{what}")]
    Ended {
        /// How.
        what: String,
        /// What was seen.
        detail: String,
        /// What to do.
        next: String,
        /// For programs.
        code: &'static str,
    },
    /// A file or variable cannot be worked with.
    #[error("{what}")]
    Input {
        /// What is wrong.
        what: String,
        /// What to do.
        next: String,
    },
    /// The arguments do not say enough.
    #[error("{what}")]
    Usage {
        /// What is missing.
        what: String,
        /// What to do.
        next: String,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted {
        /// What goes on without us.
        next: String,
    },
    /// The answer could not be written.
    #[error("the output cannot be written")]
    Output(#[from] io::Error),
}

impl Failure {
    /// The exit code: 1 error, 2 usage, 3 not ready yet, 4 not allowed, 130 interrupted.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(problem) if matches!(problem.status, 401 | 403) => 4,
            Self::Refused(_) | Self::Unreachable(_) | Self::NotUnderstood { .. } => 1,
            Self::Ended { .. } | Self::Input { .. } | Self::Output(_) => 1,
            Self::Usage { .. } => 2,
            Self::NotReady { .. } => 3,
            Self::Interrupted { .. } => 130,
        }
    }

    /// With what goes on whatever became of the request.
    #[must_use]
    pub fn besides(self, goes_on: String) -> Self {
        match self {
            Self::Unreachable(mut unreachable) => {
                unreachable.besides = Some(goes_on);
                Self::Unreachable(unreachable)
            }
            Self::Refused(mut problem) => {
                problem.besides = Some(goes_on);
                Self::Refused(problem)
            }
            other => other,
        }
    }

    /// The failure for people: a headline, then lines of detail.
    #[must_use]
    pub fn words(&self) -> (String, Vec<String>) {
        let todo = |next: &str| if next.is_empty() { Vec::new() } else { vec![format!("What to do: {next}")] };
        match self {
            Self::Refused(problem) => problem.words(),
            Self::Unreachable(unreachable) => unreachable.words(),
            Self::NotUnderstood { what, idempotency_key, .. } => {
                let mut lines = vec![format!("What we saw: {what}.")];
                lines.extend(todo(
                    "Check that the address is the API's, and that this program is not older than the API.",
                ));
                lines.extend(idempotency_key.as_deref().map(repeat_with));
                (format!("{self}"), lines)
            }
            Self::Ended { what, detail, next, .. } => {
                let detail = Some(detail.clone()).filter(|detail| !detail.is_empty());
                (what.clone(), detail.into_iter().chain(todo(next)).collect())
            }
            Self::NotReady { what, next } | Self::Input { what, next } | Self::Usage { what, next } => {
                (what.clone(), todo(next))
            }
            Self::Interrupted { next } => ("Interrupted".to_owned(), todo(next)),
            Self::Output(error) => {
                ("The output cannot be written".to_owned(), vec![format!("What we saw: {}.", error.kind())])
            }
        }
    }

    /// The failure for programs: a problem document (RFC 9457).
    #[must_use]
    pub fn document(&self) -> String {
        let own = |code: &str, retryable: bool, key: Option<&str>| {
            let (title, lines) = self.words();
            let detail = lines.join(" ");
            let mut document = json!({
                "type": "about:blank", "title": title, "detail": detail, "code": code, "retryable": retryable,
            });
            if let Some(key) = key {
                document["idempotency_key"] = Value::from(key);
            }
            document.to_string()
        };
        match self {
            Self::Refused(problem) => problem.document(),
            Self::Unreachable(unreachable) => own("unreachable", true, unreachable.idempotency_key.as_deref()),
            Self::NotUnderstood { idempotency_key, .. } => own("not_understood", false, idempotency_key.as_deref()),
            Self::NotReady { .. } => own("not_ready", true, None),
            Self::Ended { code, .. } => own(code, false, None),
            Self::Input { .. } => own("input", false, None),
            Self::Usage { .. } => own("usage", false, None),
            Self::Interrupted { .. } => own("interrupted", true, None),
            Self::Output(_) => own("output", false, None),
        }
    }
}

/// How the very same request is made again.
#[must_use]
pub fn repeat_with(key: &str) -> String {
    format!("It is safe to repeat this with: --idempotency-key {key}")
}
