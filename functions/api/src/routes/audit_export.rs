//! The audit log as a file, page by page.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tenantry_model::TenantId;
use tenantry_store::{
    Scope,
    platform::{AuditRow, audit_since},
};
use utoipa::{IntoParams, ToSchema};

use super::audit::{AuditLine, chain};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::Query,
    list::{cursor, place},
    problem::{Code, Problem},
    state::ApiState,
    write::commit,
};

/// A page has at most so many bytes (but one line at least): what a gateway lets through is little more.
const MOST: usize = 4_000_000;
/// Lines read at once.
const BATCH: i64 = 1000;
/// Where the next page begins, for whoever reads no `Link`.
const NEXT: &str = "x-next-cursor";

/// Which lines, and how they are written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportFilter {
    /// A tenant's chain, for operators; the platform's own where none is named.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// How a line is written.
    #[param(inline, default = "ndjson")]
    format: Option<Format>,
    /// The lines that follow this cursor, which was in `X-Next-Cursor` of the page before.
    after: Option<String>,
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// A JSON object in each line, as in the list.
    #[default]
    Ndjson,
    /// RFC 4180, with a head on the first page. A text that a spreadsheet would take for a formula has an apostrophe before it.
    Csv,
}

impl Format {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }
}

/// Export a chain of the audit log, oldest first
///
/// A page has 4 MB at most; `X-Next-Cursor` and `Link` say where the next begins, and are missing on the last. The pages of one
/// export, one after the other, are one file.
#[utoipa::path(get, path = "/v1/audit/export", tag = "Audit", operation_id = "exportAudit", params(ExportFilter),
    responses((status = 200, description = "Lines of one chain.",
        content((String = "application/x-ndjson"), (String = "text/csv")),
        headers(
            ("X-Next-Cursor" = String, description = "Where the next page begins: to be sent as `after`. Missing on the last page."),
            ("Link" = String, description = "The next page (RFC 8288, `rel=\"next\"`). Missing on the last page."),
        ))))]
pub(crate) async fn export_audit(
    May(caller, _): May<needs::AuditRead>,
    State(state): State<ApiState>,
    Query(filter): Query<ExportFilter>,
) -> Result<Response> {
    let of = chain(caller.tenant_or_own(filter.tenant)?);
    let format = filter.format.unwrap_or_default();
    let from = place::<i64>("after", filter.after)?.unwrap_or(0);
    let mut page = Page::new(format, from == 0);
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let (mut last, mut more) = (from, true);
    while more {
        let rows = audit_since(&mut tx, of, last, BATCH).await?;
        let all = i64::try_from(rows.len()).unwrap_or(BATCH) < BATCH;
        more = !all;
        for row in rows {
            let seq = row.seq;
            if !page.add(row).map_err(|error| unwritten(error.as_ref()))? {
                return respond(page, of, tx, Some(last)).await;
            }
            last = seq;
        }
    }
    respond(page, of, tx, None).await
}

async fn respond(page: Page, of: Scope, tx: tenantry_store::Tx, next: Option<i64>) -> Result<Response> {
    commit(tx).await?;
    let format = page.format;
    let mut response = page.bytes.into_response();
    let headers = response.headers_mut();
    let file = format!("attachment; filename=\"audit-{}.{}\"", of.key(), format.as_str());
    let next = next.map(|seq| cursor(&seq));
    let link = next.as_ref().map(|after| {
        let tenant = match of {
            Scope::Tenant(tenant) => format!("&tenant={tenant}"),
            Scope::Platform => String::new(),
        };
        format!("</v1/audit/export?format={}{tenant}&after={after}>; rel=\"next\"", format.as_str())
    });
    let said = [
        (header::CONTENT_TYPE, Some(format.media_type().to_owned())),
        (header::CONTENT_DISPOSITION, Some(file)),
        (header::HeaderName::from_static(NEXT), next),
        (header::LINK, link),
    ];
    // Ids, cursors and words of ours: each of them fits a header.
    headers.extend(said.into_iter().filter_map(|(name, text)| Some((name, HeaderValue::try_from(text?).ok()?))));
    Ok(response)
}

