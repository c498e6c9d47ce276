//! How each kind of run is told to a tenant: without what only operators read of it.

use serde_json::Value;
use tenantry_kernel::Workflow as _;
use tenantry_workflows::{
    email_delivery::EmailDelivery, email_domain::EmailDomain, portal_domain::PortalDomain,
    webhook_delivery::WebhookDelivery,
};

use super::{
    email_domains::{OURS, without_our_faults},
    messages::without_providers,
    portal_domains::without_operators_words,
};

/// Who performs what a run asks for, where a tenant reads.
pub(super) const PERFORMER: &str = "platform";

/// What takes away, wherever it is in a value, what tenants do not read of a run of this kind. A kind that says nothing of its own is
/// told in the strictest way, so that a new one is, too.
pub(super) fn of(kind: &str) -> fn(&mut Value) {
    match kind {
        EmailDelivery::KIND => without_providers,
        EmailDomain::KIND => without_our_faults,
        PortalDomain::KIND => without_operators_words,
        WebhookDelivery::KIND => without_our_part,
        _ => strictest,
    }
}

fn strictest(value: &mut Value) {
    without_providers(value);
    without_operators_words(value);
}

/// What an endpoint has answered is its tenant's affair, whatever the class; what we could not do is not.
fn without_our_part(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let ours = fields.get("class").and_then(Value::as_str);
            if ours.is_some_and(|class| ["InternalError", "DatabaseError"].contains(&class))
                && fields.contains_key("message")
            {
                fields.insert("message".to_owned(), OURS.into());
            }
            fields.values_mut().for_each(without_our_part);
        }
        Value::Array(items) => items.iter_mut().for_each(without_our_part),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_kind_of_run_tells_a_tenant_what_went_wrong_on_our_side() {
        let kinds = tenantry_workflows::kinds().iter().map(|kind| kind.kind());
        for kind in kinds.chain(["a_kind_of_a_later_version"]) {
            let fault = json!({ "class": "DatabaseError", "message": "connection to db-7.internal was lost" });
            let mut value = json!({ "name": "GaveUp", "with": { "fault": fault, "list": [fault] } });
            of(kind)(&mut value);
            assert!(!value.to_string().contains("db-7"), "{kind}: {value}");
        }
    }

    #[test]
    fn what_no_list_names_is_told_in_the_strictest_way() {
        for kind in ["tenant_onboarding", "tenant_offboarding", "tenant_export", "tenant_change", "a_new_one"] {
            let mut value = json!({
                "class": "EmailRefused", "message": "carrier.example said 550", "provider": "carrier", "response": "550 no",
                "detail": "pod-3", "concerns": ["shard 2"], "domain_provider": "carrier", "state": "broken",
            });
            of(kind)(&mut value);
            assert_eq!(value, json!({ "class": "EmailRefused", "message": OURS, "state": "broken" }), "{kind}");
        }
        let mut theirs = json!({ "class": "TimeoutError", "message": "The endpoint answered 500." });
        let before = theirs.clone();
        of("webhook_delivery")(&mut theirs);
        assert_eq!(theirs, before);
    }
}
