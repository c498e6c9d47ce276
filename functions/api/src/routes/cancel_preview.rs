//! What a cancel would do, before anybody cancels.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::json;
use tenantry_kernel::advance::Deaf;
use tenantry_model::RunId;
use tenantry_store::{StoreError, runs::RunRow};
use utoipa::ToSchema;

use super::{run::RunStatus, runs::read, signals::kind_of};
use crate::{
    auth::{May, needs},
    error::{Result, sentence},
    extract::Id,
    state::ApiState,
};

/// What a cancel would do now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CancelPreview {
    /// It would be accepted.
    accepted: bool,
    /// Why it would not be, and what to do instead.
    refusal: Option<String>,
    /// How the run would stand at once.
    becomes: Option<Becomes>,
    /// What would be removed or taken back after that, in this order.
    #[schema(example = json!(["its administrator, whose password is no use any more", "the tenant and its company"]))]
    undoes: Vec<String>,
}

/// How a run would stand.
#[derive(Debug, Serialize, ToSchema)]
struct Becomes {
    /// The state, in the words of the workflow.
    state: String,
    /// How it would stand.
    #[schema(value_type = RunStatus)]
    status: &'static str,
    /// The step, in the words of the product.
    step: String,
}

impl CancelPreview {
    fn refused(words: &str) -> Self {
        Self { accepted: false, refusal: Some(sentence(words)), becomes: None, undoes: Vec::new() }
    }

    /// Why it would be refused.
    pub(super) fn refusal(self) -> Option<String> {
        self.refusal
    }
}

/// Say what cancelling a run would do
///
/// Nothing is changed. What happens to the run in the meantime may change the answer.
#[utoipa::path(get, path = "/v1/runs/{id}/cancel-preview", tag = "Runs", operation_id = "previewCancel",
    params(("id" = String, Path, description = "The run.")),
    responses((status = 200, description = "Whether it would be accepted, and what would follow.", body = CancelPreview)))]
pub(crate) async fn preview_cancel(
    May(caller, _): May<needs::RunsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
) -> Result<Json<CancelPreview>> {
    let row = read(&state, &caller, id).await?;
    Ok(Json(preview(&row, &caller.actor())?))
}

/// A copy of the life is told; the run is as it was.
pub(super) fn preview(run: &RunRow, actor: &str) -> Result<CancelPreview> {
    let kind = kind_of(run)?;
    let event = match kind.signal("cancel", json!({ "reason": "", "cancelledBy": actor })) {
        Ok(event) => event,
        Err(words) => return Ok(CancelPreview::refused(&words)),
    };
    match kind.preview(&run.life, event) {
        Ok(after) => Ok(CancelPreview {
            accepted: true,
            refusal: None,
            becomes: Some(Becomes { state: after.state, status: after.view.status.as_str(), step: after.view.step }),
            undoes: after.undoes,
        }),
        Err(Deaf::Refused(words)) => Ok(CancelPreview::refused(&words)),
        Err(deaf) => Err(StoreError::from(deaf).into()),
    }
}
