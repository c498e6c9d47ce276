//! A form drawn from a JSON Schema (2020-12), and what is sent by it as JSON again.
//!
//! Understood of an object's properties: `string` (with `enum`, `oneOf` of `const` and `title`, `format`, `maxLength`), `boolean`, `integer`, `number`;
//! `title`, `description`, `default`, `required`. Anything else is a field for JSON. Whether an answer fits is decided by the API alone.

use maud::{Markup, html};
use serde_json::{Map, Value, json};

use crate::{
    form::Fields,
    parts::{Field, input, select, tick},
    trouble::Trouble,
};

/// A text that may be longer than this gets room for several lines.
const ONE_LINE: u64 = 300;

/// The fields of a form.
pub(super) fn form(schema: &Value, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    html! { @for (name, property) in properties(schema) { (control(name, property, required.contains(&name.as_str()), fields, trouble)) } }
}

/// What was sent, in the schema's types. What cannot be read as its type is sent as it was written, and the API says what is wrong.
pub(super) fn answer(schema: &Value, fields: &Fields) -> Value {
    let mut answer = Map::new();
    for (name, property) in properties(schema) {
        let value = match (type_of(property), fields.some(name)) {
            ("boolean", sent) => Some(json!(sent.is_some())),
            (_, None) => None,
            ("integer" | "number", Some(text)) => {
                Some(text.parse::<serde_json::Number>().map_or_else(|_| json!(text), Value::Number))
            }
            ("string", Some(text)) => Some(json!(text)),
            (_, Some(text)) => Some(serde_json::from_str(text).unwrap_or_else(|_| json!(text))),
        };
        answer.extend(value.map(|value| (name.clone(), value)));
    }
    Value::Object(answer)
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn type_of(property: &Value) -> &str {
    let choices = property["enum"].is_array() || property["oneOf"].is_array();
    property["type"].as_str().unwrap_or(if choices { "string" } else { "json" })
}

fn control(name: &str, property: &Value, required: bool, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let label = property["title"].as_str().map_or_else(|| name.replace('_', " "), str::to_owned);
    let before = property["default"].as_str().map_or_else(
        || if property["default"].is_null() { String::new() } else { property["default"].to_string() },
        str::to_owned,
    );
    let value = fields.some(name).unwrap_or(&before);
    let place = format!("answer/{}", name.replace('~', "~0").replace('/', "~1"));
    let id = format!("answer-{name}");
    let field = Field {
        name,
        id: Some(&id),
        label: &label,
        value,
        required,
        help: property["description"].as_str(),
        ..Field::default()
    }
    .judged(trouble, &place);
    let choices = choices(property);
    if !choices.is_empty() {
        return choice(&field, &choices);
    }
    match type_of(property) {
        "boolean" => {
            html! { (tick(name, &label, fields.on(name) || (fields.0.is_empty() && property["default"] == true))) @if let Some(wrong) = field.wrong { p.wrong { (wrong) } } }
        }
        "integer" | "number" => input(&Field { kind: Some("number"), ..field }),
        "string" if property["maxLength"].as_u64().is_some_and(|most| most > ONE_LINE) => long(&field),
        "string" => {
            let kind = match property["format"].as_str() {
                Some("email" | "idn-email") => "email",
                Some("uri") => "url",
                _ => "text",
            };
            input(&Field { kind: Some(kind), ..field })
        }
        _ => long(&field),
    }
}

/// The values of an `enum` or of a `oneOf` of constants, with their words.
fn choices(property: &Value) -> Vec<(String, String)> {
    let words = |value: &str| value.replace('_', " ");
    let named = property["oneOf"].as_array().into_iter().flatten().filter_map(|one| {
        let value = one["const"].as_str()?;
        Some((value.to_owned(), one["title"].as_str().map_or_else(|| words(value), str::to_owned)))
    });
    let plain = property["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    named.chain(plain.map(|value| (value.to_owned(), words(value)))).collect()
}

/// A few are seen at once; many are a list to open.
fn choice(field: &Field<'_>, choices: &[(String, String)]) -> Markup {
    if choices.len() > 6 {
        let choices: Vec<(&str, &str)> =
            [("", "Choose …")].into_iter().chain(choices.iter().map(|(value, words)| (&**value, &**words))).collect();
        return select(field, &choices);
    }
    let wrong = format!("answer-{}-wrong", field.name);
    html! {
        fieldset aria-describedby=[field.wrong.map(|_| &wrong)] {
            legend { (field.label) }
            @if let Some(help) = field.help { p.help { (help) } }
            @for (value, words) in choices {
                label.tick { input type="radio" name=(field.name) value=(value) checked[value == field.value] required[field.required]; span { (words) } }
            }
            @if let Some(words) = field.wrong { p.wrong id=(wrong) { (words) } }
        }
    }
}

fn long(field: &Field<'_>) -> Markup {
    let id = field.id.unwrap_or(field.name);
    html! {
        div.field {
            label for=(id) { (field.label) @if !field.required { span.optional { " optional" } } }
            textarea id=(id) name=(field.name) required[field.required] aria-invalid=[field.wrong.map(|_| "true")] { (field.value) }
            @if let Some(help) = field.help { p.help { (help) } }
            @if let Some(wrong) = field.wrong { p.wrong { (wrong) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "action": { "title": "What now?", "enum": ["resend", "give_up"], "type": "string" },
                "email": { "type": "string", "format": "email" },
                "times": { "type": "integer" },
                "sure": { "type": "boolean" },
                "more": { "type": "object" }
            },
            "required": ["action"]
        })
    }

    fn sent(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_is_sent_has_the_types_of_the_schema() {
        let fields =
            sent(&[("action", "resend"), ("times", "3"), ("sure", "on"), ("more", r#"{"a":1}"#), ("else", "x")]);
        assert_eq!(
            answer(&schema(), &fields),
            json!({ "action": "resend", "times": 3, "sure": true, "more": { "a": 1 } })
        );
        // What is no number stays what was written: the API says what is wrong with it.
        assert_eq!(answer(&schema(), &sent(&[("times", "often")])), json!({ "times": "often", "sure": false }));
    }

    #[test]
    fn a_choice_of_a_few_is_seen_at_once_and_what_was_chosen_stays_chosen() {
        let html = form(&schema(), &sent(&[("action", "give_up")]), None).into_string();
        assert!(html.contains(r#"value="give_up" checked required"#), "{html}");
        assert!(
            html.contains("<legend>What now?</legend>")
                && html.contains(r#"type="email""#)
                && html.contains(r#"type="number""#)
        );
    }

    #[test]
    fn what_is_wrong_stands_at_its_field() {
        let problem = json!({ "errors": [{ "pointer": "/answer/email", "detail": "This is no address." }] });
        let html = form(&schema(), &sent(&[]), Some(&Trouble::of(422, &problem))).into_string();
        assert!(html.contains(r#"aria-invalid="true" aria-describedby="answer-email-wrong""#), "{html}");
        assert!(html.contains(r#"id="answer-email-wrong">This is no address."#));
    }
}
