//! A tenant leaves: what that would take down, how far it is, and the way back.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Tenant, show::titled};
use crate::{
    form::{Fields, Sent},
    page::{Page, Refusal, see_other},
    parts::{Field, csrf, facts, input, live as live_part, said, segment, status, trouble_card, when},
    person::Person,
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// What was said before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

/// How far it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Leaving {
    run: Value,
    state: String,
    ends_at: Option<String>,
    export: Option<Value>,
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(before): Query<Said>) -> Result<Page, Refusal> {
    let tenant = read(&visit, &id).await?;
    let body = if tenant.offboarding_run_id.is_some() && tenant.status != "active" && tenant.status != "suspended" {
        html! { (said(before.said.as_deref())) (under_way(&visit, &tenant).await?) }
    } else {
        html! { (said(before.said.as_deref())) (would_be(&visit, &tenant, &Fields::default(), None).await?) }
    };
    Ok(titled(&visit, &tenant, "Offboarding", &body))
}

pub(super) async fn live(visit: Visit, Path(id): Path<String>) -> Result<Page, Refusal> {
    let tenant = read(&visit, &id).await?;
    Ok(Page::piece(under_way(&visit, &tenant).await?))
}

async fn read(visit: &Visit, id: &str) -> Result<Tenant, Refusal> {
    visit.get(&format!("/v1/tenants/{}", segment(id))).await
}

/// What would be taken down, and the form that begins it.
async fn would_be(visit: &Visit, tenant: &Tenant, fields: &Fields, trouble: Option<&Trouble>) -> Result<Markup, Refusal> {
    let path = format!("/v1/tenants/{}/offboarding", segment(&tenant.id));
    let preview = match visit.ask().post(&path, &json!({ "dryRun": true, "reason": "preview" })).await {
        Ok(preview) => preview,
        Err(refused) if refused.is_about_the_form() => return Ok(trouble_card(&refused)),
        Err(refused) => return Err(visit.refused(refused)),
    };
    let texts = |name: &str| preview[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    Ok(html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        div.card {
            h2 { "What would happen" }
            ol #offboarding-preview { @for words in texts("what") { li { (words) } } }
            @if !texts("domains").is_empty() { p { "Sending domains: " (texts("domains").join(", ")) } }
            @if let Some(portal) = preview["portal"].as_str() { p { "Portal: " (portal) } }
            @if let Some(open) = preview["openRuns"].as_i64().filter(|open| *open > 0) { p { "Runs under way: " (open) } }
            details { summary { "Rows that would be removed" }
                dl.facts { @for (table, count) in preview["counts"].as_object().into_iter().flatten() { div { dt { (table) } dd { (count) } } } }
            }
        }
        @if visit.person.is_operator() { (form(&visit.person, tenant, fields, trouble)) }
    })
}

fn form(person: &Person, tenant: &Tenant, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let mistyped = (!fields.text("slug").is_empty() && fields.text("slug") != tenant.slug).then_some("This is not the tenant's short name.");
    html! {
        form.card #offboard method="post" action={ "/tenants/" (segment(&tenant.id)) "/offboarding" } {
            h2 { "Begin" }
            (csrf(person))
            (input(&Field { name: "reason", label: "Why", value: fields.text("reason"), required: true, ..Field::default() }.judged(trouble, "reason")))
            (input(&Field { name: "graceDays", label: "Days before anything is removed", value: fields.some("graceDays").unwrap_or("30"), kind: Some("number"), required: true, help: Some("0 to 90. Until then it can be brought back whole."), ..Field::default() }.judged(trouble, "graceDays")))
            (input(&Field { name: "slug", label: &format!("Type {} to go on", tenant.slug), required: true, autocomplete: Some("off"), wrong: mistyped, ..Field::default() }))
            button.danger type="submit" { "Begin the offboarding" }
        }
    }
}

