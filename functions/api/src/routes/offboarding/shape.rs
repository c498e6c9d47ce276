//! An offboarding, as operators see it.

use serde::Serialize;
use tenantry_model::{RunId, TenantId};
use tenantry_store::{
    StoreError, Tx, export,
    offboard::offboarding_of,
    runs::{RunRow, run, timers_of},
};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    routes::{exports::shape::Export, run::Run},
};

/// The last offboarding of a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Offboarding {
    /// Its run.
    run: Run,
    /// `exporting`, `export_stuck`, `grace`, `restoring`, `restored`, `withdrawing`, `removing`, `stuck` or `offboarded`.
    state: String,
    /// When the grace period is over; only while it runs.
    #[serde(with = "time::serde::rfc3339::option")]
    ends_at: Option<OffsetDateTime>,
    /// Email domains and hostnames that are being taken down, and are not gone yet.
    left: Vec<String>,
    /// What the tenant takes with it; none once its time is over.
    export: Option<Export>,
}

impl Offboarding {
    /// What there is to say of this run.
    pub(super) async fn of(tx: &mut Tx, tenant: TenantId, id: RunId) -> Result<Self> {
        let row: RunRow = run(tx, id).await?;
        let timers = timers_of(tx, id).await?;
        let ends_at = timers.iter().find(|timer| timer.name == "GraceOver").map(|timer| timer.due_at);
        let export = match export::export(&mut *tx, tenant, id).await {
            Ok(export) => Some(Export::of(&export)),
            Err(StoreError::NotFound(_)) => None,
            Err(error) => return Err(Error::from(error)),
        };
        let left = serde_json::from_value(row.result["left"].clone()).unwrap_or_default();
        Ok(Self { state: row.state.clone(), ends_at, left, export, run: Run::from(row) })
    }
}

/// The run of a tenant's last offboarding.
pub(super) async fn last(tx: &mut Tx, tenant: TenantId) -> Result<RunId> {
    // Of a tenant that is not there, or of nobody's: the same answer.
    let run = offboarding_of(tx, tenant).await?;
    Ok(run.ok_or(StoreError::NotFound("offboarding"))?)
}
