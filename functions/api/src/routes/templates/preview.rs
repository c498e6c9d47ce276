//! How a template looks.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_store::mail::{TemplatePlace, TemplateRow, TemplateVersion, has_tenant, template};
use tenantry_templates::{Compiled, Rendered, Template, TemplateError, Variable, render};
use utoipa::ToSchema;

use super::{
    place::Place,
    source::{Made, WrittenTemplate, examples},
    words::{of_row, rendered, told},
};
use crate::{
    auth::{Caller, May, needs},
    error::{Result, not_found},
    extract::{Body, invalid_body},
    problem::{Code, FieldError, Problem},
    state::ApiState,
    write::commit,
};

/// What to look at.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedPreview {
    /// `draft`, `published`, `system`, or the number of a version. Where it is left out: the draft, else what is published, else the
    /// system's.
    #[schema(value_type = Option<PreviewVersion>)]
    pub(super) version: Option<Value>,
    /// In place of a version: a template that is not stored.
    pub(super) source: Option<WrittenTemplate>,
    /// What stands in its places; the variables' examples where it is left out.
    #[schema(value_type = Option<Object>)]
    pub(super) variables: Option<Value>,
}

/// A version to look at.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes the field to OpenAPI")]
pub(crate) enum PreviewVersion {
    /// `draft`, `published` or `system`.
    Named(String),
    /// Its number.
    Number(i32),
}

/// A mail as it would be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// The subject.
    subject: String,
    /// The text part.
    text: String,
    /// The HTML part.
    html: String,
    /// The language of the words; the system's may be another than was asked for.
    locale: String,
    /// What it was made of: `draft`, `published`, `retired`, `system`, or `source`.
    status: String,
    /// The version of the tenant's words.
    version: Option<i32>,
}

/// Show how a template looks
///
/// Changes nothing and sends nothing; an `Idempotency-Key` is of no use here, and what is shown is not kept.
#[utoipa::path(post, path = "/v1/tenants/{id}/templates/{name}/{locale}/preview", tag = "Templates",
    operation_id = "previewTemplate",
    params(("id" = String, Path, description = "The tenant."), ("name" = String, Path, description = "The template."),
        ("locale" = String, Path, description = "The language, or `default`.")),
    request_body(content = Option<WantedPreview>),
    responses((status = 200, description = "The mail.", body = Preview)))]
pub(crate) async fn preview_template(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Place(place): Place,
    body: Body<WantedPreview>,
) -> Result<Json<Preview>> {
    caller.tenant_or_own(Some(place.tenant))?;
    let Look { rendered, status, version } = look(&state, &caller, &place, &body.value).await?;
    let Rendered { subject, text, html, locale } = rendered;
    Ok(Json(Preview { subject, text, html, locale, status, version }))
}

/// A mail that a template has made.
pub(super) struct Look {
    pub(super) rendered: Rendered,
    status: String,
    version: Option<i32>,
}

/// What a mail is to be made of.
enum Of {
    Source(Box<Made>, &'static str, Option<i32>),
    Row(Box<TemplateRow>, Vec<Variable>),
    System(Template),
}

/// Renders what is wanted.
pub(super) async fn look(
    state: &ApiState,
    caller: &Caller,
    place: &TemplatePlace,
    wanted: &WantedPreview,
) -> Result<Look> {
    let of = find(state, caller, place, wanted).await?;
    let variables = match (&wanted.variables, &of) {
        (Some(variables), _) => variables.clone(),
        (None, Of::Source(made, ..)) => examples(&made.variables),
        (None, Of::Row(_, documented)) => examples(documented),
        (None, Of::System(system)) => system.examples(),
    };
    let (place, given) = (place.clone(), variables.clone());
    // Large templates take their time; others are served meanwhile.
    let looked = tokio::task::spawn_blocking(move || made_of(of, &place, &given)).await.map_err(|error| {
        tracing::error!(panicked = error.is_panic(), "a template was not rendered to its end");
        Problem::new(Code::InternalError, "The template could not be rendered.")
    })?;
    Ok(looked.map_err(|error| invalid_body(vec![told(&error, &variables, "/variables", "")]))?)
}

async fn find(state: &ApiState, caller: &Caller, place: &TemplatePlace, wanted: &WantedPreview) -> Result<Of> {
    let system = Template::named(&place.name);
    let order = order(wanted)?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, place.tenant).await?;
    if let Some(source) = &wanted.source {
        commit(tx).await?;
        let made = source.make(system, "/source").await?.map_err(invalid_body)?;
        return Ok(Of::Source(Box::new(made), "source", None));
    }
    let mut found = None;
    for which in order.stored {
        found = found.or(template(&mut tx, place, which).await?);
    }
    commit(tx).await?;
    let Some(row) = found else {
        let system = system.filter(|_| order.system);
        return Ok(Of::System(system.ok_or_else(|| not_found("version of this template"))?));
    };
    let written = WrittenTemplate::stored(&row.source)?;
    if row.status == "draft" {
        let made = written.make(system, "").await?.map_err(invalid_body)?;
        return Ok(Of::Source(Box::new(made), "draft", Some(row.version)));
    }
    Ok(Of::Row(Box::new(row), written.variables(system)))
}

/// Where to look, in this order.
struct Order {
    stored: Vec<TemplateVersion>,
    system: bool,
}

fn order(wanted: &WantedPreview) -> Result<Order, Problem> {
    use TemplateVersion::{Draft, Number, Published};
    let refuse = |words: &str| Err(invalid_body(vec![FieldError::at("/version", "invalid_value", words)]));
    let of = |stored: &[TemplateVersion], system| Ok(Order { stored: stored.to_vec(), system });
    match &wanted.version {
        Some(version) if wanted.source.is_some() && !version.is_null() => {
            refuse("Give a version or a source, not both.")
        }
        None | Some(Value::Null) => of(&[Draft, Published], true),
        Some(Value::String(name)) => match name.as_str() {
            "draft" => of(&[Draft], false),
            "published" => of(&[Published], false),
            "system" => of(&[], true),
            _ => refuse("This must be draft, published, system, or the number of a version."),
        },
        Some(version) => match version.as_i64().and_then(|number| i32::try_from(number).ok()) {
            Some(number) => of(&[Number(number)], false),
            None => refuse("This must be draft, published, system, or the number of a version."),
        },
    }
}

fn made_of(of: Of, place: &TemplatePlace, variables: &Value) -> Result<Look, TemplateError> {
    let look = |rendered, status: &str, version| Look { rendered, status: status.to_owned(), version };
    match of {
        Of::Source(made, status, version) => {
            // Checked when it was made.
            let compiled = Compiled::new(&made.published, &made.variables)
                .map_err(|_| TemplateError::Broken { part: tenantry_templates::Part::Html })?;
            Ok(look(rendered(&compiled, &place.locale, variables)?, status, version))
        }
        Of::Row(row, documented) => {
            Ok(look(of_row(place, &row, &documented, variables)?, &row.status, Some(row.version)))
        }
        Of::System(system) => Ok(look(render(system, &place.locale, variables)?, "system", None)),
    }
}
