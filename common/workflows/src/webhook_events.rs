//! The events that integrations can be told of, each with one line of help.

/// All of them, as an endpoint asks for them.
pub const ALL: &str = "*";
/// What a person has sent to try an endpoint. It goes to that endpoint whatever it asks for.
pub const TEST: &str = "webhook.test";

/// Each type with what it says, by the thing that it happens to.
pub const TYPES: [(&str, &str); 31] = [
    ("tenant.onboarding_started", "The onboarding of the tenant has begun."),
    ("tenant.created", "The tenant is there."),
    ("tenant.onboarding_completed", "The tenant is ready, and its administrator was welcomed."),
    ("tenant.onboarding_failed", "The onboarding has failed; what it had made was removed."),
    ("tenant.changed", "The name or the contact address of the tenant was changed."),
    ("tenant.plan_changed", "The tenant has another plan."),
    ("tenant.suspended", "The tenant was suspended: no mail leaves, and nobody can sign in."),
    ("tenant.resumed", "The tenant works again."),
    ("tenant.offboarding_started", "The tenant is on its way out; the grace period has begun."),
    ("tenant.offboarding_reminder", "The grace period ends soon, and then the tenant is removed."),
    ("tenant.restored", "The tenant stays after all."),
    ("tenant.offboarded", "The tenant was removed."),
    ("email_domain.records_ready", "The DNS records of a sending domain are known and can be published."),
    ("email_domain.reminded", "The DNS records of a sending domain are still missing."),
    ("email_domain.verified", "A sending domain is verified, and mail can leave from it."),
    ("email_domain.records_vanished", "DNS records of a verified sending domain are not there any more."),
    ("email_domain.degraded", "A sending domain is not used any more until its records are back."),
    ("email_domain.refused", "The mail service does not accept the records of a sending domain."),
    ("email_domain.failed", "A sending domain could not be verified."),
    ("email_domain.deactivated", "A sending domain was removed."),
    ("portal_domain.requested", "A hostname was set for the portal."),
    ("portal_domain.reminded", "The DNS record of the portal's hostname is still missing."),
    ("portal_domain.dns_verified", "The portal's hostname points to the platform."),
    ("portal_domain.cert_ready", "The certificate of the portal's hostname is there."),
    ("portal_domain.active", "The portal answers at its hostname."),
    ("portal_domain.failed", "The portal's hostname could not be set up."),
    ("portal_domain.moved", "The portal's hostname points elsewhere and will be taken down."),
    ("portal_domain.removed", "The portal's hostname was removed."),
    ("webhook_endpoint.failing", "A webhook endpoint has not taken an event for days."),
    ("webhook_endpoint.disabled", "A webhook endpoint was switched off because it takes no events."),
    (TEST, "A person tries an endpoint. It is sent whatever the endpoint asks for."),
];

/// Whether there is such a type.
#[must_use]
pub fn is_known(name: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_stands_once_with_a_sentence_that_names_no_vendor() {
        for (at, (name, help)) in TYPES.iter().enumerate() {
            assert!(is_known(name) && help.ends_with('.') && name.contains('.'), "{name}");
            assert!(TYPES[at + 1..].iter().all(|(other, _)| other != name), "{name}");
        }
        assert!(!is_known("task.opened"), "tasks of operators are nobody else's");
    }
}
