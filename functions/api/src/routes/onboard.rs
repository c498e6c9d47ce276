//! Onboarding a tenant.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_kernel::{Workflow, advance, line::Lined};
use tenantry_model::{ContractLine, RunId};
use tenantry_store::runs::{NewRun, RunRow, Started, run, start};
use tenantry_workflows::tenant_onboarding::{AdminUser, Data, Input, TenantOnboarding};
use utoipa::ToSchema;

use super::{
    run::{Run, location_of},
    runs::read,
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Fields, Query},
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
    wait::{Wait, is_at_rest, until},
    write::{audit, commit, retrying},
};

type Onboarding = Lined<TenantOnboarding>;

/// A tenant to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewTenant {
    /// The tenant's name.
    #[schema(min_length = 1, max_length = 200, example = "Acme, Inc.")]
    tenant_name: String,
    /// Its administrator.
    admin_user: NewAdmin,
    /// Its first company, if any.
    #[schema(min_length = 1, max_length = 200)]
    company_name: Option<String>,
    /// Its plan; `basic` where none is named.
    #[schema(min_length = 1, max_length = 64)]
    contract_line: Option<String>,
    /// The caller's own key for this tenant: the same key is the same run.
    #[schema(min_length = 1, max_length = 255)]
    external_key: Option<String>,
}

/// The first administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewAdmin {
    /// Given name.
    #[schema(min_length = 1, max_length = 100, example = "Ada")]
    first_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 100, example = "Lovelace")]
    last_name: String,
    /// Where the welcome mail goes; also the tenant's contact address.
    #[schema(format = Email, max_length = 254, example = "ada@example.com")]
    email: String,
}

impl NewTenant {
    /// The workflow's input, or everything that is wrong with it. An import reads its rows by it, too.
    pub(crate) fn parse(&self) -> Result<Input, Problem> {
        let mut fields = Fields::default();
        let tenant_name = fields.parse("/tenantName", &self.tenant_name);
        let first_name = fields.parse("/adminUser/firstName", &self.admin_user.first_name);
        let last_name = fields.parse("/adminUser/lastName", &self.admin_user.last_name);
        let email = fields.parse("/adminUser/email", &self.admin_user.email);
        let company_name = fields.parse_some("/companyName", self.company_name.as_ref());
        let contract_line: Option<ContractLine> = fields.parse_some("/contractLine", self.contract_line.as_ref());
        let external_key = fields.parse_some("/externalKey", self.external_key.as_ref());
        let admin = first_name.zip(last_name).zip(email);
        fields.finish(tenant_name.zip(admin).map(|(tenant_name, ((first_name, last_name), email))| Input {
            tenant_name,
            admin_user: AdminUser { first_name, last_name, email },
            company_name,
            contract_line: contract_line.unwrap_or_default(),
            external_key,
        }))
    }
}

/// Onboard a tenant
///
/// Starts a run that creates the tenant, its company, its administrator and its settings, and sends the welcome mail.
/// Everything is checked before anything is written. An `Idempotency-Key` is required unless `externalKey` is given.
#[utoipa::path(post, path = "/v1/tenants", tag = "Tenants", operation_id = "onboardTenant", params(Wait),
    request_body = NewTenant,
    responses(
        (status = 202, description = "The run has begun.", body = Run,
            headers(("Location" = String, description = "The run."))),
        (status = 200, description = "A run with this `externalKey` is there already; nothing was begun.", body = Run,
            headers(("Location" = String, description = "The run."))),
        (status = 400, description = "`idempotency_key_missing`."),
    ))]
pub(crate) async fn onboard_tenant(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Query(wait): Query<Wait>,
    body: Body<NewTenant>,
) -> Result<Answer> {
    caller.require_platform()?;
    let input = body.value.parse()?;
    if !body.once.has_key() && input.external_key.is_none() {
        let detail = "Without an Idempotency-Key or an externalKey, a repeated request would onboard a second tenant.";
        return Err(Problem::new(Code::IdempotencyKeyMissing, detail).into());
    }
    let answer = retrying(|| begin(&state, &caller, &input, &body.once)).await?;
    waited(&state, &caller, answer, &wait).await
}

async fn begin(state: &ApiState, caller: &Caller, input: &Input, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let now = timing.now;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let data = Data::new(input.clone(), state.onboarding.credential);
    let (id, tenant) = (RunId::new(), data.own.tenant);
    let new = NewRun {
        id,
        kind: Onboarding::KIND,
        tenant: Some(tenant),
        external_key: input.external_key.as_ref().map(|key| key.as_str().to_owned()),
        started_by: actor.clone(),
        trace: Some(caller.call.trace.to_string()),
        change: advance::start::<Onboarding>(data),
    };
    let (status, row, hints) = match start(&mut tx, &new, timing).await? {
        Started::New(hints) => (StatusCode::ACCEPTED, run(&mut tx, id).await?, hints),
        Started::Existing(id) => (StatusCode::OK, run(&mut tx, id).await?, Vec::new()),
    };
    let begun = row.id == id;
    let reply = reply(status, Some(location_of(row.id)), &Run::from(row));
    once.keep(&mut tx, scope, &reply, now).await?;
    if begun {
        let subject = tenant.to_string();
        let mut line = caller.did(&actor, "tenant.onboard", &subject);
        line.tenant = Some(tenant);
        line.run = Some(id);
        // No address: the log can never be changed, and a person may ask to be forgotten.
        line.after = Some(json!({
            "tenantName": input.tenant_name,
            "companyName": input.company_name,
            "contractLine": input.contract_line,
            "externalKey": input.external_key,
        }));
        audit(&mut tx, caller, line, now).await?;
    }
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// The same answer, with the run as it is when it has come to rest or the time is over.
pub(crate) async fn waited(state: &ApiState, caller: &Caller, mut answer: Answer, wait: &Wait) -> Result<Answer> {
    let id = answer.reply.body["id"].as_str().and_then(|id| id.parse::<RunId>().ok());
    if let Some(id) = id.filter(|_| !wait.time().is_zero()) {
        let known: RunRow = read(state, caller, id).await?;
        let row = until(state, caller.scope(), known, wait.time(), is_at_rest).await;
        answer.reply.body = json!(Run::from(row));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(body: serde_json::Value) -> Result<Input, Problem> {
        serde_json::from_value::<NewTenant>(body).unwrap().parse()
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let problem = parse(json!({
            "tenantName": " ",
            "adminUser": {"firstName": "", "lastName": "L", "email": "not an address"},
            "externalKey": "x".repeat(256),
        }))
        .unwrap_err();
        let body = problem.body(None, None);
        let pointers: Vec<&str> =
            body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/tenantName", "/adminUser/firstName", "/adminUser/email", "/externalKey"]);
        assert_eq!(problem.code(), Code::InvalidBody);
    }

    #[test]
    fn a_plan_that_is_not_named_is_basic() {
        let admin = json!({"firstName": "A", "lastName": "L", "email": "a@b.example"});
        let input = parse(json!({"tenantName": "Acme", "adminUser": admin})).unwrap();
        assert_eq!(input.contract_line, ContractLine::default());
        assert_eq!(input.company_name, None);
    }
}
