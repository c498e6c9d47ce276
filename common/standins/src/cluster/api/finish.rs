//! What the server itself writes into an object, and when a write is one at all.

use super::super::fields::Managers;
use super::super::kind::Key;
use super::super::world::{Change, now};
use super::{Cause, Refusal};
use serde_json::{Value, json};
use std::sync::Arc;

/// Stores `object` in the place of `live`, unless nothing has changed: then it is left with its version.
pub(super) fn finish(
    change: &mut Change<'_>,
    key: &Key,
    live: Option<&Value>,
    mut object: Value,
    managers: &Managers,
) -> Arc<Value> {
    object["apiVersion"] = json!(key.kind.api_version());
    object["kind"] = json!(key.kind.as_str());
    let metadata = &mut object["metadata"];
    metadata["name"] = json!(key.name);
    if key.kind.namespaced() {
        metadata["namespace"] = json!(key.namespace);
    }
    for name in ["uid", "creationTimestamp", "deletionTimestamp", "generation", "resourceVersion"] {
        match live.map(|live| &live["metadata"][name]).filter(|value| !value.is_null()) {
            Some(value) => metadata[name] = value.clone(),
            None => drop(metadata.as_object_mut().map(|metadata| metadata.remove(name))),
        }
    }
    metadata["managedFields"] = managers.to_json(&key.kind.api_version());
    let Some(live) = live else {
        metadata["uid"] = json!(uuid::Uuid::new_v4().to_string());
        metadata["creationTimestamp"] = json!(now());
        if key.kind.custom() {
            metadata["generation"] = json!(1);
        }
        return change.put(key, object);
    };
    if key.kind.custom() && body(live) != body(&object) {
        object["metadata"]["generation"] = json!(live["metadata"]["generation"].as_i64().unwrap_or(0) + 1);
    }
    if *live == object {
        return Arc::new(object);
    }
    let finalizers = object["metadata"]["finalizers"].as_array().is_none_or(Vec::is_empty);
    if finalizers && !object["metadata"]["deletionTimestamp"].is_null() {
        change.remove(key);
        return Arc::new(object);
    }
    change.put(key, object)
}

/// What its generation counts: everything but metadata and status.
fn body(object: &Value) -> Value {
    let mut body = object.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("metadata");
        body.remove("status");
    }
    body
}

/// What is wrong with an object's own name and labels, besides its schema.
pub(super) fn misnamed(key: &Key, object: &Value) -> Result<(), Refusal> {
    let mut causes = Vec::new();
    let mut invalid = |field: &str, value: &str, rule: &str| {
        let message = format!("Invalid value: \"{value}\": {rule}");
        causes.push(Cause { reason: "FieldValueInvalid", message, field: field.to_owned() });
    };
    let label = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
    };
    if key.name.len() > 253 || !key.name.split('.').all(label) {
        invalid(
            "metadata.name",
            &key.name,
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
             start and end with an alphanumeric character",
        );
    }
    let qualified = |text: &str| {
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        text.len() <= 63
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
            && ends(bytes.first())
            && ends(bytes.last())
    };
    for (field, values) in [("labels", true), ("annotations", false)] {
        for (name, value) in object["metadata"][field].as_object().into_iter().flatten() {
            let (prefix, short) = name.split_once('/').unwrap_or(("a", name));
            if !qualified(short) || !prefix.split('.').all(label) {
                invalid(
                    &format!("metadata.{field}"),
                    name,
                    "name part must be no more than 63 characters and consist of alphanumeric characters, '-', '_' or '.'",
                );
            }
            let value = value.as_str().unwrap_or("");
            if values && !value.is_empty() && !qualified(value) {
                invalid(
                    "metadata.labels",
                    value,
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and \
                     must start and end with an alphanumeric character, and must be no more than 63 characters",
                );
            }
        }
    }
    if causes.is_empty() { Ok(()) } else { Err(Refusal::invalid(key, &causes)) }
}
