//! A turn of an import: what has ended is noted, and other rows take its place.

use serde_json::Value;
use tenantry_model::RunId;
use time::OffsetDateTime;

use crate::{Result, Tx};

/// Notes which onboardings have ended, and how. One whose run is no more has ended too: its tenant has left since.
///
/// # Errors
/// The database cannot be reached.
pub async fn settle(tx: &mut Tx, import: RunId, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"update import_rows i
           set status = case when r.status = 'completed' then 'succeeded'
                             when r.status = 'cancelled' then 'cancelled'
                             when r.error_class = 'DuplicateError' then 'duplicate'
                             else 'failed' end,
               error = case when r.id is null then 'the tenant has left, and its onboarding was removed with it'
                            when r.status not in ('completed', 'cancelled')
                            then coalesce(r.error ->> 'message', 'the onboarding has failed; look at its run') end,
               updated_at = $2
           from import_rows begun left join runs r on r.id = begun.run_id
           where begun.import_id = $1 and begun.status = 'running' and (r.id is null or r.ended_at is not null)
             and i.import_id = begun.import_id and i.line = begun.line and i.status = 'running'"#,
        import.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How fast an import goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Onboardings of it that go on by themselves.
    pub under_way: u32,
    /// Onboardings of it that wait for a person.
    pub asking: u32,
}

/// How many onboardings of an import are under way.
///
/// # Errors
/// The database cannot be reached.
pub async fn pace(tx: &mut Tx, import: RunId) -> Result<Pace> {
    let row = sqlx::query!(
        r#"select count(*) filter (where r.status is distinct from 'waiting') as "under_way!",
                  count(*) filter (where r.status = 'waiting') as "asking!"
           from import_rows i left join runs r on r.id = i.run_id
           where i.import_id = $1 and i.status = 'running'"#,
        import.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Pace { under_way: number(row.under_way), asking: number(row.asking) })
}

/// A row that can be begun.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where it stands in the file.
    pub line: u32,
    /// What the onboarding is begun with.
    pub input: Value,
}

/// The next rows to begin, by their lines. They are locked until the transaction ends.
///
/// # Errors
/// The database cannot be reached.
pub async fn ready(tx: &mut Tx, import: RunId, most: u32) -> Result<Vec<Ready>> {
    let rows = sqlx::query!(
        r#"select line, input as "input!" from import_rows where import_id = $1 and status = 'waiting'
           order by line limit $2 for update"#,
        import.0,
        i64::from(most)
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| Ready { line: row.line.unsigned_abs(), input: row.input }).collect())
}

/// Who began an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who.
    pub by: String,
    /// The W3C `traceparent` of the request.
    pub trace: Option<String>,
}

/// Who began an import.
///
/// # Errors
/// The database cannot be reached, or holds no such import.
pub async fn origin(tx: &mut Tx, import: RunId) -> Result<Origin> {
    let row = sqlx::query!(
        "select i.created_by, r.trace from imports i join runs r on r.id = i.run_id where i.run_id = $1",
        import.0
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Origin { by: row.created_by, trace: row.trace })
}

/// A row's onboarding was begun in this transaction. It has its input now, and the row forgets it.
///
/// # Errors
/// The database cannot be reached.
pub async fn begun(tx: &mut Tx, import: RunId, line: u32, run: RunId, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        "update import_rows set status = 'running', input = null, run_id = $3, updated_at = $4 where import_id = $1 and line = $2",
        import.0,
        line as i32,
        run.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A row is never begun: it is `invalid`, or a `duplicate` of what that run has made.
///
/// # Errors
/// The database cannot be reached.
pub async fn not_begun(
    tx: &mut Tx,
    import: RunId,
    line: u32,
    (status, error): (&str, &str),
    run: Option<RunId>,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        "update import_rows set status = $3, input = null, run_id = $4, error = $5, updated_at = $6 where import_id = $1 and line = $2",
        import.0,
        line as i32,
        status,
        run.map(|run| run.0),
        error,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Withdraws every row that was not begun.
///
/// # Errors
/// The database cannot be reached.
pub async fn withdraw(tx: &mut Tx, import: RunId, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        "update import_rows set status = 'cancelled', input = null, updated_at = $2 where import_id = $1 and status = 'waiting'",
        import.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
