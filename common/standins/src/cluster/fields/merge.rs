//! Lays one object over another by its schema, and takes single fields out.

use super::super::schema::{Items, Schema};
use super::Path;
use super::leaves::step_by;
use serde_json::{Map, Value};

/// Lays `patch` over `live`: structs and maps field by field, lists as their schema says, everything else as a whole.
pub(in super::super) fn merge(live: &mut Value, patch: &Value, schema: &Schema) {
    match (schema, patch) {
        (_, Value::Null) => {}
        (Schema::Struct(of), Value::Object(patch)) => {
            for (name, value) in patch.iter().filter(|(_, value)| !value.is_null()) {
                let schema = of.fields.get(name).unwrap_or(&Schema::Any);
                merge(entry(live, name), value, schema);
            }
            object(live);
        }
        (Schema::Map(of), Value::Object(patch)) => {
            patch.iter().for_each(|(name, value)| merge(entry(live, name), value, of));
            object(live);
        }
        (Schema::List(of, Items::By(key)), Value::Array(patch)) => {
            let live = array(live);
            for value in patch {
                match live.iter_mut().find(|entry| entry[key] == value[key]) {
                    Some(entry) => merge(entry, value, of),
                    None => live.push(value.clone()),
                }
            }
        }
        (Schema::List(_, Items::Set), Value::Array(patch)) => {
            let live = array(live);
            patch.iter().for_each(|value| {
                if !live.contains(value) {
                    live.push(value.clone());
                }
            });
        }
        (_, whole) => *live = whole.clone(),
    }
}

fn entry<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    object(value).entry(name).or_insert(Value::Null)
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(object) => object,
        _ => unreachable!("made one above"),
    }
}

fn array(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    match value {
        Value::Array(array) => array,
        _ => unreachable!("made one above"),
    }
}

/// Takes a field out, and what is empty around it then.
pub(in super::super) fn remove(value: &mut Value, path: &Path) {
    take(value, path);
}

/// True when what is left is empty.
fn take(value: &mut Value, path: &[String]) -> bool {
    let Some((step, rest)) = path.split_first() else { return false };
    if let Some(name) = step.strip_prefix("f:") {
        let Some(object) = value.as_object_mut() else { return false };
        if rest.is_empty() || object.get_mut(name).is_some_and(|value| take(value, rest)) {
            object.remove(name);
        }
        return object.is_empty();
    }
    let Some(array) = value.as_array_mut() else { return false };
    if let Some(wanted) = step.strip_prefix("v:") {
        let wanted: Value = serde_json::from_str(wanted).unwrap_or_default();
        array.retain(|value| *value != wanted);
    } else if let Some(number) = array.iter().position(|entry| is(step, entry))
        && (rest.is_empty() || take(&mut array[number], rest))
    {
        array.remove(number);
    }
    array.is_empty()
}

/// Whether a step `k:{...}` leads to this entry.
fn is(step: &str, entry: &Value) -> bool {
    let keys: Value = step.strip_prefix("k:").and_then(|keys| serde_json::from_str(keys).ok()).unwrap_or_default();
    keys.as_object().is_some_and(|keys| keys.keys().all(|key| step_by(key, entry) == step))
}

#[cfg(test)]
mod tests {
    use super::super::super::{kind::Kind, schema};
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_and_conditions_merge_and_atomic_lists_are_replaced() {
        let mut live = json!({
            "metadata": { "labels": { "a": "1" } }, "spec": { "dnsNames": ["x", "y"], "secretName": "s" },
            "status": { "conditions": [{ "type": "Ready", "status": "False" }] },
        });
        let patch = json!({
            "metadata": { "labels": { "b": "2" } }, "spec": { "dnsNames": ["z"] },
            "status": { "conditions": [{ "type": "Issuing", "status": "True" }, { "type": "Ready", "status": "True" }] },
        });
        merge(&mut live, &patch, schema::of(Kind::Certificate));
        let merged = json!({
            "metadata": { "labels": { "a": "1", "b": "2" } }, "spec": { "dnsNames": ["z"], "secretName": "s" },
            "status": { "conditions": [{ "type": "Ready", "status": "True" }, { "type": "Issuing", "status": "True" }] },
        });
        assert_eq!(live, merged);
    }

    #[test]
    fn a_field_goes_with_what_is_empty_around_it() {
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<Path>();
        let mut value = json!({ "metadata": { "labels": { "a": "1" } }, "status": { "c": [{ "type": "A", "x": 1 }] } });
        remove(&mut value, &path(&["f:metadata", "f:labels", "f:a"]));
        remove(&mut value, &path(&["f:status", "f:c", "k:{\"type\":\"A\"}", "f:x"]));
        assert_eq!(value, json!({ "status": { "c": [{ "type": "A" }] } }));
        remove(&mut value, &path(&["f:status", "f:c", "k:{\"type\":\"A\"}"]));
        assert_eq!(value, json!({}));
    }
}
