//! Copies of what is a tenant's own: what goes into one, what was written of it, and when it goes.

mod contents;
mod page;
mod read;
mod rows;

pub use contents::{Content, contents};
pub use page::{NewPage, NewPart, begin_export, too_late, write_page};
pub use read::{ExportRow, PartRow, export, exports, part, part_context, parts};
pub use rows::{CONTENTS, Row, TABLES, rows};

use crate::{Db, Result};

/// How long an export is kept: from when it was made, or from when its tenant has gone or come back.
pub const KEPT: time::Duration = time::Duration::days(30);
/// Longer than any cool-down of a name.
const FORMER: time::Duration = time::Duration::days(400);

/// Removes exports whose time is over, and says how many. Names and orders of certificates that tenants which are gone have left are
/// forgotten when nothing is decided by them any more.
///
/// # Errors
/// The database cannot be reached.
pub async fn sweep_exports(db: &Db) -> Result<u64> {
    let now = db.clock().now();
    let swept = sqlx::query!(
        "delete from exports where id in (select id from exports where expires_at <= $1 order by expires_at limit 10)",
        now,
    )
    .execute(db.pool())
    .await?;
    sqlx::query!("delete from former_names where released_at < $1", now - FORMER).execute(db.pool()).await?;
    sqlx::query!("delete from certificate_orders where domain_id is null and at < $1", now - time::Duration::days(8))
        .execute(db.pool())
        .await?;
    Ok(swept.rows_affected())
}
