//! What a tenant and its users want to get.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_mail::Category;
use tenantry_model::{TenantId, UserId};
use tenantry_store::mail::{Choice, ChoiceRow, choices, has_tenant, has_user, set_choices, set_defaults};
use utoipa::ToSchema;

use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Id, Under, invalid_body},
    problem::{FieldError, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

const MOST: usize = 500;

/// A tenant's choice for all its users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationDefault {
    /// The category.
    category: String,
    /// A subtype of it; none: the whole category.
    subtype: Option<String>,
    /// Wanted, unless a user says otherwise.
    enabled: bool,
    /// It cannot be switched off.
    locked: bool,
}

/// A tenant's choices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationDefaults {
    /// By category. What is not named is wanted.
    data: Vec<NotificationDefault>,
    /// The categories that are known here; any other word is as good.
    known: Vec<KnownCategory>,
}

/// A category that is known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownCategory {
    /// Its word.
    #[schema(example = "invoices")]
    category: &'static str,
    /// It cannot be switched off.
    locked: bool,
}

/// What a user gets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserPreference {
    /// The category.
    category: String,
    /// A subtype of it; none: the whole category.
    subtype: Option<String>,
    /// Whether the user gets it.
    enabled: bool,
    /// Who says so.
    source: PreferenceSource,
    /// It cannot be switched off.
    locked: bool,
}

/// Who has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PreferenceSource {
    /// The tenant, for all its users.
    Default,
    /// The user.
    Own,
}

/// What a user gets, of all that somebody has spoken about. Everything else is wanted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserPreferences {
    /// By category.
    data: Vec<UserPreference>,
}

/// A choice.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedChoice {
    /// The category.
    category: String,
    /// A subtype of it; none: the whole category.
    subtype: Option<String>,
    /// Wanted or not.
    enabled: bool,
}

/// All choices there are to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedChoices {
    /// All of them: one that is not named here is forgotten.
    #[schema(max_items = 500)]
    data: Vec<WantedChoice>,
}

/// Show which mail a tenant's users get unless they say otherwise
#[utoipa::path(get, path = "/v1/tenants/{id}/notification-defaults", tag = "Mail", operation_id = "getNotificationDefaults",
    params(("id" = String, Path, description = "The tenant.")),
    responses((status = 200, description = "The choices.", body = NotificationDefaults)))]
pub(crate) async fn get_defaults(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
) -> Result<Json<NotificationDefaults>> {
    caller.tenant_or_own(Some(id))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, id).await?;
    let rows = choices(&mut tx, &[id], &[]).await?;
    commit(tx).await?;
    Ok(Json(shown(rows)))
}

/// Choose which mail a tenant's users get unless they say otherwise
///
/// Replaces all choices. Locked categories stay switched on.
#[utoipa::path(put, path = "/v1/tenants/{id}/notification-defaults", tag = "Mail", operation_id = "setNotificationDefaults",
    params(("id" = String, Path, description = "The tenant.")), request_body = WantedChoices,
    responses((status = 200, description = "The choices as they are now.", body = NotificationDefaults)))]
pub(crate) async fn put_defaults(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<WantedChoices>,
) -> Result<Json<NotificationDefaults>> {
    caller.tenant_or_own(Some(id))?;
    retrying(|| change(&state, &caller, id, None, &body.value)).await.map(|rows| Json(shown(rows)))
}

/// Show which mail a user gets
#[utoipa::path(get, path = "/v1/tenants/{id}/users/{user}/preferences", tag = "Mail", operation_id = "getPreferences",
    params(("id" = String, Path, description = "The tenant."), ("user" = String, Path, description = "The user.")),
    responses((status = 200, description = "What the user gets, and who says so.", body = UserPreferences)))]
pub(crate) async fn get_preferences(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    Under(id, user): Under<UserId>,
) -> Result<Json<UserPreferences>> {
    caller.tenant_or_own(Some(id))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_user(&mut tx, id, user).await?;
    let rows = choices(&mut tx, &[id], &[user]).await?;
    commit(tx).await?;
    Ok(Json(effective(rows)))
}

/// Choose which mail a user gets
///
/// Replaces all of the user's own choices. Locked categories cannot be switched off.
#[utoipa::path(put, path = "/v1/tenants/{id}/users/{user}/preferences", tag = "Mail", operation_id = "setPreferences",
    params(("id" = String, Path, description = "The tenant."), ("user" = String, Path, description = "The user.")),
    request_body = WantedChoices,
    responses((status = 200, description = "What the user gets now.", body = UserPreferences)))]
pub(crate) async fn put_preferences(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Under(id, user): Under<UserId>,
    body: Body<WantedChoices>,
) -> Result<Json<UserPreferences>> {
    caller.tenant_or_own(Some(id))?;
    retrying(|| change(&state, &caller, id, Some(user), &body.value)).await.map(|rows| Json(effective(rows)))
}

async fn change(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    user: Option<UserId>,
    wanted: &WantedChoices,
) -> Result<Vec<ChoiceRow>> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    match user {
        Some(user) => has_user(&mut tx, id, user).await?,
        None => has_tenant(&mut tx, id).await?,
    }
    let users: Vec<UserId> = user.into_iter().collect();
    let before = choices(&mut tx, &[id], &users).await?;
    let wanted = wanted.parse(&before)?;
    match user {
        Some(user) => set_choices(&mut tx, id, user, &wanted, now).await?,
        None => set_defaults(&mut tx, id, &wanted, now).await?,
    }
    let after = choices(&mut tx, &[id], &users).await?;
    let (subject, action) = match user {
        Some(user) => (user.to_string(), "preferences.change"),
        None => (id.to_string(), "notification_defaults.change"),
    };
    let mut line = caller.did(&actor, action, &subject);
    line.tenant = Some(id);
    let kept = |rows: &[ChoiceRow]| {
        let own = rows.iter().filter(|row| row.user == user);
        own.map(|row| json!([row.category, row.subtype, row.enabled])).collect::<serde_json::Value>()
    };
    (line.before, line.after) = (Some(kept(&before)), Some(kept(&after)));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    Ok(after)
}

