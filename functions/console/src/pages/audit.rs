//! Who did what.

use axum::{
    Router,
    extract::Query,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    page::{Page, Place, Refusal},
    parts::{Field, List, Live, empty, input, pager, segment, trouble_card, when},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// Its routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/audit", get(show))
        .route("/audit/verify", get(verify))
        .route("/audit/verify/live", get(verdict))
        .route("/audit/export", get(export))
}

/// The most bytes of an export: Lambda answers with 6 MB at most.
const LARGEST: usize = 5 * 1024 * 1024;

/// Which lines.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wanted {
    tenant: String,
    action: String,
    actor: String,
    subject: String,
    format: String,
    after: Option<String>,
}

impl Wanted {
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all =
            [("tenant", &*self.tenant), ("action", &self.action), ("actor", &self.actor), ("subject", &self.subject)];
        all.into_iter().map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// A line, as far as the page draws it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    seq: i64,
    at: String,
    actor: String,
    action: String,
    subject: String,
    before: Option<Value>,
    after: Option<Value>,
    run_id: Option<String>,
    source_ip: Option<String>,
    hash: String,
}

async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let mut pairs = wanted.pairs();
    pairs.push(("limit", "50"));
    pairs.extend(wanted.after.as_deref().map(|after| ("after", after)));
    let lines: List<Line> =
        visit.get(&format!("/v1/audit?{}", serde_urlencoded::to_string(&pairs).unwrap_or_default())).await?;
    let chain = chain_of(&wanted);
    let body = html! {
        p.fine { "Every change, in the order in which it was made. Nobody can change a line: each one carries a hash of the line before it." }
        form.filters method="get" action="/audit" role="search" aria-label="Find lines" {
            @if visit.person.is_operator() { (input(&Field { name: "tenant", label: "Tenant's id", value: &wanted.tenant, example: Some("the platform's own"), ..Field::default() })) }
            (input(&Field { name: "action", label: "What", value: &wanted.action, example: Some("tenant.suspend"), ..Field::default() }))
            (input(&Field { name: "actor", label: "Who", value: &wanted.actor, ..Field::default() }))
            (input(&Field { name: "subject", label: "To what", value: &wanted.subject, ..Field::default() }))
            button type="submit" { "Find" }
        }
        div.row {
            a.button #audit-verify href={ "/audit/verify?" (chain) } { "Verify the chain" }
            a.button href={ "/audit/export?format=csv&" (chain) } download { "Export as CSV" }
            a.button href={ "/audit/export?format=ndjson&" (chain) } download { "Export as NDJSON" }
        }
        @if lines.data.is_empty() { (empty("No line is like that.", &html! {})) }
        @else { (table(&lines.data)) (pager(&lines, "/audit", &wanted.pairs(), wanted.after.as_deref())) }
    };
    Ok(visit.page(Place::Audit, "Audit", &body))
}

fn table(lines: &[Line]) -> Markup {
    let value =
        |value: &Option<Value>| value.as_ref().map(|value| serde_json::to_string_pretty(value).unwrap_or_default());
    html! {
        div.scroll tabindex="0" role="region" aria-label="Lines of the audit log" { table #audit {
            thead { tr { th.number scope="col" { "#" } th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Before and after" } } }
            tbody { @for line in lines { tr {
                td.number { (line.seq) }
                td { (when(&line.at)) }
                td { (line.actor) @if let Some(ip) = &line.source_ip { br; span.fine { "from " (ip) } } }
                td { strong { (line.action) } br; code { (line.subject) } @if let Some(run) = &line.run_id { br; a href={ "/runs/" (segment(run)) } { "the run" } } }
                td {
                    details { summary { "Show" }
                        @if let Some(before) = value(&line.before) { p { "Before" } pre { (before) } }
                        @if let Some(after) = value(&line.after) { p { "After" } pre { (after) } }
                        p.fine { "Hash " code { (line.hash) } }
                    }
                }
            } } }
        } }
    }
}

/// Whether a chain is as it was written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    intact: bool,
    first_broken: Option<i64>,
}

