//! What a tenant is written about an endpoint of its own that takes no events. Pure.

use serde_json::{Value, json};
use tenantry_templates::Template;
use tenantry_workflows::webhook_delivery::{About, Notice};

use crate::letter::{Addressee, reasons};

/// What a notice is about.
pub(crate) fn about(notice: &Notice) -> &About {
    match notice {
        Notice::WebhookEndpointFailing(about) | Notice::WebhookEndpointDisabled(about) => about,
    }
}

/// The mail of a notice, with its variables.
pub(crate) fn letter(notice: &Notice, to: &Addressee<'_>, console_url: &str) -> (Template, Value) {
    let template = match notice {
        Notice::WebhookEndpointFailing(_) => Template::WebhookFailing,
        Notice::WebhookEndpointDisabled(_) => Template::WebhookDisabled,
    };
    let about = about(notice);
    let console = console_url.trim_end_matches('/');
    let variables = json!({
        "tenant_name": to.tenant_name,
        "host": about.host,
        "findings": reasons(&about.details, to),
        "page_url": format!("{console}/tenants/{}/webhooks/{}", about.tenant, about.endpoint),
        "support_email": to.support,
    });
    (template, variables)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tenantry_model::{TenantId, WebhookEndpointId};
    use tenantry_templates::render;

    use super::*;

    #[test]
    fn a_tenant_reads_which_endpoint_it_is_and_what_was_seen() {
        let (tenant, endpoint) = (TenantId::new(), WebhookEndpointId::new());
        let host = "hooks.acme.example".to_owned();
        let about =
            || About { tenant, endpoint, host: host.clone(), details: vec!["The endpoint answered 500.".into()] };
        let to = Addressee { tenant_name: "Acme", support: "help@example.com", locale: "en" };
        for notice in [Notice::WebhookEndpointFailing(about()), Notice::WebhookEndpointDisabled(about())] {
            let (template, variables) = letter(&notice, &to, "https://console.example.com/");
            let mail = render(template, "en", &variables).unwrap();
            let page = format!("https://console.example.com/tenants/{tenant}/webhooks/{endpoint}");
            assert!(mail.subject.contains("hooks.acme.example"), "{}", mail.subject);
            assert!(mail.text.contains("answered 500") && mail.text.contains(&page), "{}", mail.text);
        }
    }
}
