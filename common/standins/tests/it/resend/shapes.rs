//! The shapes of answers, against a small extract of Resend's published API (version 1.5.0), written down by hand.

use crate::resend::{Ear, Stage, mail, with};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tenantry_standins::resend::Options;

/// The fields of each object, space separated; those in parentheses may be missing.
const SHAPES: &[(&str, &str)] = &[
    ("SendEmailResponse", "id"),
    ("CreateBatchEmailsResponse", "data"),
    ("Email", "object id message_id to from created_at subject html text bcc cc reply_to last_event"),
    ("EmailInList", "object id message_id to from created_at subject bcc cc reply_to last_event"),
    ("List", "object has_more data"),
    // The published schema of PATCH's answer is its request's; the documentation adds the other two.
    ("UpdateEmail", "object id scheduled_at"),
    (
        "CreateDomainResponse",
        "id name created_at status capabilities records region open_tracking click_tracking (tracking_subdomain)",
    ),
    (
        "Domain",
        "object id name status created_at region open_tracking click_tracking capabilities records (tracking_subdomain)",
    ),
    ("ListDomainsItem", "id name status created_at region capabilities"),
    ("DomainCapabilities", "sending receiving"),
    ("DomainRecord", "record name type ttl status value (priority)"),
    ("ObjectAndId", "object id"),
    ("DeleteDomainResponse", "object id deleted"),
    ("Error", "statusCode name message"),
    ("Event", "type created_at data"),
    ("OutboundEmailEventData", "email_id created_at from to subject (tags) (headers)"),
    ("EmailBouncedEventData", "email_id created_at from to subject bounce (tags) (headers)"),
    ("EmailSuppressedEventData", "email_id created_at from to subject suppressed (tags) (headers)"),
    ("WebhookEventBounce", "diagnosticCode message subType type"),
    ("WebhookEventSuppressed", "diagnosticCode message reason type"),
    ("DomainEventData", "id name status created_at region records"),
];

fn fits(name: &str, object: &Value) {
    let shape = SHAPES.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no shape {name}")).1;
    let seen: BTreeSet<&str> =
        object.as_object().unwrap_or_else(|| panic!("{name}: {object}")).keys().map(String::as_str).collect();
    let optional = |field: &&str| field.starts_with('(');
    let must: BTreeSet<&str> = shape.split(' ').filter(|field| !optional(field)).collect();
    let may: BTreeSet<&str> = shape.split(' ').map(|field| field.trim_matches(['(', ')'])).collect();
    assert!(seen.is_superset(&must), "{name} lacks {:?}: {object}", must.difference(&seen));
    assert!(seen.is_subset(&may), "{name} has {:?} too many: {object}", seen.difference(&may));
}

#[tokio::test]
async fn every_route_answers_in_its_shape() {
    let stage = Stage::open().await;
    let sent = stage.call(Method::POST, "/emails", &mail("ann@a.example")).await;
    fits("SendEmailResponse", &sent.1);
    let (_, batch) = stage.call(Method::POST, "/emails/batch", &json!([mail("ann@a.example")])).await;
    fits("CreateBatchEmailsResponse", &batch);
    fits("SendEmailResponse", &batch["data"][0]);
    let email = stage.get(&format!("/emails/{}", sent.1["id"].as_str().unwrap())).await;
    fits("Email", &email);
    let list = stage.get("/emails").await;
    fits("List", &list);
    fits("EmailInList", &list["data"][0]);
    let later = stage.sent(&with("scheduled_at", json!("2100-01-01T00:00:00Z"))).await;
    let at = json!({ "scheduled_at": "2100-01-02T00:00:00Z" });
    fits("UpdateEmail", &stage.call(Method::PATCH, &format!("/emails/{later}"), &at).await.1);
    fits("Email", &stage.call(Method::POST, &format!("/emails/{later}/cancel"), &Value::Null).await.1);

    let asked =
        json!({ "name": "acme.example", "tracking_subdomain": "links", "capabilities": { "receiving": "enabled" } });
    let (_, domain) = stage.call(Method::POST, "/domains", &asked).await;
    fits("CreateDomainResponse", &domain);
    let path = format!("/domains/{}", domain["id"].as_str().unwrap());
    let shown = stage.get(&path).await;
    fits("Domain", &shown);
    fits("DomainCapabilities", &shown["capabilities"]);
    for record in shown["records"].as_array().unwrap() {
        fits("DomainRecord", record);
        assert_eq!(record["type"] == "MX", record["priority"].is_u64());
    }
    let list = stage.get("/domains").await;
    fits("List", &list);
    fits("ListDomainsItem", &list["data"][0]);
    fits("ObjectAndId", &stage.call(Method::PATCH, &path, &json!({ "click_tracking": true })).await.1);
    fits("ObjectAndId", &stage.call(Method::POST, &format!("{path}/verify"), &Value::Null).await.1);
    fits("DeleteDomainResponse", &stage.call(Method::DELETE, &path, &Value::Null).await.1);
    for path in ["/emails/none", "/domains/none", "/nowhere"] {
        let (status, error) = stage.call(Method::GET, path, &Value::Null).await;
        fits("Error", &error);
        assert_eq!((status, &error["statusCode"]), (404, &json!(404)));
    }
}

#[tokio::test]
async fn every_event_has_its_shape() {
    let stage = Stage::new(Options { any_domain: true, ..Options::default() }).await;
    let ear = Ear::new(&stage, 0).await;
    for to in ["bounced@resend.dev", "complained@resend.dev", "suppressed@resend.dev"] {
        stage.sent(&mail(to)).await;
    }
    stage.call(Method::POST, "/domains", &json!({ "name": "acme.example" })).await;
    for (_, event) in ear.heard(7).await {
        fits("Event", &event);
        let data = &event["data"];
        match event["type"].as_str().unwrap() {
            "email.bounced" => {
                fits("EmailBouncedEventData", data);
                fits("WebhookEventBounce", &data["bounce"]);
            }
            "email.suppressed" => {
                fits("EmailSuppressedEventData", data);
                fits("WebhookEventSuppressed", &data["suppressed"]);
            }
            "domain.created" => {
                fits("DomainEventData", data);
                fits("DomainRecord", &data["records"][0]);
            }
            _ => fits("OutboundEmailEventData", data),
        }
    }
}
