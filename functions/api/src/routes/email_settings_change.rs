//! How a tenant's mail looks: change.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use tenantry_mail::{Category, DomainTier, check_headers, check_tags, subdomain_pattern};
use tenantry_model::{Domain, EmailAddress, Slug, TenantId};
use tenantry_store::{
    StoreError,
    mail::{SettingsRow, change_settings, limit_lane, settings},
};
use utoipa::ToSchema;

use super::email_settings::{EmailSettings, SettingsTier, shown, tagged};
use crate::{
    auth::{Caller, May, needs},
    error::{Result, sentence},
    extract::{Body, Id, escaped, invalid_body},
    problem::{FieldError, Problem},
    state::ApiState,
    version::{differing, expected, overtaken},
    write::{audit, commit, retrying},
};

const LONGEST_NAME: usize = 100;
const MOST_ROUTES: usize = 100;
const MOST_PER_MINUTE: u32 = 1_000_000;
const MOST_PER_DAY: u32 = 100_000_000;

/// What is to change (RFC 7396): what is left out stays, `null` takes away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SettingsPatch {
    /// Which domain mail comes from.
    tier: Option<SettingsTier>,
    /// At the tenant's place in the platform's domain.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    default_from: Option<Option<String>>,
    /// The name beside the address.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100)]
    from_name: Option<Option<String>>,
    /// Where answers go.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    reply_to: Option<Option<String>>,
    /// A domain of the tenant's own. Another one has to be verified anew.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    custom_domain: Option<Option<String>>,
    /// The address at the custom domain.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    custom_from: Option<Option<String>>,
    /// Category to `platform` or `custom`.
    #[schema(value_type = Option<Object>)]
    routing: Option<BTreeMap<String, String>>,
    /// Headers of all its mail.
    #[schema(value_type = Option<Object>)]
    headers: Option<BTreeMap<String, String>>,
    /// Tags of all its mail.
    #[schema(value_type = Option<Object>)]
    tags: Option<BTreeMap<String, String>>,
    /// How much may leave. Only operators change it.
    limits: Option<LimitsPatch>,
}

/// Limits to change.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LimitsPatch {
    /// Messages in any minute; `null`: as usual.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    per_minute: Option<Option<u32>>,
    /// Messages on any day (UTC); `null`: as usual.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, maximum = 100_000_000)]
    per_day: Option<Option<u32>>,
}

/// A field that was given, be it as `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Change how a tenant's mail looks
///
/// `If-Match` names the version that is changed, so that nobody overwrites what somebody else has changed in between. Another
/// custom domain is not verified, whatever the one before was, unless it is an email domain of the tenant that mail leaves from.
#[utoipa::path(patch, path = "/v1/tenants/{id}/email-settings", tag = "Mail", operation_id = "changeEmailSettings",
    params(("id" = String, Path, description = "The tenant."),
        ("If-Match" = String, Header, description = "The ETag of the settings that were read.")),
    request_body = SettingsPatch,
    responses(
        (status = 200, description = "The settings as they are now.", body = EmailSettings,
            headers(("ETag" = String, description = "Their version."))),
        (status = 412, description = "`precondition_failed`: they have changed since."),
        (status = 428, description = "`precondition_required`: there is no `If-Match`."),
    ))]
pub(crate) async fn change_email_settings(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    headers: HeaderMap,
    body: Body<SettingsPatch>,
) -> Result<Response> {
    caller.tenant_or_own(Some(id))?;
    if body.value.limits.is_some() {
        caller.require_platform()?;
    }
    retrying(|| change(&state, &caller, id, headers.get(header::IF_MATCH), &body.value)).await
}

async fn change(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    if_match: Option<&header::HeaderValue>,
    patch: &SettingsPatch,
) -> Result<Response> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let before = settings(&mut tx, id).await?;
    expected(if_match, before.version)?;
    let mut after = before.clone();
    patch.apply(state, &mut after)?;
    match change_settings(&mut tx, &after, &actor, now).await {
        // Whoever was faster has made another version of it.
        Err(StoreError::Changed) => return Err(overtaken().into()),
        changed => changed?,
    }
    if (after.per_minute, after.per_day) != (before.per_minute, before.per_day) {
        limit_lane(&mut tx, id, after.per_minute, after.per_day).await?;
    }
    let after = settings(&mut tx, id).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "email_settings.change", &subject);
    line.tenant = Some(id);
    (line.before, line.after) = differing(&kept(&before), &kept(&after));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    Ok(tagged(shown(state, caller, after)))
}

impl SettingsPatch {
    /// Puts the change into the row, or says everything that is wrong with it.
    fn apply(&self, state: &ApiState, row: &mut SettingsRow) -> Result<(), Problem> {
        let mut wrong = Vec::new();
        if let Some(tier) = self.tier {
            tier.as_str().clone_into(&mut row.tier);
        }
        if let Some(name) = &self.from_name {
            row.from_name = name.as_deref().map(|name| name.trim().to_owned());
            let bad = |name: &String| {
                name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
            };
            if row.from_name.as_ref().is_some_and(bad) {
                wrong.push(invalid("/fromName", "The name must have 1 to 100 characters in one line."));
            }
        }
        if let Some(text) = &self.reply_to {
            row.reply_to = address(&mut wrong, "/replyTo", text.as_deref()).map(|address| address.to_string());
        }
        if let Some(text) = &self.default_from {
            row.default_from = address(&mut wrong, "/defaultFrom", text.as_deref())
                .filter(|address| at_home(state, &row.slug, address, &mut wrong))
                .map(|address| address.to_string());
        }
        self.own_domain(state, row, &mut wrong);
        if row.custom_domain.is_none() && row.tier != SettingsTier::Platform.as_str() {
            wrong.push(invalid("/tier", "This tier needs a customDomain; set one, or choose platform."));
        }
        self.lists(row, &mut wrong);
        if let Some(limits) = &self.limits {
            limits.apply(row, &mut wrong);
        }
        if wrong.is_empty() { Ok(()) } else { Err(invalid_body(wrong)) }
    }

