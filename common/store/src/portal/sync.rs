//! What is wanted in the cluster, and what a reconcile has made of it.

use std::time::Duration;

use serde_json::json;
use sqlx::PgConnection;
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::RunId;
use tenantry_workflows::portal_sync::{Carry, Data, PortalSync, STANDING};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Result, Timing, Tx,
    runs::{Hint, NewRun, Started, start},
};

/// A hostname that is wanted in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub tenant_id: Uuid,
    /// The tenant's name in files.
    pub slug: String,
    /// Which.
    pub domain: String,
    /// Where its certificate is kept.
    pub secret_name: String,
    /// The wish, to be said back to [`reconciled`].
    pub revision: i32,
}

/// Every hostname that is wanted in the cluster, by its id.
///
/// # Errors
/// The database cannot be reached.
pub async fn served(connection: &mut PgConnection) -> Result<Vec<Served>> {
    Ok(sqlx::query_as!(
        Served,
        "select p.id, p.tenant_id, t.slug, p.domain, p.secret_name, p.revision
         from portal_domains p join tenants t on t.id = p.tenant_id where p.serves order by p.id"
    )
    .fetch_all(connection)
    .await?)
}

/// Which of these were wanted once and are not any more, each with its wish. Only what is among them may be taken down: a row that is
/// not found says nothing.
///
/// # Errors
/// The database cannot be reached.
pub async fn known_down(connection: &mut PgConnection, among: &[Uuid]) -> Result<Vec<(Uuid, i32)>> {
    let rows = sqlx::query!(
        "select id, revision from portal_domains where (id = any($1) or retired) and not serves and revision > 0 order by id",
        among
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.revision)).collect())
}

/// What a reconcile has last made of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The hostname.
    pub domain_id: Uuid,
    /// `Certificate`, `Gateway`, `VirtualService`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Of what was written.
    pub hash: String,
    /// Which object it was.
    pub uid: Option<String>,
    /// The count of its changes, after ours.
    pub generation: Option<i64>,
    /// Why the cluster did not take it.
    pub refused: Option<String>,
}

/// What the last reconciles have written: of one hostname, or of all.
///
/// # Errors
/// The database cannot be reached.
pub async fn recorded(connection: &mut PgConnection, of: Option<Uuid>) -> Result<Vec<Recorded>> {
    Ok(sqlx::query_as!(
        Recorded,
        r#"select domain_id, kind, namespace, name, hash, uid, generation, refused from portal_objects
           where ($1::uuid is null or domain_id = $1) order by domain_id, kind, namespace"#,
        of
    )
    .fetch_all(connection)
    .await?)
}

/// What has become of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The object, and what was written; [`Recorded::refused`] says why it was not taken.
    pub object: Recorded,
    /// Its version after ours.
    pub resource_version: Option<String>,
}

/// Writes what a reconcile has done: what became of each object that it touched, and which wishes it has brought to the cluster.
///
/// # Errors
/// The database cannot be reached.
pub async fn reconciled(tx: &mut Tx, outcomes: &[Outcome], wishes: &[(Uuid, i32)], now: OffsetDateTime) -> Result<()> {
    let rows: serde_json::Value = outcomes
        .iter()
        .map(|outcome| {
            let object = &outcome.object;
            json!({
                "domain_id": object.domain_id, "kind": object.kind, "namespace": object.namespace, "name": object.name,
                "hash": object.hash, "uid": object.uid, "resource_version": outcome.resource_version,
                "generation": object.generation, "refused": object.refused,
            })
        })
        .collect();
    if !outcomes.is_empty() {
        sqlx::query!(
            r#"insert into portal_objects (domain_id, kind, namespace, name, hash, uid, resource_version, generation, refused, at)
               select x.domain_id, x.kind, x.namespace, x.name, x.hash, x.uid, x.resource_version, x.generation, x.refused, $2
               from jsonb_to_recordset($1) as x(domain_id uuid, kind text, namespace text, name text, hash text, uid text,
                                                resource_version text, generation bigint, refused text)
               on conflict (domain_id, kind, namespace) do update
               set name = excluded.name, hash = excluded.hash, uid = excluded.uid,
                   resource_version = excluded.resource_version, generation = excluded.generation, refused = excluded.refused,
                   at = excluded.at"#,
            rows,
            now
        )
        .execute(&mut **tx)
        .await?;
    }
    let (ids, revisions): (Vec<Uuid>, Vec<i32>) = wishes.iter().copied().unzip();
    sqlx::query!(
        r#"update portal_domains p set synced = x.revision
           from unnest($1::uuid[], $2::int[]) as x(id, revision)
           where p.id = x.id and p.synced < x.revision and p.revision >= x.revision"#,
        &ids,
        &revisions
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Nothing of these is in the cluster any more: their names are free, unless they are wanted again meanwhile.
///
/// # Errors
/// The database cannot be reached.
pub async fn gone(tx: &mut Tx, wishes: &[(Uuid, i32)]) -> Result<()> {
    let (ids, revisions): (Vec<Uuid>, Vec<i32>) = wishes.iter().copied().unzip();
    sqlx::query!(
        r#"with freed as (
               update portal_domains p set retired = false, holds = false, synced = x.revision
               from unnest($1::uuid[], $2::int[]) as x(id, revision)
               where p.id = x.id and p.revision = x.revision and not p.serves
               returning p.id)
           delete from portal_objects using freed where domain_id = freed.id"#,
        &ids,
        &revisions
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Begins the standing reconcile, unless it has begun; its first turn is now.
///
/// # Errors
/// The database cannot be reached.
pub async fn stand(tx: &mut Tx, every: Duration, timing: Timing) -> Result<Vec<Hint>> {
    let data = Data { every: Some(every.as_secs()), carry: Carry::ALL, ..Data::default() };
    let run = NewRun {
        id: RunId::new(),
        kind: PortalSync::KIND,
        tenant: None,
        external_key: Some(STANDING.to_owned()),
        started_by: "portal_domain".to_owned(),
        trace: None,
        change: advance::start::<PortalSync>(data),
    };
    match start(&mut *tx, &run, timing).await? {
        Started::New(hints) => Ok(hints),
        Started::Existing(_) => Ok(Vec::new()),
    }
}

/// Keeps what operators read of a reconcile.
///
/// # Errors
/// The database cannot be reached.
pub async fn keep_plan(tx: &mut Tx, run: RunId, diff: &str, commands: &str, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"insert into portal_plans (run_id, diff, commands, at) values ($1, $2, $3, $4)
           on conflict (run_id) do update set diff = excluded.diff, commands = excluded.commands, at = excluded.at"#,
        run.0,
        diff,
        commands,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
