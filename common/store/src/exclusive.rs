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
        // Whoever asks again and again need not open a connection each time.
        let taken = sqlx::query_scalar!(
            r#"select exists (select from pg_locks l, hashtextextended('exclusive:' || $1, 0) as k(key)
                              where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
                                and l.database = (select oid from pg_database where datname = current_database())
                                and ((l.classid::bigint << 32) | l.objid::bigint) = k.key) as "taken!""#,
            what
        )
        .fetch_one(self.pool())
        .await?;
        if taken {
            return Ok(None);
        }
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
