//! A template as it is written, checked.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_templates::{Finding, Part, Published, Source, Template, Variable, is_mjml, publish};
use utoipa::ToSchema;

use crate::{
    error::{Result, sentence},
    problem::{Code, FieldError, Problem},
};

/// A template as it is written: Handlebars with variables, `if`, `unless`, `each` and `with`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WrittenTemplate {
    /// The subject line.
    #[schema(min_length = 1, max_length = 512, example = "Your invoice {{number}}")]
    pub(super) subject: String,
    /// The HTML part, 256 KiB at most. This, or `mjml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) html: Option<String>,
    /// The HTML part in MJML, 256 KiB at most. It becomes HTML when it is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mjml: Option<String>,
    /// The text part, 256 KiB at most; made of the HTML part where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// What may stand in its places. Only for names of one's own: the mails of the system have their variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<TemplateVariable>>)]
    pub(super) variables: Option<Vec<Variable>>,
}

/// A variable of a template.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes tenantry_templates::Variable to OpenAPI")]
pub(crate) struct TemplateVariable {
    /// Its name in the template. One that is `url` or ends in `_url` holds a web address.
    #[schema(pattern = "^[A-Za-z][A-Za-z0-9_]{0,63}$", example = "number")]
    name: String,
    /// What it means.
    meaning: String,
    /// Whether it must be given and not be empty; it must, where this is left out.
    #[schema(default = true)]
    required: Option<bool>,
    /// A value as it may be: its type is that of the variable. A list shows one entry at least.
    #[schema(value_type = Value)]
    example: Value,
}

/// What is kept and sent of a written template, with the variables it may hold.
pub(super) struct Made {
    pub(super) published: Published,
    pub(super) variables: Vec<Variable>,
}

/// What is wrong with a written template.
pub(super) type Wrong = Vec<FieldError>;

impl WrittenTemplate {
    /// As it was stored.
    pub(super) fn stored(source: &Value) -> Result<Self> {
        Ok(serde_json::from_value(source.clone()).map_err(|error| {
            tracing::error!(line = error.line(), "a stored template cannot be read");
            Problem::new(Code::InternalError, "This version of the template cannot be read; this is our mistake.")
        })?)
    }

    /// The variables it may hold, in the place of this mail of the system or under a name of its own.
    pub(super) fn variables(&self, system: Option<Template>) -> Vec<Variable> {
        match system {
            Some(template) => template.variables().to_vec(),
            None => self.variables.clone().unwrap_or_default(),
        }
    }

    /// Checks it, and makes of it what is kept and sent. Pointers begin with `at`.
    pub(super) async fn make(&self, system: Option<Template>, at: &str) -> Result<Result<Made, Wrong>> {
        let wrong = self.misplaced(system, at);
        if !wrong.is_empty() {
            return Ok(Err(wrong));
        }
        let variables = self.variables(system);
        let html = self.mjml.as_ref().or(self.html.as_ref()).cloned().unwrap_or_default();
        let source = Source { subject: self.subject.clone(), html, text: self.text.clone() };
        let work = move || publish(&source, &variables).map(|published| Made { published, variables });
        // Large templates take their time; others are served meanwhile.
        let made = tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(panicked = error.is_panic(), "a template was not checked to its end");
            Problem::new(Code::InternalError, "The template could not be checked; nothing was changed.")
        })?;
        Ok(made.map_err(|error| error.findings.into_iter().map(|finding| self.told(finding, at)).collect()))
    }

    fn misplaced(&self, system: Option<Template>, at: &str) -> Wrong {
        let mut wrong = Wrong::new();
        let mut say = |field: &str, code: &str, words: &str| {
            wrong.push(FieldError::at(format!("{at}/{field}"), code, words));
        };
        match (&self.html, &self.mjml) {
            (Some(_), Some(_)) => say("mjml", "invalid_value", "Give html or mjml, not both."),
            (None, None) => say("html", "missing_field", "A template needs html or mjml."),
            (None, Some(mjml)) if !is_mjml(mjml) => {
                say("mjml", "invalid_mjml", "MJML begins with <mjml>; give other HTML as html.");
            }
            _ => {}
        }
        if system.is_some() && self.variables.as_ref().is_some_and(|variables| !variables.is_empty()) {
            let words = "This is a mail of the system and has its variables (GET /v1/templates); leave these out.";
            say("variables", "not_allowed", words);
        }
        wrong
    }

    fn told(&self, finding: Finding, at: &str) -> FieldError {
        let field = match finding.part {
            Some(Part::Subject) => "/subject",
            Some(Part::Html) if self.mjml.is_some() => "/mjml",
            Some(Part::Html) => "/html",
            Some(Part::Text) => "/text",
            None if self.variables.is_some() => "/variables",
            None => "",
        };
        let words = if finding.line > 0 {
            format!("line {}, column {}: {}", finding.line, finding.column, finding.detail)
        } else {
            finding.detail
        };
        FieldError::at(format!("{at}{field}"), finding.code, sentence(&words))
    }
}

/// The example of every variable.
pub(super) fn examples(variables: &[Variable]) -> Value {
    variables.iter().map(|variable| (variable.name.clone(), variable.example.clone())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    async fn wrong(source: Value, system: Option<Template>) -> Vec<(String, String)> {
        let written: WrittenTemplate = serde_json::from_value(source).unwrap();
        let errors = written.make(system, "/source").await.unwrap().err().unwrap_or_default();
        errors.into_iter().map(|error| (error.pointer.unwrap(), error.code)).collect()
    }

    fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), code.to_owned())]
    }

    #[tokio::test]
    async fn a_template_has_html_or_mjml_and_a_mail_of_the_system_has_its_variables() {
        assert_eq!(wrong(json!({"subject": "s"}), None).await, one("/source/html", "missing_field"));
        let both = json!({"subject": "s", "html": "<p>x</p>", "mjml": "<mjml></mjml>"});
        assert_eq!(wrong(both, None).await, one("/source/mjml", "invalid_value"));
        let other = json!({"subject": "s", "mjml": "<p>x</p>"});
        assert_eq!(wrong(other, None).await, one("/source/mjml", "invalid_mjml"));
        let variables = json!([{"name": "number", "meaning": "the number", "example": "1"}]);
        let html = json!({"subject": "s", "html": "<p>x</p>", "variables": variables});
        assert_eq!(wrong(html.clone(), Some(Template::Welcome)).await, one("/source/variables", "not_allowed"));
        assert_eq!(wrong(html, None).await, []);
    }

    #[tokio::test]
    async fn findings_are_told_where_they_were_written() {
        let mjml = "<mjml><mj-body><mj-section><mj-column><mj-text>{{nobody}}</mj-text></mj-column></mj-section></mj-body></mjml>";
        assert_eq!(wrong(json!({"subject": "s", "mjml": mjml}), None).await, one("/source/mjml", "unknown_variable"));
        let written = json!({"subject": "{{nobody}}", "html": "<p>x</p>", "text": "{{{x}}}"});
        let pointers: Vec<String> = wrong(written, None).await.into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/source/subject", "/source/text"]);
    }
}
