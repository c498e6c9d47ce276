//! What can go wrong with the database, in the words the callers decide by.

use tenantry_kernel::advance::Deaf;
use tenantry_model::{ErrorClass, Fault};

/// The result of everything in this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why a statement did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is starting or stopping, or has no connection free. Trying again may help.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// Postgres undid the transaction in favour of another. Trying again will help.
    #[error("the database undid the transaction in favour of another")]
    Undone(#[source] sqlx::Error),
    /// A constraint refused a row.
    #[error("the database refused a row ({constraint})")]
    Refused {
        /// The constraint's name.
        constraint: String,
        /// What Postgres said.
        #[source]
        source: sqlx::Error,
    },
    /// Somebody else has written in between; read again and decide again.
    #[error("the row has changed in between")]
    Changed,
    /// The lease is not ours any more, or the command is not open any more.
    #[error("the lease was lost")]
    LeaseLost,
    /// No such row, as far as this caller may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The schema is not the one this code was built for.
    #[error(
        "the database is at migration {found} and this version needs {needed}; run `tenantry-local migrate` or deploy the migrations first"
    )]
    Behind {
        /// The newest migration in the database.
        found: i64,
        /// The newest this code knows.
        needed: i64,
    },
    /// The life does not accept what it was told, or cannot be read.
    #[error(transparent)]
    Deaf(#[from] Deaf),
    /// Anything else: a mistake of ours.
    #[error("a statement failed")]
    Sql(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error),
            sqlx::Error::Database(database) => match (database.code().as_deref(), database.constraint()) {
                // Serialisation failure, deadlock, lock not available.
                (Some("40001" | "40P01" | "55P03"), _) => Self::Undone(error),
                // Connection exceptions, out of resources, shutting down, starting up.
                (Some(code), _) if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => {
                    Self::Unavailable(error)
                }
                (_, Some(constraint)) => Self::Refused { constraint: constraint.to_owned(), source: error },
                _ => Self::Sql(error),
            },
            _ => Self::Sql(error),
        }
    }
}

impl StoreError {
    /// The constraint that refused a row, if that is what happened.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Refused { constraint, .. } => Some(constraint),
            _ => None,
        }
    }

    /// Whether the same thing may work a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Undone(_) | Self::Changed)
    }
}

impl From<StoreError> for Fault {
    /// The fault that an operation answers with. The words are ours: Postgres' own may hold a row's values.
    fn from(error: StoreError) -> Self {
        let class = if error.is_transient() { ErrorClass::DatabaseError } else { ErrorClass::InternalError };
        Self::new(class, error.to_string())
    }
}
