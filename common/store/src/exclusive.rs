//! Something that only one process may do at a time.

use sqlx::{Connection as _, PgConnection};

use crate::{Db, Result};

/// The right to do it, for as long as this is held and the database answers.
#[derive(Debug)]
pub struct Exclusive {
    connection: PgConnection,
}

impl Exclusive {
    /// Whether it still is ours: asked before each step that another must not do at the same time.
    pub async fn holds(&mut self) -> bool {
        self.connection.ping().await.is_ok()
    }
}

impl Db {
    /// Takes the right to do something alone; `None`: somebody has it. It goes with the connection, which is dropped with it: a process
    /// that dies lets go.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn exclusive(&self, what: &str) -> Result<Option<Exclusive>> {
        let mut connection = self.connection().await?.detach();
        let ours = sqlx::query_scalar!(
            r#"select pg_try_advisory_lock(hashtextextended('exclusive:' || $1, 0)) as "ours!""#,
            what
        )
        .fetch_one(&mut connection)
        .await?;
        Ok(ours.then(|| Exclusive { connection }))
    }
}
