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
    pages::runs::{Run, kind_words},
    parts::{Field, Live, Seen, csrf, facts, input, said, segment, status, trouble_card, when},
    person::Person,
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// Days of grace where nobody says otherwise.
const DAYS: i64 = 30;

/// What was said before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

/// What would happen, as the API says it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    counts: serde_json::Map<String, Value>,
    domains: Vec<String>,
    portal: Portal,
    open_runs: Vec<OpenRun>,
    what: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Portal {
    host: Option<String>,
    hostnames: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct OpenRun {
    id: String,
    kind: String,
    status: String,
}

/// How far it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Leaving {
    run: Run,
    state: String,
    ends_at: Option<String>,
    left: Vec<String>,
    export: Option<Value>,
}

/// The way it goes when nothing is in its way.
const STEPS: [(&str, &str); 5] = [
    ("exporting", "Everything is exported"),
    ("grace", "Nothing is removed yet"),
    ("withdrawing", "Domains and portal are taken down by their own lives"),
    ("removing", "Rows are removed"),
    ("offboarded", "Gone; the audit log stays"),
];

/// Where in that way a state is.
fn step_of<'a>(state: &'a str, stuck_in: Option<&'a str>) -> Option<usize> {
    let state = match state {
        "export_stuck" => "exporting",
        "stuck" => stuck_in.unwrap_or("removing"),
        other => other,
    };
    STEPS.iter().position(|(step, _)| *step == state)
}

/// The piece that moves.
const PIECE: &str = "offboarding-part";

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(before): Query<Said>) -> Result<Page, Refusal> {
    let tenant = read(&visit, &id).await?;
    let body = if tenant.offboarding_run_id.is_some() && tenant.status != "active" && tenant.status != "suspended" {
        let leaving = leaving(&visit, &tenant).await?;
        let from = live_of(&tenant);
        html! { (said(before.said.as_deref())) (leaving.piece(&from).draw(&leaving.drawn(&visit.person, &tenant))) }
    } else {
        html! { (said(before.said.as_deref())) (would_be(&visit, &tenant, &Fields::default(), None).await?) }
    };
    Ok(titled(&visit, &tenant, "Offboarding", &body))
}

pub(super) async fn live(visit: Visit, Path(id): Path<String>, Query(seen): Query<Seen>) -> Result<Response, Refusal> {
    let tenant = read(&visit, &id).await?;
    let leaving = leaving(&visit, &tenant).await?;
    Ok(leaving.piece(&live_of(&tenant)).answer(&seen, &leaving.drawn(&visit.person, &tenant)))
}

fn live_of(tenant: &Tenant) -> String {
    format!("/tenants/{}/offboarding/live", segment(&tenant.id))
}

async fn leaving(visit: &Visit, tenant: &Tenant) -> Result<Leaving, Refusal> {
    visit.get(&format!("/v1/tenants/{}/offboarding", segment(&tenant.id))).await
}

async fn read(visit: &Visit, id: &str) -> Result<Tenant, Refusal> {
    visit.get(&format!("/v1/tenants/{}", segment(id))).await
}

/// What would be taken down, and the form that begins it.
async fn would_be(
    visit: &Visit,
    tenant: &Tenant,
    fields: &Fields,
    trouble: Option<&Trouble>,
) -> Result<Markup, Refusal> {
    let path = format!("/v1/tenants/{}/offboarding", segment(&tenant.id));
    let days = fields.text("graceDays").parse::<i64>().ok().filter(|days| (0..=90).contains(days)).unwrap_or(DAYS);
    let wish = json!({ "dryRun": true, "reason": "preview", "graceDays": days });
    let preview: Preview = match visit.ask().post(&path, &wish).await {
        Ok(preview) => serde_json::from_value(preview)
            .map_err(|_| visit.refused(Trouble::ours("What would happen could not be read.")))?,
        Err(refused) if refused.is_about_the_form() => return Ok(trouble_card(&refused)),
        Err(refused) => return Err(visit.refused(refused)),
    };
    Ok(html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        div.card {
            h2 { "What would happen" }
            ol #offboarding-preview { @for words in &preview.what { li { (words) } } }
            @if days == DAYS { p.fine { "With " (DAYS) " days of grace; another number can be chosen below." } }
            @if !preview.domains.is_empty() { p { "Sending domains: " (preview.domains.join(", ")) } }
            @if let Some(host) = &preview.portal.host { p { "Portal: " (host) @for name in &preview.portal.hostnames { ", " (name) } } }
            @if !preview.open_runs.is_empty() {
                p { "Under way:" }
                ul { @for run in &preview.open_runs { li { a href={ "/runs/" (segment(&run.id)) } { (kind_words(&run.kind)) } " " (status(&run.status)) } } }
            }
            details { summary { "Rows that would be removed" }
                dl.facts { @for (table, count) in &preview.counts { div { dt { (table) } dd { (count) } } } }
            }
        }
        @if visit.person.is_operator() { (form(&visit.person, tenant, fields, trouble)) }
    })
}

