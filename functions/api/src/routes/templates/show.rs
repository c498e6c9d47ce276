//! What a tenant's mail is made of: lists and single templates.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use tenantry_model::TenantId;
use tenantry_store::{
    Tx,
    mail::{TemplateLine, TemplatePlace, TemplateVersion, has_tenant, template, templates},
};
use tenantry_templates::{ANY_LOCALE, LOCALES, Template, TemplateName, Variable};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    place::Place,
    source::{TemplateVariable, WrittenTemplate},
    system::{NoFilter, named},
    versions::Version,
};
use crate::{
    auth::{May, needs},
    error::{Result, not_found},
    extract::{Id, Under},
    list::{ForwardParams, List, Listing},
    state::ApiState,
    write::commit,
};

/// A template, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateSummary {
    /// Its name.
    #[schema(example = "welcome")]
    name: String,
    /// Whose it is.
    kind: TemplateKind,
    /// Its languages, `default` among them.
    locales: Vec<TemplateLocale>,
}

/// Whose a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TemplateKind {
    /// The system's.
    System,
    /// The system's, and in some languages the tenant has words of its own.
    Overridden,
    /// The tenant's.
    Own,
}

/// A language of a template.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TemplateLocale {
    /// The language, or `default`: for readers in whose language there are no words of the tenant's.
    #[schema(example = "de-AT")]
    locale: String,
    /// The system has words in it.
    system: bool,
    /// The version of the tenant's words that mail is made of.
    published: Option<i32>,
    /// The version that is being written.
    draft: Option<i32>,
    /// The tenant's subject: the published one, or else the draft's.
    subject: Option<String>,
    /// When the tenant's words were last written or published.
    #[serde(with = "time::serde::rfc3339::option")]
    updated_at: Option<OffsetDateTime>,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownTemplate {
    #[serde(flatten)]
    #[schema(inline)]
    summary: TemplateSummary,
    /// What may stand in its places. Languages of a template of one's own may differ in it; these are those of `default` or else
    /// of the first, and of what is published rather than of drafts.
    #[schema(value_type = Vec<TemplateVariable>)]
    variables: Vec<Variable>,
}

/// A language of a template, with the tenant's words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownLocale {
    /// The template's name.
    name: String,
    /// The language, or `default`.
    locale: String,
    /// The system has words in it.
    system: bool,
    /// What mail is made of, where it is the tenant's.
    published: Option<Version>,
    /// What is being written.
    draft: Option<Version>,
}

/// List a tenant's templates, by name
///
/// What its mail is made of: the system's, those in which the tenant has words of its own, and those of its own names.
#[utoipa::path(get, path = "/v1/tenants/{id}/templates", tag = "Templates", operation_id = "listTemplates",
    params(("id" = String, Path, description = "The tenant."), ForwardParams),
    responses((status = 200, description = "The templates.", body = List<TemplateSummary>)))]
pub(crate) async fn list_templates(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    listing: Listing<NoFilter>,
) -> Result<Json<List<TemplateSummary>>> {
    let (_, page) = listing.forward::<TemplateName>()?;
    caller.tenant_or_own(Some(id))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, id).await?;
    let lines = templates(&mut tx, id, None).await?;
    commit(tx).await?;
    let mut all = effective(lines, named().map(|(_, template)| template));
    all.retain(|name, _| page.after.as_ref().is_none_or(|after| name > after));
    let all: Vec<_> = all.into_iter().collect();
    Ok(Json(page.list(all, |(name, _)| name.clone(), |(_, summary)| summary)))
}

/// Show a template in all its languages
#[utoipa::path(get, path = "/v1/tenants/{id}/templates/{name}", tag = "Templates", operation_id = "getTemplate",
    params(("id" = String, Path, description = "The tenant."), ("name" = String, Path, description = "The template.")),
    responses((status = 200, description = "The template.", body = ShownTemplate)))]
