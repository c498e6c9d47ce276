//! What mail came to, by day.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tenantry_model::TenantId;
use tenantry_store::mail::{StatsRow, stats};
use time::{Duration, macros::format_description};
use utoipa::{IntoParams, ToSchema};

use super::words::is_operator;
use crate::{
    auth::{May, needs},
    error::Result,
    extract::{Query, invalid_parameters},
    problem::FieldError,
    state::ApiState,
    write::commit,
};

const MOST_DAYS: u16 = 366;

/// Which days.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatsOf {
    /// How many days, today (UTC) included.
    #[param(minimum = 1, maximum = 366, default = 30)]
    days: Option<u16>,
    /// Of this tenant; for operators. All tenants together where none is named.
    #[param(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
}

/// What mail came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MailStats {
    /// The days on which something happened, newest first; for operators, each provider by itself.
    data: Vec<MailDay>,
}

/// What became of the mail of one day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MailDay {
    /// The day (UTC).
    #[schema(example = "2026-03-01")]
    day: String,
    /// The provider; operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// Have left.
    sent: i64,
    /// Were taken by the recipient's server.
    delivered: i64,
    /// Were refused by the recipient's server.
    bounced: i64,
    /// Were called spam.
    complained: i64,
    /// Were put off.
    deferred: i64,
    /// Could not be sent.
    failed: i64,
    /// Were not to be sent.
    suppressed: i64,
    /// Milliseconds from accepted by us to having left, on average; none where none has left.
    average_latency_ms: Option<i64>,
}

/// Show what mail came to, by day
#[utoipa::path(get, path = "/v1/mail/stats", tag = "Messages", operation_id = "getMailStats", params(StatsOf),
    responses((status = 200, description = "The numbers.", body = MailStats)))]
pub(crate) async fn get_stats(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    Query(of): Query<StatsOf>,
) -> Result<Json<MailStats>> {
    let days = of.days.unwrap_or(30);
    if !(1..=MOST_DAYS).contains(&days) {
        let words = "This must be between 1 and 366.";
        return Err(invalid_parameters(vec![FieldError::parameter("days", "invalid_value", words)]).into());
    }
    let tenant = caller.tenant_or_own(of.tenant_id)?;
    let from = state.db.clock().now().date() - Duration::days(i64::from(days) - 1);
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = stats(&mut tx, tenant, from, is_operator(&caller)).await?;
    commit(tx).await?;
    Ok(Json(MailStats { data: rows.into_iter().map(MailDay::from).collect() }))
}

impl From<StatsRow> for MailDay {
    fn from(row: StatsRow) -> Self {
        Self {
            day: row.day.format(format_description!("[year]-[month]-[day]")).unwrap_or_default(),
            provider: row.provider,
            sent: row.sent,
            delivered: row.delivered,
            bounced: row.bounced,
            complained: row.complained,
            deferred: row.deferred,
            failed: row.failed,
            suppressed: row.suppressed,
            average_latency_ms: row.latency_ms.checked_div(row.sent),
        }
    }
}