/// Which chain: a query of the tenant alone.
fn chain_of(wanted: &Wanted) -> String {
    let tenant = wanted.pairs().into_iter().filter(|(name, _)| *name == "tenant");
    serde_urlencoded::to_string(tenant.collect::<Vec<_>>()).unwrap_or_default()
}

/// A long chain takes a while to be computed anew: the page comes at once, and its verdict when there is one.
async fn verify(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    visit.get::<Value>(&format!("/v1/audit?limit=1&{}", chain_of(&wanted))).await?;
    let path = format!("/audit/verify/live?{}", chain_of(&wanted));
    let awaited = html! {
        div.card { p { "The hash of each line is being computed anew." } noscript { p { "This page needs scripts to show what comes of it; the command line does not: " code { "tenantry audit verify" } } } }
    };
    let body = html! {
        (Live::new("audit-verdict", &path).every("load").moving(true).draw(&awaited))
        p { a.button href={ "/audit?" (chain_of(&wanted)) } { "Back to the log" } }
    };
    Ok(visit.page(Place::Audit, "Verification of the audit log", &body))
}

async fn verdict(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let found = visit.ask().get::<Verification>(&format!("/v1/audit/verification?{}", chain_of(&wanted))).await;
    let found = match found {
        Ok(found) => found,
        // Nobody would see an error in the place of a piece.
        Err(trouble) if trouble.status.is_server_error() => return Ok(Page::piece(undecided(&trouble, &wanted))),
        Err(trouble) => return Err(visit.refused(trouble)),
    };
    Ok(Page::piece(html! {
        div #audit-verdict {
            @if found.intact {
                div.card.pleased role="status" { p { strong { "The chain is intact." } " Every line is there, and as it was written: each hash was computed anew." } }
            } @else {
                div.card.trouble role="alert" {
                    p { strong { "The chain is broken" } @if let Some(line) = found.first_broken { " at line " (line) } ": a line was changed, or one before it is missing." }
                    p { "Compare it with an earlier export, and find out who had access to the database." }
                }
            }
        }
    }))
}

/// There is no verdict, and why.
fn undecided(trouble: &Trouble, wanted: &Wanted) -> Markup {
    html! {
        div #audit-verdict role="alert" {
            (trouble_card(trouble))
            p { a.button href={ "/audit/verify?" (chain_of(wanted)) } { "Try again" } }
        }
    }
}

/// The whole chain as one file: the API gives it in pages, and this asks for one after the other. What is more than fits one answer is refused
/// with words, and never cut without one.
async fn export(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let (kind, name) =
        if wanted.format == "csv" { ("text/csv", "audit.csv") } else { ("application/x-ndjson", "audit.ndjson") };
    let mut pairs: Vec<(&str, &str)> = wanted.pairs().into_iter().filter(|(name, _)| *name == "tenant").collect();
    pairs.push(("format", if wanted.format == "csv" { "csv" } else { "ndjson" }));
    let mut bytes = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut pairs = pairs.clone();
        pairs.extend(after.as_deref().map(|after| ("after", after)));
        let path = format!("/v1/audit/export?{}", serde_urlencoded::to_string(&pairs).unwrap_or_default());
        let answer = visit.ask().send(Method::GET, &path, None, &[]).await.map_err(|trouble| visit.refused(trouble))?;
        bytes.extend(answer.bytes);
        if bytes.len() > LARGEST {
            return Err(too_long(&visit));
        }
        match answer.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
                .unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, bytes).into_response())
}

fn too_long(visit: &Visit) -> Refusal {
    visit.refused(Trouble {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        code: "body_too_large".to_owned(),
        title: "The log is too long for one download".to_owned(),
        detail: "A browser is given at most 5 MiB at once, and a part of a log would look like all of it.".to_owned(),
        next_action: "Take it by the command line: tenantry audit export --out FILE reads it to its end.".to_owned(),
        request_id: String::new(),
        fields: Vec::new(),
    })
}
