//! A template sent to one address, to see how it arrives.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use tenantry_model::Permission;
use utoipa::ToSchema;

use super::{
    super::messages::send::{AcceptedMessage, accept_made, answered},
    place::Place,
    preview::{PreviewVersion, WantedPreview, look},
};
use crate::{
    answer::Answer,
    auth::{May, needs},
    error::Result,
    extract::{Body, invalid_body},
    problem::FieldError,
    state::ApiState,
};

/// What its messages are found by, with the template's name.
const TAG: &str = "template-test";

/// What to send to whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedTest {
    /// To whom: `ada@example.com`, or `Ada <ada@example.com>`.
    #[schema(value_type = String, format = Email)]
    to: Value,
    /// `draft`, `published`, `system`, or the number of a version. Where it is left out: the draft, else what is published, else the
    /// system's.
    #[schema(value_type = Option<PreviewVersion>)]
    version: Option<Value>,
    /// What stands in its places; the variables' examples where it is left out.
    #[schema(value_type = Option<Object>)]
    variables: Option<Value>,
}

/// Send a preview to one address
///
/// As a message like any other, of the category `notifications` and with the tag `template-test`. It needs the permission
/// `messages.send`, too.
#[utoipa::path(post, path = "/v1/tenants/{id}/templates/{name}/{locale}/test", tag = "Templates", operation_id = "testTemplate",
    params(("id" = String, Path, description = "The tenant."), ("name" = String, Path, description = "The template."),
        ("locale" = String, Path, description = "The language, or `default`.")),
    request_body = WantedTest,
    responses(
        (status = 202, description = "The message was accepted.", body = AcceptedMessage,
            headers(("Location" = String, description = "The message."))),
    ))]
pub(crate) async fn test_template(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Place(place): Place,
    body: Body<WantedTest>,
) -> Result<Answer> {
    caller.require(Permission::MessagesSend)?;
    caller.tenant_or_own(Some(place.tenant))?;
    if body.value.to.is_array() {
        let words = "A test goes to one address.";
        return Err(invalid_body(vec![FieldError::at("/to", "invalid_value", words)]).into());
    }
    if let Some(reply) = answered(&state, &caller, &body.once).await? {
        return Ok(Answer::again(reply));
    }
    let WantedTest { to, version, variables } = body.value;
    let look = look(&state, &caller, &place, &WantedPreview { version, source: None, variables }).await?;
    let message = json!({
        "tenantId": place.tenant, "to": to, "subject": look.rendered.subject, "html": look.rendered.html,
        "text": look.rendered.text, "category": "notifications", "tags": { TAG: place.name },
    });
    accept_made(&state, &caller, message, &body.once).await
}
