//! The fields of an object that can be owned, with their values.

use super::super::schema::{Items, Schema};
use super::{Owned, Path};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What no manager owns.
const NOBODYS: [&str; 10] = [
    "name",
    "namespace",
    "generateName",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
];

/// Every field of an object that is there, with its value; entries of lists that are merged count as fields too.
pub(in super::super) fn leaves(object: &Value, schema: &Schema) -> BTreeMap<Path, Value> {
    let mut found = BTreeMap::new();
    walk(object, schema, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, schema: &Schema, path: &mut Path, found: &mut BTreeMap<Path, Value>) {
    match (schema, value) {
        (_, Value::Null) => {}
        (Schema::Struct(of), Value::Object(object)) if !object.is_empty() => {
            for (name, value) in object {
                let nobodys = match path.as_slice() {
                    [] => ["apiVersion", "kind"].contains(&name.as_str()),
                    [only] => only == "f:metadata" && NOBODYS.contains(&name.as_str()),
                    _ => false,
                };
                if let Some(schema) = of.fields.get(name).filter(|_| !nobodys) {
                    step_into(format!("f:{name}"), value, schema, path, found);
                }
            }
        }
        (Schema::Map(of), Value::Object(object)) if !object.is_empty() => {
            object.iter().for_each(|(name, value)| step_into(format!("f:{name}"), value, of, path, found));
        }
        (Schema::List(of, Items::By(key)), Value::Array(array)) if !array.is_empty() => {
            for value in array {
                let step = step_by(key, value);
                step_into(step.clone(), value, of, path, found);
                path.push(step);
                found.insert(path.clone(), Value::Null);
                path.pop();
            }
        }
        (Schema::List(_, Items::Set), Value::Array(array)) if !array.is_empty() => {
            for value in array {
                path.push(format!("v:{value}"));
                found.insert(path.clone(), value.clone());
                path.pop();
            }
        }
        // The object itself is nobody's, and neither is metadata as a whole.
        _ if path.is_empty() || (path.len() == 1 && path[0] == "f:metadata") => {}
        _ => {
            found.insert(path.clone(), value.clone());
        }
    }
}

fn step_into(step: String, value: &Value, schema: &Schema, path: &mut Path, found: &mut BTreeMap<Path, Value>) {
    path.push(step);
    walk(value, schema, path, found);
    path.pop();
}

/// The step to the entry of a list that is merged by this field.
pub(super) fn step_by(key: &str, entry: &Value) -> String {
    format!("k:{}", json!({ key: entry[key] }))
}

/// A path as errors write it: `.spec.http`, `.status.conditions[type="Ready"].status`.
pub(in super::super) fn words(path: &Path) -> String {
    path.iter().map(|step| step_words(step)).collect()
}

fn step_words(step: &str) -> String {
    if let Some(name) = step.strip_prefix("f:") {
        return format!(".{name}");
    }
    if let Some(value) = step.strip_prefix("v:") {
        return format!("[={value}]");
    }
    let keys: Value = step.strip_prefix("k:").and_then(|keys| serde_json::from_str(keys).ok()).unwrap_or_default();
    let keys: Vec<String> =
        keys.as_object().into_iter().flatten().map(|(name, value)| format!("{name}={value}")).collect();
    format!("[{}]", keys.join(","))
}

impl Owned {
    /// All fields of an object.
    pub(in super::super) fn of(object: &Value, schema: &Schema) -> Owned {
        Owned(leaves(object, schema).into_keys().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{kind::Kind, schema};
    use super::*;

    #[test]
    fn lists_of_custom_resources_are_one_field_and_labels_are_many() {
        let service = json!({
            "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": { "name": "a", "namespace": "msp", "labels": { "x": "1", "y": "2" }, "uid": "u" },
            "spec": { "hosts": ["h"], "http": [{ "route": [] }] },
        });
        let found: Vec<String> = leaves(&service, schema::of(Kind::VirtualService)).keys().map(words).collect();
        assert_eq!(found, [".metadata.labels.x", ".metadata.labels.y", ".spec.hosts", ".spec.http"]);
    }

    #[test]
    fn conditions_are_owned_one_by_one() {
        let certificate = json!({ "status": { "conditions": [{ "type": "Ready", "status": "True" }] } });
        let found: Vec<String> = leaves(&certificate, schema::of(Kind::Certificate)).keys().map(words).collect();
        assert_eq!(
            found,
            [
                ".status.conditions[type=\"Ready\"]",
                ".status.conditions[type=\"Ready\"].status",
                ".status.conditions[type=\"Ready\"].type"
            ]
        );
    }
}
