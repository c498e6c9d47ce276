//! A draft becomes what mail is made of.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json, to_value};
use tenantry_store::{
    StoreError,
    mail::{TemplatePlace, TemplateRow, TemplateVersion, has_tenant, publish_template as publish_row, template},
};
use tenantry_templates::Template;
use utoipa::ToSchema;

use super::{draft::subject_of, place::Place, source::WrittenTemplate, versions::Version};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, invalid_body},
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Publishing takes nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishTemplate {}

/// Publish the draft of a template in one language
///
/// From now on mail is made of it. What was published before is kept among the versions. Messages that were accepted before have
/// their words already. A draft that cannot be rendered any more is refused, with pointers into the draft.
#[utoipa::path(post, path = "/v1/tenants/{id}/templates/{name}/{locale}/publish", tag = "Templates",
    operation_id = "publishTemplate",
    params(("id" = String, Path, description = "The tenant."), ("name" = String, Path, description = "The template."),
        ("locale" = String, Path, description = "The language, or `default`.")),
    request_body(content = Option<PublishTemplate>),
    responses(
        (status = 200, description = "What is published now.", body = Version),
        (status = 409, description = "`no_draft`: there is nothing to publish. `draft_changed`: somebody else has written, published or reset it at this moment."),
    ))]
pub(crate) async fn publish_template(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Place(place): Place,
    body: Body<PublishTemplate>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(place.tenant))?;
    let draft = match retrying(|| read(&state, &caller, &place, &body.once)).await? {
        Read::Draft(draft) => draft,
        Read::Done(answer) => return Ok(answer),
    };
    let made = WrittenTemplate::stored(&draft.source)?.make(Template::named(&place.name), "").await?;
    let published = made.map_err(invalid_body)?.published;
    // Three texts with text keys: this cannot fail.
    let compiled = to_value(published).unwrap_or_default();
    retrying(|| publish(&state, &caller, &place, &draft, &compiled, &body.once)).await
}

enum Read {
    Draft(Box<TemplateRow>),
    Done(Answer),
}

async fn read(state: &ApiState, caller: &Caller, place: &TemplatePlace, once: &Once) -> Result<Read> {
    let scope = caller.scope();
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Read::Done(Answer::again(reply)));
    }
    has_tenant(&mut tx, place.tenant).await?;
    let draft = template(&mut tx, place, TemplateVersion::Draft).await?;
    commit(tx).await?;
    let words = "This template has no draft in this language; what was written last is published already.";
    Ok(Read::Draft(Box::new(draft.ok_or_else(|| Problem::new(Code::NoDraft, words))?)))
}

async fn publish(
    state: &ApiState,
    caller: &Caller,
    place: &TemplatePlace,
    draft: &TemplateRow,
    compiled: &Value,
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let before = match publish_row(&mut tx, place, draft, compiled, now).await {
        Ok(before) => before,
        // Nobody publishes what they have not seen.
        Err(StoreError::Changed) => {
            let words = "Somebody else has written, published or reset this template at this moment; nothing was done.";
            return Err(Problem::new(Code::DraftChanged, words).into());
        }
        Err(error) => return Err(error.into()),
    };
    let published = TemplateRow { status: "published".to_owned(), updated_at: now, ..draft.clone() };
    let reply = reply(StatusCode::OK, None, &Version::of(published)?);
    once.keep(&mut tx, scope, &reply, now).await?;
    let subject = subject_of(place);
    let mut line = caller.did(&actor, "template.publish", &subject);
    line.tenant = Some(place.tenant);
    line.before = before.map(|version| json!({ "version": version }));
    line.after = Some(json!({ "version": draft.version }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    Ok(Answer::first(reply))
}