impl WantedChoices {
    fn parse(&self, there: &[ChoiceRow]) -> Result<Vec<Choice>, Problem> {
        let mut wrong = Vec::new();
        if self.data.len() > MOST {
            wrong.push(FieldError::at("/data", "invalid_value", "At most 500 choices can be made."));
        }
        let mut seen = BTreeSet::new();
        for (at, choice) in self.data.iter().enumerate() {
            let words = "This has 1 to 64 characters of a-z, 0-9, _ and -.";
            match choice.category.parse::<Category>() {
                Err(_) => wrong.push(FieldError::at(format!("/data/{at}/category"), "invalid_value", words)),
                Ok(category) if !choice.enabled && is_locked(there, &category) => {
                    let words = "This category cannot be switched off.";
                    wrong.push(FieldError::at(format!("/data/{at}/enabled"), "locked", words));
                }
                Ok(_) => {}
            }
            // A subtype is a word like a category's.
            if choice.subtype.as_ref().is_some_and(|subtype| subtype.parse::<Category>().is_err()) {
                wrong.push(FieldError::at(format!("/data/{at}/subtype"), "invalid_value", words));
            }
            if !seen.insert((&choice.category, &choice.subtype)) {
                let words = "There are two choices about this.";
                wrong.push(FieldError::at(format!("/data/{at}"), "invalid_value", words));
            }
        }
        if !wrong.is_empty() {
            return Err(invalid_body(wrong));
        }
        let choice = |one: &WantedChoice| Choice {
            category: one.category.clone(),
            subtype: one.subtype.clone().unwrap_or_default(),
            enabled: one.enabled,
        };
        Ok(self.data.iter().map(choice).collect())
    }
}

fn is_locked(rows: &[ChoiceRow], category: &Category) -> bool {
    category.is_locked() || rows.iter().any(|row| row.locked && row.category == category.as_str())
}

fn locked(rows: &[ChoiceRow], category: &str) -> bool {
    category.parse().is_ok_and(|category| is_locked(rows, &category))
}

fn named(subtype: &str) -> Option<String> {
    Some(subtype.to_owned()).filter(|subtype| !subtype.is_empty())
}

fn shown(rows: Vec<ChoiceRow>) -> NotificationDefaults {
    let mut data: Vec<NotificationDefault> = rows
        .iter()
        .map(|row| NotificationDefault {
            category: row.category.clone(),
            subtype: named(&row.subtype),
            enabled: row.enabled,
            locked: locked(&rows, &row.category),
        })
        .collect();
    data.sort_by(|a, b| (&a.category, &a.subtype).cmp(&(&b.category, &b.subtype)));
    let known = Category::KNOWN.map(|category| KnownCategory { category, locked: locked(&rows, category) }).into();
    NotificationDefaults { data, known }
}

/// What a user gets: the own word comes before the tenant's, and what is locked comes always.
fn effective(rows: Vec<ChoiceRow>) -> UserPreferences {
    let places: BTreeSet<(&String, &String)> = rows.iter().map(|row| (&row.category, &row.subtype)).collect();
    let said = |category: &str, subtype: &str, own: bool| {
        let about = |row: &&ChoiceRow| row.category == category && row.user.is_some() == own;
        let found = rows.iter().filter(about).find(|row| row.subtype == subtype);
        found.or_else(|| rows.iter().filter(about).find(|row| row.subtype.is_empty())).map(|row| row.enabled)
    };
    let data = places.into_iter().map(|(category, subtype)| {
        let (own, locked) = (said(category, subtype, true), locked(&rows, category));
        let enabled = locked || own.or_else(|| said(category, subtype, false)).unwrap_or(true);
        let source = if own.is_some() && !locked { PreferenceSource::Own } else { PreferenceSource::Default };
        UserPreference { category: category.clone(), subtype: named(subtype), enabled, source, locked }
    });
    UserPreferences { data: data.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(own: bool, category: &str, subtype: &str, enabled: bool, locked: bool) -> ChoiceRow {
        let (tenant, user) = (TenantId::new(), own.then(UserId::new));
        ChoiceRow { tenant, user, category: category.into(), subtype: subtype.into(), enabled, locked }
    }

    #[test]
    fn the_own_word_comes_before_the_tenants_and_a_lock_before_both() {
        let rows = vec![
            row(false, "security", "", true, true),
            row(true, "security", "", false, false),
            row(false, "notifications", "", true, false),
            row(false, "notifications", "mentions", false, false),
            row(true, "notifications", "", false, false),
            row(false, "invoices", "", false, false),
        ];
        let seen: Vec<_> = effective(rows)
            .data
            .into_iter()
            .map(|one| (one.category, one.subtype.unwrap_or_default(), one.enabled, one.source, one.locked))
            .collect();
        let is = |category: &str, subtype: &str, enabled, source, locked| {
            (category.to_owned(), subtype.to_owned(), enabled, source, locked)
        };
        assert_eq!(
            seen,
            [
                is("invoices", "", false, PreferenceSource::Default, false),
                is("notifications", "", false, PreferenceSource::Own, false),
                is("notifications", "mentions", false, PreferenceSource::Own, false),
                is("security", "", true, PreferenceSource::Default, true),
            ]
        );
    }
}
