//! What tenants are not told of a domain's troubles.

use serde_json::{Value, json};
use tenantry_model::ErrorClass;

/// What a fault of ours is called where a tenant reads.
pub(crate) const OURS: &str = "A step could not be done for a reason on our side; the operators see it.";

/// Puts plain words in the place of faults that tenants can do nothing about, and which may name whom we work with; wherever they
/// are in `value`.
pub(crate) fn without_our_faults(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let class = fields.get("class").and_then(|class| serde_json::from_value::<ErrorClass>(class.clone()).ok());
            if class.is_some_and(|class| !is_theirs(class)) && fields.contains_key("message") {
                fields.insert("message".to_owned(), json!(OURS));
            }
            fields.remove("provider");
            fields.values_mut().for_each(without_our_faults);
        }
        Value::Array(items) => items.iter_mut().for_each(without_our_faults),
        _ => {}
    }
}

/// What stands in a domain's way, for people; none: nothing does.
pub(super) fn reason(state: &str, error: Option<Value>, for_tenant: bool) -> Option<String> {
    let mut error = error?;
    // Only there is the fault the last attempt's. Elsewhere the life has found words of its own.
    if for_tenant && ["broken", "deletion_stuck"].contains(&state) {
        without_our_faults(&mut error);
    }
    error["message"].as_str().map(str::to_owned)
}

/// Whether a fault of this class says what the tenant can do.
fn is_theirs(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::ValidationError | ErrorClass::DuplicateError | ErrorClass::SenderRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_ours_is_not_told_to_tenants_and_theirs_is() {
        let ours = json!({ "class": "AccountRefused", "message": "Carrier Inc. refuses our key" });
        let theirs = json!({ "class": "DuplicateError", "message": "Another account has this domain." });
        let mut both = json!([{ "error": ours, "provider": "carrier" }, { "error": theirs }]);
        without_our_faults(&mut both);
        assert_eq!(both[0], json!({ "error": { "class": "AccountRefused", "message": OURS } }));
        assert_eq!(both[1]["error"], theirs);
        assert_eq!(reason("broken", Some(ours.clone()), true).as_deref(), Some(OURS));
        assert_eq!(reason("broken", Some(ours.clone()), false).as_deref(), Some("Carrier Inc. refuses our key"));
        assert_eq!(reason("refused", Some(theirs), true).as_deref(), Some("Another account has this domain."));
        assert_eq!(reason("verified", None, true), None);
    }
}
