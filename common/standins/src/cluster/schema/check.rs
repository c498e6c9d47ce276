//! Holds an object against a schema.

use super::super::api::Cause;
use super::{Fields, Items, Schema};
use serde_json::Value;

/// What keeps an object from being applied: fields that the schema does not have, and values of another shape, each as
/// `.spec.servers[0].foo: field not declared in schema`.
pub(in super::super) fn untyped(value: &Value, schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    look(value, schema, "", &mut |path, problem| {
        found.push(match problem {
            Problem::Undeclared => format!("{path}: field not declared in schema"),
            Problem::Shape(expected, actual) => format!("{path}: expected {expected}, got {actual}"),
        });
    });
    found
}

/// Takes the fields out that the schema does not have, and says which they were.
pub(in super::super) fn prune(value: &mut Value, schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    look(value, schema, "", &mut |path, problem| {
        if problem == Problem::Undeclared {
            found.push(path.to_owned());
        }
    });
    strip(value, schema);
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Undeclared,
    /// Another type was expected.
    Shape(&'static str, &'static str),
}

fn look(value: &Value, schema: &Schema, path: &str, found: &mut impl FnMut(&str, Problem)) {
    if let Some(expected) = mismatch(value, schema).filter(|_| !value.is_null()) {
        let expected = match expected {
            "array" => "list",
            "object" => "map",
            "integer" | "number" => "numeric (int or float)",
            other => other,
        };
        return found(path, Problem::Shape(expected, type_of(value)));
    }
    match (schema, value) {
        (Schema::Struct(Fields { fields, .. }), Value::Object(object)) => {
            for (name, value) in object {
                match fields.get(name) {
                    Some(schema) => look(value, schema, &format!("{path}.{name}"), found),
                    None => found(&format!("{path}.{name}"), Problem::Undeclared),
                }
            }
        }
        (Schema::Map(of), Value::Object(object)) => {
            object.iter().for_each(|(name, value)| look(value, of, &format!("{path}.{name}"), found));
        }
        (Schema::List(of, items), Value::Array(array)) => {
            for (number, value) in array.iter().enumerate() {
                let at = match items {
                    Items::By(key) => format!("[{key}={}]", value[key]),
                    _ => format!("[{number}]"),
                };
                look(value, of, &format!("{path}{at}"), found);
            }
        }
        _ => {}
    }
}

fn strip(value: &mut Value, schema: &Schema) {
    match (schema, value) {
        (Schema::Struct(Fields { fields, .. }), Value::Object(object)) => {
            object.retain(|name, _| fields.contains_key(name));
            object.iter_mut().for_each(|(name, value)| strip(value, &fields[name]));
        }
        (Schema::Map(of), Value::Object(object)) => object.values_mut().for_each(|value| strip(value, of)),
        (Schema::List(of, _), Value::Array(array)) => array.iter_mut().for_each(|value| strip(value, of)),
        _ => {}
    }
}

/// What is wrong with the fields it has or lacks.
pub(in super::super) fn wrong(value: &Value, schema: &Schema) -> Vec<Cause> {
    let mut causes = Vec::new();
    check(value, schema, "", &mut causes);
    causes
}

