//! Imports of tenants.

use serde::Deserialize;

use super::{
    run::Run,
    table::{Tone, Toned, details, or_dash, status, table, time_or_dash},
};
use crate::{failure::Failure, output::Paint};

/// An import, and how its rows stand.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Its run.
    pub run: Run,
    /// Rows of the file.
    pub total: u64,
    /// Not begun yet.
    pub waiting: u64,
    /// Being onboarded.
    pub running: u64,
    /// Onboarded.
    pub succeeded: u64,
    /// Their onboarding has failed.
    pub failed: u64,
    /// Never begun: the line cannot be used.
    pub invalid: u64,
    /// There already, or in an earlier line.
    pub duplicate: u64,
    /// Called off.
    pub cancelled: u64,
}

impl Import {
    /// Success when every row was onboarded, or was there already.
    ///
    /// # Errors
    /// [`Failure::NotReady`] while it goes on; [`Failure::Ended`] when a row was not onboarded.
    pub fn judge(&self) -> Result<(), Failure> {
        let Self { run, total, failed, invalid, cancelled, .. } = self;
        if !run.ended() {
            return Err(Failure::NotReady {
                what: format!("The import has not ended yet: {} of {total} rows are open", self.waiting + self.running),
                next: format!("It goes on; follow it with: tenantry run watch {}", run.id),
            });
        }
        let missing = failed + invalid + cancelled;
        if missing == 0 {
            return Ok(());
        }
        Err(Failure::Ended {
            what: format!("{missing} of {total} rows were not onboarded"),
            detail: String::new(),
            next: format!(
                "See why with: tenantry tenant imports rows {} --all; correct those rows, and import them.",
                run.id
            ),
            code: "import_incomplete",
        })
    }

    fn counts(&self) -> [(&'static str, u64, Tone); 7] {
        [
            ("succeeded", self.succeeded, Tone::Good),
            ("waiting", self.waiting, Tone::Warn),
            ("running", self.running, Tone::Warn),
            ("failed", self.failed, Tone::Bad),
            ("invalid", self.invalid, Tone::Bad),
            ("duplicate", self.duplicate, Tone::Warn),
            ("cancelled", self.cancelled, Tone::Faint),
        ]
    }
}

/// Imports, one per line.
#[must_use]
pub fn imports(imports: &[Import], paint: Paint) -> String {
    let row = |import: &Import| {
        let Import { run, total, .. } = import;
        let mut cells = vec![run.id.as_str().into(), status(&run.status), format!("{} %", run.progress).into()];
        cells.push(total.to_string().into());
        cells.extend(import.counts().map(|(_, n, tone)| counted(n, tone)));
        cells.push(time_or_dash(run.started_at));
        cells
    };
    let head = [
        "IMPORT",
        "STATUS",
        "DONE",
        "ROWS",
        "SUCCEEDED",
        "WAITING",
        "RUNNING",
        "FAILED",
        "INVALID",
        "DUPLICATE",
        "CANCELLED",
        "STARTED (UTC)",
    ];
    table(&head, imports.iter().map(row).collect(), "No imports.", paint)
}

/// One import.
#[must_use]
pub fn import(import: &Import, paint: Paint) -> String {
    let run = &import.run;
    let mut pairs = vec![
        ("import", run.id.as_str().into()),
        ("status", status(&run.status)),
        ("step", format!("{} ({} %)", run.step, run.progress).into()),
        ("rows", import.total.to_string().into()),
    ];
    pairs
        .extend(import.counts().into_iter().filter(|(_, n, _)| *n > 0).map(|(name, n, tone)| (name, counted(n, tone))));
    pairs.push(("started (UTC)", time_or_dash(run.started_at)));
    pairs.push(("ended (UTC)", time_or_dash(run.ended_at)));
    details(pairs, paint)
}

fn counted(n: u64, tone: Tone) -> Toned {
    Toned(n.to_string(), if n == 0 { Tone::Faint } else { tone })
}

/// A row of an import.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Where it stands in the file.
    pub line: u64,
    /// The tenant's name, as far as it can be read.
    #[serde(default)]
    pub tenant_name: Option<String>,
    /// How it stands.
    pub status: String,
    /// Its onboarding.
    #[serde(default)]
    pub run_id: Option<String>,
    /// The tenant.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// Why it was not begun, or what ended it.
    #[serde(default)]
    pub error: Option<String>,
}

/// Rows, one per line.
#[must_use]
pub fn rows(rows: &[Row], paint: Paint) -> String {
    let row = |row: &Row| {
        let tone = match row.status.as_str() {
            "succeeded" => Tone::Good,
            "failed" | "invalid" => Tone::Bad,
            "cancelled" => Tone::Faint,
            _ => Tone::Warn,
        };
        vec![
            row.line.to_string().into(),
            or_dash(row.tenant_name.as_deref()),
            Toned(row.status.clone(), tone),
            or_dash(row.tenant_id.as_deref()),
            or_dash(row.run_id.as_deref()),
            or_dash(row.error.as_deref()),
        ]
    };
    table(&["LINE", "NAME", "STATUS", "TENANT", "RUN", "WHY"], rows.iter().map(row).collect(), "No rows.", paint)
}

/// What a file holds.
#[derive(Debug, Deserialize)]
pub struct LookedThrough {
    /// Its tenants.
    pub total: u64,
    /// Those that would be onboarded.
    pub valid: u64,
    /// Those whose line cannot be used.
    pub invalid: u64,
    /// Those that are there already, or stand in an earlier line.
    #[serde(default)]
    pub duplicate: u64,
    /// The first that would not be onboarded.
    pub rows: Vec<Row>,
}

/// What a file holds, and what of it cannot be used.
#[must_use]
pub fn looked_through(seen: &LookedThrough, paint: Paint) -> String {
    let pairs = vec![
        ("rows", seen.total.to_string().into()),
        ("would be onboarded", counted(seen.valid, Tone::Good)),
        ("cannot be used", counted(seen.invalid, Tone::Bad)),
        ("duplicates", counted(seen.duplicate, Tone::Warn)),
    ];
    let head = details(pairs, paint);
    if seen.rows.is_empty() {
        return head;
    }
    let row = |row: &Row| {
        let why = or_dash(row.error.as_deref());
        vec![row.line.to_string().into(), or_dash(row.tenant_name.as_deref()), status(&row.status), why]
    };
    let rows = table(&["LINE", "NAME", "STATUS", "WHY"], seen.rows.iter().map(row).collect(), "", paint);
    let more = (seen.invalid + seen.duplicate).saturating_sub(seen.rows.len() as u64);
    let more = if more == 0 { String::new() } else { format!("\n... and {more} more") };
    format!("{head}\n\n{rows}{more}")
}
