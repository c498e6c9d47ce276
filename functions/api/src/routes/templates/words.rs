//! The words of a mail: the tenant's where it has published some, and else the system's.

use serde_json::Value;
use tenantry_model::TenantId;
use tenantry_store::{
    StoreError, Tx,
    mail::{TemplatePlace, TemplateRow, TemplateVersion, published_locales, template},
};
use tenantry_templates::{
    ANY_LOCALE, Compiled, LOCALES, Owner, Part, Rendered, Template, TemplateError, TemplateName, Variable, fallback,
    render,
};

use super::{place::language, source::WrittenTemplate};
use crate::{
    error::{Result, sentence},
    extract::escaped,
    problem::FieldError,
};

/// What has come of a template.
pub(crate) enum Words {
    /// The words, or why its variables make none.
    Made(Result<Rendered, TemplateError>),
    /// Neither the tenant nor the system has a template of this name.
    NoTemplate,
    /// The tenant has published it in these languages, and none of them will do.
    NoLocale(Vec<String>),
}

/// The words of a template for a reader of `locale`.
pub(crate) async fn words(tx: &mut Tx, tenant: TenantId, name: &str, locale: &str, variables: &Value) -> Result<Words> {
    let system = Template::named(name);
    let published = match name.parse::<TemplateName>() {
        Ok(_) => published_locales(tx, tenant, name).await?,
        Err(_) => return Ok(Words::NoTemplate),
    };
    let written = |owner, tag: &str| match owner {
        Owner::Tenant => published.iter().any(|locale| locale == tag),
        Owner::System => system.is_some() && LOCALES.contains(&tag),
    };
    match (fallback(locale, ANY_LOCALE, written), system) {
        (Some((Owner::Tenant, locale)), _) => {
            let place = TemplatePlace { tenant, name: name.to_owned(), locale };
            // Taken back since its language was read: look again.
            let row = template(tx, &place, TemplateVersion::Published).await?.ok_or(StoreError::Changed)?;
            let variables_of = WrittenTemplate::stored(&row.source)?.variables(system);
            Ok(Words::Made(of_row(&place, &row, &variables_of, variables)))
        }
        (Some((Owner::System, locale)), Some(system)) => Ok(Words::Made(render(system, &locale, variables))),
        _ if published.is_empty() => Ok(Words::NoTemplate),
        _ => Ok(Words::NoLocale(published)),
    }
}

/// What a version that was published once makes of variables.
pub(super) fn of_row(
    place: &TemplatePlace,
    row: &TemplateRow,
    documented: &[Variable],
    variables: &Value,
) -> Result<Rendered, TemplateError> {
    let unusable = |why: &str| {
        tracing::warn!(tenant = %place.tenant, template = place.name, version = row.version, why, "a published template cannot be used");
        TemplateError::Broken { part: Part::Html }
    };
    let kept = row.compiled.clone().ok_or_else(|| unusable("it was never published"))?;
    let kept = serde_json::from_value(kept).map_err(|_| unusable("it cannot be read"))?;
    // The rules may have become stricter since.
    let compiled = Compiled::new(&kept, documented)
        .map_err(|error| unusable(error.findings.first().map_or("", |finding| finding.code)))?;
    rendered(&compiled, &place.locale, variables)
}

/// The words in a locale, or in whatever language `default` is written.
pub(super) fn rendered(compiled: &Compiled, locale: &str, variables: &Value) -> Result<Rendered, TemplateError> {
    Ok(Rendered { locale: locale.to_owned(), ..compiled.render(language(locale), variables)? })
}

/// What the engine says, with the place of the variable it is about: below `at`, where the variables were given. What is wrong
/// with the template itself is told of `template`.
pub(crate) fn told(error: &TemplateError, variables: &Value, at: &str, template: &str) -> FieldError {
    let (variable, code) = match error {
        TemplateError::MissingVariable { variable } => (Some(variable), "missing_variable"),
        TemplateError::WrongKind { variable, .. } => (Some(variable), "wrong_type"),
        TemplateError::UnsafeUrl { variable } => (Some(variable), "unsafe_url"),
        TemplateError::NotAnObject => (None, "wrong_type"),
        TemplateError::SubjectBreaksLine | TemplateError::SubjectEmpty => (None, "invalid_subject"),
        TemplateError::TooLarge { .. } | TemplateError::TooManyRounds { .. } => (None, "too_large"),
        TemplateError::Broken { .. } => {
            return FieldError::at(template, "broken_template", sentence(&error.to_string()));
        }
    };
    let mut pointer = at.to_owned();
    // `records[2].value` is /records/2/value. A name never holds a bracket or a dot.
    let parts = variable.into_iter().flat_map(|variable| variable.split(['.', '[', ']']));
    for part in parts.filter(|part| variables.is_object() && !part.is_empty()) {
        pointer.push('/');
        pointer.push_str(&escaped(part));
    }
    FieldError::at(pointer, code, sentence(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_place_of_a_variable_is_a_pointer() {
        let missing = |variable: &str| TemplateError::MissingVariable { variable: variable.to_owned() };
        let at = |error: &TemplateError, given| told(error, &given, "/variables", "").pointer.unwrap_or_default();
        assert_eq!(at(&missing("first_name"), json!({})), "/variables/first_name");
        assert_eq!(at(&missing("records[2].value"), json!({})), "/variables/records/2/value");
        assert_eq!(at(&TemplateError::NotAnObject, json!([])), "/variables");
        assert_eq!(at(&TemplateError::Broken { part: Part::Html }, json!({})), "");
    }
}
