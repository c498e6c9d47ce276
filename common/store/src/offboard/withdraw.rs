//! Domains and hostnames are asked to go. Nothing is deleted here: each is taken down by its own life.

use serde_json::json;
use tenantry_kernel::advance::Deaf;
use tenantry_model::{RunId, TenantId};
use tenantry_workflows::kind;

use crate::{
    Result, StoreError, Timing, Tx,
    runs::{Hint, run, signal},
};

/// What [`withdraw`] has found.
#[derive(Debug, Clone, Default)]
pub struct Withdrawal {
    /// Names that are not gone yet.
    pub left: Vec<String>,
    /// Hints to send after the commit.
    pub hints: Vec<Hint>,
}

/// Asks every domain and hostname of a tenant that is not over to go, and says which there are. Each is asked once in each state that
/// it comes through: one that has a reason to wait is asked again when it goes on.
///
/// # Errors
/// [`StoreError::Changed`]: a life went on meanwhile; again.
pub async fn withdraw(tx: &mut Tx, tenant: TenantId, offboarding: RunId, timing: Timing) -> Result<Withdrawal> {
    let open = sqlx::query!(
        r#"select d.id as "id!", d.name as "name!", r.ended_at is null as "lives!",
                  'offboarding:' || ($2::uuid)::text || ':' || r.epoch as "key!",
                  exists (select from history h where h.run_id = r.id
                              and h.key = 'offboarding:' || ($2::uuid)::text || ':' || r.epoch) as "asked!"
           from (select id, name from email_domains where tenant_id = $1 and released_at is null
                 union all
                 select id, domain from portal_domains where tenant_id = $1 and closed_at is null) d
           join runs r on r.id = d.id
           order by d.id"#,
        tenant.0,
        offboarding.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut found = Withdrawal::default();
    for domain in open {
        if domain.lives && !domain.asked {
            let row = run(tx, RunId(domain.id)).await?;
            let known = kind(&row.kind).ok_or(StoreError::NotFound("kind of run in this version"))?;
            let event = known.signal("remove", json!({ "by": "offboarding" })).map_err(Deaf::Refused)?;
            match signal(tx, &row, event, domain.key, timing).await {
                Ok(hints) => found.hints.extend(hints),
                // It says why in its own page, and is asked again when it has gone on.
                Err(StoreError::Deaf(Deaf::Refused(_))) => {}
                Err(error) => return Err(error),
            }
        }
        found.left.push(domain.name);
    }
    Ok(found)
}