fn check(value: &Value, schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    let mut cause = |reason, message: String| causes.push(Cause { reason, message, field: path.to_owned() });
    if let Some(expected) = mismatch(value, schema) {
        let actual = type_of(value);
        let message = format!("Invalid value: \"{actual}\": {path} in body must be of type {expected}: \"{actual}\"");
        return cause("FieldValueTypeInvalid", message);
    }
    match (schema, value) {
        (Schema::Text(names), Value::String(text)) if !names.is_empty() && !names.contains(text) => {
            let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let message = format!("Unsupported value: \"{text}\": supported values: {}", names.join(", "));
            cause("FieldValueNotSupported", message);
        }
        (Schema::Duration, Value::String(text)) if !lasts(text) => {
            let message = format!("Invalid value: \"{text}\": must be a valid duration greater than 1ms");
            cause("FieldValueInvalid", message);
        }
        (Schema::Integer { least, most }, Value::Number(number)) => {
            let number = number.as_i64().unwrap_or(i64::MAX);
            if number < *least {
                let message =
                    format!("Invalid value: {number}: {path} in body should be greater than or equal to {least}");
                cause("FieldValueInvalid", message);
            } else if number > *most {
                let message = format!("Invalid value: {number}: {path} in body should be less than or equal to {most}");
                cause("FieldValueInvalid", message);
            }
        }
        (Schema::Struct(fields), Value::Object(object)) => {
            for name in fields.required.iter().filter(|name| object.get(*name).is_none_or(Value::is_null)) {
                let message = "Required value".to_owned();
                causes.push(Cause { reason: "FieldValueRequired", message, field: join(path, name) });
            }
            if fields.one_of.iter().filter(|name| object.contains_key(*name)).count() > 1 {
                let message = format!("Invalid value: only one of {} can be set", fields.one_of.join(" or "));
                causes.push(Cause { reason: "FieldValueInvalid", message, field: path.to_owned() });
            }
            for (name, value) in object {
                if let Some(schema) = fields.fields.get(name) {
                    check(value, schema, &join(path, name), causes);
                }
            }
        }
        (Schema::Map(of), Value::Object(object)) => {
            object.iter().for_each(|(name, value)| check(value, of, &join(path, name), causes));
        }
        (Schema::List(of, _), Value::Array(array)) => {
            for (number, value) in array.iter().enumerate() {
                check(value, of, &format!("{path}[{number}]"), causes);
            }
        }
        _ => {}
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The type that was expected where another one is.
fn mismatch(value: &Value, schema: &Schema) -> Option<&'static str> {
    let (expected, fits) = match schema {
        Schema::Any => ("any", true),
        Schema::Text(_) | Schema::Duration => ("string", value.is_string()),
        Schema::Integer { .. } => ("integer", value.is_i64() || value.is_u64()),
        Schema::Number => ("number", value.is_number()),
        Schema::Boolean => ("boolean", value.is_boolean()),
        Schema::Map(_) | Schema::Struct(_) => ("object", value.is_object()),
        Schema::List(..) => ("array", value.is_array()),
    };
    (!fits).then_some(expected)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether it is a Go duration of at least a millisecond: `1h30m`, `10s`, `1.5s`.
fn lasts(text: &str) -> bool {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let worth = match unit {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return false,
        };
        let Ok(number) = number.parse::<f64>() else { return false };
        seconds += number * worth;
        rest = after;
    }
    seconds >= 1e-3
}

#[cfg(test)]
mod tests {
    use super::super::{super::kind::Kind, of};
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_has_a_schema_and_an_empty_spec_says_what_it_lacks() {
        for kind in Kind::ALL {
            assert!(matches!(of(kind), Schema::Struct(_)), "{kind}");
        }
        let causes = wrong(&json!({ "spec": {} }), of(Kind::Certificate));
        let fields: Vec<&str> = causes.iter().map(|cause| cause.field.as_str()).collect();
        assert_eq!(fields, ["spec.issuerRef", "spec.secretName"]);
    }

    #[test]
    fn each_kind_of_mistake_is_named_at_its_field() {
        let gateway = json!({ "spec": { "servers": [
            { "hosts": "a", "port": { "number": -1, "name": 5, "protocol": "HTTP" }, "tls": { "mode": "NONE" } },
        ], "selector": { "a": true } } });
        let causes = wrong(&gateway, of(Kind::Gateway));
        let found: Vec<(&str, &str)> = causes.iter().map(|cause| (cause.reason, cause.field.as_str())).collect();
        assert_eq!(
            found,
            [
                ("FieldValueTypeInvalid", "spec.selector.a"),
                ("FieldValueTypeInvalid", "spec.servers[0].hosts"),
                ("FieldValueTypeInvalid", "spec.servers[0].port.name"),
                ("FieldValueInvalid", "spec.servers[0].port.number"),
                ("FieldValueNotSupported", "spec.servers[0].tls.mode"),
            ]
        );
    }

    #[test]
    fn durations_are_gos() {
        assert!(lasts("1h30m") && lasts("10s") && lasts("1.5s") && lasts("1ms"));
        assert!(!lasts("10") && !lasts("500us") && !lasts("s") && !lasts("1d") && !lasts(""));
    }

    #[test]
    fn two_of_one_are_refused() {
        let body = |inside| json!({ "spec": { "http": [{ "match": [{ "uri": inside }] }] } });
        let of = of(Kind::VirtualService);
        assert_eq!(wrong(&body(json!({ "exact": "/", "prefix": "/" })), of).len(), 1);
        assert_eq!(wrong(&body(json!({ "exact": "/" })), of), []);
        assert_eq!(prune(&mut body(json!({ "suffix": "/" })), of), [".spec.http[0].match[0].uri.suffix"]);
        let problems = untyped(&json!({ "spec": { "hosts": "a", "x": 1 } }), of);
        assert_eq!(problems, [".spec.hosts: expected list, got string", ".spec.x: field not declared in schema"]);
    }
}
