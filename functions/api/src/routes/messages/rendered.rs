//! A message's words out of its template.

use serde_json::{Value, json};
use tenantry_model::TenantId;
use tenantry_store::Tx;
use tenantry_templates::{DEFAULT_LOCALE, Rendered, Template, TemplateError, render};

use super::{mailbox::Wrong, wanted::WantedTemplate};
use crate::{
    error::{Result, sentence},
    extract::escaped,
    problem::FieldError,
};

/// The words of a message of this tenant, or what is wrong with what they are made of.
pub(super) async fn rendered(
    _tx: &mut Tx,
    _tenant: TenantId,
    wanted: &WantedTemplate,
) -> Result<std::result::Result<Rendered, Wrong>> {
    let locale = wanted.locale.as_deref().unwrap_or(DEFAULT_LOCALE);
    let variables = if wanted.variables.is_null() { json!({}) } else { wanted.variables.clone() };
    let Some(template) = Template::named(&wanted.name) else {
        let words = "There is no template of this name.";
        return Ok(Err(vec![FieldError::at("/template/name", "unknown_template", words)]));
    };
    Ok(render(template, locale, &variables).map_err(|error| vec![told(&error, &variables)]))
}

/// What the engine says, with the place of the variable it is about.
fn told(error: &TemplateError, variables: &Value) -> FieldError {
    let (variable, code) = match error {
        TemplateError::MissingVariable { variable } => (Some(variable), "missing_variable"),
        TemplateError::WrongKind { variable, .. } => (Some(variable), "wrong_type"),
        TemplateError::UnsafeUrl { variable } => (Some(variable), "unsafe_url"),
        TemplateError::NotAnObject => (None, "wrong_type"),
        TemplateError::SubjectBreaksLine | TemplateError::SubjectEmpty => (None, "invalid_subject"),
        TemplateError::TooLarge { .. } | TemplateError::TooManyRounds { .. } => (None, "too_large"),
        TemplateError::Broken { .. } => {
            return FieldError::at("/template/name", "broken_template", sentence(&error.to_string()));
        }
    };
    let mut pointer = "/template/variables".to_owned();
    // `records[2].value` is /records/2/value. A name never holds a bracket or a dot.
    for part in
        variable.into_iter().flat_map(|variable| variable.split(['.', '[', ']'])).filter(|part| !part.is_empty())
    {
        pointer.push('/');
        pointer.push_str(&escaped(part));
    }
    if !variables.is_object() {
        pointer.truncate("/template/variables".len());
    }
    FieldError::at(pointer, code, sentence(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_variable_is_a_pointer() {
        let missing = |variable: &str| TemplateError::MissingVariable { variable: variable.to_owned() };
        let at = |error: &TemplateError| told(error, &json!({})).pointer.unwrap_or_default();
        assert_eq!(at(&missing("first_name")), "/template/variables/first_name");
        assert_eq!(at(&missing("records[2].value")), "/template/variables/records/2/value");
        assert_eq!(at(&TemplateError::NotAnObject), "/template/variables");
    }
}