    fn own_domain(&self, state: &ApiState, row: &mut SettingsRow, wrong: &mut Vec<FieldError>) {
        if let Some(text) = &self.custom_domain {
            let domain = match text.as_deref().map(str::parse::<Domain>) {
                Some(Err(error)) => {
                    wrong.push(invalid("/customDomain", &sentence(&error.to_string())));
                    return;
                }
                Some(Ok(domain)) => Some(domain),
                None => None,
            };
            if let Some(Err(why)) = domain.as_ref().map(|domain| state.domains.rules().to_settings(domain)) {
                wrong.push(FieldError::at("/customDomain", "domain_not_allowed", sentence(&why.to_string())));
            }
            let domain = domain.map(|domain| domain.to_string());
            if domain != row.custom_domain {
                // An address at the domain before is not one at this one.
                (row.custom_domain, row.custom_from) = (domain, None);
            }
        }
        let Some(text) = &self.custom_from else { return };
        let from = address(wrong, "/customFrom", text.as_deref());
        if from.as_ref().is_some_and(|from| Some(from.domain()) != row.custom_domain.as_deref()) {
            wrong.push(invalid("/customFrom", "This address is not at the customDomain."));
        }
        row.custom_from = from.map(|from| from.to_string());
    }

    fn lists(&self, row: &mut SettingsRow, wrong: &mut Vec<FieldError>) {
        if let Some(routing) = &self.routing {
            if routing.len() > MOST_ROUTES {
                wrong.push(invalid("/routing", "At most 100 categories can be routed."));
            }
            for (category, tier) in routing {
                let at = format!("/routing/{}", escaped(category));
                if category.parse::<Category>().is_err() {
                    wrong.push(invalid(&at, "A category has 1 to 64 characters of a-z, 0-9, _ and -."));
                }
                if serde_json::from_value::<DomainTier>(json!(tier)).is_err() {
                    wrong.push(invalid(&at, "This must be platform or custom."));
                }
            }
            row.routing = json!(routing);
        }
        let mut problems = Vec::new();
        if let Some(headers) = &self.headers {
            problems.extend(check_headers("/headers", headers));
            row.headers = json!(headers);
        }
        if let Some(tags) = &self.tags {
            problems.extend(check_tags("/tags", tags));
            row.tags = json!(tags);
        }
        wrong.extend(
            problems
                .into_iter()
                .map(|problem| FieldError::at(problem.pointer, "invalid_value", sentence(&problem.detail))),
        );
    }
}

impl LimitsPatch {
    fn apply(&self, row: &mut SettingsRow, wrong: &mut Vec<FieldError>) {
        if let Some(limit) = self.per_minute {
            if limit.is_some_and(|limit| !(1..=MOST_PER_MINUTE).contains(&limit)) {
                wrong.push(invalid("/limits/perMinute", "This must be between 1 and 1,000,000."));
            }
            row.per_minute = limit.and_then(|limit| i32::try_from(limit).ok());
        }
        if let Some(limit) = self.per_day {
            if limit.is_some_and(|limit| limit > MOST_PER_DAY) {
                wrong.push(invalid("/limits/perDay", "This must be at most 100,000,000."));
            }
            row.per_day = limit.and_then(|limit| i32::try_from(limit).ok());
        }
    }
}

impl SettingsTier {
    fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Custom => "custom",
            Self::Hybrid => "hybrid",
        }
    }
}

fn invalid(pointer: &str, words: &str) -> FieldError {
    FieldError::at(pointer, "invalid_value", words)
}

fn address(wrong: &mut Vec<FieldError>, pointer: &str, text: Option<&str>) -> Option<EmailAddress> {
    let parsed = text?.parse();
    parsed
        .map_err(|error: tenantry_model::AddressError| {
            wrong.push(invalid(pointer, &sentence(&error.to_string())));
        })
        .ok()
}

/// Whether an address is at the tenant's own place in the platform's domain, and nowhere else.
fn at_home(state: &ApiState, slug: &str, address: &EmailAddress, wrong: &mut Vec<FieldError>) -> bool {
    let home = Slug::stored(slug).and_then(|slug| subdomain_pattern(&state.mail.patterns.subdomain, &slug).ok());
    if home.as_ref().is_some_and(|home| home.is_of(address)) {
        return true;
    }
    let home = home.map_or_else(|| "the platform's domain".to_owned(), |home| home.to_string());
    wrong.push(invalid("/defaultFrom", &format!("The address must be at {home}; an own domain goes to customDomain.")));
    false
}

/// What the audit log keeps.
fn kept(row: &SettingsRow) -> Value {
    json!({
        "tier": row.tier, "defaultFrom": row.default_from, "fromName": row.from_name, "replyTo": row.reply_to,
        "customDomain": row.custom_domain, "customFrom": row.custom_from, "domainVerified": row.domain_verified,
        "routing": row.routing, "headers": row.headers, "tags": row.tags, "perMinute": row.per_minute,
        "perDay": row.per_day, "version": row.version,
    })
}