pub(super) async fn begin(State(console): State<Console>, Path(id): Path<String>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let tenant = read(&visit, &id).await?;
    if fields.text("slug") != tenant.slug {
        let body = would_be(&visit, &tenant, &fields, None).await?;
        return Ok(titled(&visit, &tenant, "Offboarding", &body).with(StatusCode::UNPROCESSABLE_ENTITY).into_response());
    }
    let days = fields.text("graceDays").parse::<i64>().map_or_else(|_| fields.json("graceDays"), |days| json!(days));
    let wish = json!({ "dryRun": false, "reason": fields.text("reason"), "graceDays": days });
    match visit.ask().post(&format!("/v1/tenants/{}/offboarding", segment(&id)), &wish).await {
        Ok(_) => Ok(see_other(&format!("/tenants/{}/offboarding?said=begun", segment(&id)))),
        Err(trouble) if trouble.is_about_the_form() => {
            let body = would_be(&visit, &tenant, &fields, Some(&trouble)).await?;
            Ok(titled(&visit, &tenant, "Offboarding", &body).with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

/// How far it is, and the way back as long as there is one.
async fn under_way(visit: &Visit, tenant: &Tenant) -> Result<Markup, Refusal> {
    let id = segment(&tenant.id);
    let leaving: Leaving = visit.get(&format!("/v1/tenants/{id}/offboarding")).await?;
    let run = leaving.run["id"].as_str().unwrap_or_default();
    let ended = leaving.run["endedAt"].is_string();
    let early = ["exporting", "grace"].contains(&leaving.state.as_str());
    let steps = [("exporting", "Everything is exported"), ("grace", "Nothing is removed yet"), ("withdrawing", "Domains and portal are taken down by their own lives"), ("removing", "Rows are removed"), ("offboarded", "Gone; the audit log stays")];
    let at = steps.iter().position(|(state, _)| *state == leaving.state);
    let body = html! {
        div.card {
            (facts(&[
                ("State", html! { span #offboarding-state { (status(&leaving.state)) } }),
                ("Nothing goes before", html! { @match &leaving.ends_at { Some(at) => (when(at)), None => "…" } }),
                ("Run", html! { a href={ "/runs/" (segment(run)) } { "What happened so far" } }),
            ]))
            ol.steps { @for (index, (_, words)) in steps.iter().enumerate() {
                li.(match at { Some(at) if index < at => "done", Some(at) if index == at => "now", _ => "later" }) { (words) }
            } }
            @if leaving.export.as_ref().is_some_and(|export| !export.is_null()) { p { a.button href={ "/tenants/" (id) "/exports" } { "The export" } } }
            @if let Some(words) = leaving.run["error"]["message"].as_str() { div.card.trouble { p { (words) } } }
            @if visit.person.is_operator() && early && !ended {
                div.row {
                    form method="post" action={ "/tenants/" (id) "/offboarding/restore" } { (csrf(&visit.person)) button.main #offboarding-restore type="submit" { "Bring it back" } }
                    form method="post" action={ "/tenants/" (id) "/offboarding/remove-now" } {
                        (csrf(&visit.person))
                        button.danger #offboarding-remove type="submit" data-confirm="Its domains, its portal and its rows are removed now, for good. Go on?" { "Remove it now" }
                    }
                }
            }
        }
    };
    Ok(live_part("offboarding-part", &format!("/tenants/{id}/offboarding/live"), !ended, &body))
}

pub(super) async fn wish(State(console): State<Console>, Path((id, wish)): Path<(String, String)>, sent: Sent) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let word = match &*wish {
        "restore" => "restored",
        "remove-now" => "begun",
        _ => return Err(visit.refused(Trouble::no_page())),
    };
    let id = segment(&id);
    visit.ask().post(&format!("/v1/tenants/{id}/offboarding/{wish}"), &json!({})).await.map_err(|trouble| visit.refused(trouble))?;
    let to = if wish == "restore" { format!("/tenants/{id}?said={word}") } else { format!("/tenants/{id}/offboarding?said={word}") };
    Ok(see_other(&to))
}
