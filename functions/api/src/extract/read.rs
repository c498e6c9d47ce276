//! Any value from JSON or from a query, with a JSON Pointer or a name for everything that is wrong.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::problem::FieldError;

/// Unknown fields are reported together, at most so many.
const REPORTED: usize = 20;

/// Reads `T` from JSON. Every unknown field is reported, and the first other thing that is wrong.
pub(crate) fn json<T: DeserializeOwned>(mut value: Value) -> Result<T, Vec<FieldError>> {
    // serde would read a list as the fields of a struct, in order.
    if !value.is_object() {
        return Err(vec![FieldError::at("", "wrong_type", "This must be an object.")]);
    }
    let mut errors: Vec<FieldError> = Vec::new();
    nul(&value, "", &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    loop {
        let error = match serde_path_to_error::deserialize(&value) {
            Ok(read) if errors.is_empty() => return Ok(read),
            Ok(_) => return Err(errors),
            Err(error) => error,
        };
        let (segment, code, detail) = explain(&error.inner().to_string());
        let pointer = pointer_to(error.path(), segment.as_deref());
        let remove_and_go_on = code == "unknown_field" && errors.len() < REPORTED && remove(&mut value, &pointer);
        errors.push(FieldError::at(pointer, code, detail));
        if !remove_and_go_on {
            return Err(errors);
        }
    }
}

/// Reads `T` from the pairs of a query.
pub(crate) fn pairs<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, Vec<FieldError>> {
    if let Some((name, _)) = pairs.iter().find(|(_, value)| value.contains('\0')) {
        return Err(vec![FieldError::parameter(
            name.clone(),
            "invalid_value",
            "A text may not hold the character NUL.",
        )]);
    }
    let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let deserializer = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(encoded.as_bytes()));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let (segment, code, detail) = explain(&error.inner().to_string());
        let name = pointer_to(error.path(), segment.as_deref()).trim_start_matches('/').to_owned();
        let code = if code == "unknown_field" { "unknown_parameter" } else { code };
        vec![FieldError::parameter(name, code, detail)]
    })
}

/// Every text that holds the one character that the database cannot keep.
fn nul(value: &Value, at: &str, errors: &mut Vec<FieldError>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            errors.push(FieldError::at(at.to_owned(), "invalid_value", "A text may not hold the character NUL."));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| nul(item, &format!("{at}/{index}"), errors))
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| nul(field, &format!("{at}/{}", escaped(name)), errors));
        }
        _ => {}
    }
}

/// The place, as a JSON Pointer (RFC 6901). `segment` is the field an error is about, where the path ends before it.
fn pointer_to(path: &Path, segment: Option<&str>) -> String {
    let mut pointer = String::new();
    let mut push = |name: &str| {
        pointer.push('/');
        pointer.push_str(&escaped(name));
    };
    let mut last = None;
    for part in path {
        match part {
            Segment::Seq { index } => push(&index.to_string()),
            Segment::Map { key } => push(key),
            Segment::Enum { .. } | Segment::Unknown => continue,
        }
        last = if let Segment::Map { key } = part { Some(key.as_str()) } else { None };
    }
    if let Some(name) = segment
        && last != Some(name)
    {
        push(name);
    }
    pointer
}

/// A name as part of a JSON Pointer.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What serde says, in our words: the field it is about (if it is not the place itself), a code, and a sentence.
/// A value is never repeated: it may be a password.
fn explain(message: &str) -> (Option<String>, &'static str, String) {
    let named = |rest: &str| rest.split('`').nth(1).map(str::to_owned);
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let known = rest.split_once("expected ").map_or_else(String::new, |(_, known)| {
            format!("; known here: {}", known.trim_start_matches("one of ").replace('`', "").replace(" or ", ", "))
        });
        return (named(rest), "unknown_field", format!("There is no such field{known}."));
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        return (named(rest), "missing_field", "This field is required.".to_owned());
    }
    if let Some(rest) = message.strip_prefix("duplicate field ") {
        return (named(rest), "invalid_value", "This is given twice.".to_owned());
    }
    let expected = |rest: &str| rest.rsplit_once("expected ").map(|(_, expected)| expected.to_owned());
    if let Some(expected) = message.strip_prefix("invalid type: ").and_then(expected) {
        return (None, "wrong_type", format!("This must be {}.", plain(&expected)));
    }
    if let Some(expected) = ["invalid value: ", "unknown variant ", "invalid length "]
        .iter()
        .find_map(|prefix| message.strip_prefix(prefix))
        .and_then(expected)
    {
        return (None, "invalid_value", format!("This must be {}.", plain(&expected)));
    }
    if message.starts_with("invalid digit") || message.starts_with("number too ") || message.starts_with("cannot parse")
    {
        return (None, "invalid_value", "This must be a whole number in the allowed range.".to_owned());
    }
    (None, "invalid_value", crate::error::sentence(message))
}

