//! What a handler may fail with.

use axum::response::{IntoResponse, Response};
use tenantry_kernel::advance::Deaf;
use tenantry_store::StoreError;

use crate::problem::{Code, Problem};

/// The result of everything that answers a request.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not answered as wished.
#[derive(Debug)]
pub(crate) enum Error {
    /// Decided already what the caller reads.
    Problem(Box<Problem>),
    /// The store did not do it; a moment later it may.
    Store(StoreError),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Error {
    /// Whether reading and deciding again may work at once.
    pub(crate) fn is_a_race(&self) -> bool {
        matches!(self, Self::Store(StoreError::Changed | StoreError::Undone(_)))
    }

    /// What the caller reads. A fault of ours is logged here, once, with its whole chain.
    pub(crate) fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => *problem,
            Self::Store(error) => of_store(&error),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.into_problem().into_response()
    }
}

fn of_store(error: &StoreError) -> Problem {
    match error {
        StoreError::Unavailable(_) => {
            tracing::warn!(error = chain(error), "the database cannot be reached");
            Problem::new(Code::DatabaseUnavailable, "The database did not answer; nothing was lost.").after(5)
        }
        StoreError::Undone(_) | StoreError::Changed => {
            let detail = "Others changed the same thing at the same moment, several times over; nothing was done.";
            Problem::new(Code::Busy, detail).after(1)
        }
        StoreError::NotFound(what) => not_found(what),
        StoreError::Behind { found, needed } => {
            let detail = format!(
                "The database is at migration {found}, and this version needs {needed}; the migrations are to be deployed first."
            );
            Problem::new(Code::DatabaseBehind, detail).after(30)
        }
        StoreError::Deaf(Deaf::Refused(why)) => Problem::new(Code::SignalRefused, sentence(why)),
        StoreError::Deaf(newer @ Deaf::Newer { .. }) => {
            tracing::warn!(error = %newer, "a row is newer than this code");
            Problem::new(Code::NewerVersion, "A newer version of this software works on this run.").after(30)
        }
        StoreError::Refused { .. }
        | StoreError::LeaseLost
        | StoreError::Deaf(Deaf::Unreadable { .. })
        | StoreError::Sql(_) => {
            tracing::error!(error = chain(error), "a request failed");
            Problem::new(Code::InternalError, "This is our mistake; nothing was changed.")
        }
    }
}

/// There is no such thing, as far as the caller may see.
pub(crate) fn not_found(what: &str) -> Problem {
    Problem::new(Code::NotFound, format!("There is no such {what}, or it is not yours."))
}

/// An error and what caused it, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

/// Words of the kernel as a sentence.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(char::to_uppercase).into_iter().flatten().collect();
    let stop = if words.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_store_error_is_a_problem_a_caller_can_act_on() {
        let code = |error: StoreError| Error::from(error).into_problem().code();
        assert_eq!(code(StoreError::Changed), Code::Busy);
        assert_eq!(code(StoreError::NotFound("run")), Code::NotFound);
        assert_eq!(code(StoreError::Behind { found: 1, needed: 2 }), Code::DatabaseBehind);
        assert_eq!(code(StoreError::Deaf(Deaf::Refused("no".into()))), Code::SignalRefused);
        assert_eq!(code(StoreError::LeaseLost), Code::InternalError);
    }

    #[test]
    fn words_become_a_sentence() {
        assert_eq!(sentence("the run has ended"), "The run has ended.");
        assert_eq!(sentence("Really?"), "Really?");
        assert_eq!(sentence(""), ".");
    }
}
