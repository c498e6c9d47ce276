//! The draft of a template: write it, and take everything back.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{json, to_value};
use tenantry_store::{
    Tx,
    mail::{Reset, TemplatePlace, has_tenant, other_templates, reset_template as reset, write_draft},
};
use tenantry_templates::Template;

use super::{place::Place, source::WrittenTemplate, versions::Version};
use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, invalid_body},
    problem::FieldError,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Languages of templates that one tenant may have.
const MOST: i64 = 500;

/// Write the draft of a template in one language
///
/// A name of the system's takes the place of its mail once it is published; any other name is the tenant's own. Whatever is wrong is
/// told with its place, and nothing is kept then. Nothing is sent with a draft until it is published.
#[utoipa::path(put, path = "/v1/tenants/{id}/templates/{name}/{locale}", tag = "Templates", operation_id = "putTemplate",
    params(("id" = String, Path, description = "The tenant."),
        ("name" = String, Path, description = "The template: 1 to 64 characters of a-z, 0-9 and -."),
        ("locale" = String, Path, description = "The language (BCP 47), or `default` for readers of any other.")),
    request_body = WrittenTemplate,
    responses((status = 200, description = "The draft.", body = Version)))]
pub(crate) async fn put_template(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Place(place): Place,
    body: Body<WrittenTemplate>,
) -> Result<Json<Version>> {
    caller.tenant_or_own(Some(place.tenant))?;
    // Another tenant's template is not there, whatever is wrong with this one.
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, place.tenant).await?;
    commit(tx).await?;
    body.value.make(Template::named(&place.name), "").await?.map_err(invalid_body)?;
    retrying(|| write(&state, &caller, &place, &body.value)).await
}

async fn write(
    state: &ApiState,
    caller: &Caller,
    place: &TemplatePlace,
    written: &WrittenTemplate,
) -> Result<Json<Version>> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    // Texts and numbers with text keys: this cannot fail.
    let source = to_value(written).unwrap_or_default();
    let mut tx = state.db.begin_as(caller.scope()).await?;
    room(&mut tx, place).await?;
    let draft = write_draft(&mut tx, place, &source, &actor, now).await?;
    let subject = subject_of(place);
    let mut line = caller.did(&actor, "template.write", &subject);
    line.tenant = Some(place.tenant);
    line.after = Some(json!({ "version": draft.version, "subject": written.subject }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    Ok(Json(Version::of(draft)?))
}

/// Refused when the tenant has as many templates as it may.
pub(super) async fn room(tx: &mut Tx, place: &TemplatePlace) -> Result<()> {
    if other_templates(tx, place).await? < MOST {
        return Ok(());
    }
    let words = format!("A tenant has at most {MOST} templates, each language counted; reset one that is not used.");
    Err(invalid_body(vec![FieldError::at("", "too_many_templates", words)]).into())
}

/// The template as the audit log names it.
pub(super) fn subject_of(place: &TemplatePlace) -> String {
    format!("{}/{}", place.name, place.locale)
}

/// Take back a template in one language
///
/// Its mail is made of the system's words again; a template of the tenant's own is not there any more. The draft goes; what was
/// published is kept among the versions.
#[utoipa::path(delete, path = "/v1/tenants/{id}/templates/{name}/{locale}", tag = "Templates", operation_id = "resetTemplate",
    params(("id" = String, Path, description = "The tenant."), ("name" = String, Path, description = "The template."),
        ("locale" = String, Path, description = "The language, or `default`.")),
    responses((status = 204, description = "The tenant has no words of its own here, if it had any.")))]
pub(crate) async fn reset_template(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Place(place): Place,
) -> Result<StatusCode> {
    caller.tenant_or_own(Some(place.tenant))?;
    retrying(|| take_back(&state, &caller, &place)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn take_back(state: &ApiState, caller: &Caller, place: &TemplatePlace) -> Result<()> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, place.tenant).await?;
    let Reset { published, draft } = reset(&mut tx, place).await?;
    if published.is_none() && draft.is_none() {
        return commit(tx).await;
    }
    let subject = subject_of(place);
    let mut line = caller.did(&actor, "template.reset", &subject);
    line.tenant = Some(place.tenant);
    line.before = Some(json!({ "published": published, "draft": draft }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await
}
