//! The versions of a template: list, and make one the draft again.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_store::mail::{
    TemplateLine, TemplatePlace, TemplateRow, TemplateVersion, has_tenant, template, template_versions, write_draft,
};
use tenantry_templates::Template;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    draft::{room, subject_of},
    place::Place,
    source::WrittenTemplate,
    system::NoFilter,
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::{Result, not_found},
    extract::{Body, invalid_body},
    idempotency::Once,
    list::{ForwardParams, List, Listing},
    problem::FieldError,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// A version of a template in one language, in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionLine {
    /// Its number, from 1.
    version: i32,
    /// How it stands.
    #[schema(value_type = VersionStatus)]
    status: String,
    /// Its subject, as it was written.
    subject: String,
    /// Who wrote it last.
    written_by: String,
    /// When it was begun.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was last written, or published.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

/// A version of a template in one language, as it is written.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    /// Its number, from 1.
    version: i32,
    /// How it stands.
    #[schema(value_type = VersionStatus)]
    status: String,
    #[serde(flatten)]
    #[schema(inline)]
    source: WrittenTemplate,
    /// Who wrote it last.
    written_by: String,
    /// When it was begun.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was last written, or published.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

/// How a version of a template stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "describes the field to OpenAPI")]
pub(crate) enum VersionStatus {
    /// It is being written.
    Draft,
    /// Mail is made of it.
    Published,
    /// It was published once.
    Retired,
}

impl Version {
    /// As it is stored.
    pub(super) fn of(row: TemplateRow) -> Result<Self> {
        Ok(Self {
            source: WrittenTemplate::stored(&row.source)?,
            version: row.version,
            status: row.status,
            written_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<TemplateLine> for VersionLine {
    fn from(line: TemplateLine) -> Self {
        Self {
            version: line.version,
            status: line.status,
            subject: line.subject,
            written_by: line.created_by,
            created_at: line.created_at,
            updated_at: line.updated_at,
        }
    }
}

/// List the versions of a template in one language, newest first
///
/// The last hundred are kept.
#[utoipa::path(get, path = "/v1/tenants/{id}/templates/{name}/{locale}/versions", tag = "Templates",
    operation_id = "listTemplateVersions",
    params(("id" = String, Path, description = "The tenant."), ("name" = String, Path, description = "The template."),
        ("locale" = String, Path, description = "The language, or `default`."), ForwardParams),
    responses((status = 200, description = "The versions.", body = List<VersionLine>)))]
pub(crate) async fn list_template_versions(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Place(place): Place,
    listing: Listing<NoFilter>,
) -> Result<Json<List<VersionLine>>> {
    let (_, page) = listing.forward::<i32>()?;
    caller.tenant_or_own(Some(place.tenant))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, place.tenant).await?;
    let mut lines = template_versions(&mut tx, &place).await?;
    commit(tx).await?;
    if lines.is_empty() && Template::named(&place.name).is_none() {
        return Err(not_found("template").into());
    }
    lines.retain(|line| page.after.is_none_or(|after| line.version < after));
    Ok(Json(page.list(lines, |line| line.version, VersionLine::from)))
}

/// Which version is to be written on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreVersion {
    /// Its number.
    #[schema(minimum = 1)]
    version: i32,
}

/// Make an earlier version the draft
///
/// In place of the draft there is. Nothing is sent with it until it is published.
#[utoipa::path(post, path = "/v1/tenants/{id}/templates/{name}/{locale}/restore", tag = "Templates",
    operation_id = "restoreTemplate",
    params(("id" = String, Path, description = "The tenant."), ("name" = String, Path, description = "The template."),
        ("locale" = String, Path, description = "The language, or `default`.")),
    request_body = RestoreVersion,
    responses((status = 200, description = "The draft.", body = Version)))]
pub(crate) async fn restore_template(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Place(place): Place,
    body: Body<RestoreVersion>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(place.tenant))?;
    if body.value.version < 1 {
        let words = "Versions count from 1.";
        return Err(invalid_body(vec![FieldError::at("/version", "invalid_value", words)]).into());
    }
    retrying(|| restore(&state, &caller, &place, body.value.version, &body.once)).await
}

async fn restore(
    state: &ApiState,
    caller: &Caller,
    place: &TemplatePlace,
    version: i32,
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    has_tenant(&mut tx, place.tenant).await?;
    let row = template(&mut tx, place, TemplateVersion::Number(version)).await?;
    let row = row.ok_or_else(|| not_found("version of this template"))?;
    // The rules, or the mail it takes the place of, may have changed since.
    let checked = WrittenTemplate::stored(&row.source)?.make(Template::named(&place.name), "").await?;
    checked.map_err(invalid_body)?;
    room(&mut tx, place).await?;
    let draft = write_draft(&mut tx, place, &row.source, &actor, now).await?;
    let (number, subject) = (draft.version, subject_of(place));
    let reply = reply(StatusCode::OK, None, &Version::of(draft)?);
    once.keep(&mut tx, scope, &reply, now).await?;
    let mut line = caller.did(&actor, "template.restore", &subject);
    line.tenant = Some(place.tenant);
    line.after = Some(json!({ "version": number, "restored": version }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    Ok(Answer::first(reply))
}
