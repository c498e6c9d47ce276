//! Conditions of a status, as cert-manager keeps them.

use super::super::world::now;
use serde_json::{Value, json};

/// The condition of this type, or null.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> &'a Value {
    let conditions = object["status"]["conditions"].as_array();
    conditions.into_iter().flatten().find(|condition| condition["type"] == kind).unwrap_or(&Value::Null)
}

/// Whether the condition of this type is `True`.
pub(super) fn holds(object: &Value, kind: &str) -> bool {
    condition(object, kind)["status"] == "True"
}

/// Sets a condition. Its time moves only when its status changes.
pub(super) fn set(object: &mut Value, kind: &str, status: bool, reason: &str, message: &str) {
    let status = if status { "True" } else { "False" };
    let before = condition(object, kind);
    let since = if before["status"] == status { before["lastTransitionTime"].clone() } else { json!(now()) };
    let mut condition = json!({
        "type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since,
    });
    if object["kind"] == "Certificate" {
        condition["observedGeneration"] = object["metadata"]["generation"].clone();
    }
    unset(object, kind);
    match object["status"]["conditions"].as_array_mut() {
        Some(conditions) => conditions.push(condition),
        None => object["status"]["conditions"] = json!([condition]),
    }
    if let Some(conditions) = object["status"]["conditions"].as_array_mut() {
        conditions.sort_by_key(|condition| condition["type"].to_string());
    }
}

/// Takes a condition out.
pub(super) fn unset(object: &mut Value, kind: &str) {
    if let Some(conditions) = object["status"]["conditions"].as_array_mut() {
        conditions.retain(|condition| condition["type"] != kind);
    }
}
