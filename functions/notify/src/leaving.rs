//! What operators are told of a tenant that leaves. They read English.

use serde_json::Value;
use tenantry_model::TenantId;
use tenantry_outbox::Words;
use tenantry_workflows::tenant_offboarding::Notice;

/// What has happened to a tenant that leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// It is leaving, and may come back for so many days.
    Started(u32),
    /// It will be gone in so many days.
    Soon(u32),
    /// It is gone.
    Gone,
}

/// Whom a notice of an offboarding is about, and what it says; none: operators are not told of it here.
pub(crate) fn read(notice: &Value) -> Option<(TenantId, News)> {
    match serde_json::from_value(notice.clone()).ok()? {
        Notice::OffboardingStarted { tenant, days } => Some((tenant, News::Started(days))),
        Notice::OffboardingReminder { tenant, days } => Some((tenant, News::Soon(days))),
        Notice::TenantOffboarded { tenant } => Some((tenant, News::Gone)),
        Notice::TenantRestored { .. } | Notice::OperatorAsked { .. } => None,
    }
}

/// The mail about it, with a link to the run.
pub(crate) fn words(name: &str, tenant: TenantId, news: News, url: &str) -> Words {
    let (subject, text) = match news {
        News::Started(0) => (
            format!("{name} is leaving"),
            format!(
                "The offboarding of {name} ({tenant}) has begun. As soon as a copy of its data is written, it is removed."
            ),
        ),
        News::Started(days) => (
            format!("{name} is leaving"),
            format!(
                "The offboarding of {name} ({tenant}) has begun. It sends no mail, and nobody of it is let in. For {} it can be \
                 brought back as it was.",
                counted(days)
            ),
        ),
        News::Soon(days) => (
            format!("{name} will be removed in {}", counted(days)),
            format!(
                "{name} ({tenant}) is leaving. In {} its domains and its portal are taken down, and its data is removed. Until then \
                 it can be brought back.",
                counted(days)
            ),
        ),
        News::Gone => (
            format!("{name} is gone"),
            format!(
                "The offboarding of {name} ({tenant}) is over, and its data is removed. The copy of it can be read for 30 days."
            ),
        ),
    };
    let html = format!("<p>{}</p><p><a href=\"{}\">Look at the offboarding</a></p>", escaped(&text), escaped(url));
    Words { subject, text: format!("{text}\n\nLook at the offboarding: {url}\n"), html }
}

fn counted(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const URL: &str = "https://console.example.com/runs/run_1";

    #[test]
    fn operators_are_told_that_a_tenant_leaves_will_be_gone_and_is_gone() {
        let tenant = TenantId(uuid::Uuid::from_u128(1));
        for (notice, subject) in [
            (Notice::OffboardingStarted { tenant, days: 30 }, Some("Acme & Sons is leaving")),
            (Notice::OffboardingStarted { tenant, days: 0 }, Some("Acme & Sons is leaving")),
            (Notice::OffboardingReminder { tenant, days: 3 }, Some("Acme & Sons will be removed in 3 days")),
            (Notice::TenantOffboarded { tenant }, Some("Acme & Sons is gone")),
            (Notice::TenantRestored { tenant }, None),
            (Notice::OperatorAsked { title: String::new(), text: String::new() }, None),
        ] {
            let told = read(&serde_json::to_value(&notice).unwrap());
            let words = told.map(|(tenant, news)| words("Acme & Sons", tenant, news, URL));
            assert_eq!(words.as_ref().map(|words| words.subject.as_str()), subject, "{notice:?}");
            if let Some(words) = words {
                assert!(words.text.contains(URL) && words.html.contains(URL), "{}", words.text);
                assert!(words.html.contains("Acme &amp; Sons") && words.text.contains(&tenant.to_string()));
            }
        }
    }

    #[test]
    fn a_name_is_no_markup() {
        let words = words("<b>\"", TenantId(uuid::Uuid::nil()), News::Gone, URL);
        assert!(words.html.contains("&lt;b&gt;&quot; ("), "{}", words.html);
    }
}
