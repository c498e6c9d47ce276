//! A file becomes rows: each is read by the rules of `POST /v1/tenants`, and what is there twice is told.

use std::collections::HashMap;

use serde_json::Value;
use tenantry_store::imports::{Known, NewRow, Unfit};
use tenantry_workflows::{tenant_import::Counts, tenant_onboarding::Input};

use super::{
    csv, ndjson,
    upload::{Format, Upload},
};
use crate::{
    extract::json,
    problem::{Code, FieldError, Problem},
    routes::onboard::NewTenant,
};

/// Rows of one file.
pub(super) const MOST: usize = 10_000;
/// So much of a name is kept of a row that cannot be used.
const NAME: usize = 200;

/// A row of a file.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Where it stands, counted from 1.
    pub(super) line: u32,
    /// The tenant's name, as far as it can be read.
    pub(super) tenant_name: Option<String>,
    /// What its onboarding is to be begun with.
    pub(super) read: Result<Input, Unfit>,
}

impl Row {
    /// A row that says this. `named` turns the place of an error into the name that the file's author knows it by.
    pub(super) fn read(line: u32, value: Value, named: impl Fn(&str) -> String) -> Self {
        let tenant_name = value["tenantName"].as_str().map(|name| shown(name).chars().take(NAME).collect());
        let read = json::<NewTenant>(value)
            .and_then(|new| new.parse().map_err(|problem| problem.errors().to_vec()))
            .map_err(|errors| invalid(&words(&errors, named)));
        Self { line, tenant_name, read }
    }

    /// A row that cannot even be read.
    pub(super) fn unreadable(line: u32, words: &str) -> Self {
        Self { line, tenant_name: None, read: Err(invalid(words)) }
    }

    /// As it is kept.
    pub(super) fn kept(&self) -> NewRow {
        let read = match &self.read {
            Ok(input) => Ok(serde_json::to_value(input).unwrap_or_default()),
            Err(unfit) => Err(unfit.clone()),
        };
        NewRow { line: self.line, tenant_name: self.tenant_name.clone(), read }
    }
}

/// The rows of a file.
pub(super) fn read(upload: &Upload) -> Result<Vec<Row>, Problem> {
    let bytes = upload.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&upload.bytes);
    let mut rows = match upload.format {
        Format::Csv => csv::read(bytes)?,
        Format::Ndjson => ndjson::read(bytes)?,
    };
    if rows.is_empty() {
        return Err(Problem::new(Code::InvalidBody, "The file holds no tenant."));
    }
    twice(&mut rows);
    Ok(rows)
}

/// What a file of more rows than may be is told.
pub(super) fn too_many() -> Problem {
    Problem::new(Code::InvalidBody, format!("The file holds more than {MOST} tenants; split it, and import the parts."))
}

/// A row whose address or key stands in an earlier row is a duplicate of that.
fn twice(rows: &mut [Row]) {
    let (mut addresses, mut keys) = (HashMap::new(), HashMap::new());
    for row in rows {
        let Ok(input) = &row.read else { continue };
        let (address, key) = (address(input), key(input));
        let first = key.as_ref().and_then(|key| keys.get(key)).map(|line| ("external key", *line));
        let first = first.or_else(|| addresses.get(&address).map(|line| ("contact address", *line)));
        if let Some((what, line)) = first {
            row.read = Err(Unfit {
                status: "duplicate",
                error: format!("the same {what} stands in line {line} already"),
                run: None,
            });
            continue;
        }
        addresses.insert(address, row.line);
        keys.extend(key.map(|key| (key, row.line)));
    }
}

/// Rows of tenants that are there already are duplicates of those.
pub(super) fn there_already(rows: &mut [Row], known: &Known) {
    for row in rows {
        let Ok(input) = &row.read else { continue };
        if let Some((words, run)) = known.clash(&address(input), key(input).as_deref()) {
            row.read = Err(Unfit { status: "duplicate", error: words.to_owned(), run: Some(run) });
        }
    }
}

/// How the rows stand.
pub(super) fn counts(rows: &[Row]) -> Counts {
    let unfit = |status: &str| {
        let those = rows.iter().filter(|row| row.read.as_ref().is_err_and(|unfit| unfit.status == status));
        those.count() as u32
    };
    let (total, invalid, duplicate) = (rows.len() as u32, unfit("invalid"), unfit("duplicate"));
    Counts { total, invalid, duplicate, waiting: total - invalid - duplicate, ..Counts::default() }
}

/// The contact address, as it is compared.
pub(super) fn address(input: &Input) -> String {
    input.admin_user.email.as_str().to_lowercase()
}

/// The caller's own key.
pub(super) fn key(input: &Input) -> Option<String> {
    input.external_key.as_ref().map(|key| key.as_str().to_owned())
}

fn invalid(words: &str) -> Unfit {
    Unfit { status: "invalid", error: shown(words), run: None }
}

fn words(errors: &[FieldError], named: impl Fn(&str) -> String) -> String {
    let one = |error: &FieldError| match error.pointer.as_deref().unwrap_or_default() {
        "" => error.detail.clone(),
        pointer => format!("{}: {}", named(pointer), error.detail),
    };
    errors.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Without what no database keeps and nobody can read.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests;
