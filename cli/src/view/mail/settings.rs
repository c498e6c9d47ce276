//! How a tenant's mail looks.

use serde_json::{Map, Value};

use super::super::{
    plain::{members, value_in_words},
    table::{Tone, Toned, details},
};
use crate::output::Paint;

/// A tenant's settings, with what they mean where nothing is set.
#[must_use]
pub fn settings(settings: &Map<String, Value>, paint: Paint) -> String {
    let value = |name: &str| settings.get(name).and_then(value_in_words);
    let unset = |words: &str| Toned(format!("({words})"), Tone::Faint);
    let own_domain = match (value("customDomain"), settings.get("domainVerified").and_then(Value::as_bool)) {
        (None, _) => unset("none"),
        (Some(Toned(domain, _)), Some(true)) => Toned(format!("{domain} (verified)"), Tone::Good),
        (Some(Toned(domain, _)), _) => Toned(format!("{domain} (not verified yet, so not used)"), Tone::Warn),
    };
    let limits = &settings.get("limits").cloned().unwrap_or_default();
    let limit = |name: &str| limits[name].as_u64().map_or_else(|| unset("no limit"), |limit| limit.to_string().into());
    let mut pairs: Vec<(String, Toned)> = [
        ("tenant", value("tenantId").unwrap_or_else(|| unset("?"))),
        ("tier", value("tier").unwrap_or_else(|| unset("platform"))),
        ("default from", value("defaultFrom").unwrap_or_else(|| unset("noreply@ the tenant's platform domain"))),
        ("from name", value("fromName").unwrap_or_else(|| unset("the tenant's name"))),
        ("reply to", value("replyTo").unwrap_or_else(|| unset("the sender"))),
        ("custom domain", own_domain),
        ("custom from", value("customFrom").unwrap_or_else(|| unset("noreply@ the custom domain"))),
        ("a minute", limit("perMinute")),
        ("a day", limit("perDay")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if let Some(Toned(why, _)) = value("paused") {
        pairs.push(("paused".to_owned(), Toned(why, Tone::Bad)));
    }
    const SHOWN: [&str; 10] = [
        "tenantId",
        "tier",
        "defaultFrom",
        "fromName",
        "replyTo",
        "customDomain",
        "domainVerified",
        "customFrom",
        "limits",
        "paused",
    ];
    pairs.extend(members(settings, &SHOWN));
    details(pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect(), paint)
}
