//! Taking commands to work on.

use std::time::Duration;

use serde_json::Value;
use sqlx::types::Json;
use tenantry_kernel::{Life, Role};
use tenantry_model::{CommandId, RunId, TenantId};
use uuid::Uuid;

use crate::{Db, Result};

/// A right to answer a command, until it runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The command.
    pub command: CommandId,
    /// What an answer must show.
    pub token: Uuid,
}

/// A command to work on, with the life as it stood when it was claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The right to answer it.
    pub lease: Lease,
    /// The run.
    pub run: RunId,
    /// The kind of run.
    pub kind: String,
    /// The tenant it is about.
    pub tenant: Option<TenantId>,
    /// The epoch in which it was asked for.
    pub epoch: u32,
    /// The function that performs it.
    pub performer: String,
    /// Command or notice.
    pub role: Role,
    /// The command's name.
    pub name: String,
    /// The command whole.
    pub command: Value,
    /// This try, counted from 1.
    pub attempt: u32,
    /// An earlier try was begun and never answered: whoever had it died, or is slow.
    pub interrupted: bool,
    /// The life, and the length of its history, when this was read.
    pub life: Life,
    /// See [`Claimed::life`].
    pub seq: i32,
    /// The W3C `traceparent` of the run.
    pub trace: Option<String>,
}

/// Claims those of the commands that are open, due (by a clock that may be a quarter of a second behind), not leased and not held by a
/// pause, for `performer`; the others need no work now.
///
/// # Errors
/// The database cannot be reached.
pub async fn claim(db: &Db, performer: &str, ids: &[CommandId], lease: Duration) -> Result<Vec<Claimed>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let (now, token) = (db.clock().now(), Uuid::new_v4());
    let rows = sqlx::query!(
        r#"with due as (
               select id, lease_token is not null as interrupted from commands
               where id = any($1) and performer = $2 and status = 'open' and not held and due_at <= $3::timestamptz + interval '250 milliseconds'
                 and (lease_until is null or lease_until <= $3)
               for update skip locked)
           update commands c
           set attempt = attempt + 1, lease_token = $4, lease_until = $5, wake_at = $5
           from due, runs r
           where c.id = due.id and r.id = c.run_id
           returning c.id, c.run_id, c.tenant_id, c.epoch, c.role, c.name, c.command, c.attempt, c.trace,
                     due.interrupted as "interrupted!", r.kind, r.life as "life: Json<Life>", r.seq"#,
        &ids,
        performer,
        now,
        token,
        now + lease,
    )
    .fetch_all(db.pool())
    .await?;
    let claimed = rows.into_iter().map(|row| Claimed {
        lease: Lease { command: row.id.into(), token },
        run: row.run_id.into(),
        kind: row.kind,
        tenant: row.tenant_id.map(TenantId),
        epoch: row.epoch.unsigned_abs(),
        performer: performer.to_owned(),
        role: if row.role == "notice" { Role::Notice } else { Role::Command },
        name: row.name,
        command: row.command,
        attempt: row.attempt.unsigned_abs(),
        interrupted: row.interrupted,
        life: row.life.0,
        seq: row.seq,
        trace: row.trace,
    });
    Ok(claimed.collect())
}

impl Claimed {
    /// Reads the life again, after somebody else has changed it.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn refresh(&mut self, db: &Db) -> Result<()> {
        let row = sqlx::query!(r#"select life as "life: Json<Life>", seq from runs where id = $1"#, self.run.0)
            .fetch_one(db.pool())
            .await?;
        (self.life, self.seq) = (row.life.0, row.seq);
        Ok(())
    }
}
