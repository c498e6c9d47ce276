//! A notice as integrations know it.

use serde_json::{Map, Value, json};
use tenantry_kernel::Workflow as _;
use tenantry_model::EmailDomainId;
use tenantry_runtime::Job;
use tenantry_workflows::email_domain::EmailDomain;

/// A notice's name as integrations know it; none: it is not for them.
pub(crate) fn name_of(notice: &str) -> Option<&'static str> {
    Some(match notice {
        "OnboardingStarted" => "tenant.onboarding_started",
        "TenantCreated" => "tenant.created",
        "OnboardingCompleted" => "tenant.onboarding_completed",
        "OnboardingFailed" => "tenant.onboarding_failed",
        "TenantSuspended" => "tenant.suspended",
        "TenantResumed" => "tenant.resumed",
        "TenantPlanChanged" => "tenant.plan_changed",
        "TenantChanged" => "tenant.changed",
        "DomainRecordsReady" => "email_domain.records_ready",
        "DomainReminded" => "email_domain.reminded",
        "DomainVerified" => "email_domain.verified",
        "DomainRecordsVanished" => "email_domain.records_vanished",
        "DomainDegraded" => "email_domain.degraded",
        "DomainRefused" => "email_domain.refused",
        "DomainFailed" => "email_domain.failed",
        "DomainDeactivated" => "email_domain.deactivated",
        "PortalRequested" => "portal_domain.requested",
        "PortalReminded" => "portal_domain.reminded",
        "PortalDnsVerified" => "portal_domain.dns_verified",
        "PortalCertificateReady" => "portal_domain.cert_ready",
        "PortalActive" => "portal_domain.active",
        "PortalFailed" => "portal_domain.failed",
        "PortalMoved" => "portal_domain.moved",
        "PortalRemoved" => "portal_domain.removed",
        "OffboardingStarted" => "tenant.offboarding_started",
        "OffboardingReminder" => "tenant.offboarding_reminder",
        "TenantRestored" => "tenant.restored",
        "TenantOffboarded" => "tenant.offboarded",
        "WebhookEndpointFailing" => "webhook_endpoint.failing",
        "WebhookEndpointDisabled" => "webhook_endpoint.disabled",
        "OperatorAsked" => "task.opened",
        _ => return None,
    })
}