pub(crate) async fn get_template(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Under(id, name): Under<TemplateName>,
) -> Result<Json<ShownTemplate>> {
    caller.tenant_or_own(Some(id))?;
    let system = Template::named(name.as_str());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, id).await?;
    let lines = templates(&mut tx, id, Some(name.as_str())).await?;
    let variables = match system {
        Some(system) => system.variables().to_vec(),
        None => documented(&mut tx, id, &lines).await?,
    };
    commit(tx).await?;
    let summary = effective(lines, system.into_iter()).remove(&name).ok_or_else(|| not_found("template"))?;
    Ok(Json(ShownTemplate { summary, variables }))
}

/// Show one language of a template, as it is written
#[utoipa::path(get, path = "/v1/tenants/{id}/templates/{name}/{locale}", tag = "Templates", operation_id = "getTemplateLocale",
    params(("id" = String, Path, description = "The tenant."), ("name" = String, Path, description = "The template."),
        ("locale" = String, Path, description = "The language, or `default`.")),
    responses((status = 200, description = "The tenant's draft, and what it has published.", body = ShownLocale)))]
pub(crate) async fn get_template_locale(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Place(place): Place,
) -> Result<Json<ShownLocale>> {
    caller.tenant_or_own(Some(place.tenant))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, place.tenant).await?;
    let published = template(&mut tx, &place, TemplateVersion::Published).await?;
    let draft = template(&mut tx, &place, TemplateVersion::Draft).await?;
    commit(tx).await?;
    let system = Template::named(&place.name);
    if published.is_none() && draft.is_none() && system.is_none() {
        return Err(not_found("template").into());
    }
    Ok(Json(ShownLocale {
        system: system.is_some() && LOCALES.contains(&place.locale.as_str()),
        published: published.map(Version::of).transpose()?,
        draft: draft.map(Version::of).transpose()?,
        name: place.name,
        locale: place.locale,
    }))
}

/// The variables that a tenant's own template documents.
async fn documented(tx: &mut Tx, tenant: TenantId, lines: &[TemplateLine]) -> Result<Vec<Variable>> {
    let first = lines.iter().min_by_key(|line| (line.status != "published", line.locale != ANY_LOCALE, &line.locale));
    let Some(TemplateLine { name, locale, version, .. }) = first.cloned() else { return Ok(Vec::new()) };
    let place = TemplatePlace { tenant, name, locale };
    let row = template(tx, &place, TemplateVersion::Number(version)).await?;
    row.map_or(Ok(Vec::new()), |row| Ok(WrittenTemplate::stored(&row.source)?.variables(None)))
}

/// What the system brings, and over it what a tenant has written.
fn effective(
    lines: Vec<TemplateLine>,
    system: impl Iterator<Item = Template>,
) -> BTreeMap<TemplateName, TemplateSummary> {
    let mut all: BTreeMap<TemplateName, (TemplateKind, BTreeMap<String, TemplateLocale>)> = BTreeMap::new();
    for template in system {
        let locales = LOCALES.iter().map(|locale| {
            let locale = TemplateLocale { locale: (*locale).to_owned(), system: true, ..TemplateLocale::default() };
            (locale.locale.clone(), locale)
        });
        let Ok(name) = template.name().parse() else { continue };
        all.insert(name, (TemplateKind::System, locales.collect()));
    }
    for line in lines {
        // The database holds names to the same rule.
        let Ok(name) = line.name.parse() else { continue };
        let (kind, locales) = all.entry(name).or_insert_with(|| (TemplateKind::Own, BTreeMap::new()));
        let locale = locales
            .entry(line.locale.clone())
            .or_insert_with(|| TemplateLocale { locale: line.locale.clone(), ..TemplateLocale::default() });
        locale.updated_at = locale.updated_at.max(Some(line.updated_at));
        if line.status == "published" {
            locale.published = Some(line.version);
            locale.subject = Some(line.subject);
            if *kind == TemplateKind::System {
                *kind = TemplateKind::Overridden;
            }
        } else {
            locale.draft = Some(line.version);
            locale.subject = locale.subject.take().or(Some(line.subject));
        }
    }
    let summary = |(name, (kind, locales)): (TemplateName, (TemplateKind, BTreeMap<String, TemplateLocale>))| {
        let summary = TemplateSummary { name: name.to_string(), kind, locales: locales.into_values().collect() };
        (name, summary)
    };
    all.into_iter().map(summary).collect()
}