/// serde's names for types, in those of JSON.
fn plain(expected: &str) -> String {
    match expected {
        "a string" | "a borrowed string" => "text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "i64" | "u64" | "u32" | "u16" | "u8" | "i32" => "a whole number in the allowed range".to_owned(),
        expected if expected.starts_with("struct ") || expected == "a map" => "an object".to_owned(),
        expected => expected.replace('`', ""),
    }
}

/// Removes what a pointer names.
fn remove(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
    let name = name.replace("~1", "/").replace("~0", "~");
    value.pointer_mut(parent).and_then(Value::as_object_mut).is_some_and(|fields| fields.remove(&name).is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Outer {
        inner_part: Inner,
        #[serde(default)]
        list: Vec<Inner>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        name: String,
        #[serde(default)]
        age: Option<u8>,
    }

    fn wrong(value: Value) -> Vec<(String, String)> {
        let errors = json::<Outer>(value).unwrap_err();
        errors.into_iter().map(|error| (error.pointer.unwrap(), error.code)).collect()
    }

    fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), code.to_owned())]
    }

    #[test]
    fn what_is_right_is_read() {
        let read: Outer = json(json!({"innerPart": {"name": "a", "age": 3}})).unwrap();
        assert_eq!(read, Outer { inner_part: Inner { name: "a".into(), age: Some(3) }, list: Vec::new() });
    }

    #[test]
    fn a_pointer_names_the_place() {
        assert_eq!(wrong(json!({"innerPart": {"name": 5}})), one("/innerPart/name", "wrong_type"));
        assert_eq!(wrong(json!({"innerPart": {}})), one("/innerPart/name", "missing_field"));
        assert_eq!(wrong(json!({})), one("/innerPart", "missing_field"));
        assert_eq!(wrong(json!([])), one("", "wrong_type"));
        let list = json!({"innerPart": {"name": "a"}, "list": [{"name": "b"}, {"name": "c", "age": 300}]});
        assert_eq!(wrong(list), one("/list/1/age", "invalid_value"));
    }

    #[test]
    fn every_unknown_field_is_named_and_escaped() {
        let errors = wrong(json!({"innerPart": {"name": "a", "x/y": 1}, "b~c": 2, "d": 3}));
        let mut pointers: Vec<&str> = errors.iter().map(|(pointer, _)| pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/b~0c", "/d", "/innerPart/x~1y"]);
        assert!(errors.iter().all(|(_, code)| code == "unknown_field"));
    }

    #[test]
    fn an_unknown_field_named_like_its_parent_is_found() {
        assert_eq!(
            wrong(json!({"innerPart": {"name": "a", "innerPart": 1}})),
            one("/innerPart/innerPart", "unknown_field")
        );
    }

    #[test]
    fn a_wrong_value_is_never_repeated() {
        let error = json::<Outer>(json!({"innerPart": {"name": "a", "age": "hunter2"}})).unwrap_err();
        assert_eq!(error[0].detail, "This must be a whole number in the allowed range.");
    }

    #[test]
    fn a_query_is_read_by_the_same_rules() {
        let of = |text: &str| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
        assert_eq!(pairs::<Inner>(&of("name=a%20b&age=7")).unwrap(), Inner { name: "a b".into(), age: Some(7) });
        for (query, name, code) in [
            ("name=a&age=x", "age", "invalid_value"),
            ("name=a&nam=b", "nam", "unknown_parameter"),
            ("name=a&name=b", "name", "invalid_value"),
            ("age=1", "name", "missing_field"),
        ] {
            let error = &pairs::<Inner>(&of(query)).unwrap_err()[0];
            assert_eq!((error.parameter.as_deref(), error.code.as_str()), (Some(name), code), "{query}");
        }
    }
}