/// What an event is about: ids, and the words that are in no way private. Never an address, so never the free text of a task.
pub(crate) fn data_of(job: &Job, kind: &str, with: &Value) -> Value {
    let mut data = Map::from_iter([("runId".to_owned(), json!(job.run)), ("kind".to_owned(), json!(kind))]);
    let tenant = job.tenant.map_or_else(|| with["tenant"].clone(), |tenant| json!(tenant));
    let domain_id = if kind == EmailDomain::KIND { json!(EmailDomainId(job.run.0)) } else { Value::Null };
    let told = [
        ("tenantId", &tenant),
        ("domainId", &domain_id),
        ("domain", &with["domain"]),
        ("endpointId", &with["endpoint"]),
        ("host", &with["host"]),
        ("details", &with["details"]),
        ("emailSent", &with["email_sent"]),
        ("errorClass", &with["class"]),
        ("title", &with["title"]),
        ("previousContractLine", &with["previous_contract_line"]),
        ("contractLine", &with["contract_line"]),
        ("fields", &with["fields"]),
    ];
    data.extend(
        told.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value.clone())),
    );
    Value::Object(data)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tenantry_model::{CommandId, RunId, TenantId, WebhookEndpointId};
    use tenantry_workflows::{
        email_domain, portal_domain, portal_sync, tenant_change, tenant_onboarding,
        webhook_events::{TEST, TYPES},
    };
    use time::OffsetDateTime;

    use super::*;

    fn job(tenant: Option<TenantId>) -> Job {
        let id = uuid::Uuid::from_u128(7);
        Job { run: RunId(id), tenant, command: CommandId(id), attempt: 1, now: OffsetDateTime::UNIX_EPOCH }
    }

    #[test]
    fn every_notice_of_a_domain_has_its_event() {
        use email_domain::Notice as N;
        let tenant = TenantId(uuid::Uuid::from_u128(1));
        let about = || email_domain::About { tenant, domain: "mail.acme.test".parse().unwrap(), details: Vec::new() };
        let asked = N::OperatorAsked { title: String::new(), text: String::new() };
        for (notice, event) in [
            (N::DomainRecordsReady(about()), "email_domain.records_ready"),
            (N::DomainReminded(about()), "email_domain.reminded"),
            (N::DomainVerified(about()), "email_domain.verified"),
            (N::DomainRecordsVanished(about()), "email_domain.records_vanished"),
            (N::DomainDegraded(about()), "email_domain.degraded"),
            (N::DomainRefused(about()), "email_domain.refused"),
            (N::DomainFailed(about()), "email_domain.failed"),
            (N::DomainDeactivated(about()), "email_domain.deactivated"),
            (asked, "task.opened"),
        ] {
            let written = serde_json::to_value(&notice).unwrap();
            assert_eq!(name_of(written["name"].as_str().unwrap()), Some(event));
        }
        assert_eq!(name_of("SomethingOfALaterVersion"), None);
    }

    #[test]
    fn every_notice_of_a_hostname_has_its_event() {
        use portal_domain::Notice as N;
        let tenant = TenantId(uuid::Uuid::from_u128(1));
        let details = vec!["It points elsewhere.".to_owned()];
        let about =
            || portal_domain::About { tenant, domain: "portal.acme.test".parse().unwrap(), details: details.clone() };
        for (notice, event) in [
            (N::PortalRequested(about()), "portal_domain.requested"),
            (N::PortalReminded(about()), "portal_domain.reminded"),
            (N::PortalDnsVerified(about()), "portal_domain.dns_verified"),
            (N::PortalCertificateReady(about()), "portal_domain.cert_ready"),
            (N::PortalActive(about()), "portal_domain.active"),
            (N::PortalFailed(about()), "portal_domain.failed"),
            (N::PortalMoved(about()), "portal_domain.moved"),
            (N::PortalRemoved(about()), "portal_domain.removed"),
        ] {
            let written = serde_json::to_value(&notice).unwrap();
            assert_eq!(name_of(written["name"].as_str().unwrap()), Some(event));
            let data = data_of(&job(Some(tenant)), "portal_domain", &written["with"]);
            assert_eq!((&data["domain"], &data["details"]), (&json!("portal.acme.test"), &json!(details)));
            assert_eq!((&data["tenantId"], &data["kind"]), (&json!(tenant), &json!("portal_domain")));
            assert!(data.get("domainId").is_none(), "its id is its run's");
        }
        let text = "portal.acme.test is held".to_owned();
        for asked in [
            serde_json::to_value(N::OperatorAsked { title: "Held".to_owned(), text: text.clone() }).unwrap(),
            serde_json::to_value(portal_sync::Notice::OperatorAsked { title: "Held".to_owned(), text }).unwrap(),
        ] {
            assert_eq!(name_of(asked["name"].as_str().unwrap()), Some("task.opened"));
            assert_eq!(data_of(&job(None), "portal_sync", &asked["with"])["title"], "Held");
        }
    }

    #[test]
    fn every_change_of_a_tenant_has_its_event() {
        use tenant_change::{Field, Notice as N};
        let tenant = TenantId(uuid::Uuid::from_u128(1));
        let plan = N::TenantPlanChanged {
            tenant,
            previous_contract_line: "basic".parse().unwrap(),
            contract_line: "plus".parse().unwrap(),
        };
        for (notice, event, told) in [
            (N::TenantSuspended { tenant }, "tenant.suspended", json!({})),
            (N::TenantResumed { tenant }, "tenant.resumed", json!({})),
            (plan, "tenant.plan_changed", json!({"previousContractLine": "basic", "contractLine": "plus"})),
            (
                N::TenantChanged { tenant, fields: vec![Field::Name, Field::Email] },
                "tenant.changed",
                json!({"fields": ["name", "email"]}),
            ),
        ] {
            let written = serde_json::to_value(&notice).unwrap();
            assert_eq!(name_of(written["name"].as_str().unwrap()), Some(event));
            let data = data_of(&job(Some(tenant)), "tenant_change", &written["with"]);
            assert_eq!((&data["tenantId"], &data["kind"]), (&json!(tenant), &json!("tenant_change")));
            for (name, value) in told.as_object().unwrap() {
                assert_eq!(&data[name], value, "{event}");
            }
        }
    }

    #[test]
    fn every_event_that_a_tenant_may_be_told_of_is_one_that_endpoints_can_ask_for() {
        use tenantry_workflows::webhook_delivery::{About, Notice as N};
        let (tenant, endpoint) = (TenantId(uuid::Uuid::from_u128(1)), WebhookEndpointId(uuid::Uuid::from_u128(2)));
        let about =
            || About { tenant, endpoint, host: "hooks.acme.test".into(), details: vec!["It answered 500.".into()] };
        for (notice, event) in [
            (N::WebhookEndpointFailing(about()), "webhook_endpoint.failing"),
            (N::WebhookEndpointDisabled(about()), "webhook_endpoint.disabled"),
        ] {
            let written = serde_json::to_value(&notice).unwrap();
            assert_eq!(name_of(written["name"].as_str().unwrap()), Some(event));
            let data = data_of(&job(Some(tenant)), "webhook_delivery", &written["with"]);
            assert_eq!((&data["endpointId"], &data["host"]), (&json!(endpoint), &json!("hooks.acme.test")));
        }
        // What this file names, and nothing else.
        let named: Vec<&str> = include_str!("event.rs")
            .lines()
            .take_while(|line| !line.contains("_ => return None"))
            .filter_map(|line| line.split_once("=> \"")?.1.split('"').next())
            .collect();
        let told: Vec<&str> = TYPES.iter().map(|(name, _)| *name).filter(|name| *name != TEST).collect();
        assert!(named.len() > 20, "{named:?}");
        for name in &named {
            assert_eq!(told.contains(name), *name != "task.opened", "{name}");
        }
        assert!(told.iter().all(|name| named.contains(name)), "{told:?}");
    }

    #[test]
    fn an_event_says_what_it_is_about_in_the_words_of_the_api() {
        let tenant = TenantId(uuid::Uuid::from_u128(1));
        let domain = "mail.acme.test".parse().unwrap();
        let about = email_domain::About { tenant, domain, details: vec!["TXT send.mail.acme.test".to_owned()] };
        let data = data_of(&job(Some(tenant)), "email_domain", &serde_json::to_value(about).unwrap());
        assert_eq!(
            data,
            json!({
                "kind": "email_domain",
                "runId": "run_00000000000000000000000000000007",
                "tenantId": "ten_00000000000000000000000000000001",
                "domainId": "dom_00000000000000000000000000000007",
                "domain": "mail.acme.test",
                "details": ["TXT send.mail.acme.test"],
            })
        );

        let completed = tenant_onboarding::Notice::OnboardingCompleted { tenant, email_sent: true };
        let data = data_of(&job(None), "tenant_onboarding", &serde_json::to_value(completed).unwrap()["with"]);
        assert_eq!((&data["tenantId"], &data["emailSent"]), (&json!(tenant), &json!(true)));
        assert!(data.get("domainId").is_none());

        let asked = json!({ "title": "A decision is needed", "text": "ada@acme.example was refused" });
        let data = data_of(&job(None), "tenant_onboarding", &asked);
        assert!(data["title"] == "A decision is needed" && !data.to_string().contains('@'), "{data}");
    }
}
