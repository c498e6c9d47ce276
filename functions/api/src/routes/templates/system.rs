//! The mails of the system.

use axum::Json;
use serde::{Deserialize, Serialize};
use tenantry_templates::{LOCALES, Template, TemplateName, Variable};
use utoipa::{IntoParams, ToSchema};

use super::source::TemplateVariable;
use crate::{
    auth::{May, needs},
    error::Result,
    list::{ForwardParams, List, Listing},
};

/// A mail of the system.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemTemplate {
    /// Its name.
    #[schema(example = "welcome")]
    name: &'static str,
    /// The languages it is written in.
    locales: &'static [&'static str],
    /// What may stand in its places, with examples.
    #[schema(value_type = Vec<TemplateVariable>)]
    variables: &'static [Variable],
}

/// These lists have no filters.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NoFilter {}

/// A mail of the system by its name as a name.
pub(super) fn named() -> impl Iterator<Item = (TemplateName, Template)> {
    Template::ALL.iter().filter_map(|template| Some((template.name().parse().ok()?, *template)))
}

/// List the mails of the system, by name
///
/// A tenant's template of the same name takes the place of one of these, and may hold the same variables.
#[utoipa::path(get, path = "/v1/templates", tag = "Templates", operation_id = "listSystemTemplates",
    params(ForwardParams),
    responses((status = 200, description = "The mails, with their variables.", body = List<SystemTemplate>)))]
pub(crate) async fn list_system_templates(
    _: May<needs::SettingsManageEmail>,
    listing: Listing<NoFilter>,
) -> Result<Json<List<SystemTemplate>>> {
    let (_, page) = listing.forward::<TemplateName>()?;
    let mut all: Vec<_> = named().filter(|(name, _)| page.after.as_ref().is_none_or(|after| name > after)).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    let show = |(_, template): (TemplateName, Template)| SystemTemplate {
        name: template.name(),
        locales: LOCALES,
        variables: template.variables(),
    };
    Ok(Json(page.list(all, |(name, _)| name.clone(), show)))
}
