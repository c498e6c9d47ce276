//! Documents whose members are shown as they come: names in words, values in a form that people read.

use serde_json::{Map, Value};

use super::{
    moment::Moment,
    table::{Tone, Toned},
};

/// The members that say something, in the document's order, without those that are shown elsewhere.
#[must_use]
pub fn members(document: &Map<String, Value>, shown_elsewhere: &[&str]) -> Vec<(String, Toned)> {
    let rest = document.iter().filter(|(name, _)| !shown_elsewhere.contains(&name.as_str()));
    rest.filter_map(|(name, value)| {
        let shown = value_in_words(value)?;
        let utc = if moment(value).is_some() { " (UTC)" } else { "" };
        Some((format!("{}{utc}", words(name)), shown))
    })
    .collect()
}

/// A value; none where it says nothing.
#[must_use]
pub fn value_in_words(value: &Value) -> Option<Toned> {
    let text = match value {
        Value::Null => return None,
        Value::Bool(true) => return Some(Toned("yes".to_owned(), Tone::Good)),
        Value::Bool(false) => return Some(Toned("no".to_owned(), Tone::Plain)),
        Value::String(text) => moment(value).map_or_else(|| text.clone(), Moment::day_and_time),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => {
            let parts: Vec<_> = values.iter().filter_map(value_in_words).map(|Toned(text, _)| text).collect();
            parts.join(", ")
        }
        Value::Object(object) => {
            let one = |(name, value): (&String, &Value)| Some(format!("{name}={}", value_in_words(value)?.0));
            let parts: Vec<_> = object.iter().filter_map(one).collect();
            parts.join(", ")
        }
    };
    (!text.is_empty()).then(|| text.into())
}

/// `customDomain` as `custom domain`; `createdAt` as `created`.
#[must_use]
pub fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.strip_suffix("At").filter(|rest| !rest.is_empty()).unwrap_or(name).chars() {
        match letter {
            '_' => words.push(' '),
            upper if upper.is_ascii_uppercase() => {
                words.push(' ');
                words.push(upper.to_ascii_lowercase());
            }
            other => words.push(other),
        }
    }
    words
}

fn moment(value: &Value) -> Option<Moment> {
    // Texts that merely begin like one are no moments.
    let text = value.as_str().filter(|text| text.len() >= 20 && text.as_bytes()[10] == b'T')?;
    serde_json::from_value(text.into()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_shown_in_words() {
        let document = json!({
            "fromName": "Acme", "domainVerified": true, "none": null, "empty": {}, "tags": {"brand": "acme", "n": 1},
            "updatedAt": "2026-11-21T03:25:36Z", "id": "1", "list": ["a", "b"],
        });
        let shown = members(document.as_object().unwrap_or(&Map::new()), &["id"]);
        let mut shown: Vec<_> = shown.iter().map(|(name, Toned(text, _))| format!("{name}: {text}")).collect();
        shown.sort();
        let expected = [
            "domain verified: yes",
            "from name: Acme",
            "list: a, b",
            "tags: brand=acme, n=1",
            "updated (UTC): 2026-11-21 03:25:36",
        ];
        assert_eq!(shown, expected);
    }
}
