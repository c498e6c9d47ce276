//! Looking for runs. Each filter has an index of its own, or looks at no more than the runs of a tenant or of a kind.

use sqlx::types::Json;
use tenantry_kernel::Life;
use tenantry_model::{RunId, TenantId};
use uuid::Uuid;

use super::{RunRow, read::run_row};
use crate::{Result, Tx, overview::plan_for_each};

/// So many tenants whose names begin alike are looked for.
const TENANTS: i64 = 100;

/// Which runs to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Of this kind.
    pub kind: Option<String>,
    /// With this status.
    pub status: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// With an error of this class.
    pub error_class: Option<String>,
    /// With this external key.
    pub external_key: Option<String>,
    /// About what begins like this, in upper or lower case: a domain, a hostname, the name or slug of a tenant; or the id of a run.
    pub entity: Option<String>,
    /// Paused, or not.
    pub paused: Option<bool>,
    /// Only those that have not ended.
    pub living: bool,
    /// Older than this run.
    pub after: Option<RunId>,
    /// Newer than this run (the list is newest first all the same).
    pub before: Option<RunId>,
    /// At most this many.
    pub limit: i64,
}

/// What a text that somebody looks for may mean.
#[derive(Default)]
struct About {
    /// What it is about begins like this: from here ...
    from: Option<String>,
    /// ... and before this, byte by byte.
    to: Option<String>,
    /// It is a run of one of these tenants.
    tenants: Vec<Uuid>,
    /// It is this run.
    run: Option<Uuid>,
}

impl About {
    async fn find(tx: &mut Tx, entity: Option<&str>) -> Result<Self> {
        let Some(text) = entity.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(Self::default()) };
        let run = text.parse::<RunId>().ok().map(|run| run.0);
        let from = text.to_lowercase();
        // Nothing that begins alike comes after it: the last character there is.
        let to = format!("{from}{}", char::MAX);
        let tenants = sqlx::query_scalar!(
            "(select id from tenants where slug ~>=~ $1 and slug ~<~ $2 limit $3)
             union (select id from tenants where lower(name) ~>=~ $1 and lower(name) ~<~ $2 limit $3)",
            from,
            to,
            TENANTS,
        )
        .fetch_all(&mut **tx)
        .await?;
        let tenants = tenants.into_iter().flatten().collect();
        Ok(Self { from: Some(from), to: Some(to), tenants, run })
    }
}

/// Runs, newest first, other than messages: those are listed by what one looks for in a message.
///
/// # Errors
/// The database cannot be reached.
pub async fn runs(tx: &mut Tx, filter: &RunFilter) -> Result<Vec<RunRow>> {
    plan_for_each(tx).await?;
    let about = About::find(tx, filter.entity.as_deref()).await?;
    let rows = sqlx::query!(
        r#"select id, kind, tenant_id, external_key, seq, state, status, step, progress, error, result,
                  life as "life: Json<Life>", trace, started_by, started_at, updated_at, ended_at, entity, paused_at, paused_by,
                  paused_why
           from runs
           where kind <> 'email_delivery' and ($1::uuid is null or tenant_id = $1) and ($2::text is null or kind = $2)
             and ($3::text is null or status = $3) and ($4::text is null or state = $4)
             and ($5::text is null or error_class = $5) and ($6::text is null or external_key = $6)
             and ($7::text is null or (lower(entity) ~>=~ $7 and lower(entity) ~<~ $8) or tenant_id = any($9) or id = $10)
             and ($11::bool is null or (paused_at is not null) = $11) and (not $12::bool or ended_at is null)
             and ($13::uuid is null or id < $13) and ($14::uuid is null or id > $14)
           order by case when $14::uuid is null then id end desc, id asc limit $15"#,
        filter.tenant.map(|tenant| tenant.0),
        filter.kind,
        filter.status,
        filter.state,
        filter.error_class,
        filter.external_key,
        about.from,
        about.to,
        &about.tenants,
        about.run,
        filter.paused,
        filter.living,
        filter.after.map(|id| id.0),
        filter.before.map(|id| id.0),
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut rows: Vec<RunRow> = rows.into_iter().map(|row| run_row!(row)).collect();
    if filter.before.is_some() {
        rows.reverse();
    }
    Ok(rows)
}

/// The ids of the runs that a filter finds, newest first, at most `limit` of the filter's.
///
/// # Errors
/// The database cannot be reached.
pub async fn run_ids(tx: &mut Tx, filter: &RunFilter) -> Result<Vec<RunId>> {
    let about = About::find(tx, filter.entity.as_deref()).await?;
    let ids = sqlx::query_scalar!(
        r#"select id from runs
           where kind <> 'email_delivery' and ($1::uuid is null or tenant_id = $1) and ($2::text is null or kind = $2)
             and ($3::text is null or status = $3) and ($4::text is null or state = $4)
             and ($5::text is null or error_class = $5) and ($6::text is null or external_key = $6)
             and ($7::text is null or (lower(entity) ~>=~ $7 and lower(entity) ~<~ $8) or tenant_id = any($9) or id = $10)
             and ($11::bool is null or (paused_at is not null) = $11) and (not $12::bool or ended_at is null)
           order by id desc limit $13"#,
        filter.tenant.map(|tenant| tenant.0),
        filter.kind,
        filter.status,
        filter.state,
        filter.error_class,
        filter.external_key,
        about.from,
        about.to,
        &about.tenants,
        about.run,
        filter.paused,
        filter.living,
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(ids.into_iter().map(RunId).collect())
}