fn unwritten(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "a line of the audit log cannot be written");
    Problem::new(Code::InternalError, "This is our mistake; nothing was changed.")
}

/// A page that grows.
struct Page {
    format: Format,
    head: bool,
    bytes: Vec<u8>,
}

impl Page {
    fn new(format: Format, first: bool) -> Self {
        Self { format, head: first && format == Format::Csv, bytes: Vec::new() }
    }

    /// Writes a line; false if it would be too much.
    fn add(&mut self, row: AuditRow) -> Result<bool, Box<dyn std::error::Error>> {
        let line = match self.format {
            Format::Ndjson => {
                let mut line = serde_json::to_vec(&AuditLine::from(row))?;
                line.push(b'\n');
                line
            }
            Format::Csv => csv_line(&row, self.head)?,
        };
        if !self.bytes.is_empty() && self.bytes.len() + line.len() > MOST {
            return Ok(false);
        }
        self.head = false;
        self.bytes.extend(line);
        Ok(true)
    }
}

const COLUMNS: [&str; 12] = [
    "seq",
    "at",
    "tenantId",
    "actor",
    "action",
    "subject",
    "before",
    "after",
    "requestId",
    "runId",
    "sourceIp",
    "hash",
];

fn csv_line(row: &AuditRow, head: bool) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if head {
        writer.write_record(COLUMNS)?;
    }
    let json = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    writer.write_record([
        row.seq.to_string(),
        row.at.format(&time::format_description::well_known::Rfc3339)?,
        row.tenant_id.map(|id| TenantId(id).to_string()).unwrap_or_default(),
        tame(&row.actor),
        tame(&row.action),
        tame(&row.subject),
        json(&row.before),
        json(&row.after),
        tame(row.request_id.as_deref().unwrap_or_default()),
        row.run_id.map(|id| tenantry_model::RunId(id).to_string()).unwrap_or_default(),
        row.source_ip.clone().unwrap_or_default(),
        hex::encode(&row.hash),
    ])?;
    Ok(writer.into_inner()?)
}

/// A text that no spreadsheet takes for a formula.
fn tame(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;

    fn row(actor: &str, after: serde_json::Value) -> AuditRow {
        AuditRow {
            chain: "platform".to_owned(),
            seq: 7,
            at: OffsetDateTime::UNIX_EPOCH,
            tenant_id: None,
            actor: actor.to_owned(),
            action: "thing.change".to_owned(),
            subject: "a, \"b\"".to_owned(),
            before: None,
            after: Some(after),
            request_id: None,
            run_id: None,
            source_ip: None,
            hash: vec![0xab; 32],
        }
    }

    #[test]
    fn a_line_reads_back_and_is_no_formula() {
        let mut page = Page::new(Format::Csv, true);
        assert!(page.add(row("=cmd|' /C calc'!A0", json!({"n": 1}))).unwrap());
        assert!(page.add(row("ada", json!({"n": 2}))).unwrap());
        let mut reader = csv::Reader::from_reader(&*page.bytes);
        assert_eq!(reader.headers().unwrap(), COLUMNS.as_slice());
        let lines: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(lines.len(), 2, "the head is written once");
        assert_eq!((&lines[0][3], &lines[0][5], &lines[0][7]), ("'=cmd|' /C calc'!A0", "a, \"b\"", "{\"n\":1}"));
        assert_eq!(&lines[1][3], "ada");
    }

    #[test]
    fn a_page_ends_before_it_is_too_long_but_has_one_line_at_least() {
        let long = |n: usize| row("ada", json!({ "text": "x".repeat(n) }));
        let mut page = Page::new(Format::Ndjson, true);
        assert!(page.add(long(MOST)).unwrap(), "one line, however long");
        assert!(!page.add(long(1)).unwrap());
        let mut page = Page::new(Format::Ndjson, true);
        assert!(page.add(long(MOST / 2)).unwrap());
        assert!(!page.add(long(MOST / 2)).unwrap());
        assert!(page.bytes.len() <= MOST && page.bytes.ends_with(b"\n"));
    }
}
