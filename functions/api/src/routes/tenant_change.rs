//! Operators give a tenant another name, contact or plan.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tenantry_model::{ContractLine, TenantId};
use tenantry_store::{
    StoreError, Tx,
    tenancy::{Rewrite, TenantRow, lock_tenant, note_change, rewrite, tenant, who_has_address},
};
use tenantry_workflows::tenant_change::{Data, Field, What};
use utoipa::ToSchema;

use super::tenants::Tenant;
use crate::{
    auth::{Caller, May, needs},
    error::{Error, Result},
    extract::{Body, Fields, Id},
    problem::{Code, FieldError, Problem},
    state::ApiState,
    version::{differing, expected, with_etag},
    write::{audit, commit, retrying},
};

/// What is to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TenantPatch {
    /// Its name. Its slug, and so its hosts and the addresses that its mail comes from, stay.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// Its contact address. Answers to its mail follow, where they went to the one before. No user's address changes.
    #[schema(format = Email, max_length = 254)]
    email: Option<String>,
    /// Its plan.
    #[schema(min_length = 1, max_length = 64)]
    contract_line: Option<String>,
}

impl TenantPatch {
    /// What is wished, or everything that is wrong with it.
    fn parse(&self) -> Result<Rewrite, Problem> {
        let mut fields = Fields::default();
        let wished = Rewrite {
            name: fields.parse_some("/name", self.name.as_ref()),
            email: fields.parse_some("/email", self.email.as_ref()),
            contract_line: fields.parse_some("/contractLine", self.contract_line.as_ref()),
        };
        fields.finish(Some(wished))
    }
}

/// Change a tenant
///
/// `If-Match` names the version that is changed, so that nobody overwrites what somebody else has changed in between. What is as
/// it was changes nothing. Possible while the tenant is active or suspended.
#[utoipa::path(patch, path = "/v1/tenants/{id}", tag = "Tenants", operation_id = "changeTenant",
    params(("id" = String, Path, description = "The tenant."),
        ("If-Match" = String, Header, description = "The ETag of the tenant that was read.")),
    request_body = TenantPatch,
    responses(
        (status = 200, description = "The tenant as it is now.", body = Tenant,
            headers(("ETag" = String, description = "Its version."))),
        (status = 409, description = "`tenant_status_unfit`: it is being set up, or leaves. `duplicate`: another tenant has the address; `errors` names the field, `detail` the tenant."),
        (status = 412, description = "`precondition_failed`: it has changed since."),
        (status = 428, description = "`precondition_required`: there is no `If-Match`."),
    ))]
pub(crate) async fn change_tenant(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    headers: HeaderMap,
    body: Body<TenantPatch>,
) -> Result<Response> {
    caller.require_platform()?;
    let wished = body.value.parse()?;
    retrying(|| change(&state, &caller, id, headers.get(header::IF_MATCH), &wished)).await
}

async fn change(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    if_match: Option<&HeaderValue>,
    wished: &Rewrite,
) -> Result<Response> {
    let (actor, timing) = (caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let before = lock_tenant(&mut tx, id).await?;
    expected(if_match, before.version)?;
    let to = news(&before, wished);
    let what = what(&before, &to)?;
    if what.is_empty() {
        commit(tx).await?;
        return Ok(shown(before));
    }
    if !["active", "suspended"].contains(&before.status.as_str()) {
        let words = "A tenant can be changed while it is active or suspended; this one is being set up, or leaves.";
        return Err(Problem::new(Code::TenantStatusUnfit, words).into());
    }
    address_is_free(&mut tx, id, &to).await?;
    rewrite(&mut tx, id, &to, &actor, timing.now).await.map_err(taken_meanwhile)?;
    let data = Data { tenant: id, what };
    let (run, hints) = note_change(&mut tx, data, &actor, Some(caller.call.trace.to_string()), timing).await?;
    let after = tenant(&mut tx, id).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "tenant.change", &subject);
    (line.tenant, line.run) = (Some(id), Some(run));
    (line.before, line.after) = differing(&kept(&before), &kept(&after));
    if to.email.is_some() {
        // That it has changed, and not to what: the log can never be changed, and a person may ask to be forgotten.
        line.after.get_or_insert_with(|| json!({}))["emailChanged"] = json!(true);
    }
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(shown(after))
}

fn shown(row: TenantRow) -> Response {
    let version = row.version;
    with_etag(Tenant::from(row), version)
}

/// Of what is wished only what is not so already.
fn news(row: &TenantRow, wished: &Rewrite) -> Rewrite {
    let wished = wished.clone();
    Rewrite {
        name: wished.name.filter(|name| name.as_str() != row.name),
        email: wished.email.filter(|email| Some(email.as_str()) != row.email.as_deref()),
        contract_line: wished.contract_line.filter(|line| line.as_str() != row.contract_line),
    }
}

/// What is told of it.
fn what(row: &TenantRow, to: &Rewrite) -> Result<Vec<What>> {
    let mut what = Vec::new();
    if let Some(line) = &to.contract_line {
        let from = row.contract_line.parse::<ContractLine>().map_err(|_| {
            Problem::new(Code::InternalError, "The tenant's present plan cannot be read; nothing was changed.")
        })?;
        what.push(What::PlanChanged { from, to: line.clone() });
    }
    let named = [(to.name.is_some(), Field::Name), (to.email.is_some(), Field::Email)];
    let fields: Vec<Field> = named.into_iter().filter_map(|(is, field)| is.then_some(field)).collect();
    if !fields.is_empty() {
        what.push(What::Changed { fields });
    }
    Ok(what)
}

async fn address_is_free(tx: &mut Tx, id: TenantId, to: &Rewrite) -> Result<()> {
    let Some(email) = &to.email else { return Ok(()) };
    let Some((other, name)) = who_has_address(tx, id, email).await? else { return Ok(()) };
    let words = format!("The tenant {name} ({other}) has this contact address, and no two tenants share one.");
    let field = FieldError::at("/email", "duplicate", words.clone());
    Err(Problem::new(Code::Duplicate, words).with(vec![field]).into())
}

/// Another tenant took the address between our look and our writing: looked at once more, it is told which.
fn taken_meanwhile(error: StoreError) -> Error {
    match error.constraint() {
        Some("tenants_email") => StoreError::Changed.into(),
        _ => error.into(),
    }
}

/// What the audit log keeps. No address.
fn kept(row: &TenantRow) -> Value {
    json!({ "name": row.name, "contractLine": row.contract_line, "version": row.version })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let patch: TenantPatch =
            serde_json::from_value(json!({"name": " ", "email": "nobody", "contractLine": ""})).unwrap();
        let body = patch.parse().unwrap_err().body(None, None);
        let pointers: Vec<&str> =
            body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/name", "/email", "/contractLine"]);
        assert_eq!(TenantPatch::default().parse().unwrap(), Rewrite::default());
    }
}