fn form(person: &Person, tenant: &Tenant, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let mistyped = (!fields.text("slug").is_empty() && fields.text("slug") != tenant.slug)
        .then_some("This is not the tenant's short name.");
    html! {
        form.card #offboard method="post" action={ "/tenants/" (segment(&tenant.id)) "/offboarding" } {
            h2 { "Begin" }
            (csrf(person))
            (input(&Field { name: "reason", label: "Why", value: fields.text("reason"), required: true, ..Field::default() }.judged(trouble, "reason")))
            (input(&Field { name: "graceDays", label: "Days before anything is removed", value: fields.some("graceDays").unwrap_or(&DAYS.to_string()), kind: Some("number"), required: true, help: Some("0 to 90. Until then it can be brought back whole."), ..Field::default() }.judged(trouble, "graceDays")))
            (input(&Field { name: "slug", label: &format!("Type {} to go on", tenant.slug), required: true, autocomplete: Some("off"), wrong: mistyped, ..Field::default() }))
            button.danger type="submit" { "Begin the offboarding" }
        }
    }
}

pub(super) async fn begin(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let tenant = read(&visit, &id).await?;
    if fields.text("slug") != tenant.slug {
        let body = would_be(&visit, &tenant, &fields, None).await?;
        return Ok(titled(&visit, &tenant, "Offboarding", &body)
            .with(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response());
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

impl Leaving {
    fn piece<'a>(&self, from: &'a str) -> Live<'a> {
        Live::new(PIECE, from).moving(!self.run.has_ended())
    }

    /// How far it is, and the way back as long as there is one.
    fn drawn(&self, person: &Person, tenant: &Tenant) -> Markup {
        let id = segment(&tenant.id);
        let at = step_of(&self.state, self.run.result["stuckIn"].as_str());
        let stuck = ["export_stuck", "stuck"].contains(&self.state.as_str());
        let early = ["exporting", "export_stuck", "grace"].contains(&self.state.as_str());
        html! {
            div.card {
                (facts(&[
                    ("State", html! { span #offboarding-state { (status(&self.state)) } }),
                    ("Nothing goes before", html! { @match &self.ends_at { Some(at) => (when(at)), None => "…" } }),
                    ("Run", html! { a href={ "/runs/" (segment(&self.run.id)) } { "What happened so far" } }),
                ]))
                ol.steps { @for (index, (_, words)) in STEPS.iter().enumerate() {
                    li.(match at { Some(at) if index < at => "done", Some(at) if index == at && stuck => "failed", Some(at) if index == at => "now", _ => "later" }) { (words) }
                } }
                @if !self.left.is_empty() { p { "Not down yet: " (self.left.join(", ")) } }
                @if stuck && person.is_operator() { div.card.warned { p { "It waits for your decision: " a href={ "/runs/" (segment(&self.run.id)) } { "see what is asked" } "." } } }
                @if self.export.is_some() { p { a.button href={ "/tenants/" (id) "/exports" } { "The export" } } }
                @if let Some(error) = &self.run.error { div.card.trouble { p { (error.message) } } }
                @if person.is_operator() && early && !self.run.has_ended() {
                    div.row {
                        form method="post" action={ "/tenants/" (id) "/offboarding/restore" } { (csrf(person)) button.main #offboarding-restore type="submit" { "Bring it back" } }
                        // Without its export it goes only by the answer to the task that asks about that.
                        @if self.state != "export_stuck" {
                            form method="post" action={ "/tenants/" (id) "/offboarding/remove-now" } {
                                (csrf(person))
                                button.danger #offboarding-remove type="submit" data-confirm="Its domains, its portal and its rows are removed now, for good. Go on?" { "Remove it now" }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn wish(
    State(console): State<Console>,
    Path((id, wish)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let word = match &*wish {
        "restore" => "restored",
        "remove-now" => "begun",
        _ => return Err(visit.refused(Trouble::no_page())),
    };
    let id = segment(&id);
    visit
        .ask()
        .post(&format!("/v1/tenants/{id}/offboarding/{wish}"), &json!({}))
        .await
        .map_err(|trouble| visit.refused(trouble))?;
    let to = if wish == "restore" {
        format!("/tenants/{id}?said={word}")
    } else {
        format!("/tenants/{id}/offboarding?said={word}")
    };
    Ok(see_other(&to))
}
