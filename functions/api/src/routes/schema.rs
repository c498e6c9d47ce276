//! An answer against its task's form (JSON Schema 2020-12).

use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::{
    error::{Result, sentence},
    extract::{escaped, invalid_body},
    problem::{Code, FieldError, Problem},
};

/// Everything that is wrong with an answer. `at` is where the answer stands in the body.
pub(crate) fn check(schema: &Value, answer: &Value, at: &str) -> Result<(), Problem> {
    let form = jsonschema::validator_for(schema).map_err(|error| {
        tracing::error!(error = %error.masked(), "a task's form is no JSON Schema");
        Problem::new(Code::InternalError, "The task's form cannot be read; nothing was changed.")
    })?;
    let errors: Vec<FieldError> = form
        .iter_errors(answer)
        .flat_map(|error| {
            let place = format!("{at}{}", error.instance_path().as_str());
            // Values are masked: what a person typed into a form is not repeated.
            let words = sentence(&error.masked().to_string());
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
                    .iter()
                    .map(|name| {
                        let place = format!("{place}/{}", escaped(name));
                        FieldError::at(place, "unknown_field", "There is no such field in the form.")
                    })
                    .collect(),
                ValidationErrorKind::Required { property } => {
                    let name = escaped(property.as_str().unwrap_or_default());
                    vec![FieldError::at(format!("{place}/{name}"), "missing_field", "This field is required.")]
                }
                ValidationErrorKind::Type { .. } => vec![FieldError::at(place, "wrong_type", words)],
                _ => vec![FieldError::at(place, "invalid_value", words)],
            }
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(invalid_body(errors)) }
}

/// Words of a workflow about an answer that fits the form and still cannot be used. "field: words" names a field.
pub(crate) fn unusable(schema: &Value, words: &str, at: &str) -> Problem {
    let field = words.split_once(": ").filter(|(name, _)| schema["properties"].get(*name).is_some());
    let (place, words) = match field {
        Some((name, words)) => (format!("{at}/{}", escaped(name)), words),
        None => (at.to_owned(), words),
    };
    invalid_body(vec![FieldError::at(place, "invalid_value", sentence(words))])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn form() -> Value {
        json!({
            "type": "object",
            "properties": {"action": {"enum": ["resend", "correct_address"]}, "email": {"type": "string"}},
            "required": ["action"],
            "additionalProperties": false,
            "if": {"properties": {"action": {"const": "correct_address"}}},
            "then": {"required": ["email"]},
        })
    }

    fn wrong(answer: Value) -> Vec<(String, String)> {
        let body = check(&form(), &answer, "/answer").unwrap_err().body(None, None);
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        body["errors"].as_array().unwrap().iter().map(|e| (text(e, "pointer"), text(e, "code"))).collect()
    }

    #[test]
    fn an_answer_that_fits_passes() {
        check(&form(), &json!({"action": "resend"}), "/answer").unwrap();
    }

    #[test]
    fn every_place_is_named() {
        let found = wrong(json!({"action": "explode", "email": 5, "extra": true}));
        for (place, code) in
            [("/answer/action", "invalid_value"), ("/answer/email", "wrong_type"), ("/answer/extra", "unknown_field")]
        {
            assert!(found.contains(&(place.to_owned(), code.to_owned())), "{place} is not in {found:?}");
        }
        assert_eq!(wrong(json!({"action": "correct_address"})), [("/answer/email".into(), "missing_field".into())]);
        assert_eq!(wrong(json!("resend")), [("/answer".into(), "wrong_type".into())]);
    }

    #[test]
    fn a_value_is_not_repeated() {
        let problem = check(&form(), &json!({"action": "hunter2"}), "").unwrap_err();
        assert!(!problem.body(None, None).to_string().contains("hunter2"));
    }

    #[test]
    fn the_workflows_words_find_their_field() {
        let body = unusable(&form(), "email: the address has no @", "/answer").body(None, None);
        assert_eq!(body["errors"][0]["pointer"], "/answer/email");
        assert_eq!(body["errors"][0]["detail"], "The address has no @.");
        assert_eq!(unusable(&form(), "no: really", "/answer").body(None, None)["errors"][0]["pointer"], "/answer");
    }
}
