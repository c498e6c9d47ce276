//! The versions of a template in one language.

use maud::{Markup, html};
use serde::Deserialize;

use super::{Which, api_of_one, page_of_one};
use crate::{
    page::Refusal,
    parts::{List, csrf, hidden, status, when},
    visit::Visit,
};

/// A version, in short.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    version: i32,
    status: String,
    subject: String,
    written_by: String,
    updated_at: String,
}

/// A mail of the system, by its name.
#[derive(Debug, Deserialize)]
struct System {
    name: String,
}

/// The latest versions; none where nothing was written.
pub(super) async fn read(visit: &Visit, which: &Which) -> Result<Vec<Line>, Refusal> {
    match visit.ask().get::<List<Line>>(&format!("{}/versions?limit=100", api_of_one(which))).await {
        Ok(list) => Ok(list.data),
        Err(trouble) if trouble.status == 404 => Ok(Vec::new()),
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

/// Whether a name is one of the system's.
pub(super) async fn is_of_the_system(visit: &Visit, name: &str) -> Result<bool, Refusal> {
    let all: List<System> = visit.get("/v1/templates?limit=100").await?;
    Ok(all.data.iter().any(|system| system.name == name))
}

/// The versions, with a way back to each.
pub(super) fn table(visit: &Visit, which: &Which, lines: &[Line]) -> Markup {
    let page = page_of_one(which);
    html! {
        @if !lines.is_empty() {
            h2 { "Versions" }
            div.scroll tabindex="0" role="region" aria-label="Versions" { table #template-versions {
                caption.unseen { "Versions, newest first" }
                thead { tr {
                    th scope="col" { "Version" } th scope="col" { "Status" } th scope="col" { "Subject" } th scope="col" { "Written by" }
                    th scope="col" { "When" } th scope="col" { "Go back to it" }
                } }
                tbody { @for line in lines {
                    tr {
                        th scope="row" { a href={ (page) "?version=" (line.version) "#template-preview" } { "Version " (line.version) } }
                        td { (status(&line.status)) }
                        td { (line.subject) }
                        td { (line.written_by) }
                        td { (when(&line.updated_at)) }
                        td {
                            @if line.status == "draft" { "–" } @else {
                                form method="post" action={ (page) "/restore" }
                                    data-confirm="Make this version the draft? A draft that is there now goes." {
                                    (csrf(&visit.person)) (hidden("version", &line.version.to_string()))
                                    button.quiet type="submit" { "Make it the draft" span.unseen { ": version " (line.version) } }
                                }
                            }
                        }
                    }
                } }
            } }
        }
    }
}
