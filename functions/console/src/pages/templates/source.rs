//! A template as it is written: as the API has it, and as a form has it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::one::{Variable, text};
use crate::form::Fields;

/// A version, as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    pub(super) version: i32,
    subject: String,
    html: Option<String>,
    mjml: Option<String>,
    text: Option<String>,
    variables: Option<Vec<Variable>>,
    pub(super) written_by: String,
    pub(super) updated_at: String,
}

/// What a template may begin with.
const BEGINNING: &str = "<mjml>\n  <mj-body>\n    <mj-section>\n      <mj-column>\n        <mj-text>\n          \n        </mj-text>\n      \
    </mj-column>\n    </mj-section>\n  </mj-body>\n</mjml>\n";

impl Version {
    /// As the form shows it.
    pub(super) fn fields(&self) -> Fields {
        let mut fields = vec![
            ("subject".to_owned(), self.subject.clone()),
            ("kind".to_owned(), if self.mjml.is_some() { "mjml" } else { "html" }.to_owned()),
            ("body".to_owned(), self.mjml.clone().or_else(|| self.html.clone()).unwrap_or_default()),
            ("text".to_owned(), self.text.clone().unwrap_or_default()),
        ];
        for variable in self.variables.iter().flatten() {
            let required = if variable.required { "yes" } else { "no" };
            for (name, value) in [
                ("variable", variable.name.clone()),
                ("meaning", variable.meaning.clone()),
                ("required", required.to_owned()),
                ("example", text(&variable.example)),
            ] {
                fields.push((name.to_owned(), value));
            }
        }
        Fields(fields)
    }
}

/// A form for something that nobody has written yet.
pub(super) fn beginning() -> Fields {
    Fields([("kind", "mjml"), ("body", BEGINNING)].map(|(name, value)| (name.to_owned(), value.to_owned())).into())
}

/// A variable in a form.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) meaning: &'a str,
    pub(super) required: bool,
    pub(super) example: &'a str,
}

/// The variables of a form, without lines that nothing is written in.
pub(super) fn rows(fields: &Fields) -> Vec<Row<'_>> {
    let (names, meanings, required, examples) =
        (fields.all("variable"), fields.all("meaning"), fields.all("required"), fields.all("example"));
    let at = |values: &[&'_ str], index: usize| values.get(index).is_some_and(|value| !value.is_empty());
    (0..names.len())
        .filter(|index| at(&names, *index) || at(&meanings, *index) || at(&examples, *index))
        .map(|index| Row {
            name: names[index],
            meaning: meanings.get(index).copied().unwrap_or_default(),
            required: required.get(index).copied() != Some("no"),
            example: examples.get(index).copied().unwrap_or_default(),
        })
        .collect()
}

/// The template that a form has written; `own`: whether it brings its own variables.
pub(super) fn written(fields: &Fields, own: bool) -> Value {
    let mut source = Map::new();
    source.insert("subject".to_owned(), json!(fields.text("subject")));
    let part = if fields.text("kind") == "html" { "html" } else { "mjml" };
    source.insert(part.to_owned(), json!(fields.text("body")));
    if let Some(text) = fields.some("text") {
        source.insert("text".to_owned(), json!(text));
    }
    if own {
        let variable = |row: Row<'_>| {
            // 12 is a number, and a word is a word without quotes around it.
            let example: Value = serde_json::from_str(row.example).unwrap_or_else(|_| json!(row.example));
            json!({ "name": row.name, "meaning": row.meaning, "required": row.required, "example": example })
        };
        source.insert("variables".to_owned(), rows(fields).into_iter().map(variable).collect());
    }
    Value::Object(source)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_shown_in_the_form_is_what_was_written() {
        let source = json!({
            "subject": "Your invoice {{number}}", "mjml": "<mjml></mjml>", "text": "Hello",
            "variables": [
                { "name": "number", "meaning": "The number", "required": true, "example": "A 12" },
                { "name": "lines", "meaning": "What it is for", "required": false, "example": [{ "what": "A" }] },
            ]
        });
        let mut stored = source.clone();
        for (name, value) in
            [("version", json!(3)), ("writtenBy", json!("ada")), ("updatedAt", json!("2026-01-01T00:00:00Z"))]
        {
            stored[name] = value;
        }
        let version: Version = serde_json::from_value(stored).unwrap();
        assert_eq!(written(&version.fields(), true), source);
    }

    #[test]
    fn a_mail_of_the_system_brings_no_variables_and_empty_lines_are_none() {
        let mut fields = beginning();
        fields.0.extend(["variable", "meaning", "example"].map(|name| (name.to_owned(), String::new())));
        assert_eq!(written(&fields, false).get("variables"), None);
        assert_eq!(written(&fields, true)["variables"], json!([]));
    }
}
