//! The settings, as the API has them and as a form has them.

use std::collections::BTreeMap;

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::api_of;
use crate::{form::Fields, page::Refusal, trouble::Trouble, visit::Visit};

/// What a category's field is called in the form, before the category.
pub(super) const ROUTE: &str = "route:";

/// A tenant's settings.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    pub(super) tier: String,
    default_from: Option<String>,
    from_name: Option<String>,
    reply_to: Option<String>,
    custom_domain: Option<String>,
    custom_from: Option<String>,
    pub(super) domain_verified: bool,
    routing: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    limits: Limits,
    pub(super) paused: Option<String>,
    pub(super) updated_at: String,
    pub(super) updated_by: Option<String>,
    /// The version, to be sent with a change.
    #[serde(skip)]
    pub(super) etag: String,
}

/// How much may leave.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    per_minute: Option<u32>,
    per_day: Option<u32>,
}

impl Settings {
    /// Reads them, with their version.
    pub(super) async fn read(visit: &Visit, tenant: &str) -> Result<Self, Refusal> {
        let answer = visit.ask().send(Method::GET, &api_of(tenant, "email-settings"), None, &[]).await;
        let answer = answer.map_err(|trouble| visit.refused(trouble))?;
        let unreadable = |_| visit.refused(Trouble::ours("The settings could not be read."));
        let settings: Self = serde_json::from_slice(&answer.bytes).map_err(unreadable)?;
        Ok(Self { etag: answer.etag.unwrap_or_default(), ..settings })
    }

    /// As the form shows them.
    pub(super) fn fields(&self) -> Fields {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
        let mut fields = vec![
            ("tier".to_owned(), self.tier.clone()),
            ("defaultFrom".to_owned(), text(&self.default_from)),
            ("fromName".to_owned(), text(&self.from_name)),
            ("replyTo".to_owned(), text(&self.reply_to)),
            ("customDomain".to_owned(), text(&self.custom_domain)),
            ("customFrom".to_owned(), text(&self.custom_from)),
            ("headers".to_owned(), lines(&self.headers, ": ")),
            ("tags".to_owned(), lines(&self.tags, "=")),
        ];
        for (name, limit) in [("perMinute", self.limits.per_minute), ("perDay", self.limits.per_day)] {
            // What was there is known, so that a limit that nobody touched stays the usual one.
            fields.push((name.to_owned(), number(limit)));
            fields.push((format!("{name}Was"), number(limit)));
        }
        fields.extend(self.routing.iter().map(|(category, tier)| (format!("{ROUTE}{category}"), tier.clone())));
        Fields(fields)
    }
}

/// The change that a form wants.
pub(super) fn patch(fields: &Fields, limits: bool) -> Value {
    let mut patch = Map::new();
    patch.insert("tier".to_owned(), json!(fields.text("tier")));
    for name in ["defaultFrom", "fromName", "replyTo", "customDomain", "customFrom"] {
        patch.insert(name.to_owned(), fields.json(name));
    }
    patch.insert("headers".to_owned(), pairs(fields.text("headers"), ':'));
    patch.insert("tags".to_owned(), pairs(fields.text("tags"), '='));
    let mut routing: BTreeMap<&str, &str> = fields
        .0
        .iter()
        .filter_map(|(name, tier)| Some((name.strip_prefix(ROUTE)?, tier.trim())))
        .filter(|(_, tier)| !tier.is_empty())
        .collect();
    if let (Some(category), Some(tier)) = (fields.some("routeMore"), fields.some("routeMoreTier")) {
        routing.insert(category, tier);
    }
    patch.insert("routing".to_owned(), json!(routing));
    let changed =
        ["perMinute", "perDay"].into_iter().filter(|name| fields.text(name) != fields.text(&format!("{name}Was")));
    let changed: Map<String, Value> = changed.map(|name| (name.to_owned(), number(fields, name))).collect();
    if limits && !changed.is_empty() {
        patch.insert("limits".to_owned(), Value::Object(changed));
    }
    Value::Object(patch)
}

/// A number; what is none goes to the API as it is, which says what is wrong with it.
fn number(fields: &Fields, name: &str) -> Value {
    fields
        .some(name)
        .map_or(Value::Null, |text| text.parse::<u32>().map_or_else(|_| json!(text), |number| json!(number)))
}

fn lines(pairs: &BTreeMap<String, String>, between: &str) -> String {
    pairs.iter().map(|(name, value)| format!("{name}{between}{value}\n")).collect()
}

/// Names and values, one pair on each line.
fn pairs(text: &str, between: char) -> Value {
    let pair = |line: &str| {
        let (name, value) = line.split_once(between).unwrap_or((line, ""));
        (name.trim().to_owned(), json!(value.trim()))
    };
    Value::Object(text.lines().filter(|line| !line.trim().is_empty()).map(pair).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn settings() -> Settings {
        serde_json::from_value(json!({
            "tier": "hybrid", "defaultFrom": null, "fromName": "Acme", "replyTo": null, "customDomain": "mail.acme.com",
            "customFrom": null, "domainVerified": true, "routing": { "invoices": "custom" }, "headers": { "X-Team": "a: b" },
            "tags": { "team": "a=b" }, "limits": { "perMinute": 60, "perDay": null, "own": false }, "paused": null,
            "updatedAt": "2026-01-01T00:00:00Z", "updatedBy": null
        }))
        .unwrap()
    }

    #[test]
    fn a_form_that_nobody_touched_changes_nothing() {
        let patch = patch(&settings().fields(), true);
        let same = json!({
            "tier": "hybrid", "defaultFrom": null, "fromName": "Acme", "replyTo": null, "customDomain": "mail.acme.com",
            "customFrom": null, "routing": { "invoices": "custom" }, "headers": { "X-Team": "a: b" }, "tags": { "team": "a=b" }
        });
        assert_eq!(patch, same);
    }

    #[test]
    fn a_limit_is_changed_by_whom_it_is_offered_and_emptied_it_is_the_usual_one() {
        let mut fields = settings().fields();
        for (name, value) in &mut fields.0 {
            match name.as_str() {
                "perMinute" => value.clear(),
                "perDay" => "many".clone_into(value),
                _ => {}
            }
        }
        assert_eq!(patch(&fields, true)["limits"], json!({ "perMinute": null, "perDay": "many" }));
        assert_eq!(patch(&fields, false).get("limits"), None);
    }
}
